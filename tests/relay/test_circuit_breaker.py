"""What one flow may do to another: nothing."""

import math
from itertools import pairwise

import pytest

from connector.relay.circuit_breaker import (
    AT_ONCE,
    AT_ONCE_AT_FIRST,
    FAILURES_TO_OPEN,
    FIRST_OPEN_SECONDS,
    LONGEST_OPEN_SECONDS,
    REMEMBERED,
    Admission,
    Lanes,
    Outcome,
)
from connector.storage.records import FlowHealth

GO, BUSY, CLOSED = Admission.GO, Admission.BUSY, Admission.CLOSED


def attempt(
    lanes: Lanes, name: str, outcome: Outcome, *, now: float = 0.0, seconds: float = 0.1, wait: float = 0.0
) -> bool:
    assert lanes.enter(name, now) is GO
    return lanes.leave(name, now, now, outcome, seconds=seconds, wait=wait)


def accept(lanes: Lanes, name: str, times: int = 1, *, now: float = 0.0, seconds: float = 0.1) -> None:
    for _ in range(times):
        attempt(lanes, name, Outcome.ACCEPTED, now=now, seconds=seconds)


def fail(lanes: Lanes, times: int, *, now: float = 0.0) -> None:
    for _ in range(times):
        attempt(lanes, "dead", Outcome.FAILED, now=now)


def test_a_window_grows_with_every_success_and_no_other_lane_notices() -> None:
    lanes = Lanes()
    accept(lanes, "busy", AT_ONCE)
    assert [lanes.enter("busy", 0.0) for _ in range(AT_ONCE)] == [GO] * AT_ONCE
    assert lanes.enter("busy", 0.0) is BUSY
    assert "busy" in lanes.closed(0.0)
    assert lanes.enter("other", 0.0) is GO
    lanes.leave("busy", 0.0, 0.0, Outcome.ACCEPTED, seconds=0.1)
    assert lanes.enter("busy", 0.0) is GO


def test_after_a_rest_a_window_begins_small() -> None:
    lanes = Lanes()
    accept(lanes, "flow", AT_ONCE)
    entered = [lanes.enter("flow", 3600.0) for _ in range(AT_ONCE_AT_FIRST + 1)]
    assert entered == [GO] * AT_ONCE_AT_FIRST + [BUSY]


@pytest.mark.parametrize("seconds", [None, 9.0])
def test_a_flow_that_is_new_or_slow_gets_one_at_a_time(seconds: float | None) -> None:
    lanes = Lanes()
    if seconds is not None:
        accept(lanes, "flow", AT_ONCE)
        accept(lanes, "flow", seconds=seconds)
    assert [lanes.enter("flow", 0.0) for _ in range(2)] == [GO, BUSY]


def test_flows_on_probation_share_a_part_of_the_slots() -> None:
    lanes = Lanes(slots=10, probation_slots=4)
    accept(lanes, "healthy", 3)
    assert [lanes.enter(f"new-{n}", 0.0) for n in range(6)] == [GO] * 4 + [BUSY] * 2
    assert lanes.enter("healthy", 0.0) is GO
    lanes.leave("new-0", 1.0, 1.0, Outcome.FAILED, seconds=1.0)
    assert lanes.enter("new-5", 1.0) is GO


def test_all_lanes_share_the_slots() -> None:
    lanes = Lanes(slots=3, probation_slots=3)
    assert [lanes.enter(f"new-{n}", 0.0) for n in range(4)] == [GO] * 3 + [BUSY]


def test_a_failing_flow_is_left_alone_then_tried_by_one() -> None:
    lanes = Lanes()
    fail(lanes, FAILURES_TO_OPEN)
    assert lanes.enter("dead", FIRST_OPEN_SECONDS - 0.1) is CLOSED
    assert lanes.enter("dead", FIRST_OPEN_SECONDS) is GO
    assert lanes.enter("dead", FIRST_OPEN_SECONDS) is CLOSED
    assert lanes.leave("dead", FIRST_OPEN_SECONDS, 0.0, Outcome.ACCEPTED, seconds=0.1)
    assert not attempt(lanes, "dead", Outcome.ACCEPTED, now=FIRST_OPEN_SECONDS)


