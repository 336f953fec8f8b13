"""Keys that DeskDirector has just refused are not sent again for some seconds.

A flow with a wrong key repeats it for every item, and a stranger may try keys through us: neither should reach
a site more than once in that time.
"""

import asyncio
import hashlib
from typing import Final
from weakref import WeakValueDictionary

from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import Unauthorized
from connector.metrics import METRICS
from connector.runtime import ExpiringCache, per_loop

REMEMBERED: Final = 5000


def check_key(connection: Connection) -> None:
    """Raise the refusal that this key met at this site a moment ago, if it did."""
    refused = _refused()
    message = refused.get(_key(connection), None) if len(refused) else None
    if message is not None:
        METRICS.count("connector_shed", limit="refused key")
        raise Unauthorized("ApiKeyRefused", message)


def remember_refusal(connection: Connection, refusal: Unauthorized, seconds: float) -> None:
    """Keep the refusal for this many seconds."""
    if seconds:
        _refused().put(_key(connection), refusal.message, seconds)


def deciding(connection: Connection) -> asyncio.Lock:
    """Held by the one call that finds out what a refusal of this key means; the others wait for what it finds."""
    locks, key = _locks(), _key(connection)
    lock = locks.get(key)
    if lock is None:
        lock = locks[key] = asyncio.Lock()
    return lock


def _key(connection: Connection) -> bytes:
    """Of site and key alone: the agent changes nothing about the key."""
    return hashlib.sha256(f"{connection.site.origin}\n{connection.authorization}".encode()).digest()


@per_loop
def _refused() -> ExpiringCache[bytes, str]:
    return ExpiringCache(REMEMBERED)


@per_loop
def _locks() -> WeakValueDictionary[bytes, asyncio.Lock]:
    return WeakValueDictionary()
