"""Dates and times as people and platforms write them -> ISO 8601 in UTC."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

EXAMPLE = "2026-12-31T17:00:00Z"
RELATIVE_FORMS = "today, yesterday, tomorrow, now, a weekday such as monday, or -7d, -24h, -2w, +3d"

_LONGEST = 40
_DATED = re.compile(r"\s*\d{4}-?\d{2}-?\d{2}", re.ASCII)
_CLOCKED = re.compile(r"\d{2}:\d{2}:(\d{2})")
_SPAN = re.compile(r"([+-])\s*(\d{1,4})\s*(min|h|d|w)", re.ASCII)
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


class MomentError(ValueError):
    """A text that is no moment; the message says what to give."""


def moment_of(text: str) -> str:
    """The moment that `text` means, in UTC with `Z`; a date alone is its midnight, a missing zone is UTC."""
    written = text.strip()
    try:
        moment = datetime.fromisoformat(written.upper() if len(written) <= _LONGEST else "")
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentError(_remedy(written[:_LONGEST])) from None
    return _written(moment)


def relative_moment(text: str, now: datetime, zone: tzinfo = UTC) -> str | None:
    """The moment that `today`, `monday` or `-7d` means at `now`; None for other texts.

    Days begin at midnight of `zone`. A weekday is its last beginning: today's when today is that day.
    """
    word = text.strip().lower()
    if word == "now":
        return _written(now.astimezone(UTC).replace(microsecond=0))
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if word in _DAYS:
        return _local(midnight + timedelta(days=_DAYS[word]), zone)
    if word in _WEEKDAYS:
        return _local(midnight - timedelta(days=(midnight.weekday() - _WEEKDAYS.index(word)) % 7), zone)
    match = _SPAN.fullmatch(word)
    if not match:
        return None
    span = timedelta(**{_UNITS[match[3]]: int(match[2])})
    return _written((now + (span if match[1] == "+" else -span)).astimezone(UTC).replace(microsecond=0))


@lru_cache(maxsize=8)
def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name such as Europe/London."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _local(moment: datetime, zone: tzinfo) -> str:
    return _written(moment.replace(tzinfo=zone).astimezone(UTC))


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _remedy(text: str) -> str:
    if not _DATED.match(text):
        return f"is not understood: give a date and time such as {EXAMPLE}"
    seconds = _CLOCKED.search(text)
    if seconds and int(seconds[1]) > 59:
        return f"has no such second: seconds go from 00 to 59, as in {EXAMPLE}"
    return f"is not in the calendar or the clock: give a date and time such as {EXAMPLE}"
