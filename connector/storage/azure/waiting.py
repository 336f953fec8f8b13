"""Which deliveries wait for a wake-up: a row for each, in a partition of its subscription.

The row is written before anything makes the delivery wait, and deleted after it has ended, so a crash leaves a row too
many at most. A delivery that is made right after its event was accepted needs none: the inbound message, which is still
there, is its guard (`Guarded`). The rows are what lost wake-ups, backlogs and flows that are back are found by, without
a look at all events.
"""

from collections.abc import Sequence
from typing import Any, Final

from connector.storage.azure.database import Entity, Table
from connector.storage.azure.rows import KEYS, delivery_place
from connector.storage.records import Delivery, digest

PARTITION_LENGTH: Final = 32
WOKEN_AT_ONCE: Final = 5_000


class Waiting:
    """The table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def add(self, delivery: Delivery, *, due_at: float | None = None) -> None:
        """Note that it waits, or until when it waits now."""
        await self._table.put(
            _keys(delivery.id, delivery.subscription_id)
            | {
                "DeliveryId": delivery.id,
                "SubscriptionId": delivery.subscription_id,
                "DueAt": delivery.due_at if due_at is None else due_at,
                "PendingSince": delivery.pending_since,
            }
        )

    async def remove(self, delivery_id: str, subscription_id: str) -> None:
        """It has ended."""
        keys = _keys(delivery_id, subscription_id)
        await self._table.delete(keys["PartitionKey"], keys["RowKey"])

    async def drop(self, row: Entity) -> None:
        """Delete a row that stands for nothing."""
        await self._table.delete(row["PartitionKey"], row["RowKey"])

    async def of(self, subscription_id: str, *, since: float, limit: int) -> Sequence[Entity]:
        """What waits for a subscription and began to since then."""
        condition = "PartitionKey eq @partition and PendingSince ge @since"
        return await self._table.query(
            condition, {"partition": digest(subscription_id)[:PARTITION_LENGTH], "since": since}, limit=limit
        )

    async def due(self, before: float, after: float) -> Sequence[Entity]:
        """Deliveries due before the one moment, or only after the other."""
        limits = {"before": before, "after": after}
        return await self._table.query("DueAt lt @before or DueAt gt @after", limits, limit=WOKEN_AT_ONCE)

    async def all(self) -> Sequence[Entity]:
        """Everything that waits."""
        return await self._table.query("RowKey ge ''", {}, select=[*KEYS, "SubscriptionId", "PendingSince"])


def _keys(delivery_id: str, subscription_id: str) -> dict[str, Any]:
    place = delivery_place(delivery_id)
    row = place.row if place else digest(delivery_id)
    return {"PartitionKey": digest(subscription_id)[:PARTITION_LENGTH], "RowKey": row}
