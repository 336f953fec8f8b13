"""The waits between attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.relay.retry_schedule import GIVE_UP_AFTER, JITTER, MAX_ATTEMPTS, next_wait


def waits(jitter: float) -> list[float]:
    found: list[float] = []
    while (wait := next_wait(len(found) + 1, jitter=jitter)) is not None:
        found.append(wait)
    return found


def test_the_promised_schedule() -> None:
    hours = [3600.0] * (MAX_ATTEMPTS - 6)
    assert waits(0.5) == [5, 30, 120, 600, 1800, *hours]
    assert GIVE_UP_AFTER - 3600 < sum(waits(0.5)) <= GIVE_UP_AFTER


@given(st.integers(1, MAX_ATTEMPTS - 1), st.floats(0, 1))
def test_jitter_stays_small(attempt: int, jitter: float) -> None:
    usual, wait = next_wait(attempt, jitter=0.5), next_wait(attempt, jitter=jitter)
    assert usual is not None
    assert wait is not None
    assert wait == pytest.approx(usual, rel=JITTER + 1e-9)


def test_a_flow_may_ask_for_longer_but_not_for_less() -> None:
    assert next_wait(1, jitter=0.5, retry_after=90.0) == 90
    assert next_wait(3, jitter=0.5, retry_after=1.0) == 120
    assert next_wait(MAX_ATTEMPTS, jitter=0.5, retry_after=90.0) is None
