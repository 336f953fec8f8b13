"""Marks and the health of flows as entities."""

from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import DELETED_AT_ONCE, Entity, Table, etag
from connector.storage.protocol import Health, Marks
from connector.storage.records import FlowHealth, digest

PREFIX: Final = "mark-"
HEALTH: Final = "health"


class AzureMarks(Marks):
    """See `connector.storage.protocol.Marks`; rows of the keys table, spread over 256 partitions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @override
    async def add(self, key: str, now: float, seconds: float) -> bool:
        mine = _keys(key) | {"ExpiresAt": now + seconds}
        if await self._table.insert(mine) is not None:
            return True
        there = await self._get(key)
        if there is None:
            return await self._table.insert(mine) is not None
        is_over = float(there["ExpiresAt"]) <= now
        return is_over and await self._table.change(mine, etag(there)) is not None

    @override
    async def has(self, key: str, now: float) -> bool:
        there = await self._get(key)
        return there is not None and float(there["ExpiresAt"]) > now

    async def expire(self, now: float) -> int:
        """Delete marks that have expired; returns how many."""
        over = await self._table.query(
            "PartitionKey ge @first and PartitionKey lt @last and ExpiresAt le @now",
            {"first": PREFIX, "last": f"{PREFIX}~", "now": now},
            select=["PartitionKey", "RowKey"],
            limit=DELETED_AT_ONCE,
        )
        return await self._table.sweep(over)

    async def _get(self, key: str) -> Entity | None:
        keys = _keys(key)
        return await self._table.get(keys["PartitionKey"], keys["RowKey"])


class AzureHealth(Health):
    """See `connector.storage.protocol.Health`; rows of the records table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @override
    async def save(self, health: Sequence[FlowHealth]) -> None:
        for each in health:
            await self._table.put(
                {
                    "PartitionKey": HEALTH,
                    "RowKey": digest(each.subscription_id),
                    "SubscriptionId": each.subscription_id,
                    "LastSuccessAt": each.last_success_at,
                    "LastFailureAt": each.last_failure_at,
                    "FailingSince": each.failing_since,
                    "Reason": each.reason,
                    "Rate": each.rate,
                    "MissingSince": each.missing_since,
                }
            )

    @override
    async def list(self) -> Sequence[FlowHealth]:
        rows = await self._table.query("PartitionKey eq @partition", {"partition": HEALTH})
        return sorted(map(_health, rows), key=lambda each: each.subscription_id)

    async def expire(self, before: float) -> int:
        """Delete what was not saved since; returns how many."""
        old = await self._table.query(
            "PartitionKey eq @partition and LastSuccessAt lt @before and LastFailureAt lt @before",
            {"partition": HEALTH, "before": before},
            select=["PartitionKey", "RowKey"],
        )
        return await self._table.sweep(old)


def _keys(key: str) -> dict[str, Any]:
    row = digest(key)
    return {"PartitionKey": PREFIX + row[:2], "RowKey": row}


def _health(row: Entity) -> FlowHealth:
    return FlowHealth(
        row["SubscriptionId"],
        float(row["LastSuccessAt"]),
        float(row["LastFailureAt"]),
        float(row["FailingSince"]),
        row["Reason"],
        float(row["Rate"]),
        float(row["MissingSince"]),
    )
