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
from connector.storage.sqlite.bundles import Bundle, insert_bundles
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.lanes import first_due, wake_lanes
from connector.storage.sqlite.rows import INTO_DELIVERIES, DeliveryRow, Row, delivery_row, insert_rows


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
RELEASE_KEY: Final = (
    "UPDATE events SET dedupe_key = '' WHERE site = ? AND dedupe_key = ? AND dedupe_key <> ''"
    " AND abs(received_at - ?) > ? AND id <> ?"
)


def accept_all(connection: Connection, calls: Sequence[AcceptCall]) -> list[Accepted]:
    """See `Outbox.accept`; an answer to each."""
    new = _insert_events(connection, [routed.event for call in calls for routed in call.routed_events])
    behind = _behind(connection, calls)
    stored = _Stored(secrets.token_hex(8))
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
            claims += stored.add(routed, call, room)
        answers.append(Accepted(tuple(mine), tuple(known), tuple(claims)))
    stored.insert(connection)
    return answers


def insert_deliveries(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Store new deliveries, and note that their flows have something due."""
    insert_rows(connection, INTO_DELIVERIES, [delivery_row(delivery, delivery.due_at) for delivery in deliveries])
    wake_lanes(connection, first_due((delivery.subscription_id, delivery.due_at) for delivery in deliveries))


class _Stored:
    """The deliveries of the calls that share a commit: in bundles, and in rows where there is more to note of one."""

    def __init__(self, receipt: str) -> None:
        self._receipt = receipt
        self._rows: list[DeliveryRow] = []
        self._bundles: list[Bundle] = []

    def add(self, routed: RoutedEvent, call: AcceptCall, room: dict[str, int]) -> list[Claim]:
        """Add those of an event; returns the ones that are handed out, which takes of the room of their flows."""
        event, until = routed.event, call.now + call.lease_seconds
        handed, waiting, claims = list[str](), list[str](), list[Claim]()
        for flow in routed.subscription_ids:
            is_handed = flow not in routed.ordered and room.get(flow, 0) > 0  # one in order waits for its turn
            has_row = flow in routed.unchecked or flow in routed.ordered
            if is_handed:
                room[flow] -= 1
                claims.append(Claim(routed.delivery(flow, call.now), event, self._receipt))
            if not has_row:
                (handed if is_handed else waiting).append(flow)
            elif is_handed:
                self._rows.append(delivery_row(claims[-1].delivery, until, self._receipt))
            else:
                delivery = routed.delivery(flow, call.now)
                self._rows.append(delivery_row(delivery, delivery.due_at))
        for flows, receipt, due_at in ((handed, self._receipt, until), (waiting, "", call.now)):
            if flows:
                self._bundles.append(Bundle(event.id, receipt, event.site, flows, due_at, call.now))
        return claims

    def insert(self, connection: Connection) -> None:
        """Store all, and note which flows have something due; unbundling does so for what is handed out."""
        insert_bundles(connection, self._bundles)
        insert_rows(connection, INTO_DELIVERIES, self._rows)
        waiting = [(flow, each.due_at) for each in self._bundles if not each.receipt for flow in each.flows]
        rows = [(row.subscription_id, row.due_at) for row in self._rows]
        wake_lanes(connection, first_due([*waiting, *rows]))


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
