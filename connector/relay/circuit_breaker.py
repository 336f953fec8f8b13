"""Lanes: what each flow gets of the delivery slots, so that no flow delays another. Kept in memory, per process.

A lane has a window of deliveries at a time, which grows by one with each success. Flows that are new, slow or failing
are on probation: one delivery at a time each, and together they get a bounded part of all slots. After several failures
in a row the circuit opens: one delivery goes ahead every half minute at most to see whether the flow is back. A flow
that throttles is left alone for as long as it asks, then gets the pace that it has shown, a little more with every
success (additive increase).

All times are of a monotonic clock, but for those in `FlowHealth`.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from connector.storage.records import FlowHealth

SLOTS: Final = 512
PROBATION_SLOTS: Final = 256
"""Of all slots: as many for lanes on probation together."""
AT_ONCE: Final = 16
AT_ONCE_AT_FIRST: Final = 2
QUICK_SECONDS: Final = 5.0
"""A flow whose last delivery took longer is on probation."""
IDLE_SECONDS: Final = 10.0
"""After a rest of this long, a window begins small again."""
FAILURES_TO_OPEN: Final = 5
FIRST_OPEN_SECONDS: Final = 5.0
LONGEST_OPEN_SECONDS: Final = 30.0
"""A flow that is back after an outage of any length is found this soon."""
THROTTLED_SECONDS: Final = (1.0, 60.0)
"""The first and the longest wait for a flow that throttles without saying for how long."""
MEASURED_SECONDS: Final = 10.0
SLOWEST_PACE: Final = 0.05
FIRST_PACE: Final = 1.0
FIRST_STEP: Final = 0.1
NEAR_CEILING: Final = 0.95
PACE_AFTER_ONE: Final = 0.93
PACE_AFTER_TWO: Final = 0.75
"""The factors by which a pace shrinks when the flow throttles: once, and again soon after."""
PACE_STEP: Final = 0.02
"""A lane's pace grows by this with every success: by 2 % a second."""
CALM_SECONDS: Final = 30.0
"""After so long without throttling, the pace grows five times as fast."""
REMEMBERED: Final = 10_000


class Admission(Enum):
    """What a delivery may do now."""

    GO = "go"
    BUSY = "busy"  # others are under way, to this flow or in all
    CLOSED = "closed"  # the flow has been failing, has asked to wait, or has had its share of this moment


