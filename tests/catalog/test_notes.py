"""Notes: by the API key itself, by a contact, by a member."""

import pytest

from tests.catalog.test_tickets import ticket_of_a_contact
from tests.desk import Desk


@pytest.fixture
def ticket_id(desk: Desk) -> int:
    """Any ticket."""
    return next(iter(desk.tenant.tickets))


def test_a_public_note_by_the_key_itself(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="On it — ✓")

    assert answer.status == 200
    assert (answer.json["text"], answer.json["isInternal"]) == ("On it — ✓", False)
    assert desk.simulator.calls[-1].scheme in ("Basic", "DdApi")


def test_a_note_on_behalf_of_a_contact_is_the_contacts(desk: Desk) -> None:
    ticket_id, email = ticket_of_a_contact(desk)
    contact = next(one for one in desk.tenant.contacts.values() if one.email == email)

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Still broken", onBehalfOf=email)

    assert (answer.json["author"], answer.json["authorId"]) == (contact.name, str(contact.id))
    assert desk.simulator.calls[-1].scheme == "DdAccessToken"


def test_an_internal_note_on_behalf_of_a_member(desk: Desk, ticket_id: int) -> None:
    member = next(iter(desk.tenant.members.values()))

    answer = desk.call(
        "AddTicketNote", ticketId=ticket_id, text="Hm", isInternal=True, onBehalfOf=f"member:{member.id}"
    )

    assert (answer.json["author"], answer.json["isInternal"]) == (member.name, True)


def test_the_connections_agent_writes_no_notes_since_the_connector_surface_takes_the_key_only(
    desk: Desk, ticket_id: int
) -> None:
    member = next(iter(desk.tenant.members.values()))

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Hm", headers={"dd-agent": str(member.id)})

    assert answer.status == 200
    assert "DdAccessToken" not in {call.scheme for call in desk.simulator.calls}


def test_a_contact_cannot_write_internal_notes(desk: Desk) -> None:
    ticket_id, email = ticket_of_a_contact(desk)

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Psst", isInternal=True, onBehalfOf=email)

    assert answer.status == 403


def test_a_bare_number_does_not_say_who(desk: Desk, ticket_id: int) -> None:
    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Hm", onBehalfOf="1001")

    assert (answer.status, answer.code) == (400, "PersonAmbiguous")
    assert "contact:1001" in answer.json["message"]


def test_an_expired_user_key_is_renewed_unnoticed(desk: Desk) -> None:
    ticket_id, who = ticket_of_a_contact(desk)
    assert desk.call("AddTicketNote", ticketId=ticket_id, text="one", onBehalfOf=who).status == 200
    desk.tenant.tokens.clear()

    assert desk.call("AddTicketNote", ticketId=ticket_id, text="two", onBehalfOf=who).status == 200


def test_notes_are_listed_in_pages(desk: Desk, ticket_id: int) -> None:
    for number in range(5):
        desk.call("AddTicketNote", ticketId=ticket_id, text=f"note {number}")

    first = desk.call("ListTicketNotes", ticketId=ticket_id, take=3).json
    rest = desk.call("ListTicketNotes", ticketId=ticket_id, take=200, continuation=first["continuation"]).json

    texts = [one["text"] for one in first["results"] + rest["results"]]
    assert len(first["results"]) == 3
    assert texts[-5:] == [f"note {number}" for number in range(5)]
    assert len(texts) == first["total"]
