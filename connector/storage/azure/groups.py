"""Ordered deliveries: an index row for each pending one, in a partition of its subscription and group.

The row is written before the delivery and deleted after it has ended, so a crash leaves a row too many at most; a row
whose delivery is not pending is deleted when it is met.
"""

from typing import Any, Final

from connector.storage.azure.database import Entity, Table
from connector.storage.azure.events import Events
from connector.storage.azure.rows import KEYS, delivery_place
from connector.storage.records import Delivery, DeliveryState, digest

PREFIX: Final = "group-"
WRITING_SECONDS: Final = 60.0
"""A row without a delivery belongs to a process that is still writing, for this long at most."""
LOOKED_AT: Final = 20


class Groups:
    """Rows of the keys table."""

    def __init__(self, keys: Table, events: Events) -> None:
        self._keys = keys
        self._events = events

    async def add(self, delivery: Delivery, now: float) -> None:
        """Put the delivery in its group, before it is stored."""
        if delivery.group:
            await self._keys.put(_row(delivery) | {"DeliveryId": delivery.id, "At": now})

    async def is_first(self, delivery: Delivery, now: float) -> bool:
        """Whether no earlier delivery of its group is pending."""
        if not delivery.group:
            return True
        mine = _row(delivery)
        earlier = await self._keys.query(
            "PartitionKey eq @partition and RowKey lt @row",
            {"partition": mine["PartitionKey"], "row": mine["RowKey"]},
            limit=LOOKED_AT,
        )
        for row in earlier:
            if await self._is_pending(row, now):
                return False
            await self._keys.sweep([row])
        return len(earlier) < LOOKED_AT

    async def ended(self, delivery: Delivery) -> str:
        """Take the delivery out of its group; returns the id of the next one, "" when there is none."""
        if not delivery.group:
            return ""
        mine = _row(delivery)
        await self._keys.sweep([mine])
        rest = await self._keys.query(
            "PartitionKey eq @partition", {"partition": mine["PartitionKey"]}, select=["DeliveryId"], limit=1
        )
        return str(rest[0]["DeliveryId"]) if rest else ""

    async def _is_pending(self, row: Entity, now: float) -> bool:
        place = delivery_place(row["DeliveryId"])
        delivery = place and await self._events.get(*place)
        if not delivery:
            return now - float(row["At"]) < WRITING_SECONDS
        return bool(delivery["State"] == DeliveryState.PENDING)


def _row(delivery: Delivery) -> dict[str, Any]:
    """Event ids sort by the time of receipt."""
    group = digest(f"{delivery.subscription_id}\n{delivery.group}")
    return dict(zip(KEYS, (PREFIX + group, delivery.event_id), strict=True))
