"""Where events and deliveries lie in their table: newest first, and a delivery in the partition of its event.

Tables sort by key only, upwards. The time in an event's id is therefore turned round (`ffffffffffff` minus it): the
first digits are the partition (some 17 minutes each), the whole is the row. An event and its deliveries share the
partition, so that they are written in one transaction.
"""

import re
from typing import Final, NamedTuple

from connector.storage.records import digest, event_ids_from

EVENT_ID: Final = re.compile(r"([0-9a-f]{12})-([0-9a-f]{20})")
EVENT_ID_LENGTH: Final = 33
LATEST: Final = 0xFFFFFFFFFFFF
PARTITION_DIGITS: Final = 7


class Place(NamedTuple):
    """The keys of an entity."""

    partition: str
    row: str


def event_place(event_id: str) -> Place | None:
    """Where the event is; None for what is no id of an event."""
    match = EVENT_ID.fullmatch(event_id)
    if match is None:
        return None
    turned = _turned(match[1])
    return Place(turned[:PARTITION_DIGITS], f"{turned}-{match[2]}")


def delivery_place(delivery_id: str) -> Place | None:
    """Where the delivery is; None for what is no id of a delivery."""
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


def _turned(digits: str) -> str:
    return f"{LATEST - int(digits, 16):012x}"
