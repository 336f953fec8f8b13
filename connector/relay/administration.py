"""What an operator sees: subscriptions, quarantine, metrics. JSON objects without any secret.

The command line and the operator's HTTP routes both call these; see `event_views`, `flow_health` and `replaying` for
the rest.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.errors import NotFound
from connector.relay.event_sources import EventSource
from connector.relay.flow_health import list_flows
from connector.relay.moments import moment, wire
from connector.relay.relay import Relay
from connector.relay.subscriptions import end, pause_flow, resume_flow
from connector.storage.records import Registration, SiteCounters, Subscription

Json = dict[str, Any]

REMOVED: Final = "an operator removed it"


async def list_subscriptions(relay: Relay, *, site: str = "", ended: bool = False) -> Json:
    """The flows that wait, and how their registration in DeskDirector stands."""
    subscriptions = await relay.store.subscriptions.list(site=site, ended=ended)
    registrations = {registration.id: registration for registration in await relay.store.registrations.list(site=site)}
    results = [
        _subscription(subscription, registrations.get(subscription.registration_id)) for subscription in subscriptions
    ]
    return {"results": results, "total": len(results)}


async def remove_subscription(relay: Relay, subscription_id: str) -> Json:
    """End a subscription; its flow hears of nothing any more, though it may still seem to wait."""
    if await relay.store.subscriptions.get(subscription_id) is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    return {"removed": await end(relay, subscription_id, REMOVED)}


async def set_paused(relay: Relay, subscription_id: str, *, paused: bool) -> Json:
    """Pause deliveries to a flow, or resume and deliver those that waited."""
    if await relay.store.subscriptions.get(subscription_id) is None:
        raise NotFound("SubscriptionNotFound", f"There is no subscription {subscription_id}.")
    changed = await (pause_flow if paused else resume_flow)(relay, subscription_id)
    return {"paused": paused, "changed": changed}


async def metrics(relay: Relay, *, site: str = "") -> Json:
    """Counts per site since the store was made, how far behind it is, and how its flows are."""
    flows: dict[str, list[Json]] = {}
    for flow in (await list_flows(relay, site=site))["results"]:
        flows.setdefault(flow["site"], []).append(flow)
    counters = await relay.store.counters(site=site)
    return {"results": [_counters(counter, flows.get(counter.site, [])) for counter in counters]}


async def list_quarantine(relay: Relay, *, take: int = 100) -> Json:
    """Records and messages that could not be read, without their content."""
    found = await relay.store.quarantine.list(take=take)
    results = [
        {"id": one.id, "kind": one.kind, "key": one.key, "reason": one.reason, "at": moment(one.at)} for one in found
    ]
    return {"results": results}


def _subscription(subscription: Subscription, registration: Registration | None) -> Json:
    described = {
        "subscriptionId": subscription.id,
        "site": subscription.site,
        "family": EventSource.of(subscription.source_key).family,
        "eventType": subscription.event_type,
        "conditions": dict(subscription.conditions) or None,
        "flowHost": urlsplit(subscription.callback_url).hostname,
        "description": subscription.description or None,
        "inOrder": subscription.is_ordered or None,
        "perMinute": round(subscription.rate * 60) or None,
        "pausedAt": wire(subscription.paused_at),
        "createdAt": moment(subscription.created_at),
        "registration": str(registration.state) if registration else "missing",
        "trouble": (registration.trouble if registration else "") or None,
        "endedAt": moment(subscription.ended_at) if subscription.ended_at is not None else None,
        "endedBecause": subscription.ended_because or None,
    }
    return {name: value for name, value in described.items() if value is not None}


def _counters(counters: SiteCounters, flows: Sequence[Json]) -> Json:
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
        "flows": len(flows),
        "flowsFailing": sum(flow["state"] == "failing" for flow in flows),
        "flowsPaused": sum(flow["state"] == "paused" for flow in flows),
        "oldestWaitingSeconds": max((flow["oldestWaitingSeconds"] for flow in flows), default=0),
    }
