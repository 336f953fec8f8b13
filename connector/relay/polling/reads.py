"""How a polling trigger reads what is new from a list of DeskDirector, page by page."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from connector.deskdirector.errors import Unavailable
from connector.deskdirector.models import Entity
from connector.relay.polling.cursor import START_OVERLAP, TICKS_PER_SECOND, Cursor, Item

T = TypeVar("T", bound=Entity)

TAKE: Final = 200
PAGES: Final = 20
"""As many pages are read in a row; when there is more, the older half of the time is read first."""
REPEATED: Final = 5
"""Results at the end of a page that are read again with the next one, because the list moves meanwhile."""
NARROWINGS: Final = 40
MOST_ITEMS: Final = 100
MOST_BYTES: Final = 350_000
WAIT_SECONDS: Final = 60
"""Platforms ask once a minute at most."""


class Reading(NamedTuple, Generic[T]):
    """One page of a list: what is on it, and how much there is in all, when that is told."""

    items: list[Item[T]]
    total: int | None


Read = Callable[[int, int | None, int], Awaitable[Reading[T]]]
"""Reads the page after so many results, of what is dated from a time (ticks) on, and before another if it is given."""


@dataclass(frozen=True, slots=True)
class Poll(Generic[T]):
    """What one poll found: the state that the next one begins with, and how soon that may be."""

    state: str
    items: list[T]
    wait_seconds: int


async def poll(state: str | None, read: Read[T]) -> Poll[T]:
    """Read what is new since `state`; without one, only note where to begin."""
    if not state:
        return Poll(str(await _start(read)), [], WAIT_SECONDS)
    cursor = Cursor.of(state)
    found, is_all = await _found_since(read, cursor)
    fresh = cursor.fresh(found)
    taken = _fitting(fresh)
    if not taken:
        return Poll(str(cursor), [], WAIT_SECONDS)
    is_more = not is_all or len(taken) < len(fresh)
    wait = 0 if is_more else WAIT_SECONDS
    return Poll(str(cursor.after(taken, found)), [item.content for item in taken], wait)


async def _start(read: Read[T]) -> Cursor:
    now = _now()
    back = START_OVERLAP
    for _ in range(NARROWINGS):
        found, is_all = await _pages(read, now - back, None)
        if is_all:
            return Cursor.start(found, now - back)
        back //= 2
    raise _too_many()


async def _found_since(read: Read[T], cursor: Cursor) -> tuple[list[Item[T]], bool]:
    """What is dated since the cursor, and whether that is all; if it is too much, an older part with something new.

    Too much is bisected by time: nothing before `low` is new, and what is dated from `low` to `high` is too much. So
    the number of steps is at most the logarithm of the time span, whatever the clock says.
    """
    found, is_all = await _pages(read, cursor.since, None)
    if is_all:
        return found, True
    low, high = cursor.since, max(_now(), cursor.since + 2, *(item.at + 1 for item in found))
    read_before: list[Item[T]] = []
    while high - low > 1:
        middle = (low + high) // 2
        found, is_all = await _pages(read, low, middle)
        if not is_all:
            high = middle
        elif cursor.fresh(found):
            return [*read_before, *found], False
        else:
            read_before += found
            low = middle
    raise _too_many()


async def _pages(read: Read[T], since: int, until: int | None) -> tuple[list[Item[T]], bool]:
    """Page after page; False when there are too many."""
    found: dict[str, Item[T]] = {}
    skip = 0
    for _ in range(PAGES):
        page, total = await read(since, until, skip)
        found |= {item.key: item for item in page}
        end = skip + len(page)
        if (end >= total if total is not None else len(page) < TAKE) or not page or _is_past(page, since):
            return list(found.values()), True
        skip = max(skip + 1, end - REPEATED)
    return list(found.values()), False


def _is_past(page: list[Item[T]], since: int) -> bool:
    """Whether what follows is older: where a filter is not known upstream, lists begin with the newest."""
    times = [item.at for item in page]
    return times[-1] < since and times == sorted(times, reverse=True)


def _fitting(fresh: list[Item[T]]) -> list[Item[T]]:
    """As many as one answer takes; always one."""
    size = 0
    for count, item in enumerate(fresh[:MOST_ITEMS]):
        size += len(item.content.model_dump_json(by_alias=True, exclude_none=True))
        if size > MOST_BYTES and count:
            return fresh[:count]
    return fresh[:MOST_ITEMS]


def _now() -> int:
    return round(time.time() * TICKS_PER_SECOND)


def _too_many() -> Unavailable:
    return Unavailable(
        "TooManyNew",
        "More has changed than can be read in one go; narrow the trigger, e.g. to a board.",
        retry_after=WAIT_SECONDS,
    )
