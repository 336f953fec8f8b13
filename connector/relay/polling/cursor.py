"""The state of a polling trigger: pure logic, and no store, because it travels in the `Location` of each answer.

A cursor is a time and the items seen since that time. A poll asks for everything since then, and hands over what is not
among those seen. So items with equal times are neither lost nor repeated, and one that shows up late (the servers of
DeskDirector do not share one clock) is still found, if its date is at most `OVERLAP` before the newest handed over.

Times are ticks of 100 ns since 1970, the precision that DeskDirector writes.
"""

import base64
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from connector.deskdirector.errors import BadRequest

T = TypeVar("T")

TICKS_PER_SECOND: Final = 10_000_000
OVERLAP: Final = 120 * TICKS_PER_SECOND
START_OVERLAP: Final = 900 * TICKS_PER_SECOND
"""The first poll looks this far back, so that our clock and DeskDirector's may differ by as much."""
REMEMBERED: Final = 800
"""Items that a cursor names at most, eight characters each (addresses end at 16,384), ties at its start excepted."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1) * TICKS_PER_SECOND
"""No cursor that we gave is later, and times of the calendar's last year cannot be reckoned with."""
_MARK: Final = 8
_CURSOR: Final = re.compile(r"([0-9a-f]{1,16})\.((?:[\w-]{8})*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something that a poll finds. Two with the same key are the same; a change that counts as new changes the key."""

    key: str
    at: int
    content: T
    mark: str = field(init=False)
    """The key in eight characters: 48 bits, so that one in 10^11 new items is taken for one of 800 seen."""

    def __post_init__(self) -> None:
        mark = base64.urlsafe_b64encode(hashlib.sha256(self.key.encode()).digest()[:6]).decode()
        object.__setattr__(self, "mark", mark)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything that is dated `since` or later and not `seen` is new."""

    since: int
    seen: frozenset[str] = frozenset()

    @classmethod
    def start(cls, items: Iterable[Item[T]], since: int) -> "Cursor":
        """The cursor after which nothing of `items` is new: all there is, dated `since` or later."""
        begun = cls(since)
        return begun.after(begun.fresh(items), items)

    def fresh(self, items: Iterable[Item[T]]) -> list[Item[T]]:
        """What is new among `items`, each once, oldest first."""
        found = {item.mark: item for item in items if item.at >= self.since and item.mark not in self.seen}
        return sorted(found.values(), key=lambda item: (item.at, item.key))

    def after(self, handed_over: Sequence[Item[T]], items: Iterable[Item[T]]) -> "Cursor":
        """The cursor after `handed_over`, the first few of `fresh(items)` or all of them."""
        newest = max((item.at for item in handed_over), default=self.since)
        since = max(self.since, newest - OVERLAP)
        done = self.seen | {item.mark for item in handed_over}
        dated = {item.mark: item.at for item in items if item.mark in done}
        if len(dated) > REMEMBERED:
            since = max(since, _latest_start(sorted(dated.values())))
        return Cursor(since, frozenset(mark for mark, at in dated.items() if at >= since))

    def __str__(self) -> str:
        return f"{self.since:x}.{''.join(sorted(self.seen))}"

    @classmethod
    def of(cls, text: str) -> "Cursor":
        """The cursor that was written as `text`."""
        found = _CURSOR.fullmatch(text)
        if found is None or int(found[1], 16) > _LATEST:
            raise BadRequest(
                "StateInvalid", "'state' must be given back exactly as the last answer had it; leave it out to start."
            )
        marks = found[2]
        return cls(int(found[1], 16), frozenset(marks[at : at + _MARK] for at in range(0, len(marks), _MARK)))


def ticks(moment: str) -> int:
    """The ticks of an ISO 8601 time in UTC; digits beyond seven are cut."""
    whole, _, fraction = moment.rstrip("Z").partition(".")
    seconds = (datetime.fromisoformat(whole).replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
    return seconds * TICKS_PER_SECOND + int(fraction[:7].ljust(7, "0"))


def wire(moment: int) -> str:
    """Ticks as an ISO 8601 time in UTC."""
    seconds, fraction = divmod(moment, TICKS_PER_SECOND)
    return f"{(_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()}.{fraction:07d}Z"


def _latest_start(times: list[int]) -> int:
    """The earliest time from which on at most `REMEMBERED` are dated; the newest one, if ties make even that more."""
    fits = (at for at in times[-REMEMBERED:] if len(times) - bisect_left(times, at) <= REMEMBERED)
    return next(fits, times[-1])
