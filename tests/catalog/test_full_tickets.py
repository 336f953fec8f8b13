"""A ticket with its notes, tasks, time and files; notes newest first."""

import pytest

from tests.desk import Desk, generous
from workbench.simulator.records import Ticket


def noted(desk: Desk) -> Ticket:
    """A ticket with notes, some with time."""
    return next(
        one
        for one in desk.tenant.tickets.values()
        if len(one.notes) > 3 and any(note.time_entry for note in one.notes) and not (one.task_lists or one.attachments)
    )


@generous
def test_a_ticket_with_all_that_belongs_to_it(desk: Desk) -> None:
    ticket = noted(desk)

    answer = desk.call(
        "GetTicket", ticketId=ticket.id, includeNotes=2, includeTasks=True, includeTime=True, includeAttachments=True
    ).json

    newest = sorted(ticket.notes, key=lambda note: note.created_on, reverse=True)
    assert [one["id"] for one in answer["notes"]] == [note.id for note in newest[:2]]
    timed = [note for note in newest if note.time_entry]
    assert [one["id"] for one in answer["timeEntries"]] == [note.id for note in timed]
    assert answer["totalHours"] == sum(note.time_entry.actual_hours for note in timed if note.time_entry)
    assert (answer["taskLists"], answer["attachments"]) == ([], [])
    assert "notKnown" not in answer
    assert len(desk.simulator.calls) == 4


def test_a_ticket_alone_is_one_call(desk: Desk) -> None:
    answer = desk.call("GetTicket", ticketId=noted(desk).id).json

    assert len(desk.simulator.calls) == 1
    assert not {"notes", "timeEntries", "taskLists", "attachments", "notKnown", "notice"} & answer.keys()


def test_what_a_site_does_not_give_is_named_and_costs_nothing_else(desk: Desk) -> None:
    ticket = noted(desk)

    answer = desk.call("GetTicket", ticketId=ticket.id, includeNotes=3, includeTasks=True, includeAttachments=True)

    assert (answer.status, answer.json["title"], answer.json["taskLists"]) == (200, ticket.name, [])
    assert answer.json["notKnown"] == ["notes", "attachments"]
    assert "This site offers no list of notes to this API key" in answer.json["notice"]
    assert "notes" not in answer.json


def test_time_that_is_not_shown_is_named_as_what_was_asked_for(desk: Desk) -> None:
    answer = desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets)), includeTime=True).json

    assert (answer["notKnown"], "timeEntries" in answer) == (["timeEntries"], False)


def test_a_ticket_that_is_not_there_is_said_to_be_missing(desk: Desk) -> None:
    assert desk.call("GetTicket", ticketId=4, includeNotes=1).code == "TicketNotFound"
    assert "notes" not in desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets)), includeNotes=0).json


@generous
@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_notes_page_by_page_in_either_order(desk: Desk, sort: str) -> None:
    ticket = noted(desk)
    for number in range(450):
        note = ticket.notes[0]
        ticket.notes.append(
            type(note)(900_000 + number, f"{number}", False, note.created_on + number, 1, "A", "member")
        )
    ordered = sorted(ticket.notes, key=lambda note: (note.created_on, note.id), reverse=sort == "newest")

    first = desk.call("ListTicketNotes", ticketId=ticket.id, sort=sort, take=150).json
    calls = len(desk.simulator.calls)
    second = desk.call("ListTicketNotes", ticketId=ticket.id, continuation=first["continuation"]).json

    shown = [one["id"] for one in [*first["results"], *second["results"]]]
    assert shown == [note.id for note in ordered[:300]]
    assert calls <= 5
    assert second["hasMore"]
