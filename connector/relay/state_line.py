"""The state of the relay as one JSON line: what waits, what was given up, and how late the last delivery was."""

import json
from collections.abc import Sequence
from typing import Final

from connector.storage.records import SiteCounters

MOST_SITES: Final = 20
"""The sites with the most events waiting are named."""


def state_line(counters: Sequence[SiteCounters]) -> str:
    """The line; `dead`, `delivered` and `retried` count since the store was made."""
    waiting = sorted((one for one in counters if one.pending > 0), key=lambda one: -one.pending)[:MOST_SITES]
    said = {
        "event": "relay",
        "pending": sum(max(0, one.pending) for one in counters),
        "dead": sum(one.dead for one in counters),
        "delivered": sum(one.delivered for one in counters),
        "retried": sum(one.retried for one in counters),
        "lag_seconds": round(max((one.lag_seconds for one in counters), default=0.0), 3),
        "waiting": {one.site: one.pending for one in waiting},
    }
    return json.dumps(said, separators=(",", ":"))
