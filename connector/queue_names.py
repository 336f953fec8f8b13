"""The queues of the app."""

from typing import Final

INBOUND_QUEUE: Final = "connector-inbound"
"""Where the inbound function's output binding puts what DeskDirector posted."""
DELIVERIES_QUEUE: Final = "connector-deliveries"
"""In Azure, every pending delivery has a wake-up message here; SQLite needs none (`Outbox.claim_due` finds them)."""
