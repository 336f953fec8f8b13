"""The queues of the app."""

from collections.abc import Sequence
from typing import Final

INBOUND_QUEUE: Final = "connector-inbound"
"""Where the inbound function's output binding puts what DeskDirector posted."""
DELIVERIES_QUEUE: Final = "connector-deliveries"
"""In Azure, every pending delivery has a wake-up message here; SQLite needs none (`Outbox.claim_due` finds them)."""
UPKEEP_QUEUE: Final = "connector-upkeep"
"""Lots of registrations that need something."""
MOST_INBOUND_QUEUES: Final = 8


def inbound_queues(count: int) -> Sequence[str]:
    """The queues that posts are spread over; the first one keeps its name."""
    return (INBOUND_QUEUE, *(f"{INBOUND_QUEUE}-{number}" for number in range(2, count + 1)))
