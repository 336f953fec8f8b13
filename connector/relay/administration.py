"""What an operator sees and does: events, subscriptions, dead letters, metrics. JSON objects without any secret.

The command line and the operator's HTTP routes both call these. Ids and filters are as in `storage.records.EventQuery`.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.errors import NotFound
from connector.relay.event_sources import EventSource
from connector.relay.relay import Relay
from connector.relay.subscriptions import end
from connector.storage.records import Delivery, Event, EventQuery, Registration, SiteCounters, Subscription

Json = dict[str, Any]
Progress = Callable[[int], None]

BATCH: Final = 100
REMOVED: Final = "an operator removed it"


async def list_events(relay: Relay, query: EventQuery) -> Json:
    """A page of events, newest first."""
    page = await relay.store.outbox.events(query)
    return {"results": [_event(one) for one in page.items], "continuation": page.continuation}


async def show_event(relay: Relay, event_id: str) -> Json:
    """An event with its content, and what became of it at each flow."""
    event, deliveries = await _found(relay, event_id)
    return {**_event(event), "payload": _content(event), "deliveries": [_delivery(one) for one in deliveries]}


async def replay_event(relay: Relay, event_id: str) -> Json:
    """Deliver an event again to every flow that it was for; flows see the same event id."""
    _, deliveries = await _found(relay, event_id)
    replayed = await relay.store.outbox.replay([one.id for one in deliveries], relay.clock())
    return {"replayed": replayed}


async def list_subscriptions(relay: Relay, *, site: str = "", ended: bool = False) -> Json:
    """The flows that wait, and how their registration in DeskDirector stands."""
    subscriptions = await relay.store.subscriptions.list(site=site, ended=ended)
    registrations = {one.id: one for one in await relay.store.registrations.list(site=site)}
    results = [_subscription(one, registrations.get(one.registration_id)) for one in subscriptions]
    return {"results": results, "total": len(results)}


async def remove_subscription(relay: Relay, subscription_id: str) -> Json:
    """End a subscription; its flow hears of nothing any more, though it may still seem to wait."""
    if await relay.store.subscriptions.get(subscription_id) is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    return {"removed": await end(relay, subscription_id, REMOVED)}


async def list_dead_letters(relay: Relay, query: EventQuery) -> Json:
    """A page of deliveries that were given up, newest first, each with the reason."""
    page = await relay.store.outbox.dead_letters(query)
    return {"results": [_delivery(one) for one in page.items], "continuation": page.continuation}


async def replay_dead_letters(
    relay: Relay,
    *,
    ids: Sequence[str] = (),
    query: EventQuery | None = None,
    limit: int = 0,
    progress: Progress = lambda _: None,
) -> Json:
    """Try dead letters again, these or all that `query` finds (at most `limit`, 0 for no limit)."""
    replayed = 0
    async for batch in _batches(relay, ids, query, limit):
        replayed += await relay.store.outbox.replay(batch, relay.clock())
        progress(len(batch))
    return {"replayed": replayed}


async def purge_dead_letters(
    relay: Relay,
    *,
    ids: Sequence[str] = (),
    query: EventQuery | None = None,
    limit: int = 0,
    progress: Progress = lambda _: None,
) -> Json:
    """Give dead letters up for good, these or all that `query` finds (at most `limit`, 0 for no limit)."""
    purged = 0
    async for batch in _batches(relay, ids, query, limit):
        purged += await relay.store.outbox.purge(batch, relay.clock())
        progress(len(batch))
    return {"purged": purged}


async def metrics(relay: Relay, *, site: str = "") -> Json:
    """Counts per site since the store was made, and how far behind it is."""
    return {"results": [_counters(one) for one in await relay.store.counters(site=site)]}


async def list_quarantine(relay: Relay, *, take: int = 100) -> Json:
    """Records and messages that could not be read, without their content."""
    found = await relay.store.quarantine.list(take=take)
    results = [{"kind": one.kind, "key": one.key, "reason": one.reason, "at": _moment(one.at)} for one in found]
    return {"results": results}


async def _found(relay: Relay, event_id: str) -> tuple[Event, Sequence[Delivery]]:
    found = await relay.store.outbox.event(event_id)
    if found is None:
        raise NotFound("EventNotFound", f"There is no event {event_id}; it may have expired.")
    return found


async def _batches(
    relay: Relay, ids: Sequence[str], query: EventQuery | None, limit: int
) -> AsyncIterator[Sequence[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
    if query is None:
        return
    left = limit or float("inf")
    query = replace(query, take=BATCH)
    while left > 0:
        page = await relay.store.outbox.dead_letters(query)
        batch = [one.id for one in page.items][: int(min(left, BATCH))]
        if not batch:
            return
        yield batch
        left -= len(batch)
        if not page.continuation:
            return
        query = replace(query, continuation=page.continuation)


def _event(event: Event) -> Json:
    return {
        "eventId": event.id,
        "site": event.site,
        "eventType": event.type,
        "occurredAt": _moment(event.occurred_at),
        "receivedAt": _moment(event.received_at),
    }


def _content(event: Event) -> Any:
    try:
        return json.loads(event.payload)
    except ValueError:
        return event.payload.decode(errors="replace")


def _delivery(delivery: Delivery) -> Json:
    described = {
        "deliveryId": delivery.id,
        "eventId": delivery.event_id,
        "subscriptionId": delivery.subscription_id,
        "site": delivery.site,
        "state": str(delivery.state),
        "attempts": delivery.attempt,
        "dueAt": _moment(delivery.due_at),
        "finishedAt": _moment(delivery.finished_at) if delivery.finished_at is not None else None,
        "reason": delivery.reason or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _subscription(subscription: Subscription, registration: Registration | None) -> Json:
    described = {
        "subscriptionId": subscription.id,
        "site": subscription.site,
        "family": EventSource.of(subscription.source_key).family,
        "eventType": subscription.event_type,
        "conditions": dict(subscription.conditions) or None,
        "flowHost": urlsplit(subscription.callback_url).hostname,
        "createdAt": _moment(subscription.created_at),
        "registration": str(registration.state) if registration else "missing",
        "trouble": (registration.trouble if registration else "") or None,
        "endedAt": _moment(subscription.ended_at) if subscription.ended_at is not None else None,
        "endedBecause": subscription.ended_because or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _counters(counters: SiteCounters) -> Json:
    return {
        "site": counters.site,
        "accepted": counters.accepted,
        "duplicates": counters.duplicates,
        "delivered": counters.delivered,
        "retried": counters.retried,
        "cancelled": counters.cancelled,
        "dead": counters.dead,
        "pending": counters.pending,
        "lagSeconds": round(counters.lag_seconds, 3),
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