class Outcome(Enum):
    """How an attempt ended, as far as the lane is concerned."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    FAILED = "failed"


@dataclass(slots=True)
class Lane:
    """The state of one flow."""

    under_way: int = 0
    window: float = AT_ONCE_AT_FIRST
    is_proven: bool = False
    failures: int = 0
    throttles: int = 0
    closed_until: float = -math.inf
    pace: float = math.inf
    """Deliveries a second, from what the flow has shown since it throttled."""
    ceiling: float = math.inf
    """The pace at which it last throttled."""
    allowed: float = math.inf
    """The operator's limit, in deliveries a second."""
    next_at: float = -math.inf
    reserved_until: float = -math.inf
    throttled_at: float = -math.inf
    last_at: float = -math.inf
    begun_at: float = math.inf
    accepted: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    health: FlowHealth = field(default_factory=lambda: FlowHealth(""))
    is_changed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its circuit is open: one delivery at a time, to see whether it is back."""
        return self.failures >= FAILURES_TO_OPEN

    @property
    def limit(self) -> int:
        """How many deliveries it may have at a time."""
        return int(self.window) if self.is_proven else 1

    @property
    def spacing(self) -> float:
        """Seconds between two deliveries."""
        return 1 / min(self.pace, self.allowed)

    def wait(self, now: float) -> float:
        """Seconds until it may get something again; 0 when it may now."""
        return max(0.0, self.closed_until - now, self.next_at - now if self.spacing else 0.0)

    def rate(self, now: float) -> float:
        """Deliveries a second that it has accepted lately."""
        while self.accepted and self.accepted[0] < now - MEASURED_SECONDS:
            self.accepted.popleft()
        seconds = min(MEASURED_SECONDS, max(1.0, now - self.begun_at))
        return len(self.accepted) / seconds


class Lanes:
    """The lanes of one process, by subscription id."""

    def __init__(self, slots: int = SLOTS, probation_slots: int = PROBATION_SLOTS) -> None:
        self.slots = slots
        self._probation_slots = probation_slots
        self._lanes: OrderedDict[str, Lane] = OrderedDict()
        self._under_way = 0

    def enter(self, name: str, now: float, *, rate: float = math.inf, is_last_try: bool = False) -> Admission:
        """Ask to go ahead; after GO, `leave` has to be called.

        `rate` is the operator's limit, in deliveries a second. `is_last_try`: even while the circuit is open.
        """
        lane = self._lane(name)
        if now < lane.closed_until and not (is_last_try and lane.is_open and not lane.throttles):
            return Admission.CLOSED
        if lane.under_way >= (1 if lane.is_open else lane.limit):
            return Admission.CLOSED if lane.is_open else Admission.BUSY
        lane.allowed = rate
        if now < lane.next_at and lane.spacing:
            return Admission.CLOSED
        if not self._has_slot(lane):
            return Admission.BUSY
        if now - lane.last_at > IDLE_SECONDS:
            lane.window, lane.begun_at = min(lane.window, AT_ONCE_AT_FIRST), now
        lane.under_way += 1
        lane.last_at = now
        lane.next_at = max(lane.next_at, now) + lane.spacing
        self._under_way += 1
        return Admission.GO

    def leave(
        self,
        name: str,
        now: float,
        wall: float,
        outcome: Outcome,
        *,
        seconds: float,
        wait: float = 0.0,
        reason: str = "",
        is_missing: bool = False,
    ) -> bool:
        """The delivery that entered has ended after `seconds`; True when this has closed the flow's open circuit.

        `wait` is how long the flow asks to be left alone; `wall` is the time of day, for the health.
        """
        lane = self._lane(name)
        lane.under_way -= 1
        self._under_way -= 1
        was_open = lane.is_open
        if outcome is Outcome.ACCEPTED:
            _accepted(lane, now, is_quick=seconds < QUICK_SECONDS)
        elif outcome is Outcome.THROTTLED:
            _throttled(lane, now, wait)
        else:
            _failed(lane, now, wait)
        _note(lane, wall, outcome, reason, is_missing=is_missing)
        return was_open and not lane.is_open

    def is_open(self, name: str) -> bool:
        """Whether the circuit of the flow is open."""
        return self._lane(name).is_open

    def is_quick(self, name: str) -> bool:
        """Whether the flow's last delivery went well and did not take long."""
        lane = self._lane(name)
        return lane.is_proven and not lane.is_open

    def is_busy(self, name: str) -> bool:
        """Whether a delivery to the flow is under way."""
        return self._lane(name).under_way > 0

    def health(self, name: str) -> FlowHealth:
        """The health of a flow, as this process knows it."""
        return self._lane(name).health

    def changed_health(self, now: float) -> list[FlowHealth]:
        """The changes since the last call."""
        changed = []
        for lane in self._lanes.values():
            if lane.is_changed:
                lane.is_changed = False
                changed.append(replace(lane.health, rate=lane.rate(now)))
        return changed

    def load(self, known: Iterable[FlowHealth]) -> None:
        """Restore the state from before this process started: which flows were healthy, which were failing."""
        for health in known:
            if health.subscription_id in self._lanes:
                continue
            lane = self._lane(health.subscription_id)
            lane.health = health
            lane.is_proven = health.last_success_at > health.last_failure_at
            lane.failures = FAILURES_TO_OPEN if health.failing_since else 0

    def wait(self, name: str, now: float) -> float:
        """Seconds until the flow may get something again; 0 when it may now."""
        return self._lane(name).wait(now)

    def reserve(self, name: str, now: float) -> float:
        """Seconds after which a delivery that has to wait should come again: one by one, at the flow's pace."""
        lane = self._lane(name)
        lane.reserved_until = max(lane.reserved_until, lane.next_at, lane.closed_until, now) + lane.spacing
        return lane.reserved_until - now if lane.spacing else max(0.0, lane.closed_until - now)

    def closed(self, now: float) -> Mapping[str, float]:
        """The lanes that can take nothing at present, and for how many seconds."""
        waits = {}
        for name, lane in self._lanes.items():
            if lane.under_way >= (1 if lane.is_open else lane.limit):
                waits[name] = 1.0
            elif wait := lane.wait(now):
                waits[name] = wait
        return waits

    def limits(self, now: float, held: Mapping[str, int]) -> Mapping[str, int]:
        """How many more deliveries each lane may have now, where that is known, beside those that are `held` for it."""
        return {
            name: max(0, _room(lane, now) - max(lane.under_way, held.get(name, 0)))
            for name, lane in self._lanes.items()
        }

    def free(self, name: str, now: float) -> int:
        """How many deliveries a flow that does well may have at a time; 0 for any other."""
        lane = self._lanes.get(name)
        if lane is None or not lane.is_proven or lane.is_open or lane.spacing or lane.wait(now):
            return 0
        return _room(lane, now)

    def _has_slot(self, lane: Lane) -> bool:
        if self._under_way >= self.slots:
            return False
        if lane.is_proven and not lane.is_open:
            return True
        on_probation = sum(lane.under_way for lane in self._lanes.values() if not lane.is_proven or lane.is_open)
        return on_probation < self._probation_slots

    def _lane(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(health=FlowHealth(name))
            self._forget_idle_ones()
        self._lanes.move_to_end(name)
        return lane

    def _forget_idle_ones(self) -> None:
        while len(self._lanes) > REMEMBERED:
            name, oldest = next(iter(self._lanes.items()))
            if oldest.under_way or oldest.is_changed:
                return
            del self._lanes[name]


def _room(lane: Lane, now: float) -> int:
    if lane.is_open or lane.spacing:
        return 1
    return min(lane.limit, AT_ONCE_AT_FIRST) if now - lane.last_at > IDLE_SECONDS else lane.limit


def _accepted(lane: Lane, now: float, *, is_quick: bool) -> None:
    lane.accepted.append(now)
    lane.is_proven = is_quick
    lane.window = min(AT_ONCE, lane.window + 1) if is_quick else 1
    if lane.is_open:
        lane.window = 1
        lane.begun_at = now
    lane.failures = lane.throttles = 0
    lane.closed_until = -math.inf
    if lane.pace < math.inf:
        lane.pace += _step(lane, now)


def _step(lane: Lane, now: float) -> float:
    """What a success adds to the pace: little where the flow last throttled, much while its ceiling is not known."""
    step = PACE_STEP * min(lane.pace, 1.0)
    if lane.ceiling == math.inf:
        return FIRST_STEP * lane.pace
    if now - lane.throttled_at > CALM_SECONDS:
        return 5 * step
    return step / 4 if lane.pace > NEAR_CEILING * lane.ceiling else step


def _throttled(lane: Lane, now: float, wait: float) -> None:
    if now >= lane.closed_until:  # several that were under way together are one answer
        shown = max(lane.rate(now), FIRST_PACE) if lane.pace == math.inf else lane.pace
        is_soon = now - lane.throttled_at < 2 * (wait + lane.spacing) + 1
        lane.ceiling = lane.pace
        lane.pace = max(SLOWEST_PACE, shown * (PACE_AFTER_TWO if is_soon else PACE_AFTER_ONE))
        lane.throttles += 1
        lane.throttled_at = now
    first, longest = THROTTLED_SECONDS
    pause = wait or min(longest, first * 2 ** (min(lane.throttles, 10) - 1))
    lane.closed_until = max(lane.closed_until, now + pause)
    lane.next_at = max(lane.next_at, lane.closed_until)
    lane.window = max(1.0, lane.window / 2)


def _failed(lane: Lane, now: float, wait: float) -> None:
    lane.failures += 1
    lane.is_proven = False
    lane.window = 1
    pause = wait
    if lane.is_open:
        doublings = min(lane.failures - FAILURES_TO_OPEN, 10)
        pause = max(pause, min(LONGEST_OPEN_SECONDS, FIRST_OPEN_SECONDS * 2**doublings))
    lane.closed_until = max(lane.closed_until, now + pause)


def _note(lane: Lane, wall: float, outcome: Outcome, reason: str, *, is_missing: bool) -> None:
    """Keep the health; a flow that throttles is neither well nor failing."""
    before = lane.health
    lane.is_changed = True
    if outcome is Outcome.ACCEPTED:
        lane.health = replace(before, last_success_at=wall, failing_since=0.0, missing_since=0.0, reason="")
        return
    lane.health = replace(
        before,
        last_failure_at=wall,
        failing_since=(before.failing_since or wall) if outcome is Outcome.FAILED else before.failing_since,
        missing_since=(before.missing_since or wall) if is_missing else 0.0,
        reason=reason,
    )
