"""Dates as DeskDirector's versions write them -> ISO 8601 in UTC."""

import re
from datetime import UTC, datetime, timedelta

UTC_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,7})?Z$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 1e11
"""A larger number of seconds would be in the year 5138; so it is milliseconds."""

_SECONDS = len("2026-01-02T03:04:05")
LONGEST = len("2026-01-02T03:04:05.1234567Z")

_DOT_NET = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/")
_NUMBER = re.compile(r"-?\d{1,16}(\.\d+)?")


def utc_time(value: object) -> str | None:
    """`value` as `2026-01-02T03:04:05Z`, with up to seven fraction digits; None when it is no possible date.

    Taken are ISO 8601 with or without a zone (then UTC), `/Date(ms)/`, and seconds or milliseconds since 1970. The
    year 1 is .NET's way to say "no date".
    """
    if type(value) is str:
        # Where these characters stand, `fromisoformat` accepts nothing but the usual form.
        if (
            20 <= len(value) <= LONGEST
            and value[-1] == "Z"
            and value[19] in ".Z"
            and value[10] == "T"
            and value[7] == "-"
        ):
            try:
                return value if datetime.fromisoformat(value).year > 1 else None
            except ValueError:
                return None
        if len(value) >= _SECONDS and value[10] == "T" and value[4] == value[7] == "-":
            try:
                utc = datetime.fromisoformat(value)
                if utc.tzinfo is not None:
                    utc = utc.astimezone(UTC).replace(tzinfo=None)
                return utc.isoformat() + "Z" if utc.year > 1 else None
            except (ValueError, OverflowError):
                pass  # with space around it, say
        moment = _moment(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        moment = _since_epoch(value)
    else:
        return None
    if moment is None or moment.year == 1:
        return None
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _moment(text: str) -> datetime | None:
    if match := _DOT_NET.fullmatch(text.replace("\\/", "/")):
        return _after_epoch(int(match[1]) / 1000)
    if _NUMBER.fullmatch(text) and len(text) > len("20260102"):
        return _since_epoch(float(text))
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _since_epoch(number: float) -> datetime | None:
    return _after_epoch(number / 1000 if abs(number) >= MILLISECONDS_FROM else number)


def _after_epoch(seconds: float) -> datetime | None:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
