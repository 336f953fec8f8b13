"""One poll of a polling trigger: the items since a state, and the state that the next poll begins with."""

import logging
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Generic

from connector.deskdirector.errors import ConnectorError, NotFound, Unavailable
from connector.relay.polling.cursor import MOST_MARKS, Cursor
from connector.relay.polling.items import TICKS_PER_SECOND, Item, Point, Reading, Source, T
from connector.relay.polling.states import States
from connector.relay.polling.walk import (
    CLOCK,
    FEW_PAGES,
    MARGIN,
    MOST_READS,
    REPEATED,
    Budget,
    Clock,
    Order,
    OutOfTime,
    Walk,
    Walker,
    is_ignored,
    order_of,
)

logger = logging.getLogger("connector")

MOST_ITEMS: Final = 100
MOST_BYTES: Final = 350_000
WAIT_SECONDS: Final = 60
"""Platforms ask once a minute at most."""
PROBES: Final = 4
DAY: Final = 86_400 * TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Poll(Generic[T]):
    """What one poll found: the state that the next one begins with, how soon that may be, and what this one cost."""

    state: str
    items: list[T]
    wait_seconds: int
    reads: int = 0


async def poll(text: str | None, source: Source[T], states: States, clock: Clock = CLOCK) -> Poll[T]:
    """Read the items since the state in `text`; without one, only note where to begin.

    Each poll hands over something new or moves on in the list, with `MOST_READS` upstream calls at most. Raises
    `BadRequest` StateInvalid, `Unavailable` when DeskDirector is too slow for a single page, and what reading raises.
    """
    state = await states.load(text) if text else None
    polling = _Polling(source, Budget(clock), round(clock.now() * TICKS_PER_SECOND))
    cursor = state.cursor if state else await polling.begin()
    after, contents, is_more = await polling.go_on(cursor, limit=MOST_ITEMS if state else 0)
    if after.history == sys.maxsize:  # of a list in no order, this poll has seen only a part
        after = replace(after, history=polling.now if source.is_dated_by_us else polling.newest)
    written = await states.save(after.reduced(MOST_MARKS, polling.recent), state, clock.now(), polling.recent)
    wait = (0 if contents else 1) if is_more else WAIT_SECONDS
    return Poll(written, contents, wait, polling.budget.reads)


