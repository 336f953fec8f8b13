"""Walking a list page by page, within a budget of upstream calls and time, from where the cursor stands.

Three ways, by what the list shows of itself:

- newest first, filtered by time and with a known total: from the end, so that the oldest item comes first;
- not filtered by time, oldest first, with a known total: from the end, until items are too old to matter;
- any other: from the beginning, to the end of the list; where the list is not filtered and has the newest first, until
  items are too old to matter.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Generic, Literal

from connector.deskdirector.errors import Unavailable
from connector.relay.polling.cursor import Cursor
from connector.relay.polling.items import TICKS_PER_SECOND, Item, Reading, Source, T

MOST_READS: Final = 16
"""Upstream calls for pages in one poll; with those for names and schemas, a poll makes 25 at most."""
MOST_SECONDS: Final = 24.0
FEW_PAGES: Final = 5
"""A list of this many pages is read whole, whatever its order."""
REPEATED: Final = 5
"""Records read again with the next page, because the list moves meanwhile."""
OLD_ENOUGH: Final = 50
"""After this many records in a row that are too old, the rest of a newest-first list is too old as well."""
MARGIN: Final = TICKS_PER_SECOND
"""Asked for beyond what is needed: whether a time filter takes in its own limit, and how finely, is not published."""
_SORTED_SHARE: Final = 0.8

Order = Literal["newest first", "oldest first", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time by which polls go; tests give another."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


CLOCK: Final = Clock()


class OutOfTime(Exception):  # noqa: N818 - an event of the walk, not a failure of the poll
    """A page did not come within the time that the poll has left."""


@dataclass(slots=True)
class Budget:
    """What one poll may spend on upstream calls."""

    clock: Clock
    reads: int = 0
    slowest: float = 0.0
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock.monotonic()

    @property
    def left(self) -> float:
        """Seconds."""
        return self.begun + MOST_SECONDS - self.clock.monotonic()

    def allows(self, cost: int = 1) -> bool:
        """Whether that many calls may still be made: the first always may."""
        return self.reads == 0 or (self.reads + cost <= MOST_READS and self.slowest <= self.left)

    async def page(self, source: Source[T], since: int | None, skip: int) -> Reading[T]:
        """Read a page; `OutOfTime` when it takes too long."""
        self.reads += source.read_cost
        begun = self.clock.monotonic()
        try:
            async with asyncio.timeout(max(self.left, 0.0)):
                return await source.read(since, skip)
        except TimeoutError:
            raise OutOfTime from None
        finally:
            self.slowest = max(self.slowest, self.clock.monotonic() - begun)

    async def expansion(self, source: Source[T], item: Item[T], since: int) -> list[Item[T]]:
        """Read what an item holds; `OutOfTime` when it takes too long."""
        if source.expand is None:
            return []
        self.reads += 1
        begun = self.clock.monotonic()
        try:
            async with asyncio.timeout(max(self.left, 0.0)):
                return await source.expand(item, since)
        except TimeoutError:
            raise OutOfTime from None
        finally:
            self.slowest = max(self.slowest, self.clock.monotonic() - begun)


@dataclass(slots=True)
class Walk(Generic[T]):
    """What one poll walked past: each item with the position after it, in walking order."""

    steps: list[tuple[int, Item[T]]] = field(default_factory=list)
    position: int = 0
    has_ended: bool = False
    from_end: bool = False
    is_unfiltered: bool = False
    order: Order = "unknown"

    @property
    def items(self) -> list[Item[T]]:
        """The items, in walking order."""
        return [item for _, item in self.steps]

    @property
    def is_oldest_first(self) -> bool:
        """Whether the rest of the list is newer than the part walked past."""
        return not self.is_unfiltered and self.order == ("newest first" if self.from_end else "oldest first")


class Walker(Generic[T]):
    """Walks as far as the budget goes; stops early when `enough` says so."""

    def __init__(self, source: Source[T], cursor: Cursor, budget: Budget, enough: Callable[[Walk[T]], bool]) -> None:
        self._source = source
        self._cursor = cursor
        self._budget = budget
        self._enough = enough
        self._old_in_a_row = 0
        self._walk: Walk[T] = Walk(position=cursor.position, from_end=cursor.from_end)
        self._walk.is_unfiltered = not source.is_filtered or cursor.unfiltered or cursor.numbers

    async def run(self) -> Walk[T]:
        """Walk. `Unavailable` when not even one page came in time."""
        walk = self._walk
        is_first = True
        if not self._budget.allows(self._source.read_cost):
            return walk
        try:
            if self._cursor.position == 0 or walk.from_end:
                head = await self._read(0)
                is_first = False
                await self._go(head)
            else:
                await self._from_beginning(max(0, walk.position - REPEATED))
        except OutOfTime:
            if is_first and not walk.steps and walk.position == self._cursor.position:
                raise _slow() from None
        return walk

    async def _go(self, head: Reading[T]) -> None:
        """Go on from the first page, which shows what list it is."""
        walk = self._walk
        walk.order = self._order(head.items)
        if self._pays_from_end(head):
            walk.from_end = True
            await self._from_end(head.total or 0, head.count)
            return
        if walk.from_end:  # the total is not known any more, or the list has become short
            walk.from_end, walk.position = False, 0
        self._take(head, 0)
        if not walk.has_ended:
            await self._from_beginning(self._next(head, 0))

    async def _read(self, skip: int) -> Reading[T]:
        walk = self._walk
        since = None if walk.is_unfiltered or not self._cursor.floor[0] else self._cursor.floor[0] - MARGIN
        page = await self._budget.page(self._source, since, skip)
        if since is not None and not page.is_all and is_ignored(page, since - MARGIN):
            if self._source.unfiltered:
                raise self._source.unfiltered()
            walk.is_unfiltered = True
        return page

    def _pays_from_end(self, head: Reading[T]) -> bool:
        """Whether the list is long, and what matters most is at its end."""
        if head.total is None or not head.count or head.is_all:
            return False
        if self._walk.from_end and self._cursor.position < head.total:
            return True
        is_long = head.total > head.count * FEW_PAGES
        return is_long and self._walk.order == ("oldest first" if self._walk.is_unfiltered else "newest first")

    async def _from_beginning(self, skip: int) -> None:
        walk = self._walk
        seen: list[bytes] = []
        while not walk.has_ended and self._may_go_on():
            page = await self._read(skip)
            marks = [item.mark for item in page.items]
            order = self._order(page.items)
            walk.order = walk.order if order == "unknown" else order
            if marks and marks == seen:  # a site that answers the same page whatever is skipped
                walk.has_ended = True
            self._take(page, skip)
            seen, skip = marks, self._next(page, skip)

    def _take(self, page: Reading[T], skip: int) -> None:
        walk = self._walk
        end = skip + page.count if page.next is None else page.next
        # Records that were passed over make positions a little too small, which repeats and never loses.
        single = 1 if page.next is None else 0
        walk.steps += [(skip + index * single + 1, item) for index, item in enumerate(page.items)]
        walk.position = max(walk.position, end)
        is_last = page.total is not None and end >= page.total
        walk.has_ended |= page.is_all or is_last or not page.count or self._is_past(page.items, "oldest first")

    async def _from_end(self, total: int, size: int) -> None:
        walk = self._walk
        while not walk.has_ended and self._may_go_on():
            skip = max(0, total - max(0, walk.position - min(REPEATED, size // 4)) - size)
            page = await self._read(skip)
            moved, total = (page.total or 0) - total, page.total or 0
            if not total or (moved > REPEATED and self._may_go_on()):  # it grew: the end is further away
                walk.has_ended = not total
                continue
            if walk.is_unfiltered and walk.order == "newest first":  # its end is years old
                walk.steps, walk.from_end, walk.position = [], False, 0
                await self._from_beginning(0)
                break
            steps = [(total - skip - index, item) for index, item in enumerate(page.items)]
            walk.steps += reversed(steps)
            walk.position = max(walk.position, total - skip)
            walk.has_ended = skip == 0 or not page.count or self._is_past(page.items[::-1], "newest first")

    def _may_go_on(self) -> bool:
        return self._budget.allows(self._source.read_cost) and not self._enough(self._walk)

    def _is_past(self, items: list[Item[T]], never: Order) -> bool:
        """Whether the rest of a list that is not filtered by time is too old to matter."""
        walk = self._walk
        for item in items:
            self._old_in_a_row = self._old_in_a_row + 1 if self._is_old(item) else 0
        return walk.is_unfiltered and walk.order not in (never, "none") and self._old_in_a_row >= OLD_ENOUGH

    def _is_old(self, item: Item[T]) -> bool:
        at = self._cursor.time_of(item)
        return self._cursor.is_known(item) if at is None else at < self._cursor.floor[0]

    def _order(self, items: list[Item[T]]) -> Order:
        if not self._source.is_dated or self._cursor.mixed:
            return "none"
        times = [at for item in items if (at := self._cursor.time_of(item)) is not None]
        return order_of(times)

    @staticmethod
    def _next(page: Reading[T], skip: int) -> int:
        return skip + page.count - min(REPEATED, page.count // 4) if page.next is None else page.next


def order_of(times: list[int]) -> Order:
    """The order of a page: most neighbours must agree, since single records may be dated back."""
    steps = [later - earlier for earlier, later in pairwise(times) if later != earlier]
    if not steps:
        return "unknown"
    falling = sum(step < 0 for step in steps) / len(steps)
    if falling >= _SORTED_SHARE:
        return "newest first"
    return "oldest first" if falling <= 1 - _SORTED_SHARE else "none"


def is_ignored(page: Reading[T], since: int) -> bool:
    """Whether a page that was asked for from a time on has items that are older."""
    return any(item.at is not None and item.at < since for item in page.items)


def _slow() -> Unavailable:
    return Unavailable(
        "DeskDirectorSlow", f"DeskDirector did not answer within {MOST_SECONDS:.0f} seconds; try again.", retry_after=60
    )
