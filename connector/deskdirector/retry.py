"""Whether to try a call again, and after how long: one pure function.

What the rules rest on, for calls that are not idempotent (creates, sends):
- nothing sent: try again, nothing can have happened;
- 429: try again, a server that counts requests refuses before it works;
- everything else, 503 included: never. A gateway also answers 502, 503 and 504 when the server behind it took the
  request and died, and a 500 or 408 tells nothing about what was done before it.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

ATTEMPTS = 4
FIRST_WAIT = 0.1
LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 24 * 3600.0

_REFUSED_UNDONE = 429
_NEVER_DIFFERENT = (501, 505)  # not implemented, HTTP version: the next answer will be the same


class Sent(Enum):
    """How far a failed request got, when no answer came."""

    NO = "surely not sent"
    MAYBE = "may have been sent"


def wait_before_retry(
    outcome: int | Sent,
    *,
    idempotent: bool,
    attempt: int,
    remaining: float,
    jitter: float,
    retry_after: float | None = None,
) -> float | None:
    """Seconds to wait before the next attempt; None when there must be none.

    `outcome` is the status that was answered, or how far the request got. `attempt` counts from 1, `remaining` is what
    is left of the budget in seconds, `jitter` is between 0 and 1, `retry_after` is the server's wish in seconds.
    """
    if attempt >= ATTEMPTS or not _may_be_repeated(outcome, idempotent):
        return None
    wait = min(LONGEST_WAIT, FIRST_WAIT * 4 ** (attempt - 1)) * (0.5 + jitter / 2)
    wait = max(wait, retry_after or 0.0)
    # Half of what is left belongs to the attempt itself; a longer wait is better left to the caller's own retry.
    return wait if wait <= remaining / 2 else None


def _may_be_repeated(outcome: int | Sent, idempotent: bool) -> bool:
    if outcome is Sent.NO or outcome == _REFUSED_UNDONE:
        return True
    return idempotent and (isinstance(outcome, Sent) or is_transient(outcome))


def is_transient(status: int) -> bool:
    """Whether the same request may well succeed a moment later."""
    return status in (408, 429) or (500 <= status < 600 and status not in _NEVER_DIFFERENT)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The seconds of a `Retry-After` header, which is a number or an HTTP date; None when absent or unreadable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
