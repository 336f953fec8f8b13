"""Time entries: written as a member, found by period."""

from typing import Any

import pytest

from tests.desk import Desk, generous
from workbench.simulator.clock import DAY, wire

START = "2026-11-24T09:00:00Z"


@generous
@pytest.mark.parametrize(
    ("given", "end", "hours"),
    [
        ({"hours": 1.5}, "2026-11-24T10:30:00", 1.5),
        ({"endedAt": "2026-11-24T09:20:00Z"}, "2026-11-24T09:20:00", 0.3333),
        ({"endedAt": "2026-11-24T12:00:00+01:00", "hours": 1}, "2026-11-24T11:00:00", 1.0),
    ],
)
def test_what_is_left_out_is_counted(desk: Desk, given: dict[str, Any], end: str, hours: float) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))

    made = desk.call(
        "AddTimeEntry", ticketId=ticket.id, text="Fixed it", startedAt=START, onBehalfOf="member:14", **given
    )

    assert made.status == 200
    assert made.json["startedAt"].startswith("2026-11-24T09:00:00")
    assert made.json["endedAt"].startswith(end)
    assert made.json["hours"] == pytest.approx(hours)
    assert (made.json["ticketId"], made.json["ticket"]) == (ticket.id, ticket.name)
    assert (ticket.notes[-1].author_id, ticket.notes[-1].text) == (14, "Fixed it")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "TimeRequired"),
        ({"endedAt": "2026-11-24T08:00:00Z"}, "TimeImplausible"),
        ({"endedAt": "2026-11-26T08:00:00Z"}, "TimeImplausible"),
        ({"hours": -1}, "InvalidInput"),
        ({"hours": 25}, "InvalidInput"),
        ({"hours": 1, "startedAt": "yesterday"}, "InvalidInput"),
    ],
)
def test_time_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    before = len(ticket.notes)

    refused = desk.call(
        "AddTimeEntry", ticketId=ticket.id, text="x", onBehalfOf="member:14", **{"startedAt": START, **given}
    )

    assert (refused.status, refused.code) == (400, code)
    assert len(ticket.notes) == before


@generous
def test_an_api_key_for_no_one_cannot_write_time(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))

    refused = desk.call("AddTimeEntry", ticketId=ticket.id, text="x", startedAt=START, hours=1)

    assert (refused.status, refused.code) == (403, "UserNeeded")


@generous
def test_time_of_a_period_is_found_page_by_page(desk: Desk) -> None:
    for number in range(3):
        ticket = list(desk.tenant.tickets.values())[number]
        desk.call(
            "AddTimeEntry",
            ticketId=ticket.id,
            text=f"Work {number}",
            startedAt=_just_now(desk),
            hours=0.01,
            onBehalfOf="member:14",
        )

    first = desk.call("FindTimeEntries", period="today", onBehalfOf="member:14", take=2).json
    second = desk.call("FindTimeEntries", continuation=first["continuation"]).json

    texts = {one["text"] for one in [*first["results"], *second["results"]]}
    assert {"Work 0", "Work 1", "Work 2"} <= texts
    assert first["hasMore"]
    assert first["total"] == len(first["results"]) + len(second["results"])


def times(desk: Desk, *members: int) -> list[tuple[int, int, float]]:
    """Id, start and hours of the members' time, the last first."""
    entries = [
        (note.id, note.time_entry.start, note.time_entry.actual_hours)
        for ticket in desk.tenant.tickets.values()
        for note in ticket.notes
        if note.time_entry and note.author_id in members
    ]
    return sorted(entries, key=lambda one: one[1], reverse=True)


@generous
def test_time_of_several_members_in_any_range(desk: Desk) -> None:
    start = desk.simulator.clock.now() - 20 * DAY
    expected = [span for span in times(desk, 13, 14) if span[1] >= start]

    answer = desk.call("FindTimeEntries", member="13, 14", startedAfter=wire(start), take=200).json

    assert [one["id"] for one in answer["results"]] == [number for number, _, _ in expected]
    assert answer["totalHours"] == sum(hours for _, _, hours in expected)
    assert {one["memberId"]: one["member"] for one in answer["results"]} == {
        member: desk.tenant.members[member].name for member in {one["memberId"] for one in answer["results"]}
    }
    assert answer["isComplete"]
    assert answer["upstreamCalls"] <= 4


@generous
def test_time_before_the_last_month_is_not_taken_for_none(desk: Desk) -> None:
    answer = desk.call("FindTimeEntries", member="14", startedAfter="-120d", startedBefore="-100d").json

    assert (answer["results"], answer["isComplete"]) == ([], False)
    assert "this month and the last only" in answer["notice"]


@generous
def test_time_of_a_ticket_is_everybodys(desk: Desk) -> None:
    ticket = next(one for one in desk.tenant.tickets.values() if sum(bool(note.time_entry) for note in one.notes) > 1)
    timed = [note for note in ticket.notes if note.time_entry]

    answer = desk.call("FindTimeEntries", ticketId=ticket.id).json
    of_one = desk.call("FindTimeEntries", ticketId=ticket.id, member=str(timed[0].author_id)).json

    assert {one["id"] for one in answer["results"]} == {note.id for note in timed}
    assert answer["totalHours"] == sum(note.time_entry.actual_hours for note in timed if note.time_entry)
    assert {one["member"] for one in answer["results"]} == {note.author_name for note in timed}
    assert {one["memberId"] for one in of_one["results"]} == {timed[0].author_id}


def test_an_unknown_period_lists_those_there_are(desk: Desk) -> None:
    refused = desk.call("FindTimeEntries", period="tomorrow", onBehalfOf="member:14")

    assert (refused.status, refused.code) == (400, "InvalidInput")
    assert "last_month" in refused.json["message"]


def _just_now(desk: Desk) -> str:
    return wire(desk.simulator.clock.now())[:19] + "Z"


@generous
def test_a_period_that_the_site_chose_is_not_all_time(desk: Desk) -> None:
    answer = desk.call("FindTimeEntries", member="14, 15").json

    assert (answer["isComplete"], "give 'period'" in answer["notice"]) == (False, True)
