"""The health of every flow and registration, and how far behind the relay is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.deskdirector.errors import NotFound
from connector.relay.arrivals import arrivals
from connector.relay.event_sources import EventSource
from connector.relay.event_views import delivery_view, host_of, name_of
from connector.relay.moments import wire
from connector.relay.relay import Relay
from connector.relay.series import Counts, flows_of_the_hour
from connector.relay.verdicts import words_of
from connector.storage.records import Backlog, EventQuery, FlowHealth, Registration, Subscription

Json = dict[str, Any]
SHOWN_FIELDS: Final = 200
MOST_FLOWS: Final = 1000
LATEST: Final = 20
STATES: Final = ("failing", "throttled", "paused", "new", "healthy", "ended")


async def list_flows(relay: Relay, *, site: str = "", ended: bool = False) -> Json:
    """Every subscription with how its deliveries go, failing ones first: state, waiting, lag, rate, the last hour."""
    subscriptions = await relay.store.subscriptions.list(site=site, ended=ended)
    states = await _states(relay)
    results = [_flow(subscription, states) for subscription in subscriptions]
    results.sort(key=lambda each: STATES.index(each["state"]))
    return {"results": results[:MOST_FLOWS], "total": len(results), "continuation": ""}


async def show_flow(relay: Relay, subscription_id: str) -> Json:
    """One subscription, with its latest deliveries."""
    flow = await relay.store.subscriptions.get(subscription_id)
    if flow is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    page = await relay.store.outbox.deliveries(EventQuery(subscription_id=subscription_id, take=LATEST))
    latest = [delivery_view(item, {flow.id: flow}) for item in page.items]
    return {**_flow(flow, await _states(relay)), "latest": latest}


async def list_registrations(relay: Relay, *, site: str = "") -> Json:
    """Every registration with its state, what troubles it, and what the site says that it sends."""
    known = await arrivals(relay)
    listed = await relay.store.registrations.list(site=site)
    results = [registration_view(each, known[each.id].last_at if each.id in known else 0.0) for each in listed]
    return {"results": results, "total": len(results)}


def state_of(subscription: Subscription, health: FlowHealth) -> str:
    """One of `STATES`."""
    if subscription.ended_at is not None:
        return "ended"
    if subscription.paused_at:
        return "paused"
    if health.failing_since:
        return "failing"
    if health.last_failure_at > health.last_success_at:
        return "throttled"
    return "healthy" if health.last_success_at else "new"


@dataclass(frozen=True, slots=True)
class _States:
    """The state of all flows, read at once."""

    now: float
    health: Mapping[str, FlowHealth]
    backlogs: Mapping[str, Backlog]
    registrations: Mapping[str, Registration]
    hour: Mapping[str, Counts]


async def _states(relay: Relay) -> _States:
    store, now = relay.store, relay.clock()
    await relay.series.save(store.journal, now)
    return _States(
        now,
        {each.subscription_id: each for each in await store.health.list()},
        {backlog.subscription_id: backlog for backlog in await store.outbox.backlogs(now)},
        {registration.id: registration for registration in await store.registrations.list()},
        await flows_of_the_hour(store.journal, now),
    )


def _flow(flow: Subscription, states: _States) -> Json:
    health = states.health.get(flow.id, FlowHealth(flow.id))
    backlog, hour = states.backlogs.get(flow.id), states.hour.get(flow.id, Counts())
    described = {
        **_identity(flow, states.registrations.get(flow.registration_id)),
        "state": state_of(flow, health),
        "waiting": backlog.waiting if backlog else 0,
        "oldestWaitingSeconds": round(states.now - backlog.oldest_at) if backlog else 0,
        "ratePerSecond": round(health.rate, 2),
        "lastSuccessAt": wire(health.last_success_at),
        "lastFailureAt": wire(health.last_failure_at),
        "failingSince": wire(health.failing_since),
        "reason": health.reason or None,
        "hour": {
            "delivered": hour.numbers["delivered"],
            "failed": hour.numbers["failed"],
            **({"p95Ms": p95} if (p95 := hour.percentile(0.95)) is not None else {}),
        },
    }
    return {name: value for name, value in described.items() if value is not None}


def _identity(flow: Subscription, registration: Registration | None) -> Json:
    return {
        "subscriptionId": flow.id,
        "site": flow.site,
        "eventType": flow.event_type,
        "family": EventSource.of(flow.source_key).family if flow.source_key else None,
        "name": name_of(flow),
        "host": host_of(flow),
        "label": flow.label or None,
        "description": flow.description or None,
        "conditions": dict(flow.conditions) or None,
        "conditionsText": words_of(flow.conditions),
        "inOrder": flow.is_ordered or None,
        "perMinute": round(flow.rate * 60) or None,
        "operatorPerMinute": round(flow.operator_rate * 60) or None,
        "pausedAt": wire(flow.paused_at),
        "createdAt": wire(flow.created_at),
        "registrationId": flow.registration_id,
        "registration": str(registration.state) if registration else "missing",
        "trouble": (registration.trouble if registration else "") or None,
        "endedAt": wire(flow.ended_at or 0.0),
        "endedBecause": flow.ended_because or None,
    }


def registration_view(registration: Registration, last_event_at: float = 0.0) -> Json:
    """A registration without its secrets."""
    source = EventSource.of(registration.source_key)
    now_valid = registration.secrets.previous_until
    described = {
        "registrationId": registration.id,
        "site": registration.site,
        "family": source.family,
        "eventType": source.event_type,
        "state": str(registration.state),
        "since": wire(registration.since),
        "madeAt": wire(registration.made_at),
        "checkedAt": wire(registration.checked_at),
        "lastEventAt": wire(last_event_at),
        "trouble": registration.trouble or None,
        "description": registration.description or None,
        "subscriptions": len(registration.subscription_ids),
        "previousSecretValidUntil": wire(now_valid) if registration.secrets.previous_webhook_secret else None,
        "sends": _fields(registration.event_schema) or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _fields(schema: str) -> list[str]:
    """The paths of the fields in a site's schema: `ticket.id`, `note.content` …"""
    try:
        content = json.loads(schema) if schema else {}
    except ValueError:
        return []
    content = content.get("schema", content) if isinstance(content, dict) else {}
    return sorted(_paths(content, "", 4))[:SHOWN_FIELDS]


def _paths(schema: Any, prefix: str, depth: int) -> set[str]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not depth:
        return {prefix.rstrip(".")} if prefix else set()
    return set[str]().union(*(_paths(inner, f"{prefix}{name}.", depth - 1) for name, inner in properties.items()))
