"""Counters per site: added up in this process and written some seconds later, a hundred sites in one transaction.

Every process writes rows of its own, so nobody has to read before writing; reading adds them up. A row covers some
hours of one process; when these are long over, it is added to its site's first row and deleted. Counters of a process
that is killed miss its last seconds; nothing but the numbers depends on them. Version 1.0 had one row a site.
"""

import asyncio
import logging
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final

from connector.deskdirector.errors import Unavailable
from connector.storage.azure.database import DELETED_AT_ONCE, PER_TRANSACTION, Entity, Table, etag
from connector.storage.azure.wire import Change
from connector.storage.records import SiteCounters, digest

log = logging.getLogger(__name__)

OLD_PARTITION: Final = "counters"
PREFIX: Final = "counters-"
EVERY_SECONDS: Final = 10.0
PERIOD_SECONDS: Final = 6 * 3_600.0
"""A row covers this much of one process's time."""
FOLDED_SECONDS: Final = 2 * PERIOD_SECONDS
FIELDS: Final = ("accepted", "duplicates", "queued", "delivered", "retried", "cancelled", "dead")


class AzureCounters:
    """Rows of the records table, spread over 16 partitions."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._process = secrets.token_hex(6)
        self._period = -1
        self._totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._lags: dict[str, float] = {}
        self._changed: set[str] = set()
        self._writer: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def add(self, site: str, **changes: int) -> None:
        """Count: `add(site, accepted=1)`."""
        self._begin_period()
        self._totals[site].update(changes)
        self._changed.add(site)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_soon())

    def note_lag(self, site: str, seconds: float) -> None:
        """Keep how long the event delivered last had waited."""
        self._lags[site] = max(0.0, seconds)

    async def read(self, site: str) -> Sequence[SiteCounters]:
        """The counters of a site, or of all, by site."""
        await self.flush()
        condition = "PartitionKey ge @first and PartitionKey lt @last" + " and Site eq @site" * bool(site)
        values = {"first": OLD_PARTITION, "last": f"{PREFIX}~", "site": site}
        rows = sorted(await self._table.query(condition, values), key=lambda row: str(row["Site"]))
        return [_added(name, list(group)) for name, group in groupby(rows, key=lambda row: str(row["Site"]))]

    async def flush(self) -> None:
        """Write the counts since the last time; on failure they are kept for the next."""
        async with self._turn:
            changed, self._changed = self._changed, set()
            try:
                await self._write(changed)
            except Unavailable:
                self._changed |= changed
                raise

    def _begin_period(self) -> None:
        """Once everything is written that was counted in the last one: count from 0, in new rows."""
        period = int(time.time() // PERIOD_SECONDS)
        if self._period != period and not self._changed and not self._turn.locked():
            self._period = period
            self._totals.clear()
            self._process = secrets.token_hex(6)

    async def fold(self, now: float) -> int:
        """Add rows of periods that are long over to the first row of their site; returns how many."""
        rows = await self._table.query(
            "PartitionKey ge @first and PartitionKey lt @last and At lt @before",
            {"first": PREFIX, "last": f"{PREFIX}~", "before": now - FOLDED_SECONDS},
            limit=DELETED_AT_ONCE,
        )
        for (partition, name), group in groupby(rows, key=lambda row: (row["PartitionKey"], row["RowKey"][:64])):
            over = [row for row in group if row["RowKey"] != name][: PER_TRANSACTION - 1]
            if over:
                await self._fold(partition, name, over)
        return len(rows)

    async def close(self) -> None:
        """Write the remaining counts."""
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

    async def _write(self, sites: Iterable[str]) -> None:
        rows = sorted((self._row(site) for site in sites), key=lambda row: str(row["PartitionKey"]))
        for _, group in groupby(rows, key=lambda row: str(row["PartitionKey"])):
            lot = list(group)
            for start in range(0, len(lot), PER_TRANSACTION):
                await self._table.transact([Change("put", row) for row in lot[start : start + PER_TRANSACTION]])

    def _row(self, site: str) -> dict[str, Any]:
        name = digest(site)
        totals = self._totals[site]
        return {
            "PartitionKey": PREFIX + name[0],
            "RowKey": f"{name}~{self._process}",
            "Site": site,
            "At": time.time(),
            "LagSeconds": self._lags.get(site, 0.0),
            **{field.title(): float(totals[field]) for field in FIELDS},
        }

    async def _fold(self, partition: str, name: str, over: Sequence[Entity]) -> None:
        first = await self._table.get(partition, name)
        rows = [*([first] if first else []), *over]
        latest = max(rows, key=lambda row: float(row["At"]))
        whole = {"PartitionKey": partition, "RowKey": name, "Site": latest["Site"]}
        whole |= {"At": latest["At"], "LagSeconds": latest["LagSeconds"]}
        whole |= {field.title(): sum(float(row[field.title()]) for row in rows) for field in FIELDS}
        put = Change("replace", whole, etag(first)) if first else Change("insert", whole)
        gone = [Change("delete", {"PartitionKey": partition, "RowKey": row["RowKey"]}, etag(row)) for row in over]
        await self._table.transact([put, *gone])  # when another was quicker: next time


def _added(site: str, rows: Sequence[Entity]) -> SiteCounters:
    latest = max(rows, key=lambda row: float(row.get("At", 0.0)))
    sums = {field: int(sum(float(row[field.title()]) for row in rows)) for field in FIELDS}
    return SiteCounters(site=site, lag_seconds=float(latest["LagSeconds"]), **sums)
