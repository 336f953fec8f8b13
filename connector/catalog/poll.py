"""How polling triggers read what is new and answer it: `202` when nothing is, `200` with a batch when something is."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from ..deskdirector.errors import Unavailable
from ..deskdirector.models import Entity
from ..relay.polling import START_OVERLAP, TICKS_PER_SECOND, Cursor, Item
from .request import Answered, Request

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


async def polled(request: Request, state: str | None, read: Read[T], batch: Callable[[list[T]], Entity]) -> Answered:
    """The answer to one poll; without `state` the first, which only notes where to begin."""
    if not state:
        return _answer(request, await _start(read), None, wait=WAIT_SECONDS)
    cursor = Cursor.of(state)
    found, is_all = await _found_since(read, cursor)
    fresh = cursor.fresh(found)
    taken = _fitting(fresh)
    if not taken:
        return _answer(request, cursor, None, wait=WAIT_SECONDS)
    more = not is_all or len(taken) < len(fresh)
    content = batch([item.content for item in taken])
    return _answer(request, cursor.after(taken, found), content, wait=0 if more else WAIT_SECONDS)


def _answer(request: Request, cursor: Cursor, content: Entity | None, *, wait: int) -> Answered:
    query = {name: value for name, value in request.query.items() if name not in ("state", "code")}
    location = f"{request.address(request.url_path)}?{urlencode({**query, 'state': str(cursor)})}"
    return Answered(content, 200 if content else 202, {"Location": location, "Retry-After": str(wait)})


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
    """What is dated since the cursor, and whether that is all; if it is too much, an older part with something new."""
    since, until = cursor.since, None
    read_before: list[Item[T]] = []
    for _ in range(NARROWINGS):
        found, is_all = await _pages(read, since, until)
        if not is_all:
            until = (since + (until or _now())) // 2
        elif until is None or cursor.fresh(found):
            return [*read_before, *found], until is None
        else:
            read_before += found
            since, until = until, None
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
