"""Inserting events and their deliveries, for all callers that share a commit at once.

For every statement this thread gives up the interpreter and, under load, waits to get it back. So rows go in many to a
statement, which is worth a tenth of the rate with 64 callers.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from connector.storage.history import write_summary, write_verdicts
from connector.storage.records import Accepted, Claim, Delivery, Event, RoutedEvent
from connector.storage.sqlite.claims import wake_lanes
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import Row, insert_rows


class AcceptCall(NamedTuple):
    """What `Outbox.accept` is given."""

    routed_events: Sequence[RoutedEvent]
    now: float
    lease_seconds: float = 0.0
    at_once: Mapping[str, int] = {}


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


def accept_all(connection: Connection, calls: Sequence[AcceptCall]) -> list[Accepted]:
    """See `Outbox.accept`; an answer to each."""
    new = _insert_events(connection, [routed.event for call in calls for routed in call.routed_events])
    behind = _behind(connection, calls)
    receipt = secrets.token_hex(8)
    rows: list[DeliveryRow] = []
    answers = []
    for call in calls:
        mine, known, claims = [], [], []
        room = {flow: count for flow, count in call.at_once.items() if flow not in behind}
        for routed in call.routed_events:
            event = routed.event
            if event.id not in new:
                known.append(event.id)
                connection.counters.add(event.site, duplicates=1)
                continue
            new.remove(event.id)  # should it be there once more, that one is known
            mine.append(event.id)
            connection.counters.add(event.site, accepted=1, queued=len(routed.subscription_ids))
            for delivery in routed.deliveries(call.now):
                if _takes(room, delivery, call.now):
                    rows.append(DeliveryRow(delivery, call.now + call.lease_seconds, receipt))
                    claims.append(Claim(delivery, event, receipt))
                else:
                    rows.append(DeliveryRow(delivery, delivery.due_at))
        answers.append(Accepted(tuple(mine), tuple(known), tuple(claims)))
    _insert_deliveries(connection, rows)
    return answers


class DeliveryRow(NamedTuple):
    """A delivery to be inserted; with a receipt, leased until it is due."""

    delivery: Delivery
    due_at: float
    receipt: str = ""


def insert_deliveries(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Store new deliveries, and note that their flows have something due."""
    _insert_deliveries(connection, [DeliveryRow(delivery, delivery.due_at) for delivery in deliveries])


def _insert_deliveries(connection: Connection, rows: Sequence[DeliveryRow]) -> None:
    insert_rows(connection, INTO_DELIVERIES, [_delivery_row(row) for row in rows])
    due: dict[str, float] = {}
    for delivery, due_at, _ in rows:
        due[delivery.subscription_id] = min(due_at, due.get(delivery.subscription_id, due_at))
    wake_lanes(connection, due)


def _behind(connection: Connection, calls: Iterable[AcceptCall]) -> frozenset[str]:
    """Of the flows to which deliveries may be handed out, those for which older ones may be due: these go first."""
    asked = {flow for call in calls for flow in call.at_once}
    if not asked:
        return frozenset()
    (behind,) = connection.execute(
        "SELECT json_group_array(subscription_id) FROM lanes"
        " WHERE subscription_id IN (SELECT value FROM json_each(?)) AND next_due <= ?",
        (json.dumps(list(asked)), max(call.now for call in calls)),
    ).fetchone()
    return frozenset(json.loads(behind))


def _takes(room: dict[str, int], delivery: Delivery, now: float) -> bool:
    """Whether a delivery is handed out, which takes of its flow's room. One of a group waits for its turn."""
    flow = delivery.subscription_id
    if delivery.group or delivery.due_at > now or room.get(flow, 0) < 1:
        return False
    room[flow] -= 1
    return True


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


def _delivery_row(row: DeliveryRow) -> Row:
    delivery, due_at, receipt = row
    return (
        delivery.id,
        delivery.event_id,
        delivery.subscription_id,
        delivery.site,
        delivery.state,
        delivery.attempt,
        due_at,
        receipt,
        delivery.created_at,
        delivery.reason,
        delivery.is_unchecked,
        delivery.group,
        delivery.pending_since,
    )
