"""The retry decision, as a table."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.no_answer import Sent
from connector.deskdirector.retrying import ATTEMPTS, retry_after_seconds, wait_before_retry

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "reads", "creates"),
    [
        (Sent.NO, True, True),
        (Sent.MAYBE, True, False),
        (408, True, False),
        (429, True, True),
        (500, True, False),
        (502, True, False),
        (503, True, False),
        (504, True, False),
        (524, True, False),
        (501, False, False),
        (505, False, False),
        (301, False, False),
        (400, False, False),
        (401, False, False),
        (403, False, False),
        (404, False, False),
        (409, False, False),
        (422, False, False),
    ],
)
def test_what_is_tried_again(outcome: int | Sent, reads: bool, creates: bool) -> None:
    def again(idempotent: bool) -> bool:
        return wait_before_retry(outcome, idempotent=idempotent, attempt=1, remaining=90, jitter=0.5) is not None

    assert (again(True), again(False)) == (reads, creates)


def test_the_last_attempt_is_the_last() -> None:
    waits = [wait_before_retry(503, idempotent=True, attempt=n, remaining=90, jitter=1) for n in range(1, ATTEMPTS + 1)]
    assert waits == [0.1, 0.4, 1.6, None]


def test_waits_are_spread() -> None:
    assert wait_before_retry(503, idempotent=True, attempt=2, remaining=90, jitter=0) == 0.2


@pytest.mark.parametrize(
    ("retry_after", "remaining", "wait"), [(7, 90, 7), (45, 90, 45), (46, 90, None), (7, 10, None), (0, 90, 0.1)]
)
def test_the_servers_wish_is_followed_when_half_the_budget_stays(
    retry_after: float, remaining: float, wait: float | None
) -> None:
    assert (
        wait_before_retry(429, idempotent=True, attempt=1, remaining=remaining, jitter=1, retry_after=retry_after)
        == wait
    )


def test_nothing_is_tried_when_the_budget_is_spent() -> None:
    assert wait_before_retry(503, idempotent=True, attempt=1, remaining=0, jitter=0) is None


@given(
    st.sampled_from([*Sent, 408, 429, 500, 503]),
    st.integers(1, 10),
    st.floats(-10, 200),
    st.floats(0, 1),
    st.none() | st.floats(0, 1e6),
)
def test_no_wait_outlasts_the_budget(
    outcome: int | Sent, attempt: int, remaining: float, jitter: float, retry_after: float | None
) -> None:
    wait = wait_before_retry(
        outcome, idempotent=True, attempt=attempt, remaining=remaining, jitter=jitter, retry_after=retry_after
    )
    assert wait is None or max(0.0, retry_after or 0.0) <= wait < remaining


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        ("-3", None),
        ("inf", None),
        ("1e400", None),
        ("120, 120", 120.0),
        ('"30"', 30.0),
        ("2026-03-01T12:00:30Z", 30.0),
        ("2026-03-01T13:00:30+01:00", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        ("99999999", 86400.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_any_retry_after_is_survived(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= 86400
