"""Waking pending deliveries whose wake-up was lost, or whose time must be wrong. It deletes nothing that is needed."""

from typing import Final

from connector.runtime import together
from connector.storage.azure.database import Entity, Queue, etag
from connector.storage.azure.days import DAY
from connector.storage.azure.events import Events
from connector.storage.azure.groups import Groups
from connector.storage.azure.rows import DELIVERY, KEYS, delivery_place, read_delivery
from connector.storage.azure.waiting import Waiting
from connector.storage.records import LONGEST_WAIT, DeliveryState, wake_up

OVERDUE_SECONDS: Final = 900.0
"""A delivery that was due so long ago is not waiting in the queue any more: its message must be lost."""
LOOKED_BACK_SECONDS: Final = 6 * 3_600.0
"""How far back first attempts are looked for that nobody settled: their inbound message comes back long before that."""
PENDING: Final = f"Kind eq '{DELIVERY}' and State eq '{DeliveryState.PENDING}'"
OVERDUE: Final = "( DueAt lt @overdue or DueAt gt @never )"


class LostWakeUps:
    """Looks at what waits, at first attempts of the last hours, and at pending rows of version 1.0."""

    def __init__(self, events: Events, queue: Queue, groups: Groups, waiting: Waiting) -> None:
        self._events = events
        self._queue = queue
        self._groups = groups
        self._waiting = waiting

    async def wake(self, now: float) -> int:
        """Wake them; returns how many."""
        overdue, never = now - OVERDUE_SECONDS, now + LONGEST_WAIT
        limits = {"overdue": overdue, "never": never}
        old = await self._events.rest.query(f"{PENDING} and {OVERDUE} and PartitionKey lt 'g'", limits)
        strays = await self._strays(now, limits)
        waiting = await self._waiting.due(overdue, never)
        found = {str(row["DeliveryId"]): row for row in (*waiting, *old, *strays)}
        traces = {row["RowKey"] for row in waiting}
        woken = await together(
            *(self._wake(name, row, now, limits, is_noted=row["RowKey"] in traces) for name, row in found.items())
        )
        return sum(woken)

    async def _strays(self, now: float, limits: dict[str, float]) -> list[Entity]:
        """First attempts that were never settled, by the process that began them."""
        since, until = now - LOOKED_BACK_SECONDS, limits["overdue"]
        condition = f"{PENDING} and Guarded eq true and {OVERDUE}"
        found: list[Entity] = []
        for began, table in await self._events.days.existing():
            if began <= until and began + DAY >= since:
                found += await self._events.ranges(table, condition, limits, since=since, until=until)
        return found

    async def _wake(self, name: str, row: Entity, now: float, limits: dict[str, float], *, is_noted: bool) -> bool:
        place = delivery_place(name)
        there = place and await self._events.get(*place)
        if not there or there["State"] != DeliveryState.PENDING:
            if is_noted and float(row["DueAt"]) < now - OVERDUE_SECONDS:
                await self._waiting.drop(row)  # the trace of a crash
            return False
        delivery = read_delivery(there)
        if not await self._groups.is_first(delivery, now):
            return False  # it is woken when those before it have ended
        due_at = float(there["DueAt"])
        if limits["overdue"] <= due_at <= limits["never"]:
            await self._waiting.add(delivery)
            return False  # only the note was old
        await self._waiting.add(delivery, due_at=now)
        keys = {key: there[key] for key in KEYS}
        if await self._events.change(keys | {"DueAt": now, "Guarded": False}, etag(there)) is None:
            return False
        await self._queue.send(wake_up(name))
        return True
