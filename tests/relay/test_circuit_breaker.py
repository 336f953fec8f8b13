"""What one destination may do to another: nothing."""

import pytest

from connector.relay.circuit_breaker import (
    AT_ONCE,
    AT_ONCE_UNLESS_QUICK,
    FAILURES_TO_OPEN,
    FIRST_OPEN_SECONDS,
    LONGEST_OPEN_SECONDS,
    REMEMBERED,
    Entry,
    Lanes,
)


def fail(lanes: Lanes, times: int, *, now: float = 0.0) -> None:
    for _ in range(times):
        assert lanes.enter("dead", now) is Entry.GO
        lanes.leave("dead", now, succeeded=False, seconds=0.1)


def prove_quick(lanes: Lanes, name: str) -> None:
    lanes.enter(name, 0.0)
    lanes.leave(name, 0.0, succeeded=True, seconds=0.1)


def test_a_lane_takes_so_many_at_once_and_no_other_lane_notices() -> None:
    lanes = Lanes()
    prove_quick(lanes, "busy")
    assert [lanes.enter("busy", 0.0) for _ in range(AT_ONCE)] == [Entry.GO] * AT_ONCE
    assert lanes.enter("busy", 0.0) is Entry.FULL
    assert lanes.full() == ["busy"]
    assert lanes.enter("other", 0.0) is Entry.GO
    lanes.leave("busy", 0.0, succeeded=True, seconds=0.1)
    assert lanes.enter("busy", 0.0) is Entry.GO


@pytest.mark.parametrize("seconds", [None, 9.0])
def test_a_flow_that_is_new_or_slow_gets_few(seconds: float | None) -> None:
    lanes = Lanes()
    if seconds is not None:
        prove_quick(lanes, "flow")
        lanes.enter("flow", 0.0)
        lanes.leave("flow", seconds, succeeded=True, seconds=seconds)
    assert [lanes.enter("flow", 9.0) for _ in range(AT_ONCE_UNLESS_QUICK)] == [Entry.GO] * AT_ONCE_UNLESS_QUICK
    assert lanes.enter("flow", 9.0) is Entry.FULL


def test_a_failing_flow_is_left_alone_then_tried_by_one() -> None:
    lanes = Lanes()
    fail(lanes, FAILURES_TO_OPEN)
    assert lanes.enter("dead", FIRST_OPEN_SECONDS - 0.1) is Entry.OPEN
    assert lanes.enter("dead", FIRST_OPEN_SECONDS) is Entry.GO
    assert lanes.enter("dead", FIRST_OPEN_SECONDS) is Entry.OPEN
    lanes.leave("dead", FIRST_OPEN_SECONDS, succeeded=True, seconds=0.1)
    assert [lanes.enter("dead", FIRST_OPEN_SECONDS) for _ in range(AT_ONCE)] == [Entry.GO] * AT_ONCE


def test_the_circuit_opens_for_longer_each_time_but_never_for_ever() -> None:
    lanes = Lanes()
    fail(lanes, FAILURES_TO_OPEN)
    now, spans = 0.0, []
    for _ in range(10):
        span = lanes.open_until("dead") - now
        spans.append(span)
        now += span
        fail(lanes, 1, now=now)
    assert spans[:3] == [FIRST_OPEN_SECONDS, 2 * FIRST_OPEN_SECONDS, 4 * FIRST_OPEN_SECONDS]
    assert spans[-1] == LONGEST_OPEN_SECONDS


def test_a_flow_that_asks_for_a_pause_gets_it() -> None:
    lanes = Lanes()
    lanes.pause("throttled", 30.0)
    assert lanes.enter("throttled", 29.0) is Entry.OPEN
    assert lanes.enter("throttled", 30.0) is Entry.GO


def test_memory_stays_bounded() -> None:
    lanes = Lanes()
    for number in range(REMEMBERED + 50):
        lanes.enter(str(number), 0.0)
        lanes.leave(str(number), 0.0, succeeded=True, seconds=0.1)
    assert len(lanes._lanes) == REMEMBERED
