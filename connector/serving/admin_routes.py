"""The operator's HTTP routes under `/api/operator/`, for whoever has an admin-level function key (the master key).

They do what the commands `events`, `subscriptions`, `dead-letters`, `webhooks`, `metrics` and `quarantine list` do.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connector.deskdirector.errors import BadRequest
from connector.metrics import METRICS, family, sample
from connector.operations.request import Request
from connector.relay import administration, portal_webhooks
from connector.relay.relay import Relay, shared_relay
from connector.serving.invoke import guarded
from connector.serving.limits import check_request
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.records import EventQuery, SiteCounters

MOST_TAKEN: Final = 500
MOST_AT_ONCE: Final = 5000
"""Dead letters that one call replays or purges; an answer has to come within the host's time limit."""

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Work = Callable[[Relay, Request], Awaitable[Mapping[str, Any] | Response]]


@dataclass(frozen=True, slots=True)
class OperatorRoute:
    """One HTTP function for operators."""

    name: str
    methods: tuple[str, ...]
    path: str
    work: Work

    async def run(self, request: Request, settings: Settings) -> Response:
        """Do the work; the answer is JSON unless the work made another."""

        async def answer() -> Response:
            check_request(request, settings)
            done = await self.work(shared_relay(settings), request)
            return done if isinstance(done, Response) else Response(200, json.dumps(dict(done)).encode())

        return await guarded(self.name, request, answer)


async def _list_events(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.list_events(relay, _query(request.query))


async def _show_event(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.show_event(relay, request.path["eventId"])


async def _replay_event(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.replay_event(relay, request.path["eventId"])


async def _list_subscriptions(relay: Relay, request: Request) -> Mapping[str, Any]:
    ended = request.query.get("ended", "").lower() == "true"
    return await administration.list_subscriptions(relay, site=request.query.get("site", ""), ended=ended)


async def _remove_subscription(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.remove_subscription(relay, request.path["subscriptionId"])


async def _list_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.list_dead_letters(relay, _query(request.query))


async def _replay_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.replay_dead_letters(relay, **_chosen(request))


async def _purge_dead_letters(relay: Relay, request: Request) -> Mapping[str, Any]:
    return await administration.purge_dead_letters(relay, **_chosen(request))


async def _metrics(relay: Relay, request: Request) -> Mapping[str, Any] | Response:
    """JSON of the relay, as the command shows it; to a scraper, all numbers of this process and of the relay."""
    site = request.query.get("site", "")
    if not re.search(r"openmetrics|text/plain", request.headers.get("accept", "")):
        return await administration.metrics(relay, site=site)
    lines = [*METRICS.openmetrics(), *_relay_lines(await relay.store.counters(site=site)), "# EOF"]
    return Response(200, ("\n".join(lines) + "\n").encode(), {"content-type": OPENMETRICS})


def _relay_lines(counters: Sequence[SiteCounters]) -> Iterator[str]:
    for name, kind, about, value in _RELAY_METRICS:
        yield from family(name, kind, about)
        suffix = "_total" if kind == "counter" else ""
        yield from (sample(name + suffix, value(one), site=one.site) for one in counters)


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
    return await administration.list_quarantine(relay, take=_whole(request.query, "take", 100))


async def _list_webhooks(relay: Relay, request: Request) -> Mapping[str, Any]:
    return {"results": list(await portal_webhooks.names(relay, _needed(request.query, "site")))}


async def _add_webhook(relay: Relay, request: Request) -> Mapping[str, Any]:
    asked = _body(request)
    site, name, secret = (str(asked.get(key) or "") for key in ("site", "name", "secret"))
    if not site:
        raise BadRequest("InvalidInput", "'site' is required.")
    base = relay.settings.public_url or request.origin
    added = await portal_webhooks.add(relay, site, name, base, secret)
    return {"name": added.name, "url": added.url, "secret": added.secret}


async def _remove_webhook(relay: Relay, request: Request) -> Mapping[str, Any]:
    await portal_webhooks.remove(relay, _needed(request.query, "site"), request.path["name"])
    return {"removed": True}


def _query(given: Mapping[str, Any]) -> EventQuery:
    return EventQuery(
        site=str(given.get("site") or ""),
        type=str(given.get("type") or ""),
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        take=min(max(_whole(given, "take", 50), 1), MOST_TAKEN),
        continuation=str(given.get("continuation") or ""),
    )


def _chosen(request: Request) -> dict[str, Any]:
    """Either the ids in the body, or all that fit its filters, when it says so."""
    asked = _body(request)
    ids = asked.get("ids")
    if isinstance(ids, list) and ids:
        return {"ids": [str(one) for one in ids[:MOST_AT_ONCE]]}
    if asked.get("all") is True:
        return {"query": _query(asked), "limit": MOST_AT_ONCE}
    raise BadRequest("InvalidInput", "Give 'ids', or 'all': true with site, type, since or until to narrow it.")


def _body(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError:
        raise BadRequest("InvalidInput", "The body is not valid JSON.") from None
    if not isinstance(asked, dict):
        raise BadRequest("InvalidInput", "The body must be a JSON object.")
    return asked


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise BadRequest("InvalidInput", f"'{name}' is required.")
    return given[name]


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(given.get(name) or default)
    except (TypeError, ValueError):
        raise BadRequest("InvalidInput", f"'{name}' must be a whole number.") from None


def _moment(given: Mapping[str, Any], name: str) -> float | None:
    if not given.get(name):
        return None
    try:
        moment = datetime.fromisoformat(str(given[name]))
    except ValueError:
        raise BadRequest("InvalidInput", f"'{name}' must be a date such as 2026-07-01T09:00:00Z.") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _route(name: str, method: str, path: str, work: Work) -> OperatorRoute:
    return OperatorRoute(f"Operator{name}", (method,), f"api/operator/{path}", work)


OPERATOR_ROUTES: Final = (
    _route("ListEvents", "GET", "events", _list_events),
    _route("ShowEvent", "GET", "events/{eventId}", _show_event),
    _route("ReplayEvent", "POST", "events/{eventId}/replay", _replay_event),
    _route("ListSubscriptions", "GET", "subscriptions", _list_subscriptions),
    _route("RemoveSubscription", "DELETE", "subscriptions/{subscriptionId}", _remove_subscription),
    _route("ListDeadLetters", "GET", "dead-letters", _list_dead_letters),
    _route("ReplayDeadLetters", "POST", "dead-letters/replay", _replay_dead_letters),
    _route("PurgeDeadLetters", "POST", "dead-letters/purge", _purge_dead_letters),
    _route("Metrics", "GET", "metrics", _metrics),
    _route("ListQuarantine", "GET", "quarantine", _list_quarantine),
    _route("ListWebhooks", "GET", "webhooks", _list_webhooks),
    _route("AddWebhook", "POST", "webhooks", _add_webhook),
    _route("RemoveWebhook", "DELETE", "webhooks/{name}", _remove_webhook),
)
