"""Rows: how events and deliveries are read from them, and how many are inserted at once."""

import math
from collections.abc import Iterator, Sequence
from sqlite3 import Cursor
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from connector.storage.history import read_attempts, read_summary, read_verdicts
from connector.storage.records import Delivery, DeliveryState, Event
from connector.storage.sqlite.connection import Connection

Row: TypeAlias = tuple[Any, ...]
Item = TypeVar("Item")

LARGEST_LOT: Final = 64

SELECT_EVENTS: Final = """
    SELECT e.id, e.site, e.type, e.registration_id, e.occurred_at, e.received_at, x'', e.dedupe_key,
           e.subject, e.readable, e.summary, ''
    FROM events e
"""
SELECT_WHOLE_EVENTS: Final = SELECT_EVENTS.replace("x''", "e.payload").replace("''\n", "e.verdicts\n")
SELECT_DELIVERIES: Final = """
    SELECT d.id, d.event_id, d.subscription_id, d.site, d.state, d.attempt, d.due_at, d.created_at, d.finished_at,
           d.reason, d.unchecked, d.group_key, d.pending_since, d.history
    FROM deliveries d
"""
SELECT_DELIVERIES_WITH_EVENTS: Final = """
    SELECT e.id, e.site, e.type, e.registration_id, e.occurred_at, e.received_at, e.payload, e.dedupe_key,
           e.subject, e.readable, '', '',
           d.id, d.event_id, d.subscription_id, d.site, d.state, d.attempt, d.due_at, d.created_at, d.finished_at,
           d.reason, d.unchecked, d.group_key, d.pending_since, d.history
    FROM deliveries d LEFT JOIN events e ON e.id = d.event_id
"""
EVENT_WIDTH: Final = 12


class DeliveryRow(NamedTuple):
    """A row of `deliveries`; its fields are the columns."""

    id: str
    event_id: str
    subscription_id: str
    site: str
    due_at: float
    receipt: str
    created_at: float
    pending_since: float
    state: str = DeliveryState.PENDING.value
    attempt: int = 0
    reason: str = ""
    unchecked: bool = False
    group_key: str = ""
    finished_at: float | None = None
    history: str = ""


INTO_DELIVERIES: Final = f"INSERT INTO deliveries ({', '.join(DeliveryRow._fields)})"


def read_event(row: Row) -> Event:
    """The event of a row of SELECT_EVENTS (its payload left out) or SELECT_WHOLE_EVENTS."""
    return Event(*[*row[:9], bool(row[9]), math.inf, read_summary(row[10]), read_verdicts(row[11])])


def read_delivery(row: Row) -> Delivery:
    """The delivery of a row of SELECT_DELIVERIES."""
    head, state, middle, is_unchecked, tail = row[:4], row[4], row[5:10], row[10], row[11:13]
    return Delivery(*[*head, DeliveryState(state), *middle, bool(is_unchecked), *tail, read_attempts(row[13])])


def delivery_row(delivery: Delivery, due_at: float, receipt: str = "") -> DeliveryRow:
    """The row of a delivery that nobody has tried; with a receipt, it is leased until it is due."""
    named = (delivery.id, delivery.event_id, delivery.subscription_id, delivery.site)
    return DeliveryRow(
        *(*named, due_at, receipt, delivery.created_at, delivery.pending_since),
        reason=delivery.reason,
        unchecked=delivery.is_unchecked,
        group_key=delivery.group,
    )


def insert_rows(connection: Connection, into: str, rows: Sequence[Row], otherwise: str = "") -> int:
    """Insert them; `into` goes before their values, `otherwise` behind. Returns how many were inserted."""
    return sum(_inserted(connection, into, lot, otherwise).rowcount for lot in in_lots(rows))


def inserted_rows(connection: Connection, into: str, rows: Sequence[Row]) -> set[str]:
    """Insert those that are not there; their ids."""
    otherwise = "ON CONFLICT DO NOTHING RETURNING id"
    return {row[0] for lot in in_lots(rows) for row in _inserted(connection, into, lot, otherwise)}


def _inserted(connection: Connection, into: str, rows: Sequence[Row], otherwise: str) -> Cursor:
    values = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
    return connection.execute(f"{into} VALUES {values} {otherwise}", [value for row in rows for value in row])


def in_lots(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Up to 64 at a time: a statement for each number of rows is prepared once and kept."""
    for start in range(0, len(items), LARGEST_LOT):
        yield items[start : start + LARGEST_LOT]
