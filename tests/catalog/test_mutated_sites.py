"""The everyday work on sites that take and answer things in another way: each mutation of the simulator, and pairs."""

from typing import Any

import pytest

from tests.desk import Desk
from workbench.simulator.mutations import MUTATIONS

TICKET, BOARD, CONTACT, COMPANY = 10040, 33, 1002, 201
OF_DOCUMENTS = ("swagger_", "documents_")
OF_EVENTS = ("rich_events", "flat_events", "array_events", "event_siblings")
EACH = [
    *(name for name in MUTATIONS if not name.startswith(OF_DOCUMENTS) and name not in OF_EVENTS),
    "text_ids pascal_case",
    "named_envelopes clamped_pages",
    "half_pascal null_first chunks",
    "bodiless named_envelopes text_ids",
    "plural_filters tokity_names window_filters",
    "clamped_pages ticks_dates gzip",
]
mutated_sites = pytest.mark.parametrize("mutated", EACH, indirect=True, ids=lambda one: one.replace(" ", "+"))


@mutated_sites
def test_a_ticket_reads_the_same(mutated: Desk) -> None:
    ticket = mutated.tenant.tickets[TICKET]
    answer = mutated.call("GetTicket", ticketId=TICKET)

    assert answer.status == 200, answer.json
    assert answer.json["title"] == ticket.name
    assert (answer.json["boardId"], answer.json["statusId"]) == (ticket.board_id, ticket.status_id)
    assert answer.json["board"] == mutated.tenant.boards[ticket.board_id].name
    assert answer.json["company"] == mutated.tenant.companies[ticket.company_id].name
    assert answer.json["assignedToIds"] == ticket.assigned_member_ids
    assert answer.json["createdAt"].startswith("20")
    assert answer.json["createdAt"].endswith("Z")


@mutated_sites
def test_tickets_of_a_board_are_found_to_the_last(mutated: Desk) -> None:
    wanted = {one.id for one in mutated.tenant.tickets.values() if one.board_id == BOARD and one.closed_on is None}
    found: set[int] = set()
    more: dict[str, Any] = {}
    for _ in range(60):
        page = mutated.call("FindTickets", board="Security", isClosed=False, take=5, **more)
        assert page.status == 200, page.json
        found |= {one["id"] for one in page.json["results"]}
        if not page.json["hasMore"]:
            break
        more = {"continuation": page.json["continuation"]}

    assert found == wanted


@mutated_sites
def test_a_ticket_is_created_once_and_answered_whole(mutated: Desk) -> None:
    before = len(mutated.tenant.tickets)
    answer = mutated.call(
        "CreateTicket", title="A new one", company=str(COMPANY), contact=str(CONTACT), board="Security", tags=["vip"]
    )

    assert answer.status in {200, 201}, answer.json
    assert len(mutated.tenant.tickets) == before + 1
    made = mutated.tenant.tickets[answer.json["id"]]
    assert (made.name, made.board_id, made.contact_id, made.tags) == ("A new one", BOARD, CONTACT, ["vip"])
    assert (answer.json["title"], answer.json["board"]) == ("A new one", "Security")


@mutated_sites
def test_a_ticket_is_changed_and_answered_as_it_is_then(mutated: Desk) -> None:
    answer = mutated.call("UpdateTicket", ticketId=TICKET, priority="Critical", title="Changed")

    assert answer.status == 200, answer.json
    assert mutated.tenant.tickets[TICKET].name == "Changed"
    assert (answer.json["title"], answer.json["priority"]) == ("Changed", "Critical")


@mutated_sites
def test_a_note_is_written_once(mutated: Desk) -> None:
    before = len(mutated.tenant.tickets[TICKET].notes)
    answer = mutated.call("AddTicketNote", ticketId=TICKET, text="Hello", isInternal=True)
    notes = mutated.tenant.tickets[TICKET].notes

    if answer.status >= 300:
        assert answer.code in {"RouteNotFound", "RequestRefused"}, answer.json
        assert len(notes) == before
    else:
        assert [(note.text, note.is_internal) for note in notes[before:]] == [("Hello", True)]


@mutated_sites
def test_a_contact_is_found_by_address(mutated: Desk) -> None:
    contact = mutated.tenant.contacts[CONTACT]
    answer = mutated.call("FindContacts", search=contact.email)

    assert answer.status == 200, answer.json
    assert [one["id"] for one in answer.json["results"]] == [CONTACT]
    assert answer.json["results"][0]["email"] == contact.email


@mutated_sites
def test_every_board_is_listed(mutated: Desk) -> None:
    answer = mutated.call("ListBoards")

    assert answer.status == 200, answer.json
    assert {one["name"] for one in answer.json["results"]} == {board.name for board in mutated.tenant.boards.values()}


@mutated_sites
def test_the_reason_of_a_refusal_reaches_the_maker(mutated: Desk) -> None:
    answer = mutated.call("CreateTicket", title="A", company=str(COMPANY + 1), contact=str(CONTACT))

    assert answer.status == 400, answer.json
    assert f"Contact {CONTACT} does not belong to company {COMPANY + 1}." in answer.json["message"]


@mutated_sites
def test_an_unknown_ticket_is_said_to_be_unknown(mutated: Desk) -> None:
    answer = mutated.call("GetTicket", ticketId=999)

    assert (answer.status, answer.code) == (404, "TicketNotFound")
