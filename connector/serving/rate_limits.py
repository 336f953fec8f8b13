"""How many calls a connection, and a caller's address, may make: token buckets, in memory, per process.

They stand before anything is asked of DeskDirector, so that nobody's site is flooded through us. An address counts only
where a proxy or Azure's front end reports it; a gateway brings many makers from one address, so its limit is wider.
"""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from connector.deskdirector.errors import TooManyRequests
from connector.metrics import METRICS
from connector.operations.request import Request
from connector.runtime import per_loop
from connector.settings import Settings

MOST_BUCKETS: Final = 20_000
BURST_SECONDS: Final = 10.0
"""A bucket holds the calls of this many seconds."""
WRONG_KEYS_A_MINUTE: Final = 600
FORWARDED: Final = "x-forwarded-for"


class Buckets:
    """The buckets of one limit; the least recently used one is dropped for a new caller, and is full again then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: bytes, per_minute: int) -> float:
        """Take a token; 0 when there was one, else the seconds until there is one."""
        rate, now = per_minute / 60, self._clock()
        most = max(1.0, rate * BURST_SECONDS)
        tokens, since = self._buckets.get(key, (most, now))
        tokens = min(most, tokens + (now - since) * rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        self._buckets[key] = (tokens - 1 if not wait else tokens, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return wait


def check_rate(request: Request, settings: Settings) -> None:
    """Take one call from the buckets of its address and its connection; raises `TooManyRequests`."""
    address = address_of(request) if settings.address_rate else ""
    if address:
        wait = _buckets("address").take(address.encode(), settings.address_rate)
        _refuse(wait, "calls from this address", "address")
    if settings.connection_rate:
        wait = _buckets("connection").take(_connection_of(request), settings.connection_rate)
        _refuse(wait, "calls of this connection", "connection")


def check_wrong_keys(request: Request) -> None:
    """Count a wrong key of the console; raises `TooManyRequests` for an address that tries many."""
    wait = _buckets("console").take(address_of(request).encode(), WRONG_KEYS_A_MINUTE)
    _refuse(wait, "wrong keys from this address", "console")


def address_of(request: Request) -> str:
    """The address that the last proxy saw, "" when none reports it; earlier entries are the caller's own word."""
    forwarded = request.headers.get(FORWARDED, "")
    return _address_in(forwarded) if forwarded else ""


@lru_cache(maxsize=1024)
def _address_in(forwarded: str) -> str:
    for entry in reversed(forwarded.split(",")[-5:]):
        text = entry.strip()
        host = text[1:].partition("]")[0] if text.startswith("[") else text
        host = host.partition(":")[0] if host.count(":") == 1 else host
        try:
            if not ip_address(host).is_loopback:
                return host
        except ValueError:
            return ""
    return ""


def _connection_of(request: Request) -> bytes:
    """Of site and key as they were sent: nothing is known about them yet."""
    headers = request.headers
    key = headers.get("dd-api-key") or headers.get("authorization") or headers.get("x-api-key", "")
    return hashlib.sha256(f"{headers.get('dd-host', '').strip().lower()}\n{key}".encode(errors="replace")).digest()


def _refuse(wait: float, what: str, limit: str) -> None:
    if wait:
        METRICS.count("connector_shed", limit=limit)
        sentence = f"This app takes no more {what} for a moment; send fewer at once."
        raise TooManyRequests("TooManyCalls", sentence, retry_after=max(1, math.ceil(wait)))


@per_loop
def _buckets(limit: str) -> Buckets:
    del limit  # each has its own
    return Buckets()
