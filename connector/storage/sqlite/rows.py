"""How events and deliveries are read: the beginnings of the statements, and records from their rows."""

from typing import Any, Final, TypeAlias

from connector.storage.records import Delivery, DeliveryState, Event

Row: TypeAlias = tuple[Any, ...]

SELECT_EVENTS: Final = """
    SELECT e.id, e.site, e.type, e.registration_id, e.occurred_at, e.received_at, x'', e.dedupe_key
    FROM events e
"""
SELECT_WHOLE_EVENTS: Final = SELECT_EVENTS.replace("x''", "e.payload")
SELECT_DELIVERIES: Final = """
    SELECT d.id, d.event_id, d.subscription_id, d.site, d.state, d.attempt, d.due_at, d.created_at, d.finished_at,
           d.reason
    FROM deliveries d
"""
SELECT_DELIVERIES_WITH_EVENTS: Final = """
    SELECT e.id, e.site, e.type, e.registration_id, e.occurred_at, e.received_at, e.payload, e.dedupe_key,
           d.id, d.event_id, d.subscription_id, d.site, d.state, d.attempt, d.due_at, d.created_at, d.finished_at,
           d.reason
    FROM deliveries d LEFT JOIN events e ON e.id = d.event_id
"""
EVENT_WIDTH: Final = 8


def read_event(row: Row) -> Event:
    """The event of a row of SELECT_EVENTS (its payload left out) or SELECT_WHOLE_EVENTS."""
    return Event(*row)


def read_delivery(row: Row) -> Delivery:
    """The delivery of a row of SELECT_DELIVERIES."""
    return Delivery(*[*row[:4], DeliveryState(row[4]), *row[5:]])
