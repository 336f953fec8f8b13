"""Many tickets at once: the dry run and its token, partial results, nothing twice, nothing behind anybody's back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from connector.catalog import operations
from connector.naming import camel
from connector.operations.field_model import fields_of
from connector.operations.signature import signature_of
from connector.resolving.ticket_inputs import TicketFilters
from connector.resolving.ticket_selection import OF_A_PAGE
from tests.desk import Answer, Desk, generous
from workbench.simulator.faults import Kind

OPERATIONS = ("UpdateTickets", "CloseTickets", "AddNotes")
JOBS: dict[str, dict[str, Any]] = {
    "UpdateTickets": {"addTags": ["storm"]},
    "CloseTickets": {"note": "Over"},
    "AddNotes": {"text": "Still at it", "isInternal": True},
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS)


def open_tickets(desk: Desk, count: int = 3) -> list[int]:
    return [ticket.id for ticket in desk.tenant.tickets.values() if ticket.closed_on is None][:count]


def writes(desk: Desk) -> list[str]:
    """The paths of the calls that changed something."""
    return [call.path for call in desk.simulator.calls if call.method == "PATCH" and call.status == 200]


def states(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.json
    return [result["state"] for result in answer.json["results"]]


def texts(desk: Desk, ticket: int) -> list[str]:
    return [note.text for note in desk.tenant.tickets[ticket].notes]


@each_operation
def test_a_dry_run_writes_nothing_and_its_token_does_what_it_showed(desk: Desk, operation: str) -> None:
    tickets = open_tickets(desk)
    shown = desk.call(operation, ticketIds=tickets, dryRun=True, **JOBS[operation])

    assert (states(shown), writes(desk)) == (["wouldChange"] * 3, [])
    done = desk.call(operation, token=shown.json["token"])

    assert (states(done), len(writes(desk))) == (["changed"] * 3, 3)
    assert [one["changes"] for one in done.json["results"]] == [one["changes"] for one in shown.json["results"]]


@each_operation
def test_a_repeat_does_only_what_is_not_done(desk: Desk, operation: str) -> None:
    tickets = open_tickets(desk)
    token = desk.call(operation, ticketIds=tickets, dryRun=True, **JOBS[operation]).json["token"]
    desk.simulator.add_fault(kind="status", method="PATCH", path=f"/tickets/{tickets[1]}$", status=422, times=None)
    first = desk.call(operation, token=token)
    desk.simulator.faults.clear()
    second = desk.call(operation, token=token)

    third = desk.call(operation, token=token)

    assert states(first) == ["changed", "failed", "changed"]
    assert (states(second), third.json["results"], len(writes(desk))) == (["changed"] * 3, second.json["results"], 3)


def test_ids_need_no_dry_run(desk: Desk) -> None:
    tickets = open_tickets(desk)
    desk.call("UpdateTickets", ticketIds=tickets, priority="Low")
    answer = desk.call("UpdateTickets", ticketIds=tickets, priority="Critical")

    assert states(answer) == ["changed"] * 3
    assert all(
        "priority: " in one["changes"][0] and one["changes"][0].endswith("Critical") for one in answer.json["results"]
    )
    assert states(desk.call("UpdateTickets", ticketIds=tickets, priority="critical")) == ["unchanged"] * 3


@each_operation
def test_filters_never_run_without_a_dry_run(desk: Desk, operation: str) -> None:
    shown = desk.call(operation, where={"board": "Support", "isClosed": False}, **JOBS[operation])
    refused = desk.call(operation, where={"board": "Support"}, dryRun=False, **JOBS[operation])

    assert (shown.json["isDryRun"], writes(desk)) == (True, [])
    assert {*states(shown)} == {"wouldChange"}
    assert all(desk.tenant.tickets[one["id"]].board_id == 1 or one["title"] for one in shown.json["results"])
    assert (refused.status, refused.code) == (400, "DryRunRequired")


def test_the_filters_are_those_of_find_tickets() -> None:
    """All of them, under a prefix, by the same declaration: a new filter is here too."""
    for operation in OPERATIONS:
        body = signature_of(operations()[operation]).body
        assert body is not None
        where = next(field for field in fields_of(body[1]) if field.name == "where")
        finds = {field.name: field for field in fields_of(TicketFilters)}
        assert {field.name for field in where.fields} == finds.keys() - {*map(camel, OF_A_PAGE)}
        assert all(field.description == finds[field.name].description for field in where.fields)


def test_more_than_fit_are_counted(desk: Desk) -> None:
    answer = desk.call("AddNotes", where={"isClosed": False}, text="Hello")

    assert len(answer.json["results"]) <= 50
    assert answer.json["total"] >= len(answer.json["results"])
    if answer.json["hasMore"]:
        assert "narrow the filters" in answer.json["notice"]


@each_operation
def test_a_ticket_that_was_changed_since_is_reported(desk: Desk, operation: str) -> None:
    tickets = open_tickets(desk)
    token = desk.call(operation, ticketIds=tickets, dryRun=True, **JOBS[operation]).json["token"]
    desk.call("UpdateTicket", ticketId=tickets[0], title="Somebody was here")
    before = len(writes(desk))
    answer = desk.call(operation, token=token)

    assert states(answer) == ["failed", "changed", "changed"]
    assert (answer.json["results"][0]["errorCode"], len(writes(desk)) - before) == ("TicketChanged", 2)


def test_a_second_caller_meanwhile_is_asked_to_try_again(desk: Desk) -> None:
    (ticket,) = open_tickets(desk, 1)
    token = desk.call("AddNotes", ticketIds=[ticket], dryRun=True, text="The storm is over").json["token"]
    desk.simulator.add_fault(kind="delay", method="PATCH", path=f"/tickets/{ticket}$", seconds=0.7, times=1)
    with ThreadPoolExecutor(2) as callers:
        both = [*callers.map(lambda _: desk.call("AddNotes", token=token), range(2))]

    done, told = sorted(both, key=lambda one: one.json["notDone"])
    assert (states(done), texts(desk, ticket).count("The storm is over")) == (["changed"], 1)
    if told.json["notDone"]:  # else it came when the first was done
        assert told.json["failed"] == 0
        assert "call again with the token" in told.json["results"][0]["error"]
    assert states(desk.call("AddNotes", token=token)) == ["changed"]


def test_tokens_are_of_one_connection_one_operation_and_unaltered(desk: Desk) -> None:
    tickets = open_tickets(desk)
    token = desk.call("CloseTickets", ticketIds=tickets, dryRun=True).json["token"]
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    other = {"dd-api-key": desk.simulator.tokity_key, "dd-agent": "13"}
    hostile = [
        desk.call("CloseTickets", token=altered),
        desk.call("CloseTickets", token="no token at all"),
        desk.call("CloseTickets", token="x" * 900),
        desk.call("AddNotes", token=token),
        desk.call("CloseTickets", token=token, headers=other),
    ]

    assert [answer.code for answer in hostile] == ["ConfirmationUnknown"] * 5
    assert writes(desk) == []


def test_a_token_of_the_past_has_expired(desk: Desk) -> None:
    token = desk.call("CloseTickets", ticketIds=open_tickets(desk), dryRun=True).json["token"]

    answer = desk.call("CloseTickets", token="0000001" + token[7:])

    assert (answer.status, answer.code) == (410, "ConfirmationExpired")


def test_other_inputs_beside_a_token_are_refused_and_the_same_are_taken(desk: Desk) -> None:
    tickets = open_tickets(desk)
    token = desk.call("CloseTickets", ticketIds=tickets, dryRun=True, note="Over").json["token"]
    for other in (
        {"note": "Other"},
        {"note": "Over", "ticketIds": tickets[:2]},
        {"where": {"board": "Support"}},
        {"dryRun": True},
    ):
        refused = desk.call("CloseTickets", token=token, **other)
        assert (refused.status, refused.code) == (422, "ConfirmationDiffers")
    assert writes(desk) == []

    assert (
        states(desk.call("CloseTickets", token=token, ticketIds=tickets, note="Over", dryRun=False)) == ["changed"] * 3
    )


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_the_first_refusal_ends_the_run(desk: Desk, status: int) -> None:
    """What is refused to one ticket is refused to the next, so no further one is tried."""
    token = desk.call("UpdateTickets", ticketIds=open_tickets(desk, 14), dryRun=True, addTags=["storm"]).json["token"]
    desk.simulator.add_fault(kind="status", method="PATCH", path="/tickets/", status=status, times=None)
    refused = desk.call("UpdateTickets", token=token)
    tried = {call.path for call in desk.simulator.calls if call.method == "PATCH"}

    assert refused.status == status, refused.json
    assert len(tried) <= 11


def test_a_run_that_ended_early_says_what_it_did_and_goes_on(desk: Desk) -> None:
    tickets = open_tickets(desk, 14)
    token = desk.call("UpdateTickets", ticketIds=tickets, dryRun=True, addTags=["storm"]).json["token"]
    desk.simulator.add_fault(kind="status", method="PATCH", path="/tickets/", status=403, skip=2, times=None)
    first = desk.call("UpdateTickets", token=token)
    desk.simulator.faults.clear()

    assert {*states(first)} == {"changed", "failed", "notDone"}
    assert first.json["changed"] == states(first).count("changed") == 2
    assert "A call with the token does the rest" in first.json["notice"]
    assert states(desk.call("UpdateTickets", token=token)) == ["changed"] * 14
    assert len(writes(desk)) == 14


@generous
def test_a_note_whose_answer_was_lost_is_looked_for_and_not_written_again(desk: Desk) -> None:
    tickets = open_tickets(desk, 2)
    token = desk.call("AddNotes", ticketIds=tickets, dryRun=True, text="The storm is over").json["token"]
    desk.simulator.add_fault(kind="reset_after", method="POST", path=f"/tickets/{tickets[0]}/notes$", times=1)
    first = desk.call("AddNotes", token=token)
    desk.simulator.faults.clear()
    second = desk.call("AddNotes", token=token)

    assert (states(first), states(second)) == (["unclear", "changed"], ["changed", "changed"])
    assert [texts(desk, ticket).count("The storm is over") for ticket in tickets] == [1, 1]


def test_where_nothing_shows_what_became_of_a_note_it_stays_unclear(desk: Desk) -> None:
    tickets = open_tickets(desk, 1)
    token = desk.call("AddNotes", ticketIds=tickets, dryRun=True, text="The storm is over").json["token"]
    desk.simulator.add_fault(kind="reset_after", method="PATCH", path="/tickets/", times=1)
    answers = [desk.call("AddNotes", token=token) for _ in range(2)]

    assert [states(answer) for answer in answers] == [["unclear"], ["unclear"]]
    assert texts(desk, tickets[0]).count("The storm is over") == 1


@each_operation
@pytest.mark.parametrize("kind", ["wrong_types", "html"])
def test_an_answer_that_cannot_be_read_does_not_say_that_nothing_was_written(
    desk: Desk, operation: str, kind: Kind
) -> None:
    tickets = open_tickets(desk, 2)
    token = desk.call(operation, ticketIds=tickets, dryRun=True, **JOBS[operation]).json["token"]
    desk.simulator.add_fault(kind=kind, method="PATCH", path=f"/tickets/{tickets[0]}$", times=1)
    first = desk.call(operation, token=token)
    repeat = desk.call(operation, token=token)

    assert states(first) == ["unclear", "changed"]
    assert first.json["results"][0]["errorCode"] == "OutcomeUnknown"
    assert "a call with the token looks" in first.json["results"][0]["error"]
    assert states(repeat)[0] in ("changed", "unclear")
    written = {note: texts(desk, tickets[0]).count(note) for note in ("Over", "Still at it")}
    assert max(written.values()) <= 1


def test_one_that_does_not_exist_stops_no_other(desk: Desk) -> None:
    answer = desk.call("AddNotes", ticketIds=[*open_tickets(desk, 2), 99_999_999], text="Hello")

    assert states(answer) == ["changed", "changed", "failed"]
    assert answer.json["results"][2]["errorCode"] == "TicketNotFound"
    assert (answer.json["changed"], answer.json["failed"]) == (2, 1)


def test_statuses_are_those_of_each_board(desk: Desk) -> None:
    by_board = {ticket.board_id: ticket.id for ticket in desk.tenant.tickets.values() if ticket.closed_on is None}
    answer = desk.call("CloseTickets", ticketIds=[*by_board.values()])

    for one in answer.json["results"]:
        assert one["state"] == "changed" or one["errorCode"] == "StatusRequired"
        assert (desk.tenant.tickets[one["id"]].closed_on is not None) == (one["state"] == "changed")


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("UpdateTickets", {"ticketIds": [10026]}, "ChangeRequired"),
        ("AddNotes", {"ticketIds": [10026]}, "ChangeRequired"),
        ("CloseTickets", {}, "TicketsRequired"),
        ("CloseTickets", {"ticketIds": [10026], "where": {"board": "Support"}}, "TicketsRequired"),
        ("CloseTickets", {"ticketIds": [*range(1, 52)]}, "InvalidInput"),
        ("UpdateTickets", {"ticketIds": [10026], "status": "No such status"}, ""),
    ],
)
def test_what_cannot_be_done_is_said(desk: Desk, operation: str, given: dict[str, Any], code: str) -> None:
    answer = desk.call(operation, **given)

    if code:
        assert (answer.status, answer.code) == (400, code)
    else:
        assert answer.json["results"][0]["errorCode"] == "StatusNotFound"
    assert writes(desk) == []


def test_tags_are_added_and_removed_beside_those_there_are(desk: Desk) -> None:
    ticket = desk.tenant.tickets[open_tickets(desk, 1)[0]]
    ticket.tags = ["Onsite", "vip"]
    desk.call("UpdateTickets", ticketIds=[ticket.id], addTags=["storm", "VIP"], removeTags=["onsite"])

    assert sorted(tag.casefold() for tag in ticket.tags) == ["storm", "vip"]
