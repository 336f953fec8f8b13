"""Tickets, from HTTP to the simulated DeskDirector and back."""

from typing import Any

import pytest

from tests.desk import Desk
from workbench.simulator.records import Edition


def email_of_a_contact(desk: Desk) -> str:
    """An address that only one contact has."""
    emails = [contact.email for contact in desk.tenant.contacts.values() if contact.email]
    return next(email for email in emails if emails.count(email) == 1)


def ticket_of_a_contact(desk: Desk) -> tuple[int, str]:
    """A ticket and the address of the contact who asked for it."""
    address = {one.id: one.email for one in desk.tenant.contacts.values()}
    emails = list(address.values())
    return next(
        (one.id, email)
        for one in desk.tenant.tickets.values()
        if (email := address.get(one.contact_id or 0)) and emails.count(email) == 1
    )


def test_a_ticket_is_created_with_everything_by_name(desk: Desk) -> None:
    email = email_of_a_contact(desk)
    before = len(desk.tenant.tickets)

    answer = desk.call(
        "CreateTicket",
        title="Printer jams",
        description="Since <b>Monday</b>",
        contact=email.upper(),
        board=" support ",
        priority="HIGH",
        tags=["printer", "urgent"],
        dueAt="2026-12-24",
    )

    assert answer.status == 200
    ticket = answer.json
    assert (ticket["title"], ticket["board"], ticket["priority"]) == ("Printer jams", "Support", "High")
    assert desk.tenant.contacts[ticket["contactId"]].email == email
    assert ticket["tags"] == ["printer", "urgent"]
    assert ticket["dueAt"].startswith("2026-12-24T00:00:00")
    assert not ticket["isClosed"]
    assert ticket["url"].endswith(f"/portal/v2/groups/my-tickets/tickets/{ticket['id']}")
    assert len(desk.tenant.tickets) == before + 1
    assert desk.tenant.tickets[ticket["id"]].description == "Since <b>Monday</b>"


def test_without_a_request_type_the_catch_all_is_used(desk: Desk) -> None:
    answer = desk.call("CreateTicket", title="Help", contact=email_of_a_contact(desk))

    assert answer.json["requestType"] == "Something Else"


def test_members_are_assigned_by_name_and_address(desk: Desk) -> None:
    first, second = (member for member in list(desk.tenant.members.values())[:2])

    answer = desk.call(
        "CreateTicket", title="Help", contact=email_of_a_contact(desk), assignedTo=[first.email, str(second.id)]
    )

    assert answer.json["assignedToIds"] == [first.id, second.id]
    assert answer.json["assignedTo"] == [first.name, second.name]


@pytest.mark.parametrize("edition", ["tokity", "psa"])
def test_both_editions_answer_the_same_fields(desk: Desk, edition: Edition) -> None:
    key = desk.simulator.tokity_key if edition == "tokity" else desk.simulator.psa_key
    ticket_id = next(iter(desk.simulator.tenant(edition).tickets))

    answer = desk.call("GetTicket", ticketId=ticket_id, headers=desk.headers(key))

    assert answer.status == 200
    assert answer.json["id"] == ticket_id
    assert {"title", "status", "statusId", "board", "boardId", "createdAt", "url"} <= answer.json.keys()
    assert None not in answer.json.values()


