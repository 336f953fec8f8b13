"""Entities of events and deliveries: their keys, and how they are made from records and read.

Tables sort by key only, ascending, and an operator wants the newest first. So the time in an event's id is subtracted
from `ffffffffffff`: its first digits (some 17 minutes each) are the partition, behind the mark of the event's site; the
whole is the row. Thus the writes of a moment are spread over 64 ranges of the table, and what an operator sees of one
site is one range. An event and its deliveries share the partition, so that they are written in one transaction.

Ids of version 1.0 have no mark, and so neither have their partitions: these sort before all others (`MARKED`).
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from connector.storage.azure.database import Entity
from connector.storage.event_ids import event_ids_from
from connector.storage.history import (
    Tally,
    last_ms,
    read_attempts,
    read_summary,
    read_verdicts,
    write_summary,
    write_verdicts,
)
from connector.storage.records import Delivery, DeliveryState, Event, digest

EVENT: Final = "event"
DELIVERY: Final = "delivery"
KEYS: Final = ("PartitionKey", "RowKey")
EVENT_FIELDS: Final = (
    *KEYS,
    "EventId",
    "Site",
    "Type",
    "RegistrationId",
    "OccurredAt",
    "ReceivedAt",
    "DedupeKey",
    "Subject",
    "Readable",
    "Summary",
)
EVENT_ID: Final = re.compile(r"([0-9a-f]{12})-([0-9a-f]{20}|[g-j][0-9a-f]{19})")
MARKED: Final = "g"
"""Partitions from here on begin with the mark of a site."""
EVENT_ID_LENGTH: Final = 33
LATEST: Final = 0xFFFFFFFFFFFF
PARTITION_DIGITS: Final = 7


class Place(NamedTuple):
    """The keys of an entity."""

    partition: str
    row: str


def event_place(event_id: str) -> Place | None:
    """Where the event is; None for a text that is no event's id."""
    match = EVENT_ID.fullmatch(event_id)
    if match is None:
        return None
    turned, name = _turned(match[1]), match[2]
    mark = f"{name[:2]}-" if name >= MARKED else ""
    return Place(mark + turned[:PARTITION_DIGITS], f"{turned}-{name}")


def moment_of(row: str) -> float:
    """The time of receipt that is in a row key."""
    return (LATEST - int(row[:12], 16)) / 1000


def delivery_place(delivery_id: str) -> Place | None:
    """Where the delivery is; None for a text that is no delivery's id."""
    event_id, subscription_id = split_delivery_id(delivery_id)
    place = event_place(event_id)
    return place and Place(place.partition, f"{place.row}~{digest(subscription_id)[:24]}")


def split_delivery_id(delivery_id: str) -> tuple[str, str]:
    """The ids of the event and of the subscription."""
    return delivery_id[:EVENT_ID_LENGTH], delivery_id[EVENT_ID_LENGTH + 1 :]


def rows_of_event(place: Place) -> tuple[str, dict[str, str]]:
    """The condition (and its values) for an event and its deliveries."""
    values = {"partition": place.partition, "first": place.row, "last": f"{place.row}~g"}  # hex ends before "g"
    return "PartitionKey eq @partition and RowKey ge @first and RowKey le @last", values


def bound(moment: float) -> Place:
    """Between what arrived from that moment on (up to this place) and what arrived before (after it)."""
    turned = _turned(event_ids_from(moment))
    return Place(turned[:PARTITION_DIGITS], f"{turned}~~")


def place_of(place: Place | None, what: str) -> dict[str, Any]:
    """The keys of a place; raises `ValueError` when there is none, because the id did not come from `event_id`."""
    if place is None:
        raise ValueError(f"this {what} does not have an id made by event_id()")
    return dict(zip(KEYS, place, strict=True))


def event_entity(event: Event) -> dict[str, Any]:
    """The entity of an event, without its payload."""
    return place_of(event_place(event.id), EVENT) | {
        "Kind": EVENT,
        "EventId": event.id,
        "Site": event.site,
        "Type": event.type,
        "RegistrationId": event.registration_id,
        "OccurredAt": event.occurred_at,
        "ReceivedAt": event.received_at,
        "DedupeKey": event.dedupe_key,
        "Subject": event.subject,
        "Readable": event.is_readable,
        "Summary": write_summary(event.summary),
        "Verdicts": write_verdicts(event.verdicts),
    }


def read_event(entity: Entity, payload: bytes = b"") -> Event:
    """The event of an entity."""
    return Event(
        id=entity["EventId"],
        site=entity["Site"],
        type=entity["Type"],
        registration_id=entity["RegistrationId"],
        occurred_at=float(entity["OccurredAt"]),
        received_at=float(entity["ReceivedAt"]),
        payload=payload,
        dedupe_key=entity["DedupeKey"],
        subject=entity.get("Subject", ""),
        is_readable=bool(entity.get("Readable", True)),
        summary=read_summary(entity.get("Summary", "")),
        verdicts=read_verdicts(entity.get("Verdicts", "")),
    )


def delivery_entity(delivery: Delivery, event: Event) -> dict[str, Any]:
    """The entity of a new delivery."""
    return place_of(delivery_place(delivery.id), DELIVERY) | {
        "Kind": DELIVERY,
        "DeliveryId": delivery.id,
        "EventId": delivery.event_id,
        "SubscriptionId": delivery.subscription_id,
        "Site": delivery.site,
        "Type": event.type,
        "RegistrationId": event.registration_id,
        "Subject": event.subject,
        "State": delivery.state.value,
        "Attempt": delivery.attempt,
        "DueAt": delivery.due_at,
        "CreatedAt": delivery.created_at,
        "PendingSince": delivery.pending_since,
        "Unchecked": delivery.is_unchecked,
        "Group": delivery.group,
        "Reason": delivery.reason,
    }


def read_delivery(entity: Entity) -> Delivery:
    """The delivery of an entity."""
    finished_at = entity.get("FinishedAt")
    return Delivery(
        id=entity["DeliveryId"],
        event_id=entity["EventId"],
        subscription_id=entity["SubscriptionId"],
        site=entity["Site"],
        state=DeliveryState(entity["State"]),
        attempt=int(entity["Attempt"]),
        due_at=float(entity["DueAt"]),
        created_at=float(entity["CreatedAt"]),
        finished_at=None if finished_at is None else float(finished_at),
        reason=entity["Reason"],
        is_unchecked=bool(entity.get("Unchecked", False)),
        group=entity.get("Group", ""),
        pending_since=float(entity.get("PendingSince", entity["CreatedAt"])),
        history=read_attempts(entity.get("History", "")),
    )


def tally_of(rows: Sequence[Entity]) -> Tally:
    """How the deliveries of an event stand."""
    states = Counter(row["State"] for row in rows)
    return Tally(
        **{state.value: states[state.value] for state in DeliveryState},
        failing=sum(row["State"] == DeliveryState.PENDING and int(row["Attempt"]) > 0 for row in rows),
        attempts=max((int(row["Attempt"]) for row in rows), default=0),
        ms=max((last_ms(row.get("History", "")) for row in rows), default=0),
    )


def _turned(digits: str) -> str:
    return f"{LATEST - int(digits, 16):012x}"
