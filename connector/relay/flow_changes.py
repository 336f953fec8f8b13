"""What an operator changes of a flow that waits: pause, resume, limit, label; and a test event for it."""

import json
import math
import secrets
from dataclasses import dataclass, replace
from typing import Any, Final

from connector.deskdirector.errors import BadRequest, NotFound
from connector.relay.moments import moment
from connector.relay.relay import Relay
from connector.relay.subscriptions import change_subscription, pause_flow, resume_flow
from connector.storage.event_ids import event_id
from connector.storage.history import Summary, Verdict, Wanted
from connector.storage.records import DeliveryState, Event, EventQuery, RoutedEvent, Subscription

Json = dict[str, Any]

LONGEST_LABEL: Final = 100
MOST_PER_MINUTE: Final = 6000
GIVEN_UP_AT_ONCE: Final = 5000
LEASE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class FlowChange:
    """What to change; None leaves a thing as it is. `only_new`: what waited while it was paused is given up."""

    paused: bool | None = None
    only_new: bool = False
    per_minute: int | None = None
    label: str | None = None


async def change_flow(relay: Relay, subscription_id: str, asked: FlowChange) -> None:
    """Change it; raises `NotFound`, or `BadRequest` for one that has ended."""
    await live_flow(relay, subscription_id)

    def edit(flow: Subscription) -> Subscription:
        label = flow.label if asked.label is None else asked.label
        rate = flow.operator_rate if asked.per_minute is None else asked.per_minute / 60
        return replace(flow, label=label, operator_rate=rate)

    if asked.label is not None or asked.per_minute is not None:
        await change_subscription(relay, subscription_id, edit)
    if asked.paused is True:
        await pause_flow(relay, subscription_id)
    elif asked.paused is False:
        if asked.only_new:
            await _give_up_waiting(relay, subscription_id)
        await resume_flow(relay, subscription_id)


async def send_test(relay: Relay, subscription_id: str) -> Json:
    """Deliver a sample of its event type to this flow, past its conditions, marked as a test."""
    flow = await live_flow(relay, subscription_id)
    now = relay.clock()
    name = event_id(now, secrets.token_hex(16), flow.site)
    content = {**await _sample(relay, flow), "eventId": name, "occurredAt": moment(now), "test": True}
    event = Event(
        id=name,
        site=flow.site,
        type=flow.event_type,
        registration_id=flow.registration_id,
        occurred_at=now,
        received_at=now,
        payload=json.dumps(content, ensure_ascii=False).encode(),
        dedupe_seconds=math.inf,
        summary=Summary("other", "Test event", now, 1, 1, is_test=True),
        verdicts=(Verdict(flow.id, Wanted.YES, "", "an operator sent it as a test"),),
    )
    await relay.store.outbox.accept([RoutedEvent(event, (flow.id,))], now)
    return {"eventId": name}


async def live_flow(relay: Relay, subscription_id: str) -> Subscription:
    """The subscription, which has not ended."""
    flow = await relay.store.subscriptions.get(subscription_id)
    if flow is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    if flow.ended_at is not None:
        raise BadRequest("SubscriptionEnded", f"Subscription {subscription_id} has ended: {flow.ended_because}.")
    return flow


async def _sample(relay: Relay, flow: Subscription) -> Json:
    """The newest event of the same type, else what every event has."""
    bare = {"eventType": flow.event_type, "site": flow.site, "isOwnChange": False, "data": {}}
    page = await relay.store.outbox.events(EventQuery(site=flow.site, type=flow.event_type, take=1))
    found = await relay.store.outbox.event(page.items[0].id) if page.items else None
    if found is None or not found[0].is_readable:
        return bare
    content = json.loads(found[0].payload)
    return content if isinstance(content, dict) else bare


async def _give_up_waiting(relay: Relay, subscription_id: str) -> None:
    """Turn what waits for a paused flow into dead letters, which can be replayed.

    It is claimed while it waits, the oldest first: made due before, it would be the dispatcher's.
    """
    outbox = relay.store.outbox
    query, left = EventQuery(subscription_id=subscription_id, state=DeliveryState.PENDING, take=500), GIVEN_UP_AT_ONCE
    while left > 0:
        page = await outbox.deliveries(query)
        for delivery in reversed(page.items[:left]):
            claim = await outbox.claim(delivery.id, max(relay.clock(), delivery.due_at), LEASE_SECONDS)
            if claim is not None:
                reason = "It waited while its flow was paused, and the flow went on with new events only."
                await outbox.bury(claim, relay.clock(), reason=reason, tried=False)
        left -= len(page.items)
        if not page.continuation:
            return
        query = replace(query, continuation=page.continuation)
