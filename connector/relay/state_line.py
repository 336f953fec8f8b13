"""The state of the relay as one JSON line: what waits, what was given up, and how late the last delivery was."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from connector.storage.records import SiteCounters

MOST_SITES: Final = 20
"""The sites with the most events waiting are named."""


def state_line(counters: Sequence[SiteCounters]) -> str:
    """The line; `dead`, `delivered` and `retried` count since the store was made."""
    waiting = sorted(counters, key=attrgetter("pending"), reverse=True)[:MOST_SITES]
    state = {
        "event": "relay",
        "pending": sum(max(0, counter.pending) for counter in counters),
        "dead": sum(counter.dead for counter in counters),
        "delivered": sum(counter.delivered for counter in counters),
        "retried": sum(counter.retried for counter in counters),
        "lag_seconds": round(max((counter.lag_seconds for counter in counters), default=0.0), 3),
        "waiting": {counter.site: counter.pending for counter in waiting if counter.pending > 0},
    }
    return json.dumps(state, separators=(",", ":"))
