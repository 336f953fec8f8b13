"""Records and messages that could not be read: kept for the operator, and named in the log."""

import logging
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from connector.storage.azure.database import Entity, Table
from connector.storage.azure.payloads import LIMIT, cut, joined
from connector.storage.protocol import Quarantine
from connector.storage.records import Quarantined, digest

log = logging.getLogger(__name__)

PARTITION: Final = "quarantine"


class AzureQuarantine(Quarantine):
    """See `connector.storage.protocol.Quarantine`; rows of the records table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @override
    async def put(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        entity = {
            "PartitionKey": PARTITION,
            "RowKey": digest(f"{kind}\n{key}\n{raw}"),
            "Kind": kind,
            "Key": key,
            "Reason": reason,
            "At": now,
            **cut(raw.encode(errors="replace")[:LIMIT]),  # more than an entity holds is cut off
        }
        if await self._table.insert(entity) is not None:
            log.error("Quarantined an unreadable %s: %s (%s).", kind, key, reason)

    @override
    async def list(self, *, take: int = 100) -> Sequence[Quarantined]:
        rows = await self._table.query("PartitionKey eq @partition", {"partition": PARTITION})
        return sorted(map(_record, rows), key=lambda each: each.at, reverse=True)[:take]

    @override
    async def get(self, quarantine_id: str) -> Quarantined | None:
        row = await self._table.get(PARTITION, _row_key(quarantine_id))
        return None if row is None else _record(row)

    @override
    async def remove(self, quarantine_id: str) -> bool:
        return await self._table.delete(PARTITION, _row_key(quarantine_id))

    async def expire(self, before: float) -> int:
        """Delete records quarantined before; returns how many."""
        condition = "PartitionKey eq @partition and At lt @before"
        return await self._table.sweep(
            await self._table.query(
                condition, {"partition": PARTITION, "before": before}, select=["PartitionKey", "RowKey"]
            )
        )


def _record(row: Entity) -> Quarantined:
    raw = joined(row).decode(errors="replace")
    return Quarantined(row["RowKey"], row["Kind"], row["Key"], raw, row["Reason"], float(row["At"]))


def _row_key(quarantine_id: str) -> str:
    """Row keys are hex digits; any other text names nothing."""
    return quarantine_id if quarantine_id.isalnum() and quarantine_id.isascii() else "none"
