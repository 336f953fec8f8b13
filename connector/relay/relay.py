"""What the parts of the relay share: the store, the settings, the clocks, the lanes and the connections to flows."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from connector.deskdirector.errors import Unavailable
from connector.deskdirector.transport import AiohttpTransport
from connector.relay.callbacks import development_pairs
from connector.relay.circuit_breaker import Lanes
from connector.relay.series import Series
from connector.runtime import ExpiringCache, close_with_loop, per_loop
from connector.settings import Settings
from connector.storage.protocol import Store
from connector.storage.records import Accepted, Registration, Retention, RoutedEvent, Subscription
from connector.storage.shared import shared_store

REMEMBER_SECONDS: Final = 10.0
"""How long a process may go on taking in posts for a registration that another process has ended."""
TRUST_SECONDS: Final = 2.0
"""How long a process may go on delivering to a subscription that another process has ended; as long again, when it was
read with an event."""
REMEMBERED: Final = 2000
HEALTH_SECONDS: Final = 5.0
QUEUE_SLOTS: Final = 192
"""Deliveries that a Functions host makes at a time: of 24 messages (`batchSize` and `newBatchThreshold` of host.json),
each perhaps an event with the first attempts at some flows."""
MAX_ANSWER: Final = 256 * 1024
"""Bytes: a flow answers next to nothing."""


class Dispatcher(Protocol):
    """Makes the deliveries of a process whose store has no wake-ups."""

    async def accept(self, routed_events: Sequence[RoutedEvent], now: float) -> Accepted:
        """Store the events; their deliveries are the dispatcher's."""
        ...


@dataclass(slots=True, eq=False)
class Relay:
    """The relay of one event loop."""

    settings: Settings
    store: Store
    clock: Callable[[], float] = time.time
    """The time of day, for records."""
    monotonic: Callable[[], float] = time.monotonic
    """For intervals inside this process; it never steps back."""
    lanes: Lanes = field(default_factory=Lanes)
    outage_at: float = 0.0
    """When posts may last have been refused, because the app or its store was down; older registrations are renewed."""
    series: Series = field(default_factory=Series, repr=False)
    """What happens, counted by minute."""
    dispatcher: Dispatcher | None = field(default=None, repr=False)
    """Set while one runs in this event loop."""
    _registrations: ExpiringCache[str, Registration] = field(init=False, repr=False)
    _subscriptions: ExpiringCache[str, Subscription] = field(init=False, repr=False)
    _health_at: float = field(default=-math.inf, repr=False)
    _health_loaded: bool = field(default=False, repr=False)
    _transport: AiohttpTransport | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._registrations = ExpiringCache(REMEMBERED, self.monotonic)
        self._subscriptions = ExpiringCache(REMEMBERED, self.monotonic)

    async def registration(self, registration_id: str) -> Registration | None:
        """The registration as it was at most `REMEMBER_SECONDS` ago: posts come in too often to read it each time."""
        known = self._registrations.get(registration_id, None)
        if known is not None:
            return known
        registration = await self.store.registrations.get(registration_id)
        if registration is not None:
            self.remember(registration)
        return registration

    async def subscription(self, subscription_id: str) -> Subscription | None:
        """The subscription as it was at most `TRUST_SECONDS` ago: a backlog of deliveries asks for the same few."""
        known = self._subscriptions.get(subscription_id, None)
        if known is not None:
            return known
        subscription = await self.store.subscriptions.get(subscription_id)
        if subscription is not None:
            self._subscriptions.put(subscription_id, subscription, TRUST_SECONDS)
        return subscription

    def know(self, subscriptions: Iterable[Subscription]) -> None:
        """Note subscriptions that were just read: deliveries to them begin."""
        for subscription in subscriptions:
            self._subscriptions.put(subscription.id, subscription, TRUST_SECONDS)

    def remember(self, registration: Registration) -> None:
        """Note what this process itself has just read or saved."""
        self._registrations.put(registration.id, registration, REMEMBER_SECONDS)

    def forget(self, subscription_id: str) -> None:
        """Drop the cached subscription: this process has changed it."""
        self._subscriptions.drop(subscription_id)

    async def load_health(self) -> None:
        """Once: restore the state of each flow from before this process started."""
        if not self._health_loaded:
            self._health_loaded = True
            self.lanes.load(await self.store.health.list())

    async def save_health(self) -> None:
        """Keep how deliveries went, and what was counted, every few seconds at most."""
        now = self.monotonic()
        if now - self._health_at >= HEALTH_SECONDS:
            self._health_at = now
            await self.store.health.save(self.lanes.changed_health(now))
            await self.series.save(self.store.journal, self.clock())

    async def transport(self) -> AiohttpTransport:
        """Connections to flows, apart from those to DeskDirector: other limits, other exceptions from the guard."""
        if self._transport is None:
            self._transport = AiohttpTransport(exempt=development_pairs(self.settings), max_answer=MAX_ANSWER)
            close_with_loop(self.close)
        return self._transport

    @property
    def retention(self) -> Retention:
        """How long things are kept, by the settings."""
        settings, day = self.settings, 86_400.0
        return Retention(
            events=settings.keep_events_days * day,
            dead_letters=max(settings.keep_dead_letters_days, settings.keep_events_days) * day,
            ended_subscriptions=settings.keep_ended_days * day,
            quarantine=settings.keep_quarantine_days * day,
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note an outage when the store cannot be used inside the block; the exception goes on."""
        try:
            yield
        except Unavailable:
            self.outage_at = self.clock()
            raise

    async def close(self) -> None:
        """Close the connections to flows; the store is closed by its opener."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()


@per_loop
def shared_relay(settings: Settings) -> Relay:
    """The relay of this event loop (and settings), on the store that the whole app shares."""
    store = shared_store(settings)
    # An embedded store has one app, which was down until now; with a shared one, others may have been there.
    if store.has_wake_ups:
        return Relay(settings, store, lanes=Lanes(QUEUE_SLOTS, QUEUE_SLOTS // 2))
    return Relay(settings, store, outage_at=time.time())
