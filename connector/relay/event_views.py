"""Events and deliveries as operators see them: a row for lists, the whole with verdicts and attempts. No secrets."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.errors import NotFound
from connector.relay.moments import moment, wire
from connector.relay.relay import Relay
from connector.storage.history import NO_TALLY, AttemptMade, Tally, Verdict
from connector.storage.records import Delivery, DeliveryState, Event, EventQuery, Retention, Subscription

Json = dict[str, Any]

NEWER_AT_MOST: Final = 200
STEP_BACK_SECONDS: Final = 15.0
"""Events are stored some time after their receipt, by which they are sorted: reading on steps back this far."""
READ_AT_ONCE: Final = 500
EVENT_ID: Final = re.compile(r"[0-9a-f]{12}-")
PAGES_OF_NEWER: Final = 5


async def list_events(relay: Relay, query: EventQuery) -> Json:
    """A page of events, newest first."""
    page = await relay.store.outbox.events(query)
    return {"results": await _rows(relay, page.items), "continuation": page.continuation, **_latest(page.items)}


async def newer_events(relay: Relay, query: EventQuery, after: str) -> Json:
    """What arrived after this event, oldest first, and again what arrived shortly before it, in its present state."""
    since = _received_at(after) - STEP_BACK_SECONDS
    query = replace(query, since=max(since, query.since or 0.0), take=READ_AT_ONCE, continuation="")
    found: list[Event] = []
    for _ in range(PAGES_OF_NEWER):
        page = await relay.store.outbox.events(query)
        found += page.items
        query = replace(query, continuation=page.continuation)
        if not page.continuation:
            break
    oldest_first = found[::-1]
    shown, more = oldest_first[:NEWER_AT_MOST], len(found) > NEWER_AT_MOST
    latest = max([*(each.id for each in shown), *([after] if not shown else [])])
    return {"results": await _rows(relay, shown), "continuation": "", "latest": latest, "more": more}


async def show_event(relay: Relay, event_id: str) -> Json:
    """An event with its content, why each flow gets it or not, and what became of it at each."""
    found = await relay.store.outbox.event(event_id)
    if found is None:
        raise NotFound("EventNotFound", f"There is no event {event_id}; it may have expired.")
    event, deliveries = found
    names = {delivery.subscription_id for delivery in deliveries} | {
        verdict.subscription_id for verdict in event.verdicts
    }
    flows = {
        subscription.id: subscription
        for subscription in await relay.store.subscriptions.list(ended=True)
        if subscription.id in names
    }
    row = event_row(event, tally_of(deliveries))
    counts = row.pop("deliveries")
    judged = event.summary.judged_at
    return row | {
        **({"judgedAt": moment(judged)} if judged else {}),
        "keptUntil": _kept_until(event, deliveries, relay.retention),
        "counts": counts,
        "verdicts": [_verdict(verdict, flows) for verdict in event.verdicts],
        "verdictsLeftOut": max(0, event.summary.waiting - len(event.verdicts)) if event.is_readable else 0,
        "deliveries": [delivery_view(delivery, flows) for delivery in deliveries],
        "payload": _content(event),
    }


async def list_deliveries(relay: Relay, query: EventQuery) -> Json:
    """A page of deliveries in any state, newest first."""
    page = await relay.store.outbox.deliveries(query)
    names = {item.subscription_id for item in page.items}
    flows = {
        subscription.id: subscription
        for subscription in await relay.store.subscriptions.list(ended=True)
        if subscription.id in names
    }
    return {"results": [delivery_view(item, flows) for item in page.items], "continuation": page.continuation}


def event_row(event: Event, tally: Tally) -> Json:
    """An event in a list."""
    summary = event.summary
    row: Json = {
        "eventId": event.id,
        "site": event.site,
        "eventType": event.type,
        "occurredAt": moment(event.occurred_at),
        "receivedAt": moment(event.received_at),
        "subject": event.subject,
        "readable": event.is_readable,
        "about": {"kind": summary.kind or "other", "id": event.subject, "title": summary.title},
        "deliveries": {state.value: getattr(tally, state.value) for state in DeliveryState},
        "worst": worst(event, tally),
        "attempts": tally.attempts,
        "ms": tally.ms,
    }
    if summary.judged_at:
        row["flows"] = {"waiting": summary.waiting, "wanted": summary.wanted}
    return row | ({"test": True} if summary.is_test else {})


def worst(event: Event, tally: Tally) -> str:
    """How the event stands at the flow where it stands worst."""
    if not event.is_readable and tally == NO_TALLY:
        return "unreadable"
    states = ("dead", "failing", "pending", "delivered", "cancelled")
    return next((state for state in states if getattr(tally, state)), "unwanted")


def tally_of(deliveries: Sequence[Delivery]) -> Tally:
    """The tally of an event's deliveries."""
    pending = [delivery for delivery in deliveries if delivery.state is DeliveryState.PENDING]
    counts = {state.value: sum(delivery.state is state for delivery in deliveries) for state in DeliveryState}
    last = [delivery.history[-1].ms for delivery in deliveries if delivery.history]
    return Tally(
        **counts,
        failing=sum(each.attempt > 0 for each in pending),
        attempts=max((delivery.attempt for delivery in deliveries), default=0),
        ms=max(last, default=0),
    )


