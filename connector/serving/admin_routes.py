"""What operators can do over HTTP; see `console_api` for the two doors to it, and `console_routes` for more.

These do what the commands `events`, `deliveries`, `flows`, `subscriptions`, `dead-letters`, `registrations`,
`webhooks`, `metrics` and `quarantine` do.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connector.deskdirector.errors import BadRequest
from connector.metrics import METRICS, family, sample
from connector.operations.request import Request
from connector.relay import administration, event_views, flow_health, portal_webhooks, replaying
from connector.relay.own_address import own_address
from connector.relay.relay import Relay
from connector.serving.operator_inputs import body_of, chosen, needed, query_of, take_of
from connector.serving.response import Response
from connector.storage.records import UNWANTED, DeliveryState, EventQuery, SiteCounters

MOST_IDS: Final = 50
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

RouteResult = Mapping[str, Any] | Response
Work = Callable[[Relay, Request], Awaitable[RouteResult]]


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """One call of an operator; `role` is what the key stands for."""

    relay: Relay
    request: Request
    role: str


@dataclass(frozen=True, slots=True)
class OperatorRoute:
    """One call that operators can make, below `/api/operator/` and `/api/console/`.

    `audited` names it in the audit lines; it is "" for what changes nothing, whatever its method.
    """

    name: str
    method: str
    path: str
    work: Callable[[OperatorCall], Awaitable[RouteResult]]
    audited: str = ""


async def _list_events(relay: Relay, request: Request) -> Mapping[str, Any]:
    query, after = query_of(request.query), request.query.get("after", "")
    ids = tuple(filter(None, request.query.get("ids", "").split(",")))[:MOST_IDS]
    if ids:
        return await event_views.list_events(relay, EventQuery(ids=ids, take=MOST_IDS))
    if after:
        return await event_views.newer_events(relay, query, after)
    return await event_views.list_events(relay, query)


async def _show_event(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await event_views.show_event(relay, request.path["eventId"])


async def _replay_event(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await replaying.replay_event(relay, request.path["eventId"], to=str(body_of(request).get("to") or ""))


async def _list_subscriptions(relay: Relay, request: Request) -> Mapping[str, Any]:
    ended = request.query.get("ended", "").lower() == "true"
    return await administration.list_subscriptions(relay, site=request.query.get("site", ""), ended=ended)


async def _remove_subscription(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.remove_subscription(relay, request.path["subscriptionId"])


async def _list_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await event_views.list_deliveries(relay, replace(query_of(request.query), state=DeliveryState.DEAD))


async def _replay_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await _replay(relay, request, DeliveryState.DEAD)


async def _purge_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await replaying.purge(relay, chosen(request), dry_run=body_of(request).get("dryRun") is True)


async def _list_deliveries(relay: Relay, request: Request) -> Mapping[str, Any]:
    query = query_of(request.query)
    if query.state == UNWANTED:
        raise BadRequest("InvalidInput", f"'state' {UNWANTED} is for events; nobody has a delivery of them.")
    return await event_views.list_deliveries(relay, query)


async def _replay_deliveries(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await _replay(relay, request, "")


async def _replay(relay: Relay, request: Request, state: str) -> Mapping[str, Any]:
    body, choice = body_of(request), chosen(request)
    if choice.query is not None and state:
        choice = replace(choice, query=replace(choice.query, state=state))
    to, dry_run = str(body.get("to") or ""), body.get("dryRun") is True
    return await replaying.replay(relay, choice, to=to, dry_run=dry_run)


async def _pause_flow(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.set_paused(relay, request.path["subscriptionId"], paused=True)


async def _resume_flow(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.set_paused(relay, request.path["subscriptionId"], paused=False)


async def _list_flows(relay: Relay, request: Request) -> Mapping[str, Any]:
    ended = request.query.get("ended", "").lower() == "true"
    return await flow_health.list_flows(relay, site=request.query.get("site", ""), ended=ended)


async def _list_registrations(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await flow_health.list_registrations(relay, site=request.query.get("site", ""))


async def _replay_quarantined(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await replaying.replay_quarantined(relay, request.path["quarantineId"])


async def _purge_quarantined(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await replaying.purge_quarantined(relay, [request.path["quarantineId"]])


def _process_lines() -> Iterator[str]:
    """What grows when something is left behind: the tasks of the event loop."""
    yield from family("connector_tasks", "gauge", "Tasks of the event loop.")
    yield sample("connector_tasks", len(asyncio.all_tasks()))


async def _metrics(relay: Relay, request: Request) -> Mapping[str, Any] | Response:
    """JSON of the relay, as the command shows it; to a scraper, all numbers of this process and of the relay."""
    site = request.query.get("site", "")
    if not re.search(r"openmetrics|text/plain", request.headers.get("accept", "")):
        return await administration.metrics(relay, site=site)
    lines = [*METRICS.openmetrics(), *_process_lines(), *_relay_lines(await relay.store.counters(site=site)), "# EOF"]
    return Response(200, ("\n".join(lines) + "\n").encode(), {"content-type": OPENMETRICS})


def _relay_lines(counters: Sequence[SiteCounters]) -> Iterator[str]:
    for name, kind, about, value in _RELAY_METRICS:
        yield from family(name, kind, about)
        suffix = "_total" if kind == "counter" else ""
        yield from (sample(name + suffix, value(counter), site=counter.site) for counter in counters)


_RELAY_METRICS: Final[tuple[tuple[str, str, str, Callable[[SiteCounters], float]], ...]] = (
    ("connector_events_accepted", "counter", "Events that were taken in.", lambda one: one.accepted),
    ("connector_events_duplicate", "counter", "Events that DeskDirector sent twice.", lambda one: one.duplicates),
    ("connector_deliveries", "counter", "Deliveries that flows took.", lambda one: one.delivered),
    ("connector_delivery_retries", "counter", "Attempts that failed and were repeated.", lambda one: one.retried),
    ("connector_dead_letters", "counter", "Deliveries that were given up.", lambda one: one.dead),
    ("connector_deliveries_pending", "gauge", "Deliveries that are still to be made.", lambda one: one.pending),
    ("connector_delivery_lag_seconds", "gauge", "How long the last delivery had waited.", lambda one: one.lag_seconds),
)


async def _list_quarantine(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.list_quarantine(relay, take=take_of(request.query, 100))


async def _list_grants(relay: Relay, request: Request) -> Mapping[str, Any]:
    from connector.serving.oauth.granted import list_grants

    ended = request.query.get("ended", "").lower() == "true"
    return await list_grants(relay.store, relay.clock(), site=request.query.get("site", ""), with_ended=ended)


async def _end_grant(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await end_by_operator(relay, request.path["grantId"])


async def end_by_operator(relay: Relay, grant_id: str) -> dict[str, Any]:
    """End the grant of an id that `list_grants` shows."""
    from connector.serving.oauth.granted import grant_of
    from connector.serving.oauth.grants import end_grant

    await end_grant(relay.store, await grant_of(relay.store, grant_id), "an operator", relay.clock())
    return {"ended": True}


async def _list_webhooks(relay: Relay, request: Request) -> Mapping[str, Any]:
    return {"results": list(await portal_webhooks.names(relay, needed(request.query, "site")))}


async def _add_webhook(relay: Relay, request: Request) -> Mapping[str, Any]:
    body = body_of(request)
    site, name, secret = (str(body.get(key) or "") for key in ("site", "name", "secret"))
    if not site:
        raise BadRequest("InvalidInput", "'site' is required.")
    base = own_address(relay.settings, request.origin)
    added = await portal_webhooks.add(relay, site, name, base, secret)
    return {"name": added.name, "url": added.url, "secret": added.secret}


async def _remove_webhook(relay: Relay, request: Request) -> Mapping[str, Any]:
    await portal_webhooks.remove(relay, needed(request.query, "site"), request.path["name"])
    return {"removed": True}


def _route(name: str, method: str, path: str, work: Work, audited: str = "") -> OperatorRoute:
    return OperatorRoute(f"Operator{name}", method, path, lambda call: work(call.relay, call.request), audited)


OPERATOR_ROUTES: Final = (
    _route("ListEvents", "GET", "events", _list_events),
    _route("ShowEvent", "GET", "events/{eventId}", _show_event),
    _route("ReplayEvent", "POST", "events/{eventId}/replay", _replay_event, "event.replay"),
    _route("ListSubscriptions", "GET", "subscriptions", _list_subscriptions),
    _route("RemoveSubscription", "DELETE", "subscriptions/{subscriptionId}", _remove_subscription, "flow.end"),
    _route("ListDeadLetters", "GET", "dead-letters", _list_dead_letters),
    _route("ReplayDeadLetters", "POST", "dead-letters/replay", _replay_dead_letters, "dead-letters.replay"),
    _route("PurgeDeadLetters", "POST", "dead-letters/purge", _purge_dead_letters, "dead-letters.purge"),
    _route("Metrics", "GET", "metrics", _metrics),
    _route("ListDeliveries", "GET", "deliveries", _list_deliveries),
    _route("ReplayDeliveries", "POST", "deliveries/replay", _replay_deliveries, "deliveries.replay"),
    _route("ListFlows", "GET", "flows", _list_flows),
    _route("PauseFlow", "POST", "flows/{subscriptionId}/pause", _pause_flow, "flow.pause"),
    _route("ResumeFlow", "POST", "flows/{subscriptionId}/resume", _resume_flow, "flow.resume"),
    _route("ListRegistrations", "GET", "registrations", _list_registrations),
    _route("ListQuarantine", "GET", "quarantine", _list_quarantine),
    _route("ReplayQuarantined", "POST", "quarantine/{quarantineId}/replay", _replay_quarantined, "quarantine.replay"),
    _route("PurgeQuarantined", "DELETE", "quarantine/{quarantineId}", _purge_quarantined, "quarantine.purge"),
    _route("ListGrants", "GET", "grants", _list_grants),
    _route("EndGrant", "DELETE", "grants/{grantId}", _end_grant, "grant.end"),
    _route("ListWebhooks", "GET", "webhooks", _list_webhooks),
    _route("AddWebhook", "POST", "webhooks", _add_webhook, "webhook.add"),
    _route("RemoveWebhook", "DELETE", "webhooks/{name}", _remove_webhook, "webhook.remove"),
)
