"""The two doors to what operators can do: `/api/operator/` with the host's master key, `/api/console/` with our own.

The console's keys are checked here, because the host knows only its own, and nobody should type the master key into a
page. A viewer's key reads, and sees the content of events masked. Every write leaves an audit line.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.errors import Forbidden, NotFound, Unauthorized
from connector.operations.request import Request
from connector.relay import audit
from connector.relay.relay import shared_relay
from connector.serving.admin_routes import OperatorCall, OperatorRoute
from connector.serving.console_routes import ALL_ROUTES
from connector.serving.invoke import guarded
from connector.serving.limits import check_request
from connector.serving.masking import masked
from connector.serving.rate_limits import check_wrong_keys
from connector.serving.response import Response, json_response
from connector.settings import Settings

KEY_HEADER: Final = "x-console-key"
METHODS: Final = ("GET", "POST", "PATCH", "DELETE")
OPERATOR, VIEWER, ADMINISTRATOR = "operator", "viewer", "administrator"
READING: Final = frozenset({"ConsoleDoctor"})
"""Calls that change nothing although they are no GET."""


async def console_api(request: Request, settings: Settings) -> Response:
    """A call with a console key."""

    async def answer() -> Response:
        role = role_of(request, settings)
        route, found = _route_of(request)
        if role == VIEWER:
            _check_viewer(route, found)
        return await _answer(route, found, role, settings)

    return await guarded("ConsoleApi", request, answer)


async def operator_api(request: Request, settings: Settings) -> Response:
    """A call for which the host has checked the master key."""

    async def answer() -> Response:
        route, found = _route_of(request)
        return await _answer(route, found, ADMINISTRATOR, settings)

    return await guarded("OperatorApi", request, answer)


def role_of(request: Request, settings: Settings) -> str:
    """What the caller's key stands for; raises `Unauthorized`. A key that is set as both is a viewer's."""
    given = request.headers.get(KEY_HEADER, "").strip().encode()
    keys = {VIEWER: settings.console_viewer_key, OPERATOR: settings.console_key}
    if not any(keys.values()):
        sentence = "The console has no key; the operator sets CONNECTOR_CONSOLE_KEY to a long random text."
        raise Unauthorized("ConsoleKeyNotSet", sentence)
    if not given:
        raise Unauthorized("ConsoleKeyMissing", f"The console's key is missing; send it in the header {KEY_HEADER}.")
    roles = [role for role, key in keys.items() if key and hmac.compare_digest(given, key.encode())]
    if not roles:
        check_wrong_keys(request)
        raise Unauthorized("ConsoleKeyWrong", "This is not the console's key; compare it with CONNECTOR_CONSOLE_KEY.")
    return roles[0]


def _check_viewer(route: OperatorRoute, request: Request) -> None:
    if route.method != "GET" and route.name not in READING:
        raise Forbidden("ViewerMayNotWrite", "A viewer's key reads only; this needs the operator's key.")
    if request.query.get("text"):
        raise Forbidden(
            "ViewerMaySeeNoContent", "A viewer's key cannot search the content of events; leave 'text' out."
        )


async def _answer(route: OperatorRoute, request: Request, role: str, settings: Settings) -> Response:
    check_request(request, settings)
    relay = shared_relay(settings)
    done = await route.work(OperatorCall(relay, request, role))
    shown = masked(done) if role == VIEWER else done
    response = shown if isinstance(shown, Response) else json_response(200, shown)
    if route.audited and not _is_dry(response):
        await audit.record(relay, role, route.audited, *_told(request, response))
    return _unless_known(request, response) if route.method == "GET" else response


def _route_of(request: Request) -> tuple[OperatorRoute, Request]:
    """The route of a call, and the call with the values of its path."""
    given = [part for part in request.path.get("rest", "").split("/") if part]
    for route in ALL_ROUTES:
        parts = route.path.split("/")
        if route.method != request.method or len(parts) != len(given):
            continue
        if all(part.startswith("{") or part == one for part, one in zip(parts, given, strict=True)):
            values = {part[1:-1]: one for part, one in zip(parts, given, strict=True) if part.startswith("{")}
            return route, Request(request.method, request.url, request.headers, values, request.query, request.body)
    raise NotFound("RouteNotFound", f"There is no {request.method} {request.url_path}; docs/console-api.md lists all.")


def _is_dry(response: Response) -> bool:
    return response.body.startswith(b"{") and json.loads(response.body).get("dryRun") is True


def _told(request: Request, response: Response) -> tuple[str, int]:
    """What an audit line says of a call: its subject and how many things it concerned."""
    content: Mapping[str, Any] = json.loads(response.body) if response.body.startswith(b"{") else {}
    subject = "/".join(request.path.values()) or str(content.get("replayId") or content.get("name") or "")
    return subject, audit.count_of(content)


def _unless_known(request: Request, response: Response) -> Response:
    """304 when the caller has this answer already."""
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {**response.headers, "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(304, b"", headers)
    return Response(response.status, response.body, headers)
