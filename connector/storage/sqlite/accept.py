"""Inserting events and their deliveries, for all callers that share a commit at once.

For every statement this thread gives up the interpreter and, under load, waits to get it back. So rows go in many to a
statement, which is worth a tenth of the rate with 64 callers.
"""

import json
from collections.abc import Sequence
from typing import Final, TypeAlias

from connector.storage.records import Accepted, Event, RoutedEvent, delivery_id
from connector.storage.sqlite.claims import wake_lanes
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import Row, insert_rows

Wanted: TypeAlias = tuple[Sequence[RoutedEvent], float]
"""What `Outbox.accept` is given: the routed_events, and now."""

INTO_EVENTS: Final = (
    "INSERT INTO events (id, site, type, registration_id, occurred_at, received_at, dedupe_key, payload)"
)
INTO_DELIVERIES: Final = (
    "INSERT INTO deliveries (id, event_id, subscription_id, site, state, attempt, due_at, receipt, created_at, reason)"
)


def accept_all(connection: Connection, wanted: Sequence[Wanted]) -> list[Accepted]:
    """See `Outbox.accept`; an answer to each."""
    new = _insert_events(connection, [routed.event for routed_events, _ in wanted for routed in routed_events])
    deliveries: list[Row] = []
    answers = []
    for routed_events, now in wanted:
        mine, known = [], []
        for routed in routed_events:
            event = routed.event
            if event.id not in new:
                known.append(event.id)
                connection.counters.add(event.site, duplicates=1)
                continue
            new.remove(event.id)  # should it be among the routed_events once more, that one is known
            mine.append(event.id)
            connection.counters.add(event.site, accepted=1, queued=len(routed.subscription_ids))
            deliveries += [
                (delivery_id(event.id, to), event.id, to, event.site, "pending", 0, now, "", now, "")
                for to in routed.subscription_ids
            ]
        answers.append(Accepted(tuple(mine), tuple(known)))
    insert_rows(connection, INTO_DELIVERIES, deliveries)
    wake_lanes(connection, {to: due_at for _, _, to, _, _, _, due_at, *_ in reversed(deliveries)})
    return answers


def _insert_events(connection: Connection, events: Sequence[Event]) -> set[str]:
    """Insert those that are new, by id and by key; returns their ids."""
    there = _present(connection, [event.id for event in events])
    fresh = [event for event in events if event.id not in there]
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
    )