def delivery_view(delivery: Delivery, flows: Mapping[str, Subscription]) -> Json:
    """A delivery with its newest attempts."""
    is_pending = delivery.state is DeliveryState.PENDING
    described = {
        "deliveryId": delivery.id,
        "eventId": delivery.event_id,
        "subscriptionId": delivery.subscription_id,
        "flow": flow_view(flows.get(delivery.subscription_id)),
        "site": delivery.site,
        "state": str(delivery.state),
        "attempts": delivery.attempt,
        "createdAt": moment(delivery.created_at),
        "dueAt": moment(delivery.due_at),
        "nextAt": moment(delivery.due_at) if is_pending else None,
        "finishedAt": moment(delivery.finished_at) if delivery.finished_at is not None else None,
        "reason": delivery.reason or None,
        "log": [_attempt(each) for each in delivery.history],
    }
    return {name: value for name, value in described.items() if value is not None}


def flow_view(flow: Subscription | None) -> Json | None:
    """How people recognise a flow; None when it is no longer known."""
    if flow is None:
        return None
    return {"name": name_of(flow), "host": host_of(flow), "ended": flow.ended_at is not None}


def name_of(flow: Subscription) -> str:
    """The flow in words: an operator's label, else its maker's description, else where it waits."""
    return flow.label or flow.description or f"flow at {host_of(flow)}"


def host_of(flow: Subscription) -> str:
    """The host at which the flow waits."""
    return urlsplit(flow.callback_url).hostname or ""


async def _rows(relay: Relay, events: Sequence[Event]) -> list[Json]:
    tallies = await relay.store.outbox.tallies([event.id for event in events]) if events else {}
    return [event_row(event, tallies.get(event.id, NO_TALLY)) for event in events]


def _latest(events: Sequence[Event]) -> Json:
    return {"latest": max(event.id for event in events)} if events else {}


def _received_at(event_id: str) -> float:
    """The time in an event's id; 0 for any other text, so that everything counts as newer."""
    return int(event_id[:12], 16) / 1000 if EVENT_ID.match(event_id) else 0.0


def _kept_until(event: Event, deliveries: Sequence[Delivery], kept: Retention) -> str | None:
    """None while something of it is pending: then it does not expire."""
    states = {delivery.state for delivery in deliveries}
    if DeliveryState.PENDING in states:
        return None
    return wire(event.received_at + (kept.dead_letters if DeliveryState.DEAD in states else kept.events))


def _content(event: Event) -> Any:
    try:
        return json.loads(event.payload)
    except ValueError:
        return event.payload.decode(errors="replace")


def _verdict(verdict: Verdict, flows: Mapping[str, Subscription]) -> Json:
    described = {
        "subscriptionId": verdict.subscription_id,
        "flow": flow_view(flows.get(verdict.subscription_id)),
        "wanted": str(verdict.wanted),
        "condition": verdict.condition or None,
        "because": verdict.because or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _attempt(made: AttemptMade) -> Json:
    described = {
        "at": moment(made.at),
        "kind": str(made.kind),
        "status": made.status or None,
        "ms": made.ms,
        "excerpt": made.excerpt or None,
    }
    return {name: value for name, value in described.items() if value is not None}
