"""Timer schedules: NCRONTAB expressions (`{second} {minute} {hour} {day} {month} {day of week}`) and time spans.

NCRONTAB is cron with seconds, English names, and one difference: when both the day and the day of the week are
restricted, both have to hold. All times are UTC, as in Azure unless a time zone is set there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Protocol

from workbench.localhost.config import seconds

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
# The longest gap between two days that a schedule can name: 29 February on one weekday, over a skipped leap year.
HORIZON: Final = timedelta(days=40 * 366)


class ScheduleError(ValueError):
    """A schedule that cannot be read or never comes."""


class Schedule(Protocol):
    """When a timer is due."""

    def next_after(self, moment: datetime) -> datetime:
        """The first time strictly later than `moment` (UTC)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so often, counted from the last time."""

    every: timedelta

    def next_after(self, moment: datetime) -> datetime:
        """One interval later."""
        return moment + self.every


@dataclass(frozen=True, slots=True)
class Ncrontab:
    """The permitted values of each field, in order."""

    seconds: Sequence[int]
    minutes: Sequence[int]
    hours: Sequence[int]
    days: Sequence[int]
    months: Sequence[int]
    weekdays: Sequence[int]

    def next_after(self, moment: datetime) -> datetime:
        """The first matching whole second after `moment`; raises `ScheduleError` when there is none in years."""
        start = (moment + timedelta(seconds=1)).replace(microsecond=0)
        day, end = start.date(), start.date() + HORIZON
        earliest = start.time()
        while day <= end:
            if day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays:
                clock = self._clock_from(earliest)
                if clock is not None:
                    return datetime.combine(day, clock, UTC)
            day, earliest = day + timedelta(days=1), time.min
        raise ScheduleError("The schedule names a day that never comes.")

    def _clock_from(self, earliest: time) -> time | None:
        """The first permitted time of day at or after `earliest`."""
        for hour in self.hours:
            for minute in self.minutes:
                if (hour, minute) < (earliest.hour, earliest.minute):
                    continue
                for second in self.seconds:
                    if (hour, minute, second) >= (earliest.hour, earliest.minute, earliest.second):
                        return time(hour, minute, second)
        return None


def parse(text: str) -> Schedule:
    """A schedule from `0 */5 * * * *` (five fields are taken as second 0) or a time span such as `00:05:00`.

    Raises `ScheduleError` with the reason.
    """
    fields = text.split()
    if len(fields) == 1 and ":" in text:
        return _interval(text)
    if len(fields) == 5:
        fields.insert(0, "0")
    if len(fields) != 6:
        raise ScheduleError(f"'{text}' is not a schedule: six fields are needed, second to day of the week.")
    try:
        schedule = Ncrontab(
            _values(fields[0], 0, 59),
            _values(fields[1], 0, 59),
            _values(fields[2], 0, 23),
            _values(fields[3], 1, 31),
            _values(fields[4], 1, 12, MONTHS),
            _values(fields[5], 0, 6, WEEKDAYS),
        )
    except ValueError as problem:
        raise ScheduleError(f"'{text}' is not a schedule: {problem}.") from None
    schedule.next_after(datetime.now(UTC))
    return schedule


def _interval(text: str) -> Interval:
    try:
        every = timedelta(seconds=seconds(text))
    except ValueError as problem:
        raise ScheduleError(str(problem)) from None
    if not every:
        raise ScheduleError(f"'{text}' is not a schedule: an interval has to be longer than nothing.")
    return Interval(every)


def _values(text: str, low: int, high: int, names: Sequence[str] = ()) -> tuple[int, ...]:
    """The values that one field permits: `*`, `5`, `MON`, `1-5`, each with an optional `/step`, joined by commas."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = int(step_text) if slash else 1
        first, last = _span(span, low, high, names, open_ended=bool(slash))
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(f"'{part}' is outside {low}-{high}")
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))


def _span(text: str, low: int, high: int, names: Sequence[str], *, open_ended: bool) -> tuple[int, int]:
    """First and last value; a single value with a step (`5/15`) runs to the end of the field."""
    if text == "*":
        return low, high
    start, dash, end = text.partition("-")
    first = _value(start, low, names)
    if dash:
        return first, _value(end, low, names)
    return first, high if open_ended else first


def _value(text: str, low: int, names: Sequence[str]) -> int:
    if text.isdecimal():
        return int(text)
    matches = [index for index, name in enumerate(names) if len(text) >= 3 and name.startswith(text.lower())]
    if len(matches) != 1:
        raise ValueError(f"'{text}' is not a value")
    return low + matches[0]
