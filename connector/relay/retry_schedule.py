"""When to try a delivery again, and when to give up: pure functions."""

from typing import Final

WAITS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
"""Seconds after the first attempts; then hourly. A flow that fails altogether is tried more often: see its lane."""
GIVE_UP_AFTER: Final = 24 * 3600.0
"""A delivery that has waited for so long becomes a dead letter with its next failed attempt."""
JITTER: Final = 0.1
"""A wait varies by this share up or down, so that what failed together does not come back together."""


def next_wait(attempt: int, *, jitter: float) -> float:
    """Seconds to wait after the `attempt`-th attempt (from 1) failed. `jitter` is between 0 and 1."""
    wait = WAITS[min(max(attempt, 1), len(WAITS)) - 1]
    return wait * (1 - JITTER + 2 * JITTER * jitter)


def is_given_up(pending_since: float, now: float) -> bool:
    """Whether an attempt that failed now was the last one."""
    return now - pending_since >= GIVE_UP_AFTER
