"""Time as DeskDirector counts it: whole ticks of 100 ns, written with seven fraction digits and `Z`.

A tick is the .NET unit, so a date survives the round trip to a caller and back without rounding.
"""

import re
import time
from datetime import UTC, datetime, timedelta

TICKS_PER_SECOND = 10_000_000
MINUTE = 60 * TICKS_PER_SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The dates that can be written: years 1 to 9999.
_FIRST = -62_135_596_800 * TICKS_PER_SECOND
_LAST = 253_402_300_800 * TICKS_PER_SECOND - 1
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)


class Clock:
    """The simulator's own clock: it follows the real one until it is moved, set or frozen."""

    def __init__(self) -> None:
        self._moved = 0
        self._frozen: int | None = None

    def now(self) -> int:
        """The present, in ticks since 1970 UTC."""
        real = time.time_ns() // 100 if self._frozen is None else self._frozen
        return real + self._moved

    def move(self, distance: int) -> None:
        """Jump forward, or backward with a negative number of ticks."""
        self._moved += distance

    def freeze(self, *, frozen: bool) -> None:
        """Stop the clock, so that everything made now bears the same time, or let it run on from where it stands."""
        present = self.now()
        self._frozen, self._moved = (present, 0) if frozen else (None, present - time.time_ns() // 100)


def wire(ticks: int) -> str:
    """Ticks as DeskDirector writes them: `2018-06-28T05:18:26.9468948Z`."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:07d}Z"


def ticks(text: str) -> int:
    """Ticks of an ISO 8601 text; a missing zone counts as UTC. `ValueError` when it is no date."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a date: {text}")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction = int((match[7] or "0")[:7].ljust(7, "0"))
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    result = int((moment - _EPOCH).total_seconds()) * TICKS_PER_SECOND + fraction - _zone_offset(match[8])
    if not _FIRST <= result <= _LAST:
        raise ValueError(f"out of range: {text}")
    return result


def _zone_offset(zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * HOUR + int(digits[2:]) * MINUTE
    return -offset if zone[0] == "-" else offset
