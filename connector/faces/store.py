"""The one store of this process, opened by whoever needs it first."""

import asyncio
from weakref import WeakKeyDictionary

from ..settings import Settings
from ..storage.base import Store

_STORES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, Store]] = WeakKeyDictionary()


def shared_store(settings: Settings) -> Store:
    """The store of this event loop (and settings)."""
    from ..storage import open_store

    stores = _STORES.setdefault(asyncio.get_running_loop(), {})
    if settings not in stores:
        stores[settings] = open_store(settings)
    return stores[settings]
