"""What the console needs besides the operator's commands: changes of flows, replays as jobs, series, alerts, audit."""

from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import BadRequest
from connector.metrics import METRICS
from connector.relay import (
    alert_views,
    audit,
    flow_changes,
    flow_health,
    reconciliation,
    replay_jobs,
    series,
)
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.flow_changes import LONGEST_LABEL, MOST_PER_MINUTE, FlowChange
from connector.relay.moments import moment
from connector.relay.registrations import is_listening
from connector.relay.relay import Relay
from connector.relay.replay_jobs import MOST_IDS, Chosen
from connector.serving.admin_routes import OPERATOR_ROUTES, OperatorCall, OperatorRoute, RouteResult
from connector.serving.operator_inputs import body_of, query_of, take_of, whole_number
from connector.serving.response import json_response
from connector.storage.records import DeliveryState

WINDOWS: Final = {"1h": 60, "24h": 1440}


async def _session(call: OperatorCall) -> RouteResult:
    """Who the caller is, and what the app has."""
    relay = call.relay
    sites = {each.site for each in await relay.store.registrations.list()}
    sites |= {each.site for each in await relay.store.counters()}
    kept, day = relay.retention, 86_400.0
    return {
        "role": call.role,
        "sites": sorted(sites),
        "now": moment(relay.clock()),
        "retentionDays": {"events": round(kept.events / day), "deadLetters": round(kept.dead_letters / day)},
        "simulator": bool(relay.settings.development_sites),
    }


async def _show_flow(call: OperatorCall) -> RouteResult:
    return await flow_health.show_flow(call.relay, call.request.path["subscriptionId"])


async def _change_flow(call: OperatorCall) -> RouteResult:
    name = call.request.path["subscriptionId"]
    await flow_changes.change_flow(call.relay, name, _flow_change(body_of(call.request)))
    return await flow_health.show_flow(call.relay, name)


async def _test_flow(call: OperatorCall) -> RouteResult:
    return json_response(202, await flow_changes.send_test(call.relay, call.request.path["subscriptionId"]))


async def _renew_registration(call: OperatorCall) -> RouteResult:
    renewed = await reconciliation.renew_now(call.relay, call.request.path["registrationId"])
    return json_response(202, flow_health.registration_view(renewed))


async def _series(call: OperatorCall) -> RouteResult:
    window = call.request.query.get("window", "1h")
    if window not in WINDOWS:
        raise BadRequest("InvalidInput", f"'window' must be one of {', '.join(WINDOWS)}.")
    relay, now = call.relay, call.relay.clock()
    await relay.series.save(relay.store.journal, now)
    site = call.request.query.get("site", "")
    shown = await series.show_series(relay.store.journal, now, WINDOWS[window], site)
    return {"window": window, "from": moment(shown.pop("startsAt")), **shown}


async def _list_alerts(call: OperatorCall) -> RouteResult:
    return await alert_views.list_alerts(call.relay)


async def _acknowledge_alert(call: OperatorCall) -> RouteResult:
    return await alert_views.acknowledge(call.relay, call.request.path["alertId"], call.role)


async def _list_audit(call: OperatorCall) -> RouteResult:
    query = call.request.query
    return await audit.list_lines(call.relay, take=take_of(query, 100), continuation=query.get("continuation", ""))


async def _start_replay(call: OperatorCall) -> RouteResult:
    body = body_of(call.request)
    chosen = _chosen(body)
    if body.get("dryRun") is True:
        return await replay_jobs.dry_run(call.relay, chosen)
    confirm = whole_number(body, "confirm", 0)
    return json_response(202, await replay_jobs.start(call.relay, chosen, call.role, confirm))


async def _list_replays(call: OperatorCall) -> RouteResult:
    return await replay_jobs.list_jobs(call.relay)


async def _show_replay(call: OperatorCall) -> RouteResult:
    return await replay_jobs.show(call.relay, call.request.path["replayId"])


async def _continue_replay(call: OperatorCall) -> RouteResult:
    return await replay_jobs.go_on(call.relay, call.request.path["replayId"])


async def _abort_replay(call: OperatorCall) -> RouteResult:
    return await replay_jobs.abort(call.relay, call.request.path["replayId"])


async def _doctor(call: OperatorCall) -> RouteResult:
    """A part of the examination of the site whose connection the call has."""
    from connector.examining.parts import PARTS, examine_part

    body, settings = body_of(call.request), call.relay.settings
    connection = Connection.from_headers(call.request.headers, settings)
    part = str(body.get("part") or PARTS[0])
    answer = await examine_part(connection, settings, part, str(body.get("after") or ""))
    return await _with_use(call.relay, connection.site.name, answer) if part == "routes" else answer


