"""Events and dead letters for an operator: newest first, a page at a time; the continuation is the last id shown."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from connector.storage.event_ids import event_ids_from
from connector.storage.history import NO_TALLY, Tally
from connector.storage.records import (
    FAILING,
    UNWANTED,
    Backlog,
    Delivery,
    DeliveryState,
    Event,
    EventQuery,
    Page,
)
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import (
    SELECT_DELIVERIES,
    SELECT_EVENTS,
    SELECT_WHOLE_EVENTS,
    read_delivery,
    read_event,
)

OF_EVENT: Final = "SELECT 1 FROM deliveries d WHERE d.id >= e.id || '.' AND d.id < e.id || '/'"
BUNDLE_OF_EVENT: Final = "SELECT 1 FROM bundles b WHERE b.event_id = e.id"
TALLY: Final = """
    SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'pending' AND attempt > 0),
           count(*) FILTER (WHERE state = 'delivered'), count(*) FILTER (WHERE state = 'cancelled'),
           count(*) FILTER (WHERE state = 'dead'), coalesce(max(attempt), 0),
           coalesce(max(CASE WHEN history <> '' THEN json_extract(history, '$[#-1][3]') END), 0)
    FROM deliveries WHERE id >= ? AND id < ? AND event_id = ?
"""


def events(connection: Connection, query: EventQuery) -> Page[Event]:
    """See `Outbox.events`."""
    where, values = _conditions(query)
    if query.state == UNWANTED:
        where = f"{where} AND NOT EXISTS ({OF_EVENT}) AND NOT EXISTS ({BUNDLE_OF_EVENT})"
    elif query.state or query.subscription_id:
        in_state, state = _in_state(query)
        where = f"{where} AND EXISTS ({OF_EVENT} AND {in_state} AND ? IN ('', d.subscription_id))"
        values = [*values, *state, query.subscription_id]
    if query.continuation:
        where, values = f"{where} AND e.id < ?", [*values, query.continuation]
    rows = connection.execute(
        f"{SELECT_EVENTS} WHERE {where} ORDER BY e.id DESC LIMIT ?",
        [*values, query.take + 1],
    ).fetchall()
    found = [read_event(row) for row in rows[: query.take]]
    return Page(tuple(found), found[-1].id if len(rows) > query.take else "")


def dead_letters(connection: Connection, query: EventQuery) -> Page[Delivery]:
    """See `Outbox.dead_letters`."""
    return _deliveries(connection, replace(query, state=DeliveryState.DEAD))


def _deliveries(connection: Connection, query: EventQuery) -> Page[Delivery]:
    where, values = _conditions(query)
    in_state, state = _in_state(query)
    where, values = f"{where} AND {in_state}", [*values, *state]
    if query.subscription_id:
        where, values = f"{where} AND d.subscription_id = ?", [*values, query.subscription_id]
    if query.continuation:
        event_id, _, delivery_id = query.continuation.partition("|")
        where, values = f"{where} AND (d.event_id, d.id) < (?, ?)", [*values, event_id, delivery_id]
    rows = connection.execute(
        f"{SELECT_DELIVERIES} JOIN events e ON e.id = d.event_id"
        f" WHERE {where} ORDER BY d.event_id DESC, d.id DESC LIMIT ?",
        [*values, query.take + 1],
    ).fetchall()
    found = [read_delivery(row) for row in rows[: query.take]]
    return Page(tuple(found), f"{found[-1].event_id}|{found[-1].id}" if len(rows) > query.take else "")


def tallies(connection: Connection, event_ids: Sequence[str]) -> dict[str, Tally]:
    """See `Outbox.tallies`."""
    found = {}
    for id_ in event_ids:
        tally = Tally(*connection.execute(TALLY, (f"{id_}.", f"{id_}/", id_)).fetchone())
        if tally != NO_TALLY:
            found[id_] = tally
    return found


def deliveries(connection: Connection, query: EventQuery) -> Page[Delivery]:
    """See `Outbox.deliveries`."""
    return _deliveries(connection, query)


def backlogs(connection: Connection) -> Sequence[Backlog]:
    """See `Outbox.backlogs`."""
    rows = connection.execute(
        "SELECT subscription_id, count(*), min(pending_since) FROM deliveries WHERE state = 'pending'"
        " GROUP BY subscription_id"
    )
    return [Backlog(*row) for row in rows]


def event(connection: Connection, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
    """See `Outbox.event`."""
    row = connection.execute(f"{SELECT_WHOLE_EVENTS} WHERE e.id = ?", (event_id,)).fetchone()
    if row is None:
        return None
    deliveries = connection.execute(
        f"{SELECT_DELIVERIES} WHERE d.id >= ? AND d.id < ? AND d.event_id = ? ORDER BY d.id",
        (f"{event_id}.", f"{event_id}/", event_id),  # "/" is what follows "."
    )
    return read_event(row), [read_delivery(delivery) for delivery in deliveries]


def _in_state(query: EventQuery) -> tuple[str, list[str]]:
    if query.state == FAILING:
        return "d.state = 'pending' AND d.attempt > 0", []
    return ("d.state = ?", [query.state]) if query.state else ("TRUE", [])


def _conditions(query: EventQuery) -> tuple[str, list[Any]]:
    wanted = {
        "e.id IN (SELECT value FROM json_each(?))": json.dumps(query.ids) if query.ids else None,
        "e.site = ?": query.site or None,
        "e.type = ?": query.type or None,
        "e.registration_id = ?": query.registration_id or None,
        "e.subject = ?": query.subject or None,
        "instr(lower(CAST(e.payload AS TEXT)), lower(?))": query.text or None,
        "e.id >= ?": None if query.since is None else event_ids_from(query.since),
        "e.id < ?": None if query.until is None else event_ids_from(query.until),
    }
    chosen = {condition: value for condition, value in wanted.items() if value is not None}
    return " AND ".join(chosen) or "TRUE", list(chosen.values())
