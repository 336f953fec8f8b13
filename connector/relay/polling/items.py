"""What polling triggers read: items with a key and a date, from a list upstream that is read page by page.

Times are ticks of 100 ns since 1970, the precision that DeskDirector writes.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.models import Entity

T = TypeVar("T", bound=Entity)

TICKS_PER_SECOND: Final = 10_000_000
MARK_BYTES: Final = 6
TAKE: Final = 200
"""Results asked for in one page; a site may give fewer without saying so."""
LATE_SECONDS: Final = 900

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = (datetime(1990, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1) * TICKS_PER_SECOND
"""No ticket is older: an earlier date is a default value (0001-01-01) or garbage."""

Point = tuple[int, int]
"""A place in the order of items: time and number."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """One entry of a list. Two with the same key are the same; a change that counts as new changes the key.

    `at` is None without a usable date; `content` is None when there is nothing to hand over but the entry counts as
    read (its record is unreadable, or its content is read with `Source.expand`).
    """

    key: str
    at: int | None
    content: T | None = None
    number: int = field(init=False)
    """The number that the key begins with, else one made of the key: the order of items with equal times."""
    mark: bytes = field(init=False)
    """The key in 48 bits, so that one in 10^9 new items is taken for one of 300,000 that were handed over."""

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.key.encode(errors="surrogatepass")).digest()
        object.__setattr__(self, "mark", digest[:MARK_BYTES])
        number = int(self.digits) if self.is_numbered else 1 + int.from_bytes(digest[MARK_BYTES : MARK_BYTES + 4])
        object.__setattr__(self, "number", number)

    @property
    def digits(self) -> str:
        """The part of the key that may be a number: that before the date of a change."""
        return self.key.partition("@")[0]

    @property
    def is_numbered(self) -> bool:
        """Whether the key begins with a number, which grows with each new record."""
        return self.digits.isascii() and self.digits.isdecimal() and len(self.digits) < 19


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """One page: its items, how many records it had (those passed over included), how many there are in all if known.

    `is_all` says that there is no other page; `next` is the position after it where that is not a number of records.
    """

    items: list[Item[T]]
    count: int
    total: int | None = None
    is_all: bool = False
    next: int | None = None


Read = Callable[[int | None, int], Awaitable[Reading[T]]]
"""Reads the page after this many results, of items dated from a time on (None: of all)."""
Expand = Callable[[Item[T], int], Awaitable[list[Item[T]]]]
"""Reads what an item holds that may be new, dated from a time on."""


@dataclass(frozen=True, slots=True)
class Source(Generic[T]):
    """A list upstream as a trigger reads it."""

    read: Read[T]
    expand: Expand[T] | None = None
    is_filtered: bool = True
    """Whether the list takes a time to begin from. A list that is said to and does not is noticed."""
    is_dated: bool = True
    """Whether the list may be sorted by the dates of its items; else all of it is read."""
    is_dated_by_us: bool = False
    """Whether items are dated by our own clock: deadlines that it has passed."""
    unfiltered: Callable[[], ConnectorError] | None = None
    """The error where the list must be filtered by time and is not; without it, newest pages are filtered here."""
    read_cost: int = 1
    """Upstream calls that one page takes."""
    late_seconds: int = LATE_SECONDS
    """How far before the newest item handed over an item may be dated when it shows up."""

    @property
    def late(self) -> int:
        """The same in ticks."""
        return self.late_seconds * TICKS_PER_SECOND


def ticks(moment: str) -> int:
    """The ticks of an ISO 8601 time in UTC; digits beyond seven are cut. Raises `ValueError`."""
    whole, _, fraction = moment.rstrip("Z").partition(".")
    seconds = (datetime.fromisoformat(whole).replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
    return seconds * TICKS_PER_SECOND + int(fraction[:7].ljust(7, "0"))


def dated(*moments: str | None) -> int | None:
    """The ticks of the first that is a plausible date; None when none is."""
    for moment in moments:
        try:
            at = ticks(moment) if moment else 0
        except ValueError:
            continue
        if at >= EARLIEST:
            return at
    return None


def wire(moment: int) -> str:
    """Ticks as an ISO 8601 time in UTC."""
    seconds, fraction = divmod(moment, TICKS_PER_SECOND)
    return f"{(_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()}.{fraction:07d}Z"
