"""Accepting events: key, entities, wake-ups, in an order in which a crash at any point loses nothing.

1. The de-duplication key names the event's id. Whoever finds the key taken goes on under that id, which is either a
   duplicate or what a crashed run began.
2. The event and its deliveries are written in one transaction (beyond 99 deliveries: the others before it), so an
   event that is there has all its deliveries.
3. A wake-up is sent for each delivery. A run that finds the event there sends those that may be missing; a delivery
   that is woken twice is still leased once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import PER_TRANSACTION, Queue, Table, etag
from connector.storage.azure.groups import Groups
from connector.storage.azure.payloads import Bulk
from connector.storage.azure.rows import delivery_entity, event_entity, event_place, rows_of_event
from connector.storage.azure.wire import Change
from connector.storage.records import Accepted, DeliveryState, Event, RoutedEvent, digest, wake_up

DEDUPE: Final = "dedupe-"
SETTLED_AFTER: Final = 3_600.0
"""A key that names an event which is not there belongs to a run that crashed or, for this long, is still at it."""
AT_ONCE: Final = 16


class Intake:
    """Writes what `Outbox.accept` is given."""

    def __init__(
        self, events: Table, keys: Table, queue: Queue, bulk: Bulk, counters: AzureCounters, groups: Groups
    ) -> None:
        self._events = events
        self._keys = keys
        self._queue = queue
        self._bulk = bulk
        self._counters = counters
        self._groups = groups

    async def accept(self, routed_events: Sequence[RoutedEvent], now: float) -> Accepted:
        """See `Outbox.accept`."""
        new, known = [], []
        for routed in routed_events:
            if await self._accept(routed, now):
                new.append(routed.event.id)
                self._counters.add(routed.event.site, accepted=1, queued=len(routed.subscription_ids))
            else:
                known.append(routed.event.id)
                self._counters.add(routed.event.site, duplicates=1)
        return Accepted(tuple(new), tuple(known))

    async def _accept(self, routed: RoutedEvent, now: float) -> bool:
        event = await self._first_of_its_key(routed.event, now)
        if event.id != routed.event.id and await self._exists(event):
            await self._wake_unwoken(event, now)
            return False
        entity = event_entity(event) | await self._bulk.write(f"events/{event.id}", event.payload)
        made = replace(routed, event=event).deliveries(now)
        for delivery in made:
            await self._groups.add(delivery, now)
        deliveries = [delivery_entity(delivery, event) for delivery in made]
        with_event, before_it = deliveries[: PER_TRANSACTION - 1], deliveries[PER_TRANSACTION - 1 :]
        for start in range(0, len(before_it), PER_TRANSACTION):
            await self._insert_missing(before_it[start : start + PER_TRANSACTION])
        if not await self._events.transact([Change("insert", each) for each in (entity, *with_event)]):
            await self._wake_unwoken(event, now)
            return False
        await self._wake([(delivery.id, delivery.due_at - now) for delivery in made])
        return True

    async def _first_of_its_key(self, event: Event, now: float) -> Event:
        """The event under the id that its key is taken by, which is its own if the key was free."""
        if not event.dedupe_key:
            return event
        name = digest(f"{event.site}\n{event.dedupe_key}")
        mine: dict[str, Any] = {"PartitionKey": DEDUPE + name[:2], "RowKey": name, "EventId": event.id, "At": now}
        mine["ReceivedAt"] = event.received_at
        while await self._keys.insert(mine) is None:
            there = await self._keys.get(mine["PartitionKey"], name)
            if there is None:
                continue
            first = replace(event, id=there["EventId"])
            age = abs(event.received_at - float(there.get("ReceivedAt", there["At"])))
            is_same = first.id == event.id or age <= event.dedupe_seconds
            if is_same and (now - float(there["At"]) < SETTLED_AFTER or await self._exists(first)):
                return first
            if await self._keys.change(mine, etag(there)) is not None:
                break
        return event

    async def _exists(self, event: Event) -> bool:
        place = event_place(event.id)
        return place is not None and await self._events.get(*place) is not None

    async def _insert_missing(self, deliveries: Sequence[dict[str, Any]]) -> None:
        if not await self._events.transact([Change("insert", each) for each in deliveries]):
            for each in deliveries:
                await self._events.insert(each)

    async def _wake_unwoken(self, event: Event, now: float) -> None:
        place = event_place(event.id)
        if place is None:
            return
        condition, values = rows_of_event(place)
        unwoken = await self._events.query(
            f"{condition} and State eq @state and Attempt eq 0 and DueAt le @now",
            values | {"state": DeliveryState.PENDING.value, "now": now},
            select=["DeliveryId"],
        )
        await self._wake([(each["DeliveryId"], 0.0) for each in unwoken])

    async def _wake(self, delays: Sequence[tuple[str, float]]) -> None:
        for start in range(0, len(delays), AT_ONCE):
            some = delays[start : start + AT_ONCE]
            async with asyncio.TaskGroup() as sending:
                for name, delay in some:
                    sending.create_task(self._queue.send(wake_up(name), delay))
