"""Marks and the health of flows as entities."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import DELETED_AT_ONCE, PER_TRANSACTION, Entity, Table, etag
from connector.storage.azure.wire import Change
from connector.storage.protocol import Health, Marks
from connector.storage.records import FlowHealth, digest

PREFIX: Final = "mark-"
HEALTH: Final = "health"
HEALTH_RANGE: Final = {"first": HEALTH, "last": f"{HEALTH}-~"}
EVERY_HEALTH: Final = "PartitionKey ge @first and PartitionKey lt @last"


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
    """See `connector.storage.protocol.Health`; rows of the records table, in 16 partitions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @override
    async def save(self, health: Sequence[FlowHealth]) -> None:
        rows = sorted((_row(each) for each in health), key=lambda row: str(row["PartitionKey"]))
        for _, group in groupby(rows, key=lambda row: str(row["PartitionKey"])):
            lot = list(group)
            for start in range(0, len(lot), PER_TRANSACTION):
                await self._table.transact([Change("put", row) for row in lot[start : start + PER_TRANSACTION]])

    @override
    async def list(self) -> Sequence[FlowHealth]:
        rows = await self._table.query(EVERY_HEALTH, HEALTH_RANGE)
        found = sorted(map(_health, rows), key=lambda each: max(each.last_success_at, each.last_failure_at))
        newest = {each.subscription_id: each for each in found}  # version 1.0 had all in one partition
        return sorted(newest.values(), key=lambda each: each.subscription_id)

    async def expire(self, before: float) -> int:
        """Delete marks that were not saved since; returns how many."""
        old = await self._table.query(
            f"{EVERY_HEALTH} and LastSuccessAt lt @before and LastFailureAt lt @before",
            {**HEALTH_RANGE, "before": before},
            select=["PartitionKey", "RowKey"],
        )
        return await self._table.sweep(old)


def _keys(key: str) -> dict[str, Any]:
    row = digest(key)
    return {"PartitionKey": PREFIX + row[:2], "RowKey": row}


def _row(health: FlowHealth) -> dict[str, Any]:
    name = digest(health.subscription_id)
    return {
        "PartitionKey": f"{HEALTH}-{name[0]}",
        "RowKey": name,
        "SubscriptionId": health.subscription_id,
        "LastSuccessAt": health.last_success_at,
        "LastFailureAt": health.last_failure_at,
        "FailingSince": health.failing_since,
        "Reason": health.reason,
        "Rate": health.rate,
        "MissingSince": health.missing_since,
    }


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
