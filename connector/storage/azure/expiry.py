"""Deletes expired events: a day with its table, after rows that outlive it were moved; the rest event by event."""

import logging
import time
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from connector.storage.azure.database import Container, Entity, Table
from connector.storage.azure.events import Events
from connector.storage.azure.keys_of_events import EventKeys
from connector.storage.azure.listing import DEAD
from connector.storage.azure.payloads import BLOB, CLAIM_CHECKS, Bulk
from connector.storage.azure.rows import DELIVERY, EVENT_ID_LENGTH, KEYS, bound, read_delivery
from connector.storage.azure.waiting import Waiting
from connector.storage.records import DeliveryState, Retention

log = logging.getLogger(__name__)

PAGE: Final = 3_000
JOB_SECONDS: Final = 200.0
"""A run that moves more than fits into this goes on at the next: what it has done stays done."""
OUTLIVES: Final = f"Kind eq '{DELIVERY}' and ( State eq '{DeliveryState.PENDING}' or State eq '{DeliveryState.DEAD}' )"
AFTER: Final = "( PartitionKey gt @partition or ( PartitionKey eq @partition and RowKey gt @row ) )"
WITH_BLOB: Final = f"{BLOB} gt ''"


class Expiry:
    """Works on the tables of events, the keys beside them and the blobs."""

    def __init__(
        self,
        events: Events,
        keys: EventKeys,
        records: Table,
        blobs: Container,
        bulk: Bulk,
        waiting: Waiting,
    ) -> None:
        self._events = events
        self._keys = keys
        self._records = records
        self._blobs = blobs
        self._bulk = bulk
        self._waiting = waiting

    async def events(self, now: float, retention: Retention) -> int:
        """Delete events without pending deliveries and (until they are over too) dead letters.

        Returns how many single events, and how many days with all their events.
        """
        stop_at = time.monotonic() + JOB_SECONDS
        deleted = 0
        for _, table in await self._events.days.over(now - retention.events):
            if not await self._is_emptied(table, stop_at):
                return deleted
            await table.drop()
            deleted += 1
            log.info("Deleted the table %s: its day is over.", table.name)
        return deleted + await self._rest(now, retention, stop_at)

    async def dedupe_keys(self, before: float) -> int:
        """Delete de-duplication keys taken before; returns how many rows and tables."""
        return await self._keys.expire(before)

    async def payloads(self, before: float) -> int:
        """Delete claim checks that were not collected; returns how many."""
        names = await self._blobs.older_than(before, CLAIM_CHECKS)
        for name in names:
            await self._blobs.delete(name)
        return len(names)

    async def _is_emptied(self, table: Table, stop_at: float) -> bool:
        """Whether nothing in the day's table outlives it: pending deliveries and dead letters are moved to the rest."""
        living = await self._events.ranges(table, OUTLIVES, {})
        events = {(row["PartitionKey"], row["RowKey"][:EVENT_ID_LENGTH]) for row in living}
        for delivery in map(read_delivery, living):
            if delivery.state is DeliveryState.PENDING:
                await self._waiting.add(delivery)
        for partition, row in sorted(events):
            if time.monotonic() > stop_at:
                return False
            await self._events.move_to_rest(table, partition, row)
        for row in await self._events.ranges(table, WITH_BLOB, {}, select=[*KEYS, BLOB]):
            await self._bulk.discard(row)
        return True

    async def _rest(self, now: float, retention: Retention, stop_at: float) -> int:
        """Event by event: rows of version 1.0, and rows that were moved here. Returns how many."""
        last, deleted = bound(now - retention.events), 0
        dead_until = bound(now - retention.dead_letters).row
        await self._index_rows(dead_until)
        after = {"partition": "", "row": ""}
        while time.monotonic() < stop_at:
            rows = await self._events.rest.query(
                f"{AFTER} and RowKey gt @last",
                after | {"last": last.row},
                select=[*KEYS, "Kind", "State", BLOB],
                limit=PAGE,
            )
            groups = [list(group) for _, group in groupby(rows, key=lambda row: row["RowKey"][:EVENT_ID_LENGTH])]
            if len(rows) == PAGE and len(groups) > 1:
                groups.pop()  # the page may have ended in the middle of it
            over = [row for group in groups if _is_over(group, dead_until) for row in group]
            for row in over:
                await self._bulk.discard(row)
            await self._events.rest.sweep(over)
            deleted += len({row["RowKey"][:EVENT_ID_LENGTH] for row in over})
            if len(rows) < PAGE:
                break
            after = {"partition": groups[-1][-1]["PartitionKey"], "row": groups[-1][-1]["RowKey"]}
        return deleted

    async def _index_rows(self, dead_until: str) -> None:
        condition = f"PartitionKey eq '{DEAD}' and RowKey gt @row"
        await self._records.sweep(await self._records.query(condition, {"row": dead_until}, select=KEYS))


def _is_over(rows: Sequence[Entity], dead_until: str) -> bool:
    """Rows of one event: whether nothing of it is pending, nor dead and not over yet."""
    states = {row.get("State") for row in rows}
    return DeliveryState.PENDING not in states and (DeliveryState.DEAD not in states or rows[0]["RowKey"] > dead_until)
