"""Inserting events and their deliveries, for all callers that share a commit at once.

For every statement this thread gives up the interpreter and, under load, waits to get it back. So rows go in many to a
statement, which is worth a tenth of the rate with 64 callers.
"""

import json
from collections.abc import Sequence
from typing import Final, TypeAlias

from connector.storage.history import write_summary, write_verdicts
from connector.storage.records import Accepted, Delivery, Event, RoutedEvent
from connector.storage.sqlite.claims import wake_lanes
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import Row, insert_rows

Call: TypeAlias = tuple[Sequence[RoutedEvent], float]
"""What `Outbox.accept` is given: the events, and now."""

INTO_EVENTS: Final = (
    "INSERT INTO events"
    " (id, site, type, registration_id, occurred_at, received_at, dedupe_key, payload, subject, readable,"
    " summary, verdicts)"
)
INTO_DELIVERIES: Final = (
    "INSERT INTO deliveries (id, event_id, subscription_id, site, state, attempt, due_at, receipt, created_at, reason,"
    " unchecked, group_key, pending_since)"
)
RELEASE_KEY: Final = (
    "UPDATE events SET dedupe_key = '' WHERE site = ? AND dedupe_key = ? AND dedupe_key <> ''"
    " AND abs(received_at - ?) > ? AND id <> ?"
)


def accept_all(connection: Connection, calls: Sequence[Call]) -> list[Accepted]:
    """See `Outbox.accept`; an answer to each."""
    new = _insert_events(connection, [routed.event for routed_events, _ in calls for routed in routed_events])
    deliveries: list[Delivery] = []
    answers = []
    for routed_events, now in calls:
        mine, known = [], []
        for routed in routed_events:
            event = routed.event
            if event.id not in new:
                known.append(event.id)
                connection.counters.add(event.site, duplicates=1)
                continue
            new.remove(event.id)  # should it be there once more, that one is known
            mine.append(event.id)
            connection.counters.add(event.site, accepted=1, queued=len(routed.subscription_ids))
            deliveries += routed.deliveries(now)
        answers.append(Accepted(tuple(mine), tuple(known)))
    insert_deliveries(connection, deliveries)
    return answers


def insert_deliveries(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Store new deliveries, and note that their flows have something due."""
    insert_rows(connection, INTO_DELIVERIES, [_delivery_row(delivery) for delivery in deliveries])
    wake_lanes(connection, _first_due(deliveries))


def _first_due(deliveries: Sequence[Delivery]) -> dict[str, float]:
    due: dict[str, float] = {}
    for delivery in deliveries:
        due[delivery.subscription_id] = min(delivery.due_at, due.get(delivery.subscription_id, delivery.due_at))
    return due


def _insert_events(connection: Connection, events: Sequence[Event]) -> set[str]:
    """Insert those that are new, by id and by key; returns their ids."""
    there = _present(connection, [event.id for event in events])
    fresh = [event for event in events if event.id not in there]
    for event in fresh:
        if event.dedupe_seconds < float("inf"):
            age = (event.received_at, event.dedupe_seconds)
            connection.execute(RELEASE_KEY, (event.site, event.dedupe_key, *age, event.id))
    inserted = insert_rows(connection, INTO_EVENTS, [_row(event) for event in fresh], "ON CONFLICT DO NOTHING")
    ids = [event.id for event in fresh]
    return set(ids) if inserted == len(fresh) else _present(connection, ids)


def _present(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these ids are in the table; one row, whatever their number."""
    (present,) = connection.execute(
        "SELECT json_group_array(id) FROM events WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    ).fetchone()
    return set(json.loads(present))


def _row(event: Event) -> Row:
    return (
        event.id,
        event.site,
        event.type,
        event.registration_id,
        event.occurred_at,
        event.received_at,
        event.dedupe_key,
        event.payload,
        event.subject,
        event.is_readable,
        write_summary(event.summary),
        write_verdicts(event.verdicts),
    )


def _delivery_row(delivery: Delivery) -> Row:
    return (
        delivery.id,
        delivery.event_id,
        delivery.subscription_id,
        delivery.site,
        delivery.state,
        delivery.attempt,
        delivery.due_at,
        "",
        delivery.created_at,
        delivery.reason,
        delivery.is_unchecked,
        delivery.group,
        delivery.pending_since,
    )
