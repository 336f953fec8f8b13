"""The burst matrix over the source of every polling trigger, with the calls that it makes on the wire."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from connector.catalog import operations
from connector.deskdirector.client import DeskDirector, Reply
from connector.operations.operation import Kind
from connector.relay.polling.deadlines import _overdue_at, waiting_at
from connector.relay.polling.items import LATE_SECONDS, TICKS_PER_SECOND, Source, wire
from connector.relay.polling.notes import NoteReader
from connector.relay.polling.sources import (
    created,
    form_results,
    found_tickets,
    member_tickets,
    survey_results,
    time_entries,
    updated,
)
from tests.relay.polling.covering import Case, covering, named
from tests.relay.polling.site import FakeSite
from tests.relay.polling.upstream import Flow, Manners

HOUR: Final = 3_600 * TICKS_PER_SECOND
DAY: Final = 24 * HOUR

FACTORS: Final[dict[str, tuple[Any, ...]]] = {
    "size": (1, 60, 230),
    "apart": (0, 1, TICKS_PER_SECOND),
    "silence": (0, 400 * 86_400),
    "skew": (-3_600, 0, 3_600),
    "page_seconds": (0.01, 0.6),
    "tells_total": (True, False),
    "order": ("newest first", "oldest first", "by key", "by group"),
    "filters": (True, False),
    "clamp": (200, 50),
}


@dataclass(frozen=True)
class Watched:
    """One way in which a trigger reads: its source, and what makes it fire, dated then; answers an id."""

    source: Callable[[FakeSite], Source[Any]]
    event: Callable[[FakeSite, int], int]
    needs_filter: bool = False


def _clock(site: FakeSite) -> datetime:
    return datetime.fromtimestamp(site.time.seconds, UTC)


def _found(site: FakeSite, kind: Any, item_of: Any, late: int = LATE_SECONDS, **more: Any) -> Source[Any]:
    return found_tickets(site.dd, {}, kind, item_of, late_seconds=late, is_filtered=site.manners.filters, **more)


def _seen(site: FakeSite, item_of: Any, late: int = LATE_SECONDS, **more: Any) -> Source[Any]:
    return member_tickets(site.dd, {}, None, item_of, matches=lambda _: True, late_seconds=late, **more)


def _change(site: FakeSite, at: int) -> int:
    """An old ticket is changed; each only once, so that its number tells the event."""
    number = next(one for one in site.tickets if one not in site.notes)
    site.notes[number] = []
    site.tickets[number]["modifiedOn"] = wire(at)
    return number


def _note(site: FakeSite, at: int) -> int:
    number = site.next_id()
    site.notes.setdefault(ticket := _change(site, at), []).append({"id": number, "createdOn": wire(at), "note": "Hm"})
    assert ticket in site.tickets
    return number


def _overdue(site: FakeSite, at: int) -> int:
    return site.ticket(at - DAY, dueDate=wire(at - round(site.manners.skew_seconds) * TICKS_PER_SECOND))


def _wait(site: FakeSite, at: int) -> int:
    """By our clock, an old ticket has waited for two hours then."""
    moment = wire(at - 2 * HOUR - round(site.manners.skew_seconds) * TICKS_PER_SECOND)
    ticket = next(one for one in site.tickets.values() if "latestNote" not in one)
    ticket["latestNote"] = {"createdOn": moment, "createdBy": {"userType": "contact"}}
    return int(ticket["id"])


def _record(kind: str, name: str) -> Callable[[FakeSite, int], int]:
    def event(site: FakeSite, at: int) -> int:
        number = site.next_id()
        getattr(site, kind).append({"id": number, "entityId": number, name: wire(at)})
        return number

    return event


WATCHED: Final[dict[str, Watched]] = {
    "WhenTicketIsCreated": Watched(lambda site: _found(site, "created", created), lambda site, at: site.ticket(at)),
    "WhenTicketIsUpdated": Watched(lambda site: _found(site, "updated", updated), _change, needs_filter=True),
    "WhenTicketIsUpdated, as a member": Watched(lambda site: _seen(site, updated), _change),
    "WhenNoteIsAdded": Watched(
        lambda site: _found(site, "updated", (reader := NoteReader(site.dd)).item_of, expand=reader.notes_of),
        _note,
        needs_filter=True,
    ),
    "WhenNoteIsAdded, as a member": Watched(
        lambda site: _seen(site, (reader := NoteReader(site.dd, has_list=False)).item_of, expand=reader.notes_of), _note
    ),
    "WhenTicketIsOverdue": Watched(
        lambda site: _found(site, "due", _overdue_at(round(site.time.ticks)), late=86_400), _overdue
    ),
    "WhenTicketWaits": Watched(lambda site: _seen(site, waiting_at("us", 2, _clock(site)), late=86_400), _wait),
    "WhenFormIsSubmitted": Watched(
        lambda site: form_results(site.dd, 1, None, late_seconds=LATE_SECONDS, clock=site.time.clock()),
        _record("form_results", "submittedAt"),
    ),
    "WhenTimeEntryIsAdded": Watched(
        lambda site: time_entries(site.dd, None, late_seconds=LATE_SECONDS), _record("time_entries", "createdOn")
    ),
    "WhenSurveyIsAnswered": Watched(
        lambda site: survey_results(site.dd, 7, None, late_seconds=LATE_SECONDS, clock=site.time.clock()),
        _record("surveys", "at"),
    ),
}
CASES: Final = [
    (name, case)
    for name, watched in WATCHED.items()
    for case in covering(FACTORS, 3 if os.environ.get("SWEEPS") == "whole" else 2)
    if case["filters"] or not watched.needs_filter
]


def test_every_polling_trigger_is_here() -> None:
    triggers = {name for name, operation in operations().items() if operation.kind is Kind.POLLING_TRIGGER}
    assert triggers == {name.partition(",")[0] for name in WATCHED}


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{named(case)}" for name, case in CASES])
async def test_every_event_once(name: str, case: Case) -> None:
    watched = WATCHED[name]
    manners = {key: case[key] for key in ("order", "tells_total", "filters", "clamp", "page_seconds")}
    site = FakeSite(Manners(**manners, skew_seconds=case["skew"]))
    for number in range(260):
        site.ticket(site.now - (1_000 - number) * DAY)
    flow = Flow(site, source_of=lambda: watched.source(site))
    assert await flow.catch_up() == []
    site.time.seconds += case["silence"] + 1
    began = site.now
    expected = [watched.event(site, began + number * case["apart"]) for number in range(case["size"])]
    site.time.seconds += case["size"] * case["apart"] / TICKS_PER_SECOND
    # Twice: a sweep that was under way when it happened may have passed the place already.
    assert sorted(await flow.catch_up() + await flow.catch_up()) == sorted(expected)
    expected = [watched.event(site, site.now)]
    site.time.seconds += 1
    assert await flow.catch_up() + await flow.catch_up() == expected


@pytest.mark.parametrize("skew", [-3_600, 3_600])
@pytest.mark.parametrize("name", [name for name in WATCHED if "member" in name])
async def test_what_happens_while_the_first_sweep_takes_many_polls_is_not_lost(name: str, skew: float) -> None:
    site = FakeSite(Manners(clamp=50, skew_seconds=skew))
    for number in range(1_700):
        site.ticket(site.now - (1_700 - number) * HOUR)
    flow = Flow(site, source_of=lambda: WATCHED[name].source(site))
    await flow.poll()
    expected = []
    for _ in range(5):
        site.time.seconds += 60
        expected.append(WATCHED[name].event(site, site.now))
        await flow.poll()
    await flow.catch_up()
    site.time.seconds += 60
    await flow.catch_up()
    assert sorted(flow.handed_over) == sorted(expected)


BAD_RECORDS: Final[list[Any]] = [
    *(None, 7, "text", [], {}, {"id": None}, {"id": "abc"}, {"name": "no id", "createdOn": "2026-07-01T12:00:00Z"}),
    *({"id": 9_001}, {"id": 9_002, "createdOn": "0001-01-01T00:00:00Z"}, {"id": 9_003, "createdOn": "soon"}),
    *({"id": 9_004, "createdOn": None, "modifiedOn": 7}, {"id": 9_005, "createdOn": "2026-13-41T99:00:00Z"}),
]


@pytest.mark.parametrize("kind", ["created", "updated"])
@pytest.mark.parametrize("record", BAD_RECORDS, ids=str)
async def test_a_bad_record_on_the_wire_stops_nobody(kind: str, record: Any) -> None:
    """One with an id comes once, dated when it was first seen; one without is reported once."""
    site = FakeSite()
    for number in range(30):
        site.ticket(site.now - number * DAY)
    item_of = created if kind == "created" else updated

    async def call(*arguments: Any, **named: Any) -> Reply:
        reply = await site.call(*arguments, **named)
        answer = reply.json()
        if has_come and named["body"]["skip"] == 0:
            answer["results"].insert(0, record)
        return Reply(200, {}, json.dumps(answer).encode(), reply.site)

    has_come = False
    dd = cast("DeskDirector", SimpleNamespace(call=call))
    source = found_tickets(dd, {}, cast("Any", kind), item_of, late_seconds=LATE_SECONDS, is_filtered=True)
    flow = Flow(site, source_of=lambda: source)
    await flow.catch_up()
    has_come = True
    expected = [record["id"]] if isinstance(record, dict) and isinstance(record.get("id"), int) else []
    for _ in range(4):
        site.time.seconds += 3_600
        expected.append(site.ticket(site.now))
        await flow.catch_up()
    assert sorted(flow.handed_over) == sorted(expected)