def test_a_flow_is_looked_for_often_enough_however_long_it_was_away() -> None:
    lanes = Lanes()
    now = 0.0
    waits = []
    fail(lanes, FAILURES_TO_OPEN - 1)
    for _ in range(40):
        fail(lanes, 1, now=now)
        waits.append(lanes.wait("dead", now))
        now += waits[-1]
    assert waits == sorted(waits)
    assert waits[0] == FIRST_OPEN_SECONDS
    assert waits[-1] == LONGEST_OPEN_SECONDS


def test_the_last_try_of_a_delivery_is_made_even_while_the_circuit_is_open() -> None:
    lanes = Lanes()
    fail(lanes, FAILURES_TO_OPEN)
    assert lanes.enter("dead", 1.0, is_last_try=True) is GO
    assert lanes.enter("dead", 1.0, is_last_try=True) is CLOSED


def test_a_flow_that_asks_to_wait_is_left_alone_to_the_second() -> None:
    lanes = Lanes()
    accept(lanes, "flow", 4)
    attempt(lanes, "flow", Outcome.THROTTLED, wait=120.0)
    assert lanes.enter("flow", 119.9) is CLOSED
    assert lanes.enter("flow", 119.9, is_last_try=True) is CLOSED
    assert lanes.enter("flow", 120.0) is GO
    assert not lanes.is_open("flow")


def test_after_throttling_a_flow_is_paced_and_the_pace_grows() -> None:
    lanes = Lanes()
    for n in range(30):
        accept(lanes, "flow", now=n / 3)
    attempt(lanes, "flow", Outcome.THROTTLED, now=10.0, wait=1.0)
    sent: list[float] = []
    now = 11.0
    while len(sent) < 50:
        if lanes.enter("flow", now) is GO:
            sent.append(now)
            lanes.leave("flow", now, now, Outcome.ACCEPTED, seconds=0.0)
        now += 0.01
    gaps = [after - before for before, after in pairwise(sent)]
    assert 0.3 < gaps[0] < 0.45  # 3 a second were accepted
    assert gaps[-1] < gaps[0]


def test_deliveries_that_wait_come_again_one_after_the_other() -> None:
    lanes = Lanes()
    lanes.enter("flow", 0.0, rate=2.0)
    lanes.leave("flow", 0.0, 0.0, Outcome.ACCEPTED, seconds=0.1)
    assert lanes.enter("flow", 0.1, rate=2.0) is CLOSED
    assert [round(lanes.reserve("flow", 0.1), 1) for _ in range(3)] == [0.9, 1.4, 1.9]
    assert lanes.enter("flow", 0.5, rate=2.0) is GO


def test_health_is_what_is_kept_and_begun_with() -> None:
    lanes = Lanes()
    accept(lanes, "well")
    lanes.enter("gone", 5.0)
    lanes.leave("gone", 5.0, 5.0, Outcome.FAILED, seconds=0.1, reason="404", is_missing=True)
    kept = {health.subscription_id: health for health in lanes.changed_health(5.0)}
    assert kept["well"].last_success_at == 0.0
    assert (kept["gone"].failing_since, kept["gone"].missing_since, kept["gone"].reason) == (5.0, 5.0, "404")
    assert lanes.changed_health(5.0) == []

    again = Lanes()
    again.load([kept["gone"], FlowHealth("well", last_success_at=9.0, last_failure_at=1.0)])
    assert again.is_open("gone")
    assert not again.is_open("well")
    assert again.limits(0.0, {})["well"] == AT_ONCE_AT_FIRST


def test_lanes_that_are_idle_are_forgotten_and_busy_ones_never() -> None:
    lanes = Lanes(slots=10 * REMEMBERED, probation_slots=10 * REMEMBERED)
    lanes.enter("busy", 0.0)
    for number in range(REMEMBERED + 10):
        lanes.wait(f"lane-{number}", 0.0)
    assert lanes.enter("busy", 0.0) is BUSY
    assert lanes.wait("lane-0", 0.0) == 0.0
    assert math.isfinite(lanes.reserve("lane-0", 0.0))
