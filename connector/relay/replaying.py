"""Replaying and purging deliveries by filter, quarantined requests, and what waits for ended subscriptions."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.errors import BadRequest, NotFound
from connector.relay.fanout import fan_out
from connector.relay.relay import Relay
from connector.storage.records import Delivery, DeliveryState, EventQuery, Subscription

Json = dict[str, Any]
Progress = Callable[[int], None]
BATCH: Final = 100
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deliveries: these `ids`, or all that `query` finds, at most `limit` (0 for no limit)."""

    ids: Sequence[str] = ()
    query: EventQuery | None = None
    limit: int = 0


@dataclass(slots=True)
class Ended:
    """Deliveries to replay whose subscriptions have ended."""

    counts: dict[str, int] = field(default_factory=dict)
    known: dict[str, Subscription | None] = field(default_factory=dict)


async def replay(
    relay: Relay,
    choice: Choice,
    *,
    to: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Json:
    """Deliver again, to the same flows or all to the subscription `to`; with `dry_run` only count.

    Pending deliveries are left as they are. Those of ended subscriptions are counted, with the newer subscription that
    they could go to.
    """
    if to:
        await _live(relay, to)
    counted, replayed, ended = 0, 0, Ended()
    async for batch in _batches(relay, choice):
        counted += len(batch)
        if not dry_run:
            replayed += await replay_batch(relay, batch, to, ended)
        progress(len(batch))
    answer: Json = {"found": counted, "dryRun": True} if dry_run else {"found": counted, "replayed": replayed}
    return answer | (await _explained(relay, ended) if ended.counts else {})


async def purge(relay: Relay, choice: Choice, *, dry_run: bool = False, progress: Progress = lambda _: None) -> Json:
    """Turn dead letters into cancelled deliveries; with `dry_run` only count."""
    counted, purged = 0, 0
    query = replace(choice.query, state=DeliveryState.DEAD) if choice.query else None
    async for batch in _batches(relay, replace(choice, query=query)):
        counted += len(batch)
        if not dry_run:
            purged += await relay.store.outbox.purge([delivery.id for delivery in batch], relay.clock())
        progress(len(batch))
    return {"found": counted, "dryRun": True} if dry_run else {"found": counted, "purged": purged}


async def replay_event(relay: Relay, event_id: str, *, to: str = "") -> Json:
    """Deliver an event again, under its id: to every flow that it was for, or to one.

    One that was for no flow (because it could not be read, or no condition held) goes to every flow of its
    registration.
    """
    found = await relay.store.outbox.event(event_id)
    if found is None:
        raise NotFound("EventNotFound", f"There is no event {event_id}; it may have expired.")
    event, deliveries = found
    if to:
        await _live(relay, to)
        return {"replayed": int(await relay.store.outbox.route(event_id, to, relay.clock()))}
    if deliveries:
        ended = Ended()
        replayed = await replay_batch(relay, deliveries, "", ended)
        return {"replayed": replayed} | (await _explained(relay, ended) if ended.counts else {})
    replayed = 0
    for subscription in await relay.store.subscriptions.list(registration_id=event.registration_id):
        replayed += await relay.store.outbox.route(event_id, subscription.id, relay.clock())
    return {"replayed": replayed}


async def replay_quarantined(relay: Relay, quarantine_id: str) -> Json:
    """Process a quarantined inbound request again; what works leaves the quarantine."""
    quarantined = await relay.store.quarantine.get(quarantine_id)
    if quarantined is None:
        raise NotFound("QuarantinedNotFound", f"There is nothing with the id {quarantine_id} in the quarantine.")
    try:
        identity = str(json.loads(quarantined.raw)["registration"])
    except (ValueError, KeyError, TypeError):
        raise _not_replayable("it is no inbound request") from None
    if await relay.store.registrations.get(identity) is None:
        raise _not_replayable("its registration is gone; turn a flow on for it first")
    try:
        await fan_out(relay, quarantined.raw)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _not_replayable("its content is malformed") from None
    await relay.store.quarantine.remove(quarantine_id)
    return {"replayed": True}


def _not_replayable(reason: str) -> BadRequest:
    return BadRequest("NotReplayable", f"It cannot be replayed: {reason}. Purge it when it is dealt with.")


async def purge_quarantined(relay: Relay, ids: Sequence[str]) -> Json:
    """Delete quarantined records for good."""
    return {"purged": sum([await relay.store.quarantine.remove(id_) for id_ in ids])}


async def replay_batch(relay: Relay, batch: Sequence[Delivery], to: str, ended: Ended) -> int:
    """Replay these; how many are due again. Those of ended subscriptions are counted in `ended`."""
    if to:
        return sum([await relay.store.outbox.route(delivery.event_id, to, relay.clock()) for delivery in batch])
    live = []
    for delivery in batch:
        name = delivery.subscription_id
        if name not in ended.known:
            ended.known[name] = await relay.store.subscriptions.get(name)
        subscription = ended.known[name]
        if subscription is None or subscription.ended_at is not None:
            ended.counts[name] = ended.counts.get(name, 0) + 1
        else:
            live.append(delivery)
    replayed = await relay.store.outbox.replay([each.id for each in live], relay.clock()) if live else 0
    if replayed < len(live):  # a flow may be meant that has had no delivery of the event
        new = [each for each in live if not each.created_at]
        replayed += sum(
            [await relay.store.outbox.route(one.event_id, one.subscription_id, relay.clock()) for one in new]
        )
    return replayed


async def _explained(relay: Relay, ended: Ended) -> Json:
    """What happened to deliveries of ended subscriptions, and where they could go."""
    offers = []
    for name, count in list(ended.counts.items())[:SHOWN]:
        newer = await newer_subscription(relay, ended.known[name])
        offers.append({"subscriptionId": name, "deliveries": count, "newerSubscriptionId": newer.id if newer else None})
    total = sum(ended.counts.values())
    return {
        "ended": offers,
        "notice": f"{total} deliveries are for subscriptions that have ended and were not replayed; replay them to the "
        "newer subscription of the flow.",
    }


async def newer_subscription(relay: Relay, old: Subscription | None) -> Subscription | None:
    """The live subscription of the same flow for the same event; of any flow on its host when that is not known."""
    if old is None:
        return None
    live = [
        subscription
        for subscription in await relay.store.subscriptions.list(site=old.site)
        if subscription.source_key == old.source_key and subscription.created_at >= old.created_at
    ]
    same_flow = [each for each in live if _flow(each) == _flow(old)]
    same_conditions = [each for each in live if dict(each.conditions) == dict(old.conditions)]
    return max(same_flow or same_conditions or live, key=lambda each: each.created_at, default=None)


def _flow(subscription: Subscription) -> tuple[str, str]:
    """Host and workflow of a callback URL, as Logic Apps builds them: `/workflows/{id}/…`."""
    parts = urlsplit(subscription.callback_url)
    segments = parts.path.split("/")
    workflow = segments[segments.index("workflows") + 1] if "workflows" in segments[:-1] else parts.path
    return parts.hostname or "", workflow


async def _live(relay: Relay, subscription_id: str) -> Subscription:
    subscription = await relay.store.subscriptions.get(subscription_id)
    if subscription is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    if subscription.ended_at is not None:
        newer = await newer_subscription(relay, subscription)
        offer = f"; the flow's newer subscription is {newer.id}" if newer else ""
        raise BadRequest("SubscriptionEnded", f"Subscription {subscription_id} has ended{offer}.")
    return subscription


async def _batches(relay: Relay, choice: Choice) -> AsyncIterator[Sequence[Delivery]]:
    for start in range(0, len(choice.ids), BATCH):
        named = [await _delivery(relay, name) for name in choice.ids[start : start + BATCH]]
        yield [delivery for delivery in named if delivery is not None]
    left = choice.limit or float("inf")
    query = replace(choice.query, take=BATCH, continuation="") if choice.query else None
    while query is not None and left > 0:
        page = await relay.store.outbox.deliveries(query)
        batch = list(page.items)[: int(min(left, BATCH))]
        if batch:
            yield batch
        left -= len(batch)
        query = replace(query, continuation=page.continuation) if page.continuation else None


async def _delivery(relay: Relay, name: str) -> Delivery | None:
    found = await relay.store.outbox.event(name.partition(".")[0])
    return next((delivery for delivery in found[1] if delivery.id == name), None) if found else None
