"""Where the entities of events and deliveries are: in the table of their day, else in the rest (see `days`).

The day's table is asked first, and what is there counts: only when it has nothing is the rest asked. So whatever is
moved from one to the other, row by row, is found at any time, and never twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.runtime import together
from connector.storage.azure.database import LARGEST_PAGE, PER_TRANSACTION, Entity, Table, etag
from connector.storage.azure.days import DAY, Days, is_near
from connector.storage.azure.rows import KEYS, MARKED, Place, bound, moment_of, rows_of_event
from connector.storage.azure.wire import Change
from connector.storage.event_ids import SITE_MARKS, site_mark

MARKS: Final = tuple(f"{'ghij'[number >> 4]}{number & 15:x}" for number in range(SITE_MARKS))
RANGES_AT_ONCE: Final = 16
ANY_ROW: Final = "~"


class Events:
    """The tables of events, as if they were one."""

    def __init__(self, days: Days) -> None:
        self.days = days
        self.rest = days.rest

    async def get(self, partition: str, row: str) -> Entity | None:
        """The entity, or None."""
        if partition < MARKED:
            return await self.rest.get(partition, row)
        return await self._day(row).get(partition, row) or await self.rest.get(partition, row)

    async def of_event(
        self, place: Place, more: str = "", values: Mapping[str, Any] | None = None, *, select: Sequence[str] = ()
    ) -> list[Entity]:
        """An event and its deliveries, those that fulfil `more` (which begins with "and")."""
        condition, keys = rows_of_event(place)
        condition, asked = condition + more, {**keys, **(values or {})}
        found = [] if place.partition < MARKED else await self._day(place.row).query(condition, asked, select=select)
        return found or await self.rest.query(condition, asked, select=select)

    async def change(self, entity: Entity, etag: str = "", *, replace: bool = False) -> str | None:
        """Merge into it (or replace it) if it still has this ETag ("": if it exists); the new ETag, or None."""
        if entity["PartitionKey"] < MARKED:
            return await self.rest.change(entity, etag, replace=replace)
        changed = await self._day(entity["RowKey"]).change(entity, etag, replace=replace)
        return changed or await self.rest.change(entity, etag, replace=replace)

    async def delete(self, partition: str, row: str, etag: str) -> bool:
        """Delete it if it still has this ETag; False when it changed or is gone."""
        marked = partition >= MARKED and await self._day(row).delete(partition, row, etag)
        return marked or await self.rest.delete(partition, row, etag)

    async def change_all(self, changes: Sequence[Change]) -> bool:
        """Change entities of one partition, all or none."""
        row = changes[0].entity["RowKey"]
        if changes[0].entity["PartitionKey"] < MARKED:
            return await self.rest.transact(changes) is not None
        return bool(await self._day(row).transact(changes) or await self.rest.transact(changes))

    async def insert_all(self, entities: Sequence[Entity]) -> tuple[str, ...] | None:
        """Insert entities of one event, all or none: their ETags; None when one of them is there already.

        What comes long after its day goes to the rest, unless the day's table has some of it.
        """
        partition, row = entities[0]["PartitionKey"], entities[0]["RowKey"]
        if partition >= MARKED and is_near(moment_of(row)):
            return await self._day(row).transact([Change("insert", entity) for entity in entities])
        if partition >= MARKED and any([await self._day(row).get(partition, entity["RowKey"]) for entity in entities]):
            return None
        return await self.rest.transact([Change("insert", entity) for entity in entities])

    async def insert(self, entity: Entity) -> str | None:
        """Insert one; its ETag, or None when it is there already."""
        inserted = await self.insert_all([entity])
        return inserted[0] if inserted else None

    async def newest(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        limit: int,
        site: str = "",
        since: float | None = None,
        until: float | None = None,
        after: Place | None = None,
        select: Sequence[str] = (),
    ) -> list[Entity]:
        """The first entities that fulfil the condition, of all tables, by row key: the newest first.

        `since` and `until` bound the time of receipt; `after` is the place of the last entity of the page before.
        """
        first, last = _bounds(since, until, after)
        if first:
            condition, values = f"{condition} and RowKey gt @firstRow", {**values, "firstRow": first}
        if last:
            condition, values = f"{condition} and RowKey le @lastRow", {**values, "lastRow": last}
        old = await self.rest.query(
            f"{condition} and {_of_version_one(first, last)}", values, limit=limit, select=select
        )
        marked = f"{condition} and PartitionKey ge '{MARKED}'"
        old += await self._of_marks(self.rest, marked, values, site, limit, select)
        fresh: list[Entity] = []
        for began, table in await self.days.existing():
            if len(fresh) >= limit:
                break
            if not (first and began > moment_of(first) + DAY) and not (last and began + DAY < moment_of(last)):
                fresh += await self._of_marks(table, condition, values, site, limit, select)
        found = {str(each["RowKey"]): each for each in (*old, *fresh)}  # what is in a day's table counts
        return [found[row] for row in sorted(found)][:limit]

    async def ranges(
        self, table: Table, condition: str, values: Mapping[str, Any], *, since: float = 0.0, until: float = 0.0,
        limit: int | None = None, select: Sequence[str] = (),
    ) -> list[Entity]:  # fmt: skip
        """What fulfils the condition in a table: a small one is read at once, a large one in 64 ranges."""
        first = bound(until).partition if until else ""
        last = bound(since).partition if since else ANY_ROW
        some = await table.query("PartitionKey ge '0'", {}, limit=LARGEST_PAGE, select=["RowKey"])
        if len(some) < LARGEST_PAGE:
            return await table.query(condition, values, select=select)

        async def of_mark(mark: str) -> list[Entity]:
            bounds = {"firstPart": f"{mark}-{first}", "lastPart": f"{mark}-{last}"}
            asked = f"PartitionKey ge @firstPart and PartitionKey le @lastPart and {condition}"
            return await table.query(asked, {**values, **bounds}, limit=limit, select=select)

        parts = await together(*map(of_mark, MARKS), at_once=RANGES_AT_ONCE)
        return [each for part in parts for each in part]

    async def outlive(self, place: Place) -> None:
        """Before a delivery becomes pending again: an old event does not stay in a table that ends soon."""
        if place.partition >= MARKED and not is_near(moment_of(place.row)):
            await self.move_to_rest(self._day(place.row), *place)

    async def move_to_rest(self, table: Table, partition: str, row: str) -> None:
        """Let the rows of one event outlive the table of their day; what changes meanwhile is moved again.

        The copies are written before the originals are deleted, and count only from then on.
        """
        while True:
            condition, values = rows_of_event(Place(partition, row))
            rows = await table.query(condition, values)
            for start in range(0, len(rows), PER_TRANSACTION):
                lot = rows[start : start + PER_TRANSACTION]
                for each in lot:
                    await self.rest.put(each)
            keys = [Change("delete", {name: row[name] for name in KEYS}, etag(row)) for row in rows]
            # The event goes last: as long as it is there, the day's table is where its deliveries are looked for.
            keys.sort(key=lambda each: -len(each.entity["RowKey"]))
            lots = [keys[start : start + PER_TRANSACTION] for start in range(0, len(keys), PER_TRANSACTION)]
            if all([await table.transact(lot) is not None for lot in lots]):
                return

    def _day(self, row: str) -> Table:
        return self.days.table(moment_of(row))

    async def _of_marks(
        self,
        table: Table,
        condition: str,
        values: Mapping[str, Any],
        site: str,
        limit: int,
        select: Sequence[str],
    ) -> list[Entity]:
        if site:
            mark = site_mark(site)
            bounds = {"firstPart": f"{mark}-", "lastPart": f"{mark}-{ANY_ROW}"}
            asked = f"PartitionKey ge @firstPart and PartitionKey le @lastPart and {condition}"
            return await table.query(asked, {**values, **bounds}, limit=limit, select=select)
        return await self.ranges(table, condition, values, limit=limit, select=select)


def _bounds(since: float | None, until: float | None, after: Place | None) -> tuple[str, str]:
    """Row keys: after the first, up to the last; "" for no bound."""
    firsts = ([bound(until).row] if until is not None else []) + ([after.row] if after else [])
    return max(firsts, default=""), "" if since is None else bound(since).row


def _of_version_one(first: str, last: str) -> str:
    """Partitions without a mark are digits of the row key, so its bounds are theirs too."""
    lower = f" and PartitionKey ge '{first[:7]}'" if first else ""
    upper = f" and PartitionKey le '{last[:7]}'" if last else ""
    return f"PartitionKey lt '{MARKED}'{lower}{upper}"
