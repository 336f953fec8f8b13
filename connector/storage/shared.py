"""The one store of this process, opened by whoever needs it first."""

import asyncio
from weakref import WeakKeyDictionary

from connector.settings import Settings
from connector.storage import Store, open_store

_STORES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, Store]] = WeakKeyDictionary()


def shared_store(settings: Settings) -> Store:
    """The store of this event loop (and settings)."""
    stores = _STORES.setdefault(asyncio.get_running_loop(), {})
    if settings not in stores:
        stores[settings] = open_store(settings)
    return stores[settings]