class _Polling(Generic[T]):
    def __init__(self, source: Source[T], budget: Budget, now: int) -> None:
        self.source = source
        self.budget = budget
        self.now = now
        self.recent: frozenset[bytes] = frozenset()
        """Marks of the last items walked past, when the walk has not ended."""
        self.newest = 0
        """The newest date that was read."""

    async def begin(self) -> Cursor:
        """The cursor for which all that there is now is history, by DeskDirector's own dates and not by our clock."""
        try:
            head = await self.budget.page(self.source, None, 0)
            tail = await self._tail(head)
            items = [*head.items, *tail]
            top = max((item.number for item in items if item.is_numbered), default=0)
            if has_numbers_only(items):
                cursor = Cursor.beginning(top * TICKS_PER_SECOND, self.source.late, now=self.now, top=top, numbers=True)
                return replace(cursor, moved_at=self.now // TICKS_PER_SECOND)
            newest = self._newest(items)
            is_unfiltered = False
            if newest and self.source.is_filtered and not head.is_all:
                newest, is_unfiltered = await self._newer(newest)
            is_mixed = (is_unfiltered or not self.source.is_filtered) and await self._is_mixed(head)
        except OutOfTime:
            raise _slow_start() from None
        cursor = Cursor.beginning(newest, self.source.late, now=self.now, top=top)
        cursor = replace(cursor, unfiltered=is_unfiltered, mixed=is_mixed)
        if is_mixed:
            cursor = replace(cursor, history=sys.maxsize)  # the newest may be anywhere
        cursor = replace(cursor, moved_at=self.now // TICKS_PER_SECOND)
        return cursor.marking((item for item in items if item.at is None or item.at > newest), self.now)

    def _order(self, page: Reading[T]) -> Order:
        times = [item.number if item.at is None else item.at for item in page.items]
        return order_of(times) if self.source.is_dated else "none"

    async def _is_mixed(self, head: Reading[T]) -> bool:
        """Whether the list is in no order, or only each part of it is, e.g. by priority first and by date then."""
        order = self._order(head)
        if order not in ("newest first", "oldest first") or head.is_all or not head.count:
            return order == "none"
        pages = [head]
        for skip in self._samples(head):
            if not self.budget.allows(self.source.read_cost):
                break
            page = await self._page(None, skip)
            if not page.count:
                break
            pages.append(page)
        spans = [span for page in pages if (span := _span(page))]
        if order == "newest first":
            spans.reverse()
        return any(earlier[1] > later[0] for earlier, later in pairwise(spans))

    @staticmethod
    def _samples(head: Reading[T]) -> list[int]:
        """Where to look into a list: spread over it, none twice; further and further where its length is unknown."""
        size, total = head.count, head.total
        if total is None:
            return [size * 2**at for at in (1, 3, 5, 7)]
        skips, beyond = [], size
        for skip in (*(total * at // PROBES for at in range(1, PROBES)), total - size):
            if skip >= beyond:
                skips.append(skip)
                beyond = skip + size
        return skips

    async def _page(self, since: int | None, skip: int) -> Reading[T]:
        if not self.budget.allows(self.source.read_cost):
            raise OutOfTime
        return await self.budget.page(self.source, since, skip)

    def _newest(self, items: list[Item[T]], known: int = 0) -> int:
        """The newest date, not counting wrong ones: those in the future that no other date is near."""
        times = sorted({item.at for item in items if item.at is not None}, reverse=True)
        near = (
            at for at, before in zip(times, [*times[1:], known], strict=False) if at <= self.now or at - before < DAY
        )
        return next(near, 0)

    async def _tail(self, head: Reading[T]) -> list[Item[T]]:
        """The end of a list that has the newest last."""
        order = self._order(head)
        if head.is_all or not head.count or order == "newest first":
            return []
        if head.total is not None:
            return (await self._page(None, max(0, head.total - head.count))).items
        return await self._last(head.count) if order == "oldest first" else []

    async def _last(self, size: int) -> list[Item[T]]:
        """The end of a list of unknown length, sought by doubling and then by halving."""
        items: list[Item[T]] = []
        low, beyond = 0, 0
        step = size
        while step:
            skip = low + step
            page = await self._page(None, skip) if not beyond or skip < beyond else None
            if page is not None and page.count:
                low, items = skip, [*items[-size:], *page.items]
            elif page is not None:
                beyond = skip
            step = step * 2 if not beyond else min(step, beyond - low) // 2
        return items

    async def _newer(self, newest: int) -> tuple[int, bool]:
        """Look for newer items, in case the list has an order of its own, and whether it is filtered by time at all."""
        for _ in range(PROBES):
            page = await self._page(newest + 2 * MARGIN, 0)
            if is_ignored(page, newest):
                if self.source.unfiltered:
                    raise self.source.unfiltered()
                return newest, True
            newer = self._newest(page.items, newest)
            if newer <= newest:
                break
            newest = newer
        return newest, False

    async def go_on(self, cursor: Cursor, limit: int) -> tuple[Cursor, list[T], bool]:
        """The cursor after reading on, up to `limit` contents that are new, and whether there is more to read."""
        walk = await Walker(self.source, cursor, self.budget, lambda walk: self._is_enough(walk, cursor)).run()
        self.newest = self._newest(walk.items)
        if not cursor.frontier and has_numbers_only(walk.items):
            cursor = replace(cursor, numbers=True, floor=(0, 0), next_floor=(0, 0))
        cursor = cursor.sighting(walk.items, self.now)
        cursor = cursor.marking((item for item in walk.items if self._is_past(item, cursor)), self.now)
        is_view = walk.has_ended and cursor.position == 0
        fresh = list(_fresh(walk, cursor))
        if is_view:
            fresh.sort(key=lambda step: self.point(step[1], cursor))
        hand = _Hand(self, cursor, limit)
        taken = await hand.take([item for _, item in fresh])
        after = cursor.marking(hand.marked, self.now)
        contents = [content for _, content in sorted(hand.held, key=lambda pair: pair[0])]
        if contents:
            after = replace(after, moved_at=self.now // TICKS_PER_SECOND)
        is_done = walk.has_ended and taken == len(fresh)
        if is_done and await self._is_contradicted(walk, cursor):
            return self._swept(replace(after, mixed=True), walk, cursor), contents, True
        if is_done:
            # While a sweep of several polls walked, more may have come behind it.
            is_more = cursor.position > 0 and self.now // TICKS_PER_SECOND - after.moved_at < WAIT_SECONDS
            return self._swept(after, walk, cursor), contents, is_more
        return self._stopped(after, walk, fresh, taken, is_view), contents, True

    async def _is_contradicted(self, walk: Walk[T], cursor: Cursor) -> bool:
        """Whether a page somewhere beyond where the walk ended, because the rest is too old, is new after all."""
        if not (walk.is_unfiltered and walk.order == "newest first" and cursor.floor[0] and walk.items):
            return False
        if not self.budget.allows(self.source.read_cost):
            return False
        dice = random.Random(self.now)  # noqa: S311  where to look is no secret
        try:
            page = await self._page(None, walk.position + dice.randrange(len(walk.items) << dice.randrange(8)))
        except OutOfTime:
            return False
        return any(item.at is not None and item.at > cursor.floor[0] for item in page.items)

    def _is_past(self, item: Item[T], cursor: Cursor) -> bool:
        return not cursor.is_known(item) and cursor.is_history(item)

    def _is_enough(self, walk: Walk[T], cursor: Cursor) -> bool:
        """Whether the answer is full, where the rest of the list need not be read to know what comes first."""
        if self.source.expand is not None and self.budget.reads >= MOST_READS // 2:
            return True  # what was read is to be expanded yet
        if not (walk.is_oldest_first or walk.from_end or cursor.position):
            return False
        wanted = MOST_ITEMS if self.source.expand is None else MOST_READS
        return sum(1 for _ in _fresh(walk, cursor)) >= wanted

    def point(self, item: Item[T], cursor: Cursor) -> Point:
        at = cursor.time_of(item)
        return (self.now if at is None else at, item.number)

    def _swept(self, after: Cursor, walk: Walk[T], before: Cursor) -> Cursor:
        is_long = before.position > 0 or self.budget.reads > FEW_PAGES * self.source.read_cost
        is_quiet = self.now // TICKS_PER_SECOND - after.moved_at > self.source.late_seconds
        after = replace(after.swept(self.source.late, self.now), unfiltered=self._is_unfiltered(walk), resting=is_quiet)
        # A sweep that takes long is not repeated for ever: the whole of one more sees what came late before the rest.
        return after.settled() if is_long and is_quiet and before.resting and walk.order != "none" else after

    def _stopped(
        self, after: Cursor, walk: Walk[T], fresh: list[tuple[int, Item[T]]], taken: int, is_view: bool
    ) -> Cursor:
        after = replace(after, unfiltered=self._is_unfiltered(walk))
        if is_view:
            last = self.point(fresh[taken - 1][1], after) if taken else after.last or after.floor
            return replace(after, last=last)
        position = walk.position if taken == len(fresh) else _before(fresh, taken)
        # A step back is no progress: what lies before was walked past by an earlier poll.
        least = after.position if walk.from_end == after.from_end else 0
        walked = [item.mark for at, item in walk.steps if at <= position]
        self.recent = frozenset(walked[-2 * REPEATED :])
        return replace(after, position=max(position, least), from_end=walk.from_end, last=None)

    def _is_unfiltered(self, walk: Walk[T]) -> bool:
        return self.source.is_filtered and walk.is_unfiltered


class _Hand(Generic[T]):
    """Fills one answer."""

    def __init__(self, polling: _Polling[T], cursor: Cursor, limit: int) -> None:
        self._polling = polling
        self._cursor = cursor
        self._limit = limit
        self._bytes = 0
        self.held: list[tuple[Point, T]] = []
        self.marked: list[Item[T]] = []

    async def take(self, items: list[Item[T]]) -> int:
        """Take the first items, as many as fit, always one; returns how many."""
        for count, item in enumerate(items):
            held = await self._held(item)
            if held is None or not self._fits(held):
                return count
            self.held += [
                (self._polling.point(one, self._cursor), one.content) for one in held if one.content is not None
            ]
            self.marked += [item, *held]
            if item.content is None and self._polling.source.expand is None:
                logger.warning("polling: a record without usable content is passed over")
        return len(items)

    def _fits(self, held: list[Item[T]]) -> bool:
        contents = [one.content for one in held if one.content is not None]
        size = sum(len(content.to_json()) for content in contents)
        is_fitting = len(self.held) + len(contents) <= self._limit and self._bytes + size <= MOST_BYTES
        self._bytes += size
        return is_fitting or not contents or (not self.held and self._limit > 0)

    async def _held(self, item: Item[T]) -> list[Item[T]] | None:
        """The item, or the new items in it; None when the budget is spent."""
        polling, cursor = self._polling, self._cursor
        if polling.source.expand is None:
            return [item]
        if self._limit == 0 or not polling.budget.allows():
            return None
        since = max(cursor.floor[0], cursor.history)
        try:
            held = await polling.budget.expansion(polling.source, item, since)
        except OutOfTime:
            return None
        except (NotFound, Unavailable) as problem:
            if isinstance(problem, Unavailable) and not self.marked:
                raise
            return [] if isinstance(problem, NotFound) else None
        return [one for one in held if one.mark not in cursor.marks and (one.at is None or one.at > since)]


def _span(page: Reading[T]) -> tuple[int, int] | None:
    """Between which dates the middle half of a page lies: single records that are dated back do not count."""
    times = sorted(item.at for item in page.items if item.at is not None)
    return (times[len(times) // 4], times[-1 - len(times) // 4]) if times else None


def has_numbers_only(items: list[Item[T]]) -> bool:
    """Whether a list has no dates at all, so that the numbers of its records must do."""
    return bool(items) and all(item.at is None and item.is_numbered for item in items)


def _fresh(walk: Walk[T], cursor: Cursor) -> Iterator[tuple[int, Item[T]]]:
    """What needs handing over, each once, in walking order."""
    seen: set[bytes] = set()
    for step in walk.steps:
        item = step[1]
        if item.mark in seen or cursor.is_known(item) or cursor.is_history(item):
            continue
        seen.add(item.mark)
        yield step


def _before(fresh: list[tuple[int, Item[T]]], taken: int) -> int:
    """The position before the first item that was not taken."""
    return max(0, fresh[taken][0] - 1)


def _slow_start() -> ConnectorError:
    return Unavailable("DeskDirectorSlow", "DeskDirector was too slow to begin; try again.", retry_after=WAIT_SECONDS)
