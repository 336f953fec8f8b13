"""Counters per site: added up in this process and written every few seconds, since every write would cost a call.

Counters of a process that is killed between two writes miss its last seconds; nothing but the numbers depends on them.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from connector.deskdirector.errors import Unavailable
from connector.storage.azure.database import Table, etag
from connector.storage.records import SiteCounters, digest

log = logging.getLogger(__name__)

PARTITION: Final = "counters"
EVERY_SECONDS: Final = 3.0
FIELDS: Final = {"accepted", "duplicates", "queued", "delivered", "retried", "cancelled", "dead"}


class AzureCounters:
    """Rows of the records table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tally: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._lags: dict[str, float] = {}
        self._writer: asyncio.Task[None] | None = None

    def add(self, site: str, **changes: int) -> None:
        """Count: `add(site, accepted=1)`."""
        self._tally[site].update(changes)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_soon())

    def note_lag(self, site: str, seconds: float) -> None:
        """Keep how long the event delivered last had waited."""
        self._lags[site] = max(0.0, seconds)

    async def read(self, site: str) -> Sequence[SiteCounters]:
        """The counters of a site, or of all, by site."""
        await self.flush()
        condition = "PartitionKey eq @partition" + " and Site eq @site" * bool(site)
        found = await self._table.query(condition, {"partition": PARTITION, "site": site})
        counters = [
            SiteCounters(
                site=entity["Site"],
                lag_seconds=float(entity["LagSeconds"]),
                **{name: int(entity[name.title()]) for name in FIELDS},
            )
            for entity in found
        ]
        return sorted(counters, key=lambda each: each.site)

    async def flush(self) -> None:
        """Write what was counted since the last time; on failure it is kept for the next."""
        for site in list(self._tally):
            changes, lag = self._tally.pop(site, None), self._lags.pop(site, None)
            if changes is None:
                continue  # another call is writing it
            try:
                await self._write(site, changes, lag)
            except Unavailable:
                self._tally[site].update(changes)
                raise

    async def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        try:
            await self.flush()
        except Unavailable as problem:
            log.warning("The last counts could not be written: %s", problem.message)

    async def _write_soon(self) -> None:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await self.flush()
        except Unavailable as problem:
            log.warning("Counts wait for the storage to come back: %s", problem.message)

    async def _write(self, site: str, changes: Counter[str], lag: float | None) -> None:
        keys = {"PartitionKey": PARTITION, "RowKey": digest(site)}
        written = None
        while written is None:
            there = await self._table.get(keys["PartitionKey"], keys["RowKey"])
            old: Any = there or {}
            entity = keys | {name.title(): float(old.get(name.title(), 0.0)) + changes[name] for name in FIELDS}
            entity |= {"Site": site, "LagSeconds": old.get("LagSeconds", 0.0) if lag is None else lag}
            written = await (self._table.change(entity, etag(there)) if there else self._table.insert(entity))
