"""The health of every flow and registration, and how far behind the relay is."""

import json
from typing import Any

from connector.relay.event_sources import EventSource
from connector.relay.moments import wire
from connector.relay.relay import Relay
from connector.storage.records import Backlog, FlowHealth, Registration, Subscription

Json = dict[str, Any]
SHOWN_FIELDS = 200


async def list_flows(relay: Relay, *, site: str = "") -> Json:
    """Every live subscription with how its deliveries go: state, waiting, lag, rate, last success, failing since."""
    subscriptions = await relay.store.subscriptions.list(site=site)
    health = {each.subscription_id: each for each in await relay.store.health.list()}
    backlogs = {each.subscription_id: each for each in await relay.store.outbox.backlogs(relay.clock())}
    results = [
        _flow(each, health.get(each.id, FlowHealth(each.id)), backlogs.get(each.id), relay.clock())
        for each in subscriptions
    ]
    return {"results": results, "total": len(results)}


async def list_registrations(relay: Relay, *, site: str = "") -> Json:
    """Every registration with its state, what troubles it, and what the site says that it sends."""
    results = [_registration(each) for each in await relay.store.registrations.list(site=site)]
    return {"results": results, "total": len(results)}


def state_of(subscription: Subscription, health: FlowHealth) -> str:
    """paused, failing, throttled, healthy or new."""
    if subscription.paused_at:
        return "paused"
    if health.failing_since:
        return "failing"
    if health.last_failure_at > health.last_success_at:
        return "throttled"
    return "healthy" if health.last_success_at else "new"


def _flow(subscription: Subscription, health: FlowHealth, backlog: Backlog | None, now: float) -> Json:
    described = {
        "subscriptionId": subscription.id,
        "site": subscription.site,
        "eventType": subscription.event_type,
        "description": subscription.description or None,
        "state": state_of(subscription, health),
        "waiting": backlog.waiting if backlog else 0,
        "oldestWaitingSeconds": round(now - backlog.oldest_at) if backlog else 0,
        "ratePerSecond": round(health.rate, 2),
        "lastSuccessAt": wire(health.last_success_at),
        "lastFailureAt": wire(health.last_failure_at),
        "failingSince": wire(health.failing_since),
        "pausedAt": wire(subscription.paused_at),
        "reason": health.reason or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _registration(registration: Registration) -> Json:
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