async def _with_use(relay: Relay, site: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Mark the routes that are needed: by what was called since this process started, and by the flows that wait."""
    called = METRICS.seen("connector_calls", "operation")
    families = {
        EventSource.of(each.source_key).family
        for each in await relay.store.registrations.list(site=site)
        if is_listening(each)
    }
    needed = {one.name for name in families if name in FAMILIES for one in FAMILIES[name].endpoints}
    for row in answer["rows"]:
        row["used"] = row["endpoint"] in needed or not called.isdisjoint(row["operations"])
    return answer


def _flow_change(body: Mapping[str, Any]) -> FlowChange:
    paused, resume, label, rate = (body.get(name) for name in ("paused", "resume", "label", "perMinute"))
    if paused is not None and not isinstance(paused, bool):
        raise BadRequest("InvalidInput", "'paused' must be true or false.")
    if resume not in (None, "all", "new"):
        raise BadRequest("InvalidInput", "'resume' must be all or new.")
    if label is not None and not (isinstance(label, str) and len(label) <= LONGEST_LABEL and label.isprintable()):
        raise BadRequest("InvalidInput", f"'label' must be a line of at most {LONGEST_LABEL} characters.")
    is_number = isinstance(rate, int) and not isinstance(rate, bool)
    if rate is not None and not (is_number and 0 <= rate <= MOST_PER_MINUTE):
        raise BadRequest("InvalidInput", f"'perMinute' must be a whole number from 0 to {MOST_PER_MINUTE}.")
    if paused is None and label is None and rate is None:
        raise BadRequest("InvalidInput", "Give at least one of 'paused', 'perMinute' and 'label'.")
    return FlowChange(paused, resume == "new", rate, label.strip() if label is not None else None)


def _chosen(body: Mapping[str, Any]) -> Chosen:
    ids, flows, to = _texts(body, "ids"), _texts(body, "subscriptionIds"), str(body.get("to") or "")
    query = query_of(body)
    if bool(ids) == (body.get("all") is True):
        raise BadRequest("InvalidInput", "Give either 'ids', or 'all': true with filters.")
    if ids:
        return Chosen(ids, None, flows, query.state, to)
    if query.subscription_id:
        flows = (*flows, query.subscription_id)
    return Chosen((), query, flows, query.state or DeliveryState.DEAD.value, to)


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = body.get(name) or []
    if not isinstance(given, list) or len(given) > MOST_IDS or not all(isinstance(one, str) for one in given):
        raise BadRequest("InvalidInput", f"'{name}' must be a list of at most {MOST_IDS} ids.")
    return tuple(given)


def _route(name: str, method: str, path: str, work: Any, audited: str = "") -> OperatorRoute:
    return OperatorRoute(f"Console{name}", method, path, work, audited)


CONSOLE_ROUTES: Final = (
    _route("Session", "GET", "session", _session),
    _route("ShowFlow", "GET", "flows/{subscriptionId}", _show_flow),
    _route("ChangeFlow", "PATCH", "flows/{subscriptionId}", _change_flow, "flow.change"),
    _route("TestFlow", "POST", "flows/{subscriptionId}/test", _test_flow, "flow.test"),
    _route(
        "RenewRegistration", "POST", "registrations/{registrationId}/renew", _renew_registration, "registration.renew"
    ),
    _route("Series", "GET", "metrics/series", _series),
    _route("ListAlerts", "GET", "alerts", _list_alerts),
    _route("AcknowledgeAlert", "POST", "alerts/{alertId}/acknowledge", _acknowledge_alert, "alert.acknowledge"),
    _route("ListAudit", "GET", "audit", _list_audit),
    _route("StartReplay", "POST", "replays", _start_replay, "replay.start"),
    _route("ListReplays", "GET", "replays", _list_replays),
    _route("ShowReplay", "GET", "replays/{replayId}", _show_replay),
    _route("ContinueReplay", "POST", "replays/{replayId}/continue", _continue_replay, "replay.continue"),
    _route("Doctor", "POST", "doctor", _doctor),
    _route("AbortReplay", "DELETE", "replays/{replayId}", _abort_replay, "replay.abort"),
)
ALL_ROUTES: Final = (*OPERATOR_ROUTES, *CONSOLE_ROUTES)
