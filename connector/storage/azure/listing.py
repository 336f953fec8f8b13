"""Events and dead letters for an operator, newest first, and making them pending again.

Dead letters have an index row each in the records table, written before the delivery is marked dead: a row whose
delivery is not dead is the trace of a crash or a lost lease and is left out.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from connector.runtime import together
from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import Entity, Queue, Table, etag
from connector.storage.azure.events import Events
from connector.storage.azure.groups import Groups
from connector.storage.azure.payloads import Bulk
from connector.storage.azure.rows import (
    DELIVERY,
    EVENT,
    EVENT_FIELDS,
    EVENT_ID_LENGTH,
    KEYS,
    MARKED,
    Place,
    bound,
    delivery_entity,
    delivery_place,
    event_place,
    read_delivery,
    read_event,
    tally_of,
)
from connector.storage.azure.waiting import Waiting
from connector.storage.history import Tally
from connector.storage.records import (
    FAILING,
    ROUTED,
    UNWANTED,
    Backlog,
    Claim,
    Delivery,
    DeliveryState,
    Event,
    EventQuery,
    Page,
    RoutedEvent,
    delivery_id,
    wake_up,
)

DEAD: Final = "dead"
TRACE_AFTER: Final = 3_600.0
PAGES_SEARCHED: Final = 20
QUERIES_AT_ONCE: Final = 16
WOKEN_AT_ONCE: Final = 1_000
OLD_PENDING: Final = f"PartitionKey lt '{MARKED}' and Kind eq '{DELIVERY}' and State eq '{DeliveryState.PENDING}'"
"""What waits since version 1.0, and is not among the waiting ones."""


class Listing:
    """What an operator sees and does."""

    def __init__(
        self,
        events: Events,
        records: Table,
        queue: Queue,
        bulk: Bulk,
        counters: AzureCounters,
        groups: Groups,
        waiting: Waiting,
    ) -> None:
        self._events = events
        self._records = records
        self._queue = queue
        self._bulk = bulk
        self._counters = counters
        self._groups = groups
        self._waiting = waiting

    async def page(self, query: EventQuery) -> Page[Event]:
        """See `Outbox.events`."""
        if query.ids:
            return Page(tuple([event for id_ in query.ids if (event := await self._one(id_))]))
        if query.text or query.state or query.subscription_id:
            return await self._searched(query)
        condition, values = _conditions(query)
        found = await self._newest(
            f"Kind eq '{EVENT}'{condition}", values, query, event_place(query.continuation), EVENT_FIELDS
        )
        events = tuple(read_event(entity) for entity in found[: query.take])
        return Page(events, events[-1].id if len(found) > query.take else "")

    async def _searched(self, query: EventQuery) -> Page[Event]:
        """Read page after page and keep what fits; after `PAGES_SEARCHED` the continuation goes on from there."""
        plain = replace(query, text="", state="", subscription_id="")
        matches: list[Event] = []
        for _ in range(PAGES_SEARCHED):
            page = await self.page(plain)
            for event in page.items:
                if await self._fits(event, query):
                    matches.append(event)
                if len(matches) >= query.take:
                    return Page(tuple(matches), event.id)
            if not page.continuation:
                return Page(tuple(matches))
            plain = replace(plain, continuation=page.continuation)
        return Page(tuple(matches), plain.continuation)

    async def _fits(self, event: Event, query: EventQuery) -> bool:
        shown = await self.show(event.id)
        if shown is None or query.text.encode().lower() not in shown[0].payload.lower():
            return False
        if query.state == UNWANTED:
            return not shown[1]
        is_any = not (query.state or query.subscription_id)
        return is_any or any(
            _is_in_state(delivery, query.state) and query.subscription_id in ("", delivery.subscription_id)
            for delivery in shown[1]
        )

    async def _one(self, event_id: str) -> Event | None:
        place = event_place(event_id)
        entity = place and await self._events.get(*place)
        return read_event({**entity, "Verdicts": ""}) if entity else None

    async def tallies(self, event_ids: Sequence[str]) -> dict[str, Tally]:
        """See `Outbox.tallies`; a query an event, some at a time."""
        found: dict[str, Tally] = {}
        for start in range(0, len(event_ids), QUERIES_AT_ONCE):
            some = event_ids[start : start + QUERIES_AT_ONCE]
            found |= {
                each: tally for each, tally in zip(some, await together(*map(self._tally, some)), strict=True) if tally
            }
        return found

    async def _tally(self, event_id: str) -> Tally | None:
        place = event_place(event_id)
        if place is None:
            return None
        rows = await self._events.of_event(
            place, f" and Kind eq '{DELIVERY}'", select=[*KEYS, "State", "Attempt", "History"]
        )
        return tally_of(rows) if rows else None

    async def deliveries(self, query: EventQuery) -> Page[Delivery]:
        """See `Outbox.deliveries`."""
        condition, values = _conditions(query)
        state = DeliveryState.PENDING.value if query.state == FAILING else query.state
        condition += " and Attempt gt 0" * (query.state == FAILING)
        for name, value in (("SubscriptionId", query.subscription_id), ("State", state)):
            if value:
                condition, values = f"{condition} and {name} eq @{name}", values | {name: value}
        last = delivery_place(query.continuation)
        rows = await self._newest(f"Kind eq '{DELIVERY}'{condition}", values, query, last)
        kept = rows[: query.take]
        if query.text:
            kept = [row for row in kept if await self._has_text(row, query.text)]
        more = rows[query.take - 1]["DeliveryId"] if len(rows) > query.take else ""
        return Page(tuple(read_delivery(row) for row in kept), more)

    async def _newest(
        self,
        condition: str,
        values: Mapping[str, Any],
        query: EventQuery,
        after: Place | None,
        select: Sequence[str] = (),
    ) -> list[Entity]:
        return await self._events.newest(
            condition,
            values,
            limit=query.take + 1,
            site=query.site,
            since=query.since,
            until=query.until,
            after=after,
            select=select,
        )

    async def _has_text(self, row: Entity, text: str) -> bool:
        shown = await self.show(row["EventId"])
        return shown is not None and text.encode().lower() in shown[0].payload.lower()

    async def wake(self, subscription_id: str, now: float, since: float) -> int:
        """See `Outbox.wake`; at most `WOKEN_AT_ONCE`, since each costs some calls."""
        old = await self._events.rest.query(
            f"{OLD_PENDING} and SubscriptionId eq @subscription and DueAt gt @now and PendingSince ge @since",
            {"subscription": subscription_id, "now": now, "since": since},
            select=[*KEYS, "DeliveryId"],
            limit=WOKEN_AT_ONCE,
        )
        waiting = await self._waiting.of(subscription_id, since=since, limit=WOKEN_AT_ONCE)
        names = {str(row["DeliveryId"]) for row in (*old, *waiting)}
        return sum([await self._wake(name, now) for name in sorted(names)[:WOKEN_AT_ONCE]])

    async def _wake(self, delivery_id: str, now: float) -> bool:
        there = await self._delivery(delivery_id)
        if there is None or there["State"] != DeliveryState.PENDING or float(there["DueAt"]) <= now:
            return False
        keys = {name: there[name] for name in KEYS}
        if await self._events.change(keys | {"DueAt": now}, etag(there)) is None:
            return False
        await self._queue.send(wake_up(delivery_id))
        return True

    async def backlogs(self, now: float) -> Sequence[Backlog]:
        """See `Outbox.backlogs`."""
        del now
        fields = [*KEYS, "SubscriptionId", "CreatedAt", "PendingSince"]
        old = await self._events.rest.query(OLD_PENDING, {}, select=fields)
        pending = {str(row["RowKey"]): row for row in (*old, *await self._waiting.all())}
        since: dict[str, list[float]] = {}
        for row in pending.values():
            moment = float(row["PendingSince"] if "PendingSince" in row else row["CreatedAt"])
            since.setdefault(row["SubscriptionId"], []).append(moment)
        return [Backlog(name, len(moments), min(moments)) for name, moments in sorted(since.items())]

    async def show(self, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
        """See `Outbox.event`."""
        place = event_place(event_id)
        if place is None:
            return None
        rows = await self._events.of_event(place)
        event = next((row for row in rows if row["Kind"] == EVENT), None)
        if event is None:
            return None
        deliveries = sorted((read_delivery(row) for row in rows if row["Kind"] == DELIVERY), key=lambda each: each.id)
        return read_event(event, await self._bulk.read(event)), deliveries

    async def dead_letters(self, query: EventQuery) -> Page[Delivery]:
        """See `Outbox.dead_letters`."""
        condition, values = _conditions(query, of_dead=True)
        if query.continuation:
            condition, values = f"{condition} and RowKey gt @after", values | {"after": query.continuation}
        rows = await self._records.query(f"PartitionKey eq '{DEAD}'{condition}", values, limit=query.take + 1)
        dead = [await self._dead(row) for row in rows[: query.take]]
        more = rows[query.take - 1]["RowKey"] if len(rows) > query.take else ""
        return Page(tuple(read_delivery(entity) for entity in dead if entity), more)

    async def index_dead(self, claim: Claim, now: float) -> None:
        """List the claim's delivery among the dead letters, before it is marked as one."""
        await self._records.put(
            _index_keys(claim.delivery.id)
            | {
                "DeliveryId": claim.delivery.id,
                "Site": claim.event.site,
                "Type": claim.event.type,
                "RegistrationId": claim.event.registration_id,
                "At": now,
            }
        )

    async def replay(self, delivery_id: str, now: float) -> bool:
        """Make one pending again."""
        if place := event_place(delivery_id[:EVENT_ID_LENGTH]):
            await self._events.outlive(place)
        there = await self._delivery(delivery_id)
        if there is None or there["State"] == DeliveryState.PENDING or not await self._event_of(there):
            return False
        fresh = {name: value for name, value in there.items() if name != "FinishedAt"}
        fresh |= {"State": DeliveryState.PENDING.value, "Attempt": 0, "DueAt": now, "PendingSince": now, "Reason": ""}
        fresh["Guarded"] = False
        await self._waiting.add(read_delivery(fresh))
        await self._groups.add(read_delivery(fresh), now)
        if await self._events.change(fresh, etag(there), replace=True) is None:
            return False
        await self._queue.send(wake_up(delivery_id))
        await self._records.sweep([_index_keys(delivery_id)])
        self._counters.add(there["Site"], queued=1)
        return True

    async def route(self, event_id: str, subscription_id: str, now: float) -> bool:
        """See `Outbox.route`."""
        name = delivery_id(event_id, subscription_id)
        if await self._delivery(name):
            return await self.replay(name, now)
        place = event_place(event_id)
        if place is None or not await self._events.get(*place):
            return False
        await self._events.outlive(place)
        entity = await self._events.get(*place)
        if not entity:
            return False
        event = read_event(entity)
        delivery = replace(*RoutedEvent(event, (subscription_id,)).deliveries(now), reason=ROUTED)
        await self._waiting.add(delivery)
        if await self._events.insert(delivery_entity(delivery, event)) is None:
            return False
        await self._queue.send(wake_up(name))
        self._counters.add(event.site, queued=1)
        return True

    async def purge(self, delivery_id: str, now: float) -> bool:
        """Turn a dead letter into a cancelled delivery."""
        there = await self._delivery(delivery_id)
        if there is None or there["State"] != DeliveryState.DEAD:
            return False
        changes = {name: there[name] for name in KEYS} | {"State": DeliveryState.CANCELLED.value, "FinishedAt": now}
        if await self._events.change(changes, etag(there)) is None:
            return False
        await self._records.sweep([_index_keys(delivery_id)])
        return True

    async def _dead(self, row: Entity) -> Entity | None:
        there = await self._delivery(row["DeliveryId"])
        if there is not None and there["State"] == DeliveryState.DEAD:
            return there
        if time.time() - float(row["At"]) > TRACE_AFTER:
            await self._records.delete(row["PartitionKey"], row["RowKey"], etag(row))
        return None

    async def _delivery(self, delivery_id: str) -> Entity | None:
        place = delivery_place(delivery_id)
        return None if place is None else await self._events.get(*place)

    async def _event_of(self, delivery: Entity) -> bool:
        place = event_place(delivery["EventId"])
        return place is not None and await self._events.get(*place) is not None


def _is_in_state(delivery: Delivery, state: str) -> bool:
    if state == FAILING:
        return delivery.state is DeliveryState.PENDING and delivery.attempt > 0
    return state in ("", delivery.state)


def _index_keys(delivery_id: str) -> dict[str, str]:
    place = delivery_place(delivery_id) or Place("", "")
    return {"PartitionKey": DEAD, "RowKey": place.row}


def _conditions(query: EventQuery, *, of_dead: bool = False) -> tuple[str, dict[str, Any]]:
    """What the query asks, each condition with "and" in front; of dead letters, the times of receipt too."""
    condition, values = "", {}
    wanted = {"Site": query.site, "Type": query.type, "RegistrationId": query.registration_id}
    wanted |= {} if of_dead else {"Subject": query.subject}
    for name, value in wanted.items():
        if value:
            condition += f" and {name} eq @{name}"
            values[name] = value
    for name, moment, test in (("since", query.since, "le"), ("until", query.until, "gt")):
        if of_dead and moment is not None:
            condition += f" and RowKey {test} @{name}"
            values[name] = bound(moment).row
    return condition, values
