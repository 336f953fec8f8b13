"""What could not be read, kept for an operator."""

import logging
from collections.abc import Sequence
from typing import Final

from connector.storage.azure.bulk import LIMIT, cut, joined
from connector.storage.azure.resources import Table
from connector.storage.records import SetAside, digest

log = logging.getLogger(__name__)

PARTITION: Final = "set-aside"


class Troubles:
    """Rows of the records table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        """Keep it, unless the same trouble is kept already; more than an entity holds is cut off."""
        entity = {
            "PartitionKey": PARTITION,
            "RowKey": digest(f"{kind}\n{key}\n{raw}"),
            "Kind": kind,
            "Key": key,
            "Reason": reason,
            "At": now,
            **cut(raw.encode(errors="replace")[:LIMIT]),
        }
        if await self._table.insert(entity) is not None:
            log.error("A %s could not be read and was set aside: %s (%s).", kind, key, reason)

    async def list(self, take: int) -> Sequence[SetAside]:
        """The newest."""
        found = [
            SetAside(each["Kind"], each["Key"], joined(each).decode(errors="replace"), each["Reason"], each["At"])
            for each in await self._table.query("PartitionKey eq @partition", {"partition": PARTITION})
        ]
        return sorted(found, key=lambda each: each.at, reverse=True)[:take]

    async def expire(self, before: float) -> int:
        """Delete what was set aside before; returns how many."""
        condition = "PartitionKey eq @partition and At lt @before"
        return await self._table.sweep(
            await self._table.query(
                condition, {"partition": PARTITION, "before": before}, select=["PartitionKey", "RowKey"]
            )
        )
