"""Deleting what is over, and waking pending deliveries whose wake-up was lost."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from connector.storage.azure.accept import DEDUPE
from connector.storage.azure.database import Container, Entity, Queue, Table, etag
from connector.storage.azure.listing import DEAD
from connector.storage.azure.payloads import BLOB, CLAIM_CHECKS, Bulk
from connector.storage.azure.rows import DELIVERY, EVENT_ID_LENGTH, KEYS, bound
from connector.storage.records import LONGEST_WAIT, DeliveryState, Retention, wake_up

PAGE: Final = 3_000
OVERDUE_SECONDS: Final = 900.0
"""A delivery that was due so long ago is not waiting in the queue any more: its message must be lost."""


class Expiry:
    """Works on the events table, the keys beside it and the blobs."""

    def __init__(self, events: Table, keys: Table, records: Table, blobs: Container, bulk: Bulk, queue: Queue) -> None:
        self._events = events
        self._keys = keys
        self._records = records
        self._blobs = blobs
        self._bulk = bulk
        self._queue = queue

    async def events(self, now: float, retention: Retention) -> int:
        """Delete events without pending deliveries and (until they are over too) dead letters; returns how many."""
        last, deleted = bound(now - retention.events), 0
        dead_until = bound(now - retention.dead_letters).row
        await self._index_rows(dead_until)
        after = last.row
        while True:
            rows = await self._events.query(
                "PartitionKey ge @partition and RowKey gt @after",
                {"partition": last.partition, "after": after},
                select=[*KEYS, "Kind", "State", BLOB],
                limit=PAGE,
            )
            groups = [list(group) for _, group in groupby(rows, key=lambda row: row["RowKey"][:EVENT_ID_LENGTH])]
            if len(rows) == PAGE and len(groups) > 1:
                groups.pop()  # the page may have ended in the middle of it
            for group in groups:
                if _is_over(group, dead_until):
                    await self._bulk.discard(group[0])
                    await self._events.sweep(group)
                    deleted += 1
            if len(rows) < PAGE:
                return deleted
            after = groups[-1][-1]["RowKey"]

    async def dedupe_keys(self, before: float) -> int:
        """Delete de-duplication keys taken before; returns how many."""
        condition = "PartitionKey ge @first and PartitionKey lt @last and At lt @before"
        values = {"first": DEDUPE, "last": f"{DEDUPE}~", "before": before}
        return await self._keys.sweep(await self._keys.query(condition, values, select=KEYS))

    async def payloads(self, before: float) -> int:
        """Delete claim checks that were not collected; returns how many."""
        names = await self._blobs.older_than(before, CLAIM_CHECKS)
        for name in names:
            await self._blobs.delete(name)
        return len(names)

    async def wake_lost(self, now: float) -> int:
        """Wake pending deliveries whose message or whose time must be wrong; returns how many."""
        lost = await self._events.query(
            "Kind eq @kind and State eq @state and ( DueAt lt @overdue or DueAt gt @never )",
            {
                "kind": DELIVERY,
                "state": DeliveryState.PENDING.value,
                "overdue": now - OVERDUE_SECONDS,
                "never": now + LONGEST_WAIT,
            },
            select=[*KEYS, "DeliveryId"],
        )
        woken = 0
        for entity in lost:
            keys = {name: entity[name] for name in KEYS}
            if await self._events.change(keys | {"DueAt": now}, etag(entity)) is not None:
                await self._queue.send(wake_up(entity["DeliveryId"]))
                woken += 1
        return woken

    async def _index_rows(self, dead_until: str) -> None:
        condition = f"PartitionKey eq '{DEAD}' and RowKey gt @row"
        await self._records.sweep(await self._records.query(condition, {"row": dead_until}, select=KEYS))


def _is_over(rows: Sequence[Entity], dead_until: str) -> bool:
    """Rows of one event: whether nothing of it is pending, nor dead and not over yet."""
    states = {row.get("State") for row in rows}
    return DeliveryState.PENDING not in states and (DeliveryState.DEAD not in states or rows[0]["RowKey"] > dead_until)
