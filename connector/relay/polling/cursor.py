"""The state of a polling trigger: pure logic, without store or clock.

A trigger reads its list in *sweeps*: from `floor` to the newest item, as many polls as that takes. Whatever a sweep
meets that has no mark is new. The next sweep begins `late` before the newest item that was known when this one began,
so that everything is met by two sweeps at least, and an item that shows up late by one. Marks are kept, with their
dates, as long as a sweep may meet their items: a mark is not forgotten because one reading missed its item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from connector.relay.polling.items import TICKS_PER_SECOND, Item, Point, T

LAST_NUMBER: Final = 2**63
UNDATED_SECONDS: Final = 30 * 86_400
"""How long an item without a date is remembered after it was last read."""
LONGEST_BACK: Final = 3 * 86_400 * TICKS_PER_SECOND
"""What is dated earlier than that by our clock is not new, e.g. a ticket that comes to match a filter after years.

It is so long because the clocks may differ by days.
"""
_HOUR: Final = 3_600 * TICKS_PER_SECOND
MOST_MARKS: Final = 25_000
"""Beyond this many items in the window, the window shrinks."""

Marks = Mapping[bytes, int]
"""Mark of an item that needs no handing over (any more) -> its date in seconds, rounded up."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a trigger stands. Items at or before `floor` are done; later ones are new when they have no mark."""

    floor: Point
    next_floor: Point
    """Where the next sweep begins."""
    frontier: int
    """The newest date of an item handed over, as far as it is not in the future."""
    marks: Marks = field(default_factory=dict)
    position: int = 0
    """Records that this sweep has walked past; 0 when it begins, or reads everything in one poll."""
    from_end: bool = False
    """Whether the sweep walks from the end of the list to its beginning."""
    last: Point | None = None
    """The newest item handed over when the poll could not hand over everything; items are then taken oldest first."""
    starting: bool = False
    """Whether this is the first sweep: items dated up to `history` are marked and not handed over."""
    history: int = 0
    top: int = 0
    """Items without a date that are numbered up to this one were there when the trigger began."""
    numbers: bool = False
    """Whether the list has no dates at all: numbers then stand for them, as seconds since 1970."""
    unfiltered: bool = False
    """Whether the list was noticed to ignore the time that it is asked for."""
    mixed: bool = False
    """Whether the order of the first page was seen not to hold for the rest of the list."""
    resting: bool = False
    """Whether nothing had been handed over for as long as it looks back when this sweep began."""
    moved_at: int = 0
    """When something was last handed over, by our clock, in seconds."""

    @classmethod
    def beginning(cls, newest: int, late: int, *, now: int, top: int = 0, numbers: bool = False) -> Self:
        """The cursor for which everything dated up to `newest` is history."""
        floor = (max(0, newest - late, 0 if numbers else longest_back(now)), 0)
        return cls(floor, floor, newest, starting=True, history=newest, top=top, numbers=numbers)

    def time_of(self, item: Item[T]) -> int | None:
        """The date of an item; its number, in a list without dates."""
        if self.numbers:
            return item.number * TICKS_PER_SECOND if item.is_numbered else None
        return item.at

    def is_known(self, item: Item[T]) -> bool:
        """Whether the item needs no handing over (any more)."""
        if item.mark in self.marks:
            return True
        at = self.time_of(item)
        if at is None:
            return item.is_numbered and item.number <= self.top
        return (at, item.number) <= self.floor

    def is_history(self, item: Item[T]) -> bool:
        """Whether the item was there when the trigger began."""
        at = self.time_of(item)
        return self.starting and (at is None or at <= self.history)

    def marking(self, items: Iterable[Item[T]], now: int) -> Self:
        """The cursor that knows `items`. Dates move marks forward only; the future does not move the frontier."""
        marks = dict(self.marks)
        frontier = self.frontier
        for item in items:
            at = self.time_of(item)
            seconds = now // TICKS_PER_SECOND + UNDATED_SECONDS if at is None else -(-at // TICKS_PER_SECOND)
            marks[item.mark] = max(marks.get(item.mark, 0), seconds)
            if at is not None and frontier < at and (at <= now or self.numbers):
                frontier = at
        return replace(self, marks=marks, frontier=frontier)

    def sighting(self, items: Iterable[Item[T]], now: int) -> Self:
        """The cursor after a reading met `items`: those that are marked stay so while they are met."""
        return self.marking((item for item in items if item.mark in self.marks), now)

    def swept(self, late: int, now: int) -> Self:
        """The cursor after a sweep has met everything."""
        floor = self.next_floor
        then = max(floor, (max(0, self.frontier - late, 0 if self.numbers else longest_back(now)), 0))
        history = min(self.history, self.frontier) if floor[0] <= self.history else 0
        begun = replace(self, floor=floor, next_floor=then, position=0, from_end=False, last=None, history=history)
        return replace(begun, starting=False, marks=begun.marks_since(floor[0]))

    def settled(self) -> Self:
        """The cursor that looks back no more: everything up to the newest item handed over is done."""
        floor = max(self.floor, (self.frontier, LAST_NUMBER))
        return replace(self, floor=floor, next_floor=floor, marks=self.marks_since(floor[0]))

    def marks_since(self, at: int) -> Marks:
        """The marks of items dated at a time or later."""
        seconds = at // TICKS_PER_SECOND
        return {mark: dated for mark, dated in self.marks.items() if dated >= seconds}

    def reduced(self, limit: int, recent: frozenset[bytes] = frozenset()) -> Self:
        """The cursor with at most `limit` marks and some more: the newest by date, and those of `recent` items.

        Items older than the dropped marks are not looked for any more. `recent` are the last items walked
        past, which the next poll may meet again.
        """
        if len(self.marks) <= limit:
            return self
        oldest_first = sorted(dated for mark, dated in self.marks.items() if mark not in recent)
        if len(oldest_first) <= limit:
            return self
        dropped = oldest_first[len(oldest_first) - limit - 1]
        done = (dropped * TICKS_PER_SECOND, LAST_NUMBER)
        if self.last is not None:
            done = min(done, self.last)
        marks = {mark: dated for mark, dated in self.marks.items() if dated > dropped or mark in recent}
        # In the middle of a sweep the position says what is done, the floor does not.
        floor = self.floor if self.position else max(self.floor, done)
        return replace(self, floor=floor, next_floor=max(self.next_floor, done), marks=marks)


def longest_back(now: int) -> int:
    """The time before which nothing is new; it moves once an hour, so that states at rest stay the same meanwhile."""
    return max(0, now - LONGEST_BACK) // _HOUR * _HOUR
