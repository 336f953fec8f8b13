"""Closing and reopening tickets: which status is set, what happens to the note, and what repeating does."""

import pytest

from connector.deskdirector.entities.tickets import Ticket
from connector.resolving.ticket_statuses import is_closed
from tests.desk import Desk, generous
from workbench.simulator import Tenant


def ticket_with_status(tenant: Tenant, board: str, *names: str) -> int:
    """A ticket on a board in one of these statuses."""
    (board_id,) = (one.id for one in tenant.boards.values() if one.name.startswith(board))
    return next(
        ticket.id
        for ticket in tenant.tickets.values()
        if ticket.board_id == board_id and tenant.statuses[ticket.status_id].name in names
    )


def status_of(desk: Desk, ticket_id: int) -> str:
    """The name of the status that the ticket has in DeskDirector."""
    return desk.tenant.statuses[desk.tenant.tickets[ticket_id].status_id].name


@pytest.mark.parametrize(
    ("board", "before", "closed"),
    [
        ("Support", ("New", "In Progress"), "Closed"),
        ("Projects", ("Planned", "In Progress"), "Completed"),
        ("Security", ("New", "Investigating"), "Closed"),
        ("Onboarding", ("Requested", "In Progress"), "Done ✔"),
    ],
)
def test_closing_finds_the_status_that_closes_on_the_board(
    desk: Desk, board: str, before: tuple[str, ...], closed: str
) -> None:
    ticket_id = ticket_with_status(desk.tenant, board, *before)

    answer = desk.call("CloseTicket", ticketId=ticket_id)

    assert (answer.status, answer.json["status"], answer.json["isClosed"]) == (200, closed, True)
    assert status_of(desk, ticket_id) == closed


def test_a_board_whose_names_do_not_tell_lists_its_statuses(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Facilities", "Neu", "In Arbeit")

    refused = desk.call("CloseTicket", ticketId=ticket_id, note="Fertig")

    assert (refused.status, refused.code) == (400, "StatusRequired")
    assert set(refused.json["error"]["details"]) == {"Neu", "In Arbeit", "Erledigt"}
    assert "Fertig" not in [note.text for note in desk.tenant.tickets[ticket_id].notes]
    assert desk.call("CloseTicket", ticketId=ticket_id, status="erledigt").json["isClosed"]


def test_the_closing_note_is_written_once_however_often_it_is_closed(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Support", "In Progress")

    for _ in range(3):
        assert desk.call("CloseTicket", ticketId=ticket_id, note="All good now", isInternal=True).status == 200

    notes = [note for note in desk.tenant.tickets[ticket_id].notes if note.text == "All good now"]
    assert [note.is_internal for note in notes] == [True]


@generous
def test_the_closing_note_may_be_somebody_elses(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Support", "In Progress")

    desk.call("CloseTicket", ticketId=ticket_id, note="Done by me", onBehalfOf="member:14")

    assert desk.tenant.tickets[ticket_id].notes[-1].author_id == 14


@generous
def test_when_the_note_is_written_but_the_status_refused_nothing_invites_a_retry(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Support", "In Progress")
    desk.simulator.add_fault(kind="status", method="PATCH", path="/tickets/", status=400, times=1)

    failed = desk.call("CloseTicket", ticketId=ticket_id, note="Bye")

    assert (failed.status, failed.code) == (424, "OutcomeUnknown")
    assert desk.tenant.tickets[ticket_id].notes[-1].text == "Bye"
    assert status_of(desk, ticket_id) == "In Progress"


def test_a_named_status_of_another_board_is_refused(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Support", "In Progress")

    refused = desk.call("CloseTicket", ticketId=ticket_id, status="Erledigt")

    assert (refused.status, refused.code) == (400, "StatusNotFound")
    assert "Resolved" in refused.json["message"]


def test_reopening_sets_an_open_status_and_only_on_closed_tickets(desk: Desk) -> None:
    ticket_id = ticket_with_status(desk.tenant, "Support", "Closed", "Resolved")

    answer = desk.call("ReopenTicket", ticketId=ticket_id, note="It is back")

    assert (answer.json["status"], answer.json["isClosed"]) == ("In Progress", False)
    assert desk.tenant.tickets[ticket_id].notes[-1].text == "It is back"

    desk.call("UpdateTicket", ticketId=ticket_id, status="Waiting on Customer")
    assert desk.call("ReopenTicket", ticketId=ticket_id).json["status"] == "Waiting on Customer"


@pytest.mark.parametrize(
    ("status", "closed"),
    [
        ("Closed", True),
        ("CLOSED - resolved", True),
        ("Done ✔", True),
        ("Completed", True),
        ("Waiting to be closed", False),
        ("Not resolved", False),
        ("Re-opened", False),
        ("Disclosed", False),
        ("In Progress", False),
    ],
)
def test_names_tell_what_is_closed_when_no_flag_does(status: str, closed: bool) -> None:
    assert is_closed(Ticket.model_construct(id=1, status=status, is_closed=None)) is closed
