"""Per-destination limits, so that one slow or dead flow never delays another. Kept in memory, per process.

A lane lets a few deliveries through at a time, and very few until its flow has shown that it answers quickly: those
that hang must not take up all there is. After several failures in a row its circuit opens: for a while nothing is sent,
then one delivery goes ahead to see whether the flow is back.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Final

AT_ONCE: Final = 8
AT_ONCE_UNLESS_QUICK: Final = 2
QUICK_SECONDS: Final = 5.0
FAILURES_TO_OPEN: Final = 5
FIRST_OPEN_SECONDS: Final = 15.0
LONGEST_OPEN_SECONDS: Final = 300.0
REMEMBERED: Final = 10_000


class Entry(Enum):
    """What a delivery may do now."""

    GO = "go"
    FULL = "full"  # others are under way to this flow
    OPEN = "open"  # this flow has been failing


@dataclass(slots=True)
class _Lane:
    under_way: int = 0
    failures: int = 0
    open_until: float = 0.0
    is_quick: bool = False

    @property
    def limit(self) -> int:
        if self.failures >= FAILURES_TO_OPEN:
            return 1
        return AT_ONCE if self.is_quick else AT_ONCE_UNLESS_QUICK


class Lanes:
    """The lanes of one process, by subscription id."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    def enter(self, destination: str, now: float) -> Entry:
        """Ask to go ahead; after GO, `leave` has to be called."""
        lane = self._lane(destination)
        if now < lane.open_until:
            return Entry.OPEN
        if lane.under_way >= lane.limit:
            return Entry.OPEN if lane.failures >= FAILURES_TO_OPEN else Entry.FULL
        lane.under_way += 1
        return Entry.GO

    def leave(self, destination: str, now: float, *, succeeded: bool, seconds: float) -> None:
        """The delivery that entered has ended, after `seconds`."""
        lane = self._lane(destination)
        lane.under_way -= 1
        lane.is_quick = seconds < QUICK_SECONDS
        if succeeded:
            lane.failures, lane.open_until = 0, 0.0
            return
        lane.failures += 1
        if lane.failures >= FAILURES_TO_OPEN:
            doublings = min(lane.failures - FAILURES_TO_OPEN, 10)
            lane.open_until = now + min(LONGEST_OPEN_SECONDS, FIRST_OPEN_SECONDS * 2**doublings)

    def pause(self, destination: str, until: float) -> None:
        """The flow itself asked to be left alone until then."""
        lane = self._lane(destination)
        lane.open_until = max(lane.open_until, until)

    def open_until(self, destination: str) -> float:
        """When the circuit lets something through again; in the past when it is closed."""
        return self._lane(destination).open_until

    def full(self) -> list[str]:
        """The destinations that can take no more at present."""
        return [name for name, lane in self._lanes.items() if lane.under_way >= lane.limit]

    def _lane(self, destination: str) -> _Lane:
        lane = self._lanes.get(destination)
        if lane is None:
            lane = self._lanes[destination] = _Lane()
            self._forget_idle_ones()
        self._lanes.move_to_end(destination)
        return lane

    def _forget_idle_ones(self) -> None:
        while len(self._lanes) > REMEMBERED:
            name, oldest = next(iter(self._lanes.items()))
            if oldest.under_way:
                return
            del self._lanes[name]
