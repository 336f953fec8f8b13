"""De-duplication keys: which event an upstream's content became, in the table of a day (see `days`).

The same content must find the same table. What is dated carries its day in its content. What is not is the same only
within minutes, so that its key lies in the table of the day of receipt, or (just after midnight) in the one before.
"""

from typing import Any, Final

from connector.storage.azure.database import DELETED_AT_ONCE, Entity, Table, etag
from connector.storage.azure.days import DAY, Days
from connector.storage.azure.layout import Layout
from connector.storage.azure.rows import KEYS
from connector.storage.records import Event, digest

DEDUPE: Final = "dedupe-"
OLDEST_DAYS: Final = 3.0
"""Content that is dated so long before (or after) its receipt has its key in the rest."""
LATEST_DATE: Final = 200_000_000_000.0
"""Later years have more than four digits."""


class EventKeys:
    """The tables of keys, and version 1.0's."""

    def __init__(self, days: Days, layout: Layout) -> None:
        self._days = days
        self._layout = layout

    async def take(self, event: Event, now: float) -> tuple[Table, Entity] | None:
        """Take the key for this event; None when it was free, else where its row is, and the row."""
        mine = _row(event, now)
        table, others = await self._tables(event)
        for other in others:
            if there := await other.get(mine["PartitionKey"], mine["RowKey"]):
                return other, there
        while await table.insert(mine) is None:
            if there := await table.get(mine["PartitionKey"], mine["RowKey"]):
                return table, there
        return None

    async def retake(self, table: Table, there: Entity, event: Event, now: float) -> bool:
        """Take it over, if it is still as it was read."""
        return await table.change(_row(event, now), etag(there)) is not None

    async def expire(self, before: float) -> int:
        """Delete keys that were taken before; returns how many tables and rows."""
        over = await self._days.over(before - OLDEST_DAYS * DAY)
        for _, table in over:
            await table.drop()
        condition = "PartitionKey ge @first and PartitionKey lt @last and At lt @before"
        values = {"first": DEDUPE, "last": f"{DEDUPE}~", "before": before}
        rest = self._days.rest
        return len(over) + await rest.sweep(await rest.query(condition, values, select=KEYS, limit=DELETED_AT_ONCE))

    async def _tables(self, event: Event) -> tuple[Table, list[Table]]:
        """Where the key lies, and where else the same content may have left it."""
        rest = self._days.rest
        old = [rest] if (await self._layout.state()).has_old_keys() else []
        if event.dedupe_seconds < DAY:
            table = self._days.table(event.received_at)
            earlier = self._days.table(event.received_at - event.dedupe_seconds)
            return table, old + ([earlier] if earlier is not table else [])
        table = self._days.table(event.occurred_at) if 0 < event.occurred_at < LATEST_DATE else rest
        if abs(event.received_at - event.occurred_at) < OLDEST_DAYS * DAY:
            return table, old
        return rest, [table]  # where it went if it had come earlier


def _row(event: Event, now: float) -> dict[str, Any]:
    name = digest(f"{event.site}\n{event.dedupe_key}")
    keys = {"PartitionKey": DEDUPE + name[:2], "RowKey": name}
    return keys | {"EventId": event.id, "At": now, "ReceivedAt": event.received_at}
