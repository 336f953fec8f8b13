"""Events and their deliveries in Azure: entities that know, a queue that wakes."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final

from typing_extensions import override

from connector.runtime import together
from connector.storage.azure.accept import Intake
from connector.storage.azure.claims import Fairness, Leases, Receipt, Wake
from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import PER_TRANSACTION, Queue
from connector.storage.azure.listing import Listing
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rows import split_delivery_id
from connector.storage.azure.wire import Message
from connector.storage.history import AttemptMade, Tally, with_attempt, write_attempts
from connector.storage.protocol import Outbox
from connector.storage.records import (
    Accepted,
    Backlog,
    Claim,
    Delivery,
    DeliveryState,
    Event,
    EventQuery,
    Page,
    RoutedEvent,
    read_wake_up,
)

NOBODY: Final[Mapping[str, float]] = MappingProxyType({})
NO_LIMITS: Final[Mapping[str, int]] = MappingProxyType({})
ROUNDS: Final = 4
"""How often a claim asks the queue again when destinations that are busy took up its messages."""


class AzureOutbox(Outbox):
    """See `connector.storage.protocol.Outbox`."""

    def __init__(
        self,
        queue: Queue,
        intake: Intake,
        leases: Leases,
        listing: Listing,
        counters: AzureCounters,
        quarantine: AzureQuarantine,
    ) -> None:
        self._queue = queue
        self._intake = intake
        self._leases = leases
        self._listing = listing
        self._counters = counters
        self._quarantine = quarantine
        self._fairness = Fairness()
        self._work_arrived = asyncio.Event()

    @override
    async def accept(
        self,
        routed_events: Sequence[RoutedEvent],
        now: float,
        *,
        lease_seconds: float = 0.0,
        at_once: Mapping[str, int] | None = None,
    ) -> Accepted:
        del at_once  # all of them: the inbound message guards them
        accepted = await self._intake.accept(routed_events, now, lease_seconds)
        self._work_arrived.set()
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
        claims: list[Claim] = []
        for _ in range(ROUNDS):
            messages = await self._queue.receive(limit - len(claims), lease_seconds)
            admitted = [
                (delivery_id, Wake(message.id, message.pop_receipt))
                for message in messages
                if (delivery_id := await self._admit(message, now, lease_seconds, per_destination, exclude, limits))
            ]
            taken = await together(*(self._leases.take(each, now, lease_seconds, wake) for each, wake in admitted))
            for (delivery_id, _), claim in zip(admitted, taken, strict=True):
                if claim is None:
                    self._fairness.released(split_delivery_id(delivery_id)[1], delivery_id)
                else:
                    claims.append(claim)
            if len(claims) >= limit or not messages:
                break
        return claims

    @override
    async def claim(self, delivery_id: str, now: float, lease_seconds: float, *, receipt: str = "") -> Claim | None:
        if receipt:
            return await self._leases.resume(delivery_id, receipt, now)
        return await self._leases.take(delivery_id, now, lease_seconds, Wake())

    @override
    async def ack(self, claim: Claim, now: float, *, made: AttemptMade | None = None) -> None:
        attempt = claim.delivery.attempt + 1
        if await self._end(claim, DeliveryState.DELIVERED, now, attempt=attempt, reason="", made=made):
            self._counters.add(claim.delivery.site, delivered=1)
            self._counters.note_lag(claim.delivery.site, now - claim.event.received_at)

    @override
    async def ack_all(self, accepted: Sequence[tuple[Claim, AttemptMade | None]], now: float) -> None:
        of_events: dict[str, list[tuple[Claim, AttemptMade | None]]] = {}
        for claim, made in accepted:
            of_events.setdefault(claim.event.id, []).append((claim, made))
        for some in of_events.values():
            for start in range(0, len(some), PER_TRANSACTION):
                await self._ack_together(some[start : start + PER_TRANSACTION], now)

    async def _ack_together(self, accepted: Sequence[tuple[Claim, AttemptMade | None]], now: float) -> None:
        """In one transaction; one by one when one of the leases was lost."""
        ends = [
            (claim, _delivered(claim, now) | _with(claim, made))
            for claim, made in accepted
            if Receipt.of(claim.receipt).is_first
        ]
        if len(ends) < len(accepted) or not await self._leases.end_together(ends):
            for claim, made in accepted:
                await self.ack(claim, now, made=made)
            return
        for claim, _ in ends:
            self._counters.add(claim.delivery.site, delivered=1)
            self._counters.note_lag(claim.delivery.site, now - claim.event.received_at)

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
        self._release(claim)
        changes = {"Attempt": attempt, "Reason": reason, **_with(claim, made)}
        if await self._leases.postpone(claim, now, due_at=due_at, **changes):
            if attempt > claim.delivery.attempt:
                self._counters.add(claim.delivery.site, retried=1)
            if due_at <= now:
                self._work_arrived.set()

    @override
    async def cancel(self, claim: Claim, now: float, *, reason: str) -> None:
        if await self._end(claim, DeliveryState.CANCELLED, now, attempt=claim.delivery.attempt, reason=reason):
            self._counters.add(claim.delivery.site, cancelled=1)

    @override
    async def bury(
        self, claim: Claim, now: float, *, reason: str, tried: bool = True, made: AttemptMade | None = None
    ) -> None:
        await self._listing.index_dead(claim, now)
        attempt = claim.delivery.attempt + tried
        if await self._end(claim, DeliveryState.DEAD, now, attempt=attempt, reason=reason, made=made):
            self._counters.add(claim.delivery.site, dead=1)

    @override
    async def replay(self, delivery_ids: Sequence[str], now: float) -> int:
        replayed = [await self._listing.replay(id_, now) for id_ in delivery_ids]
        self._work_arrived.set()
        return sum(replayed)

    @override
    async def route(self, event_id: str, subscription_id: str, now: float) -> bool:
        routed = await self._listing.route(event_id, subscription_id, now)
        self._work_arrived.set()
        return routed

    @override
    async def purge(self, delivery_ids: Sequence[str], now: float) -> int:
        return sum([await self._listing.purge(id_, now) for id_ in delivery_ids])

    @override
    async def dead_letters(self, query: EventQuery) -> Page[Delivery]:
        return await self._listing.dead_letters(query)

    @override
    async def events(self, query: EventQuery) -> Page[Event]:
        return await self._listing.page(query)

    @override
    async def tallies(self, event_ids: Sequence[str]) -> Mapping[str, Tally]:
        return await self._listing.tallies(event_ids)

    @override
    async def event(self, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
        return await self._listing.show(event_id)

    @override
    async def deliveries(self, query: EventQuery) -> Page[Delivery]:
        return await self._listing.deliveries(query)

    @override
    async def wake(self, subscription_id: str, now: float, *, since: float) -> int:
        woken = await self._listing.wake(subscription_id, now, since)
        self._work_arrived.set()
        return woken

    @override
    async def backlogs(self, now: float) -> Sequence[Backlog]:
        return await self._listing.backlogs(now)

    @override
    async def wait(self, timeout_seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._work_arrived.wait(), timeout_seconds)
        self._work_arrived.clear()

    async def _admit(
        self,
        message: Message,
        now: float,
        lease_seconds: float,
        per_destination: int,
        exclude: Mapping[str, float],
        limits: Mapping[str, int],
    ) -> str | None:
        """The delivery to lease; else the message is put off, or quarantined when it is foreign."""
        wake = Wake(message.id, message.pop_receipt)
        try:
            delivery_id, _ = read_wake_up(message.content)
        except ValueError:
            await self._quarantine.put("message", wake.message_id, message.content, "not a wake-up", now)
            await self._queue.delete(wake.message_id, wake.pop_receipt)
            return None
        destination = split_delivery_id(delivery_id)[1]
        if exclude.get(destination, 0.0) > now:
            await self._leases.wake_later(delivery_id, exclude[destination] - now, wake)
            return None
        if not self._fairness.admits(destination, now, limits.get(destination, per_destination)):
            await self._leases.wake_later(delivery_id, self._fairness.put_off(destination, per_destination), wake)
            return None
        self._fairness.took(destination, delivery_id, now + lease_seconds)
        return delivery_id

    async def _end(
        self,
        claim: Claim,
        state: DeliveryState,
        now: float,
        *,
        attempt: int,
        reason: str,
        made: AttemptMade | None = None,
    ) -> bool:
        self._release(claim)
        changes = {"State": state.value, "FinishedAt": now, "Attempt": attempt, "Reason": reason, **_with(claim, made)}
        return await self._leases.end(claim, **changes)

    def _release(self, claim: Claim) -> None:
        self._fairness.released(claim.delivery.subscription_id, claim.delivery.id)


def _with(claim: Claim, made: AttemptMade | None) -> dict[str, str]:
    """The property that the attempt changes, if there was one."""
    return {"History": write_attempts(with_attempt(claim.delivery.history, made))} if made else {}


def _delivered(claim: Claim, now: float) -> dict[str, Any]:
    ended = {"State": DeliveryState.DELIVERED.value, "FinishedAt": now}
    return ended | {"Attempt": claim.delivery.attempt + 1, "Reason": ""}