def test_a_status_is_found_on_the_tickets_own_board(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    target = next(
        status
        for status in desk.tenant.statuses.values()
        if status.board_id == ticket.board_id and status.id != ticket.status_id
    )

    answer = desk.call("UpdateTicket", ticketId=ticket.id, status=target.name.lower())

    assert (answer.json["status"], answer.json["statusId"]) == (target.name, target.id)
    assert desk.tenant.tickets[ticket.id].status_id == target.id


def test_an_update_leaves_the_rest_alone(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    before = (ticket.description, ticket.board_id, ticket.status_id, list(ticket.tags))

    answer = desk.call("UpdateTicket", ticketId=ticket.id, title="A better title")

    after = desk.tenant.tickets[ticket.id]
    assert answer.json["title"] == after.name == "A better title"
    assert (after.description, after.board_id, after.status_id, list(after.tags)) == before


def test_pages_hold_every_ticket_once(desk: Desk) -> None:
    seen: list[int] = []
    given: dict[str, Any] = {"take": 40, "fields": ["id"]}
    while True:
        page = desk.call("FindTickets", **given).json
        seen += [one["id"] for one in page["results"]]
        assert all(set(one) == {"id"} for one in page["results"])
        if not page["hasMore"]:
            break
        given = {"continuation": page["continuation"]}

    assert sorted(seen) == sorted(desk.tenant.tickets)
    assert page["total"] == len(seen)


def test_the_next_link_works_with_get_and_nothing_else(desk: Desk) -> None:
    first = desk.call("FindTickets", board="Support", take=3).json

    path = first["nextLink"].removeprefix(desk.url)
    second = desk.send("GET", path, headers=desk.headers()).json

    assert [one["board"] for one in second["results"]] == ["Support"] * 3
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}


def test_the_next_link_leads_through_the_gateway_that_was_called(desk: Desk) -> None:
    gateway = "https://europe-001.azure-apim.net/apim/desk/shared-1/"
    trusted = desk.call("FindTickets", take=1, headers={"x-ms-apim-referrer-prefix": gateway}).json["nextLink"]
    whole = desk.call("FindTickets", take=1, headers={"x-ms-apim-referrer": gateway + "find/tickets?a=b"}).json[
        "nextLink"
    ]
    strange = desk.call("FindTickets", take=1, headers={"x-ms-apim-referrer-prefix": "https://evil.example/"}).json[
        "nextLink"
    ]

    assert trusted.startswith(gateway + "find/tickets?continuation=")
    assert whole.startswith(gateway + "find/tickets?continuation=")
    assert strange.startswith(desk.url + "/api/find/tickets?continuation=")


def test_filters_narrow_together(desk: Desk) -> None:
    page = desk.call("FindTickets", board="Support", isClosed=False, take=200).json

    expected = [
        one.id
        for one in desk.tenant.tickets.values()
        if desk.tenant.boards[one.board_id].name == "Support" and one.closed_on is None
    ]
    assert sorted(one["id"] for one in page["results"]) == sorted(expected)


def test_an_unknown_name_is_an_error_with_candidates_and_creates_nothing(desk: Desk) -> None:
    before = len(desk.tenant.tickets)

    answer = desk.call("CreateTicket", title="x", contact=email_of_a_contact(desk), board="Suport")

    assert (answer.status, answer.code) == (400, "BoardNotFound")
    assert "Support (id " in answer.json["message"]
    assert len(desk.tenant.tickets) == before


def test_a_status_name_without_a_board_is_that_of_every_board(desk: Desk) -> None:
    answer = desk.call("FindTickets", status="New", take=200).json

    named = {status.id for status in desk.tenant.statuses.values() if status.name == "New"}
    assert len(named) > 1
    assert {one["id"] for one in answer["results"]} == {
        one.id for one in desk.tenant.tickets.values() if one.status_id in named
    }
    assert answer["isComplete"]


def test_equal_contact_names_are_told_apart(desk: Desk) -> None:
    names = [contact.name for contact in desk.tenant.contacts.values()]
    name = next(one for one in names if names.count(one) > 1)

    answer = desk.call("CreateTicket", title="x", contact=name)

    assert (answer.status, answer.code) == (400, "ContactAmbiguous")
    assert len(answer.json["error"]["details"]) == names.count(name)


def test_a_ticket_that_does_not_exist_is_a_404_that_names_it(desk: Desk) -> None:
    answer = desk.call("GetTicket", ticketId=99999999)

    assert answer.status == 404
    assert "99999999" in answer.json["message"]


def test_a_foreign_continuation_is_refused(desk: Desk) -> None:
    assert desk.call("FindTickets", continuation="bm9uc2Vuc2U").code == "ContinuationInvalid"


def test_an_unknown_field_name_lists_those_there_are(desk: Desk) -> None:
    answer = desk.call("FindTickets", fields=["id", "colour"])

    assert answer.code == "UnknownField"
    assert "colour" in answer.json["message"]
    assert "contactEmail" in answer.json["message"]


def test_a_large_page_is_cut_at_a_whole_ticket_and_goes_on_after_it(desk: Desk) -> None:
    for ticket in desk.tenant.tickets.values():
        ticket.description = "long " * 1200
        desk.tenant.touch(ticket)

    page = desk.call("FindTickets", take=200).json

    assert len(page["results"]) < 200
    assert page["hasMore"]
    assert str(len(page["results"])) in page["notice"]
    following = desk.call("FindTickets", continuation=page["continuation"]).json
    newest_first = sorted(desk.tenant.tickets, reverse=True)
    assert following["results"][0]["id"] == newest_first[len(page["results"])]
