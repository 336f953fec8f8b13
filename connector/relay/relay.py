"""What the parts of the relay share: the store, the settings, the clock, and the way out to flows."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

from connector.deskdirector.errors import Unavailable
from connector.relay.callbacks import development_pairs
from connector.relay.circuit_breaker import Lanes
from connector.settings import Settings
from connector.storage.protocol import Store
from connector.storage.records import Registration, Subscription
from connector.storage.shared import shared_store

if TYPE_CHECKING:
    from connector.deskdirector.transport import AiohttpTransport

T = TypeVar("T")

REMEMBER_SECONDS: Final = 10.0
"""How long a process may go on taking in posts for a registration that another process has ended."""
TRUST_SECONDS: Final = 2.0
"""How long a process may go on delivering to a subscription that another process has ended."""
REMEMBERED: Final = 2000
MAX_ANSWER: Final = 256 * 1024
"""Bytes: a flow answers next to nothing."""


@dataclass(slots=True, weakref_slot=True, eq=False)
class Relay:
    """The relay of one event loop."""

    settings: Settings
    store: Store
    clock: Callable[[], float] = time.time
    lanes: Lanes = field(default_factory=Lanes)
    outage_at: float = 0.0
    """When posts may last have been refused, because the app or its store was down; older registrations are renewed."""
    _registrations: OrderedDict[str, tuple[float, Registration]] = field(default_factory=OrderedDict, repr=False)
    _subscriptions: OrderedDict[str, tuple[float, Subscription]] = field(default_factory=OrderedDict, repr=False)
    _transport: "AiohttpTransport | None" = field(default=None, repr=False)
    _closer: AsyncGenerator[None] | None = field(default=None, repr=False)

    async def registration(self, registration_id: str) -> Registration | None:
        """The registration as it was at most `REMEMBER_SECONDS` ago: posts come in too often to read it each time."""
        known = self._registrations.get(registration_id)
        if known and known[0] > self.clock():
            return known[1]
        registration = await self.store.registrations.get(registration_id)
        if registration is not None:
            self.remember(registration)
        return registration

    async def subscription(self, subscription_id: str) -> Subscription | None:
        """The subscription as it was at most `TRUST_SECONDS` ago: a backlog of deliveries asks for the same few."""
        known = self._subscriptions.get(subscription_id)
        if known and known[0] > self.clock():
            return known[1]
        subscription = await self.store.subscriptions.get(subscription_id)
        if subscription is not None:
            _keep(self._subscriptions, subscription_id, (self.clock() + TRUST_SECONDS, subscription))
        return subscription

    def remember(self, registration: Registration) -> None:
        """Note what this process itself has just read or saved."""
        _keep(self._registrations, registration.id, (self.clock() + REMEMBER_SECONDS, registration))

    def forget(self, subscription_id: str) -> None:
        """Read the subscription anew next time: this process has changed it."""
        self._subscriptions.pop(subscription_id, None)

    async def transport(self) -> "AiohttpTransport":
        """Connections to flows, apart from those to DeskDirector: other limits, other exceptions from the guard."""
        if self._transport is None:
            from connector.deskdirector.transport import AiohttpTransport

            self._transport = AiohttpTransport(exempt=development_pairs(self.settings), max_answer=MAX_ANSWER)
            self._closer = _until_shutdown(self._transport)
            await anext(self._closer)
        return self._transport

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note an outage when the store cannot be used inside the block; the exception goes on."""
        try:
            yield
        except Unavailable:
            self.outage_at = self.clock()
            raise

    async def close(self) -> None:
        """Let go of the connections to flows; the store belongs to whoever opened it."""
        if self._closer is not None:
            await self._closer.aclose()
            self._closer = self._transport = None


def _keep(cache: OrderedDict[str, T], key: str, value: T) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > REMEMBERED:
        cache.popitem(last=False)


async def _until_shutdown(transport: "AiohttpTransport") -> AsyncGenerator[None]:
    """Loops close their async generators before they end, which closes the connections with them."""
    try:
        yield
    finally:
        await transport.aclose()


_RELAYS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, Relay]] = WeakKeyDictionary()


def shared_relay(settings: Settings) -> Relay:
    """The relay of this event loop (and settings), on the store that the whole app shares."""
    relays = _RELAYS.setdefault(asyncio.get_running_loop(), {})
    if settings not in relays:
        store = shared_store(settings)
        # An embedded store has one app, which was down until now; with a shared one, others may have been there.
        relays[settings] = Relay(settings, store, outage_at=0.0 if store.has_wake_ups else time.time())
    return relays[settings]
