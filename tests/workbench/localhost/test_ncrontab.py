"""Schedules come at the times that their fields name."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.localhost.ncrontab import ScheduleError, parse

START = datetime(2026, 11, 24, 10, 7, 30, 500, UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 */5 * * * *", "2026-11-24T10:10:00"),
        ("*/5 * * * *", "2026-11-24T10:10:00"),
        ("* * * * * *", "2026-11-24T10:07:31"),
        ("0 0 3 * * *", "2026-11-25T03:00:00"),
        ("0 7 10 * * *", "2026-11-25T10:07:00"),
        ("31 7 10 * * *", "2026-11-24T10:07:31"),
        ("0 30 9 * Jan Mon-Fri", "2027-01-01T09:30:00"),
        ("0 0 0 1 1 *", "2027-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 29 2 MON", "2044-02-29T00:00:00"),
        ("0 0 0 13 * friday", "2027-08-13T00:00:00"),
        ("0 0 9-17/4 * * 0,6", "2026-11-28T09:00:00"),
        ("0 50/5 * * * *", "2026-11-24T10:50:00"),
        ("0 5,1-3 * * * *", "2026-11-24T11:01:00"),
        ("00:05:00", "2026-11-24T10:12:30.000500"),
        ("1.00:00:00", "2026-11-25T10:07:30.000500"),
    ],
)
def test_the_next_time(text: str, expected: str) -> None:
    assert parse(text).next_after(START) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "every night", "* * * *", "* * * * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *"),
        *("* * * * 13 *", "* * * * * 7", "*/0 * * * * *", "5-1 * * * * *", "* * * * Ja *", "x * * * * *"),
        *("0 0 0 30 2 *", "00:00:00", "5 minutes:", "-5 * * * * *", "1,,2 * * * * *"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse(text)


fields = st.tuples(*(st.sets(st.integers(0, top), min_size=1, max_size=3) for top in (59, 59, 23)))
days = st.sampled_from(["* * *", "*/10 * *", "* * 1-5", "1,15 * *", "* 2,12 0"])
moments = st.integers(0, 4 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(fields, days, moments)
def test_times_move_forward_match_and_skip_nothing(
    clock: tuple[set[int], set[int], set[int]], day: str, moment: datetime
) -> None:
    schedule = parse(" ".join(",".join(map(str, values)) for values in clock) + " " + day)
    following = schedule.next_after(moment)
    assert following > moment
    assert (following.second, following.minute, following.hour) in {
        (second, minute, hour) for second in clock[0] for minute in clock[1] for hour in clock[2]
    }
    between = moment + (following - moment) / 2
    assert schedule.next_after(between) == following
    assert schedule.next_after(following - timedelta(microseconds=1)) == following
