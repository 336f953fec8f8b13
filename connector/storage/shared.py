"""The one store of an event loop, opened at first use."""

from typing import TYPE_CHECKING

from connector.runtime import per_loop
from connector.settings import Settings
from connector.storage import open_store

if TYPE_CHECKING:
    from connector.storage.protocol import Store


@per_loop
def shared_store(settings: Settings) -> "Store":
    """The store of this event loop (and settings)."""
    return open_store(settings)
