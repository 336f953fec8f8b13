"""Notes: by the API key itself, by a contact, by a member."""

from typing import Any

import pytest

from tests.catalog.test_tickets import ticket_of_a_contact
from tests.desk import Desk, generous


@pytest.fixture
def ticket_id(desk: Desk) -> int:
    """Any ticket."""
    return next(iter(desk.tenant.tickets))


def test_a_public_note_by_the_key_itself(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="On it — ✓")

    assert answer.status == 200
    assert (answer.json["text"], answer.json["isInternal"]) == ("On it — ✓", False)
    assert desk.simulator.calls[-1].scheme in ("Basic", "DdApi")


@generous
def test_a_note_on_behalf_of_a_contact_is_the_contacts(desk: Desk) -> None:
    ticket_id, email = ticket_of_a_contact(desk)
    contact = next(one for one in desk.tenant.contacts.values() if one.email == email)

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Still broken", onBehalfOf=email)

    assert (answer.json["author"], answer.json["authorId"]) == (contact.name, str(contact.id))
    assert desk.simulator.calls[-1].scheme == "DdAccessToken"


@generous
def test_an_internal_note_on_behalf_of_a_member(desk: Desk, ticket_id: int) -> None:
    member = next(iter(desk.tenant.members.values()))

    answer = desk.call(
        "AddTicketNote", ticketId=ticket_id, text="Hm", isInternal=True, onBehalfOf=f"member:{member.id}"
    )

    assert (answer.json["author"], answer.json["isInternal"]) == (member.name, True)


@generous
def test_the_connection_can_act_as_a_member(desk: Desk, ticket_id: int) -> None:
    member = next(iter(desk.tenant.members.values()))

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Hm", headers={"dd-agent": str(member.id)})

    assert answer.json["author"] == member.name


@generous
def test_a_contact_cannot_write_internal_notes(desk: Desk) -> None:
    ticket_id, email = ticket_of_a_contact(desk)

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Psst", isInternal=True, onBehalfOf=email)

    assert answer.status == 403


def test_a_bare_number_does_not_say_who(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Hm", onBehalfOf="1001")

    assert (answer.status, answer.code) == (400, "PersonAmbiguous")
    assert "contact:1001" in answer.json["message"]


@generous
def test_an_expired_user_key_is_renewed_unnoticed(desk: Desk) -> None:
    ticket_id, who = ticket_of_a_contact(desk)
    assert desk.call("AddTicketNote", ticketId=ticket_id, text="one", onBehalfOf=who).status == 200
    desk.tenant.tokens.clear()

    assert desk.call("AddTicketNote", ticketId=ticket_id, text="two", onBehalfOf=who).status == 200


@generous
def test_notes_are_listed_in_pages(desk: Desk, ticket_id: int) -> None:
    for number in range(5):
        desk.call("AddTicketNote", ticketId=ticket_id, text=f"note {number}")

    first = desk.call("ListTicketNotes", ticketId=ticket_id, take=3, sort="oldest").json
    rest = desk.call("ListTicketNotes", ticketId=ticket_id, take=200, continuation=first["continuation"]).json

    texts = [one["text"] for one in first["results"] + rest["results"]]
    assert len(first["results"]) == 3
    assert texts[-5:] == [f"note {number}" for number in range(5)]
    assert len(texts) == first["total"]


proven = pytest.mark.parametrize("desk", ["proven"], indirect=True)


def updates(desk: Desk) -> list[Any]:
    """The bodies of the updates of tickets that the site was sent."""
    return [call.body for call in desk.simulator.calls if call.method == "PATCH" and call.status < 400]


@proven
def test_a_note_of_the_key_goes_into_an_update(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="On it — ✓", isInternal=True)

    assert (answer.status, answer.json["text"], answer.json["isInternal"]) == (200, "On it — ✓", True)
    assert updates(desk) == [{"noteContent": "On it — ✓", "noteIsInternal": True}]
    assert [note.text for note in desk.tenant.tickets[ticket_id].notes[-1:]] == ["On it — ✓"]


@proven
def test_closing_with_a_note_is_one_update(desk: Desk) -> None:
    ticket = next(ticket for ticket in desk.tenant.tickets.values() if ticket.closed_on is None)

    answer = desk.call("CloseTicket", ticketId=ticket.id, note="Done")

    assert answer.json["isClosed"] is True
    (body,) = updates(desk)
    assert body.keys() >= {"noteContent"}
    assert len(body) == 3


@proven
def test_a_change_and_a_note_are_one_update(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("UpdateTicket", ticketId=ticket_id, title="Renamed", note="Why it was renamed")

    assert answer.json["title"] == "Renamed"
    assert [body.get("noteContent") for body in updates(desk)] == ["Why it was renamed"]


@pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)
@pytest.mark.parametrize("operation", ["CloseTicket", "ReopenTicket"])
def test_an_unknown_status_leaves_no_note(desk: Desk, operation: str) -> None:
    is_closed = operation == "ReopenTicket"
    ticket = next(one for one in desk.tenant.tickets.values() if (one.closed_on is not None) is is_closed)
    before = len(ticket.notes)

    answer = desk.call(operation, ticketId=ticket.id, note="Hm", status="999999")

    assert (answer.status, answer.code) == (400, "StatusNotFound")
    assert len(ticket.notes) == before


@proven
def test_notes_are_listed_for_a_member_who_sees_the_ticket(desk: Desk) -> None:
    ticket = next(one for one in desk.tenant.tickets.values() if len(one.notes) > 1)
    key = desk.simulator.personal_token(next(iter(desk.tenant.members)))

    listed = desk.call("ListTicketNotes", ticketId=ticket.id, headers={"dd-api-key": f"Basic {key}"})

    assert listed.status == 200, listed.json
    assert [note["text"] for note in listed.json["results"]] == [note.text for note in reversed(ticket.notes)]


@proven
def test_a_site_without_a_list_of_notes_says_what_to_do(desk: Desk, ticket_id: int) -> None:
    refused = desk.call("ListTicketNotes", ticketId=ticket_id)

    assert (refused.status, refused.code) == (404, "RouteNotFound")
    assert "CONNECTOR_ENDPOINT_LIST_TICKET_NOTES" in refused.json["message"]
    assert desk.call("ListTicketNotes", ticketId=4).code == "TicketNotFound"
