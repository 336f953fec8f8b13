"""Events and their deliveries in SQLite."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from typing_extensions import override

from connector.storage.history import AttemptMade, Tally, with_attempt, write_attempts
from connector.storage.protocol import Outbox
from connector.storage.records import (
    ORDER_HOLD_SECONDS,
    ROUTED,
    Accepted,
    Backlog,
    Claim,
    Delivery,
    DeliveryState,
    Event,
    EventQuery,
    Page,
    RoutedEvent,
    delivery_id,
)
from connector.storage.sqlite import claims, listing
from connector.storage.sqlite.accept import AcceptCall, accept_all, insert_deliveries
from connector.storage.sqlite.acknowledge import Taken, acknowledge
from connector.storage.sqlite.bundles import has_bundles, unbundle_claim, unbundle_event, unbundle_some
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.lanes import wake_lanes

NOBODY: Final[Mapping[str, float]] = MappingProxyType({})
NO_LIMITS: Final[Mapping[str, int]] = MappingProxyType({})
SOON_SECONDS: Final = 5.0
TICK_SECONDS: Final = 0.1
"""Deliveries put off for a moment come up in steps of this, so that many share a look."""


class SqliteOutbox(Outbox):
    """See `connector.storage.protocol.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._work_arrived = asyncio.Event()
        self._ticks: set[int] = set()
        """When the dispatcher is to look, in ticks of the event loop's time."""

    @override
    async def accept(
        self,
        routed_events: Sequence[RoutedEvent],
        now: float,
        *,
        lease_seconds: float = 0.0,
        at_once: Mapping[str, int] | None = None,
    ) -> Accepted:
        call = AcceptCall(routed_events, now, lease_seconds, at_once if at_once and lease_seconds else {})
        accepted = await self._database.write_together(accept_all, call)
        if sum(len(event.subscription_ids) for event in routed_events) > len(accepted.claims):
            self._work_arrived.set()
            if any(event.ordered for event in routed_events):
                self._look_in(ORDER_HOLD_SECONDS)
        return accepted

    @override
    async def claim_due(
        self,
        now: float,
        limit: int,
        lease_seconds: float,
        *,
        per_destination: int,
        exclude: Mapping[str, float] = NOBODY,
        limits: Mapping[str, int] = NO_LIMITS,
    ) -> Sequence[Claim]:
        claimed, is_cut = await self._database.write(
            lambda connection: claims.claim_due(connection, now, limit, lease_seconds, per_destination, exclude, limits)
        )
        if is_cut:
            self._work_arrived.set()
        return claimed

    @override
    async def claim(self, delivery_id: str, now: float, lease_seconds: float, *, receipt: str = "") -> Claim | None:
        return await self._database.write(
            lambda connection: claims.claim_one(connection, delivery_id, now, lease_seconds, receipt)
        )

    @override
    async def ack(self, claim: Claim, now: float, *, made: AttemptMade | None = None) -> None:
        await self.ack_all([(claim, made)], now)

    @override
    async def ack_all(self, accepted: Sequence[tuple[Claim, AttemptMade | None]], now: float) -> None:
        if accepted:
            await self._database.write_together(acknowledge, [Taken(claim, now, made) for claim, made in accepted])

    @override
    async def reschedule(
        self,
        claim: Claim,
        now: float,
        *,
        attempt: int,
        due_at: float,
        reason: str = "",
        made: AttemptMade | None = None,
    ) -> None:
        await self._database.write(lambda connection: _reschedule(connection, claim, attempt, due_at, reason, made))
        self._look_in(due_at - now)

    @override
    async def cancel(self, claim: Claim, now: float, *, reason: str) -> None:
        def work(connection: Connection) -> None:
            if _end(connection, claim, DeliveryState.CANCELLED, now, reason=reason):
                connection.counters.add(claim.delivery.site, cancelled=1)

        await self._database.write(work)

    @override
    async def bury(
        self, claim: Claim, now: float, *, reason: str, tried: bool = True, made: AttemptMade | None = None
    ) -> None:
        def work(connection: Connection) -> None:
            if _end(connection, claim, DeliveryState.DEAD, now, attempts=int(tried), reason=reason, made=made):
                connection.counters.add(claim.delivery.site, dead=1)

        await self._database.write(work)

    @override
    async def replay(self, delivery_ids: Sequence[str], now: float) -> int:
        replayed = await self._database.write(lambda connection: _replay(connection, delivery_ids, now))
        self._work_arrived.set()
        return replayed

    @override
    async def route(self, event_id: str, subscription_id: str, now: float) -> bool:
        routed = await self._database.write(lambda connection: _route(connection, event_id, subscription_id, now))
        self._work_arrived.set()
        return routed

    @override
    async def purge(self, delivery_ids: Sequence[str], now: float) -> int:
        def work(connection: Connection) -> int:
            return connection.executemany(
                "UPDATE deliveries SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'dead'",
                [(now, delivery_id) for delivery_id in delivery_ids],
            ).rowcount

        return await self._database.write(work) if delivery_ids else 0

    @override
    async def dead_letters(self, query: EventQuery) -> Page[Delivery]:
        return await self._database.read(lambda connection: listing.dead_letters(connection, query))

    @override
    async def events(self, query: EventQuery) -> Page[Event]:
        if query.state or query.subscription_id:
            await self.unbundle()
        return await self._database.read(lambda connection: listing.events(connection, query))

    @override
    async def tallies(self, event_ids: Sequence[str]) -> Mapping[str, Tally]:
        await self.unbundle()
        return await self._database.read(lambda connection: listing.tallies(connection, event_ids))

    @override
    async def event(self, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
        await self.unbundle()
        return await self._database.read(lambda connection: listing.event(connection, event_id))

    @override
    async def deliveries(self, query: EventQuery) -> Page[Delivery]:
        await self.unbundle()
        return await self._database.read(lambda connection: listing.deliveries(connection, query))

    @override
    async def wake(self, subscription_id: str, now: float, *, since: float) -> int:
        woken = await self._database.write(lambda connection: claims.wake(connection, subscription_id, now, since))
        self._work_arrived.set()
        return woken

    @override
    async def backlogs(self, now: float) -> Sequence[Backlog]:
        del now
        await self.unbundle()
        return await self._database.read(listing.backlogs)

    @override
    async def wait(self, timeout_seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._work_arrived.wait(), timeout_seconds)
        self._work_arrived.clear()

    async def unbundle(self) -> None:
        """Give every delivery that was stored until now its row, so that it is found."""
        if await self._database.read(has_bundles):
            while await self._database.write(unbundle_some):
                pass

    def _look_in(self, seconds: float) -> None:
        """Have the dispatcher look when something is due soon; it looks every second for the rest."""
        if seconds <= 0:
            self._work_arrived.set()
        elif seconds <= SOON_SECONDS:
            loop = asyncio.get_running_loop()
            tick = math.ceil((loop.time() + seconds) / TICK_SECONDS)
            if tick not in self._ticks:
                self._ticks.add(tick)
                loop.call_at(tick * TICK_SECONDS, self._look_now, tick)

    def _look_now(self, tick: int) -> None:
        self._ticks.discard(tick)
        self._work_arrived.set()


def _end(
    connection: Connection,
    claim: Claim,
    state: DeliveryState,
    now: float,
    *,
    attempts: int = 0,
    reason: str = "",
    made: AttemptMade | None = None,
) -> bool:
    """Finish the delivery if the lease is still the claim's."""
    unbundle_claim(connection, claim)
    history = write_attempts(with_attempt(claim.delivery.history, made))
    ended = connection.execute(
        "UPDATE deliveries SET state = ?, receipt = '', finished_at = ?, attempt = attempt + ?, reason = ?, history = ?"
        " WHERE id = ? AND receipt = ? AND state = 'pending'",
        (state, now, attempts, reason, history, claim.delivery.id, claim.receipt),
    )
    return ended.rowcount == 1


def _reschedule(
    connection: Connection, claim: Claim, attempt: int, due_at: float, reason: str, made: AttemptMade | None
) -> None:
    unbundle_claim(connection, claim)
    history = write_attempts(with_attempt(claim.delivery.history, made))
    changed = connection.execute(
        "UPDATE deliveries SET receipt = '', attempt = ?, due_at = ?, reason = ?, history = ?"
        " WHERE id = ? AND receipt = ? AND state = 'pending'",
        (attempt, due_at, reason, history, claim.delivery.id, claim.receipt),
    )
    if changed.rowcount == 1:
        wake_lanes(connection, {claim.delivery.subscription_id: due_at})
        if attempt > claim.delivery.attempt:
            connection.counters.add(claim.delivery.site, retried=1)


def _route(connection: Connection, event_id: str, subscription_id: str, now: float) -> bool:
    unbundle_event(connection, event_id)
    found = listing.event(connection, event_id)
    if found is None:
        return False
    if any(delivery.subscription_id == subscription_id for delivery in found[1]):
        return bool(_replay(connection, [delivery_id(event_id, subscription_id)], now))
    delivery = replace(*RoutedEvent(found[0], (subscription_id,)).deliveries(now), reason=ROUTED)
    insert_deliveries(connection, [delivery])
    connection.counters.add(found[0].site, queued=1)
    return True


def _replay(connection: Connection, delivery_ids: Sequence[str], now: float) -> int:
    replayed = 0
    for id_ in delivery_ids:
        row = connection.execute(
            "UPDATE deliveries SET state = 'pending', attempt = 0, due_at = ?, pending_since = ?,"
            " finished_at = NULL, reason = '' WHERE id = ? AND state <> 'pending' RETURNING subscription_id, site",
            (now, now, id_),
        ).fetchone()
        if row is not None:
            wake_lanes(connection, {row[0]: now})
            connection.counters.add(row[1], queued=1)
            replayed += 1
    return replayed
