"""Entities of events and deliveries, to and from records."""

from typing import Any, Final

from connector.storage.azure.keys import Place, delivery_place, event_place
from connector.storage.azure.resources import Entity
from connector.storage.records import Delivery, DeliveryState, Event, delivery_id

EVENT: Final = "event"
DELIVERY: Final = "delivery"
KEYS: Final = ("PartitionKey", "RowKey")
EVENT_FIELDS: Final = (*KEYS, "EventId", "Site", "Type", "RegistrationId", "OccurredAt", "ReceivedAt", "DedupeKey")


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
    )


def new_delivery_entity(event: Event, subscription_id: str, now: float) -> dict[str, Any]:
    """A delivery that is due at once."""
    name = delivery_id(event.id, subscription_id)
    return place_of(delivery_place(name), DELIVERY) | {
        "Kind": DELIVERY,
        "DeliveryId": name,
        "EventId": event.id,
        "SubscriptionId": subscription_id,
        "Site": event.site,
        "State": DeliveryState.PENDING.value,
        "Attempt": 0,
        "DueAt": now,
        "CreatedAt": now,
        "Reason": "",
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
    )
