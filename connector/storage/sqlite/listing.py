"""Events and dead letters for an operator: newest first, a page at a time; the continuation is the last id shown."""

from collections.abc import Sequence
from typing import Any

from connector.storage.records import Delivery, Event, EventQuery, Page, event_ids_from
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import (
    SELECT_DELIVERIES,
    SELECT_EVENTS,
    SELECT_WHOLE_EVENTS,
    read_delivery,
    read_event,
)


def events(connection: Connection, query: EventQuery) -> Page[Event]:
    """See `Outbox.events`."""
    where, values = _conditions(query)
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
    where, values = _conditions(query)
    if query.continuation:
        event_id, _, delivery_id = query.continuation.partition("|")
        where, values = f"{where} AND (d.event_id, d.id) < (?, ?)", [*values, event_id, delivery_id]
    rows = connection.execute(
        f"{SELECT_DELIVERIES} JOIN events e ON e.id = d.event_id"
        f" WHERE d.state = 'dead' AND {where} ORDER BY d.event_id DESC, d.id DESC LIMIT ?",
        [*values, query.take + 1],
    ).fetchall()
    found = [read_delivery(row) for row in rows[: query.take]]
    return Page(tuple(found), f"{found[-1].event_id}|{found[-1].id}" if len(rows) > query.take else "")


def event(connection: Connection, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
    """See `Outbox.event`."""
    row = connection.execute(f"{SELECT_WHOLE_EVENTS} WHERE e.id = ?", (event_id,)).fetchone()
    if row is None:
        return None
    deliveries = connection.execute(
        f"{SELECT_DELIVERIES} WHERE d.id >= ? AND d.id < ? AND d.event_id = ? ORDER BY d.id",
        (f"{event_id}.", f"{event_id}/", event_id),  # "/" is what follows "."
    )
    return read_event(row), [read_delivery(each) for each in deliveries]


def _conditions(query: EventQuery) -> tuple[str, list[Any]]:
    wanted = {
        "e.site = ?": query.site or None,
        "e.type = ?": query.type or None,
        "e.registration_id = ?": query.registration_id or None,
        "e.id >= ?": None if query.since is None else event_ids_from(query.since),
        "e.id < ?": None if query.until is None else event_ids_from(query.until),
    }
    chosen = {condition: value for condition, value in wanted.items() if value is not None}
    return " AND ".join(chosen) or "TRUE", list(chosen.values())
