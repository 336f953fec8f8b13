"""The waits between attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.relay.retry_schedule import GIVE_UP_AFTER, JITTER, is_given_up, next_wait


def test_the_promised_schedule() -> None:
    assert [next_wait(attempt, jitter=0.5) for attempt in range(1, 9)] == [5, 30, 120, 600, 1800, 3600, 3600, 3600]


@given(st.integers(1, 5000), st.floats(0, 1))
def test_jitter_stays_small(attempt: int, jitter: float) -> None:
    assert next_wait(attempt, jitter=jitter) == pytest.approx(next_wait(attempt, jitter=0.5), rel=JITTER + 1e-9)


def test_a_delivery_is_given_up_by_its_age_not_by_its_attempts() -> None:
    assert not is_given_up(1000.0, 1000.0 + GIVE_UP_AFTER - 1)
    assert is_given_up(1000.0, 1000.0 + GIVE_UP_AFTER)
