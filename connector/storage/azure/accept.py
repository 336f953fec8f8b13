"""Accepting events: key, entities, wake-ups, in an order in which a crash at any point loses nothing.

1. The de-duplication key names the event's id. A process that finds the key taken goes on under it, which is either a
   duplicate or what a crashed run began.
2. The event and its deliveries are written in one transaction (beyond 99 deliveries: the others before it), so an
   event that is there has all its deliveries. With a lease, those that are due at once are leased in the same
   transaction: they are the caller's, and its inbound message guards them (`Guarded`).
3. For every other delivery a row is put among the waiting ones and a wake-up is sent. A run that finds the event there
   does both for those that may be missing; a delivery that is woken twice is still leased once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from connector.storage.azure.claims import Receipt, Wake
from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import PER_TRANSACTION, Queue
from connector.storage.azure.events import Events
from connector.storage.azure.groups import Groups
from connector.storage.azure.keys_of_events import EventKeys
from connector.storage.azure.payloads import Bulk
from connector.storage.azure.rows import delivery_entity, event_entity, event_place, read_delivery
from connector.storage.azure.waiting import Waiting
from connector.storage.records import Accepted, Claim, Delivery, DeliveryState, Event, RoutedEvent, wake_up

SETTLED_AFTER: Final = 3_600.0
"""A key that names an event which is not there belongs to a run that crashed or, for this long, is still at it."""
AT_ONCE: Final = 16


class Stored(NamedTuple):
    """What one event came to: whether it is new, and the claims on it."""

    is_new: bool
    claims: Sequence[Claim] = ()


class Intake:
    """Writes what `Outbox.accept` is given."""

    def __init__(
        self,
        events: Events,
        keys: EventKeys,
        queue: Queue,
        bulk: Bulk,
        counters: AzureCounters,
        groups: Groups,
        waiting: Waiting,
    ) -> None:
        self._events = events
        self._keys = keys
        self._queue = queue
        self._bulk = bulk
        self._counters = counters
        self._groups = groups
        self._waiting = waiting

    async def accept(self, routed_events: Sequence[RoutedEvent], now: float, lease_seconds: float) -> Accepted:
        """See `Outbox.accept`."""
        new, known = [], []
        claims: list[Claim] = []
        for routed in routed_events:
            stored = await self._accept(routed, now, lease_seconds)
            claims += stored.claims
            if stored.is_new:
                new.append(routed.event.id)
                self._counters.add(routed.event.site, accepted=1, queued=len(routed.subscription_ids))
            else:
                known.append(routed.event.id)
                self._counters.add(routed.event.site, duplicates=1)
        return Accepted(tuple(new), tuple(known), tuple(claims))

    async def _accept(self, routed: RoutedEvent, now: float, lease_seconds: float) -> Stored:
        event = await self._first_of_its_key(routed.event, now)
        if event.id != routed.event.id and await self._exists(event):
            await self._wake_unwoken(event, now)
            return Stored(is_new=False)
        entity = event_entity(event) | await self._bulk.write(f"events/{event.id}", event.payload)
        made = replace(routed, event=event).deliveries(now)
        for delivery in made:
            await self._groups.add(delivery, now)
        mine = {delivery.id for delivery in made if lease_seconds and not delivery.group and delivery.due_at <= now}
        rows = [_leased(each, event, now + lease_seconds if each.id in mine else 0.0) for each in made]
        with_event, before_it = rows[: PER_TRANSACTION - 1], rows[PER_TRANSACTION - 1 :]
        etags: dict[str, str] = {}
        for start in range(0, len(before_it), PER_TRANSACTION):
            etags |= await self._insert_missing(before_it[start : start + PER_TRANSACTION])
        inserted = await self._events.insert_all([entity, *with_event])
        if inserted is None:
            await self._wake_unwoken(event, now)
            return Stored(is_new=False)
        etags |= {row["DeliveryId"]: tag for row, tag in zip(with_event, inserted[1:], strict=True)}
        await self._wake([each for each in made if each.id not in mine or not etags.get(each.id)], now)
        leased = [each for each in made if each.id in mine and etags.get(each.id)]
        return Stored(True, [Claim(each, event, str(Receipt(etags[each.id], Wake(), True))) for each in leased])

    async def _first_of_its_key(self, event: Event, now: float) -> Event:
        """The event under the id that its key is taken by, which is its own if the key was free."""
        while event.dedupe_key and (taken := await self._keys.take(event, now)):
            table, there = taken
            first = replace(event, id=there["EventId"])
            age = abs(event.received_at - float(there.get("ReceivedAt", there["At"])))
            is_same = first.id == event.id or age <= event.dedupe_seconds
            if is_same and (now - float(there["At"]) < SETTLED_AFTER or await self._exists(first)):
                return first
            if await self._keys.retake(table, there, event, now):
                break
        return event

    async def _exists(self, event: Event) -> bool:
        place = event_place(event.id)
        return place is not None and await self._events.get(*place) is not None

    async def _insert_missing(self, rows: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Insert deliveries; the ETags of those that were not there already, by delivery."""
        inserted = await self._events.insert_all(rows)
        if inserted is not None:
            return {row["DeliveryId"]: tag for row, tag in zip(rows, inserted, strict=True)}
        return {row["DeliveryId"]: tag for row in rows if (tag := await self._events.insert(row))}

    async def _wake_unwoken(self, event: Event, now: float) -> None:
        """Wake what an earlier run may have left without a wake-up; what it has leased, when the lease ends."""
        place = event_place(event.id)
        if place is None:
            return
        rows = await self._events.of_event(
            place, " and State eq @state and Attempt eq 0", {"state": DeliveryState.PENDING.value}
        )
        unwoken = [read_delivery(row) for row in rows if row.get("Guarded") or float(row["DueAt"]) <= now]
        await self._wake(unwoken, now)

    async def _wake(self, deliveries: Sequence[Delivery], now: float) -> None:
        for start in range(0, len(deliveries), AT_ONCE):
            async with asyncio.TaskGroup() as sending:
                for delivery in deliveries[start : start + AT_ONCE]:
                    sending.create_task(self._wake_one(delivery, now))

    async def _wake_one(self, delivery: Delivery, now: float) -> None:
        await self._waiting.add(delivery)
        await self._queue.send(wake_up(delivery.id), delivery.due_at - now)


def _leased(delivery: Delivery, event: Event, until: float) -> dict[str, Any]:
    """The entity of a new delivery; with a lease until then, or (0) without."""
    row = delivery_entity(delivery, event)
    return row | {"DueAt": until, "Guarded": True} if until else row
