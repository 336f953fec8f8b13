"""When to try a delivery again, and when to give up: pure functions."""

from typing import Final

WAITS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
"""Seconds after the first attempts; then hourly."""
GIVE_UP_AFTER: Final = 24 * 3600.0
JITTER: Final = 0.1
"""A wait varies by this share up or down, so that what failed together does not come back together."""

MAX_ATTEMPTS: Final = 1 + len(WAITS) + int((GIVE_UP_AFTER - sum(WAITS)) // WAITS[-1])
"""As many as fit into a day."""
LONGEST_RETRY_AFTER: Final = 3600.0
"""A flow may ask for a longer wait than the schedule's, within reason."""


def next_wait(attempt: int, *, jitter: float, retry_after: float | None = None) -> float | None:
    """Seconds to wait after the `attempt`-th attempt (from 1) failed; None to give up. `jitter` is between 0 and 1."""
    if attempt >= MAX_ATTEMPTS:
        return None
    wait = WAITS[min(attempt, len(WAITS)) - 1] * (1 - JITTER + 2 * JITTER * jitter)
    return max(wait, retry_after or 0.0)
