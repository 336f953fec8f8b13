"""The MCP server's gate: a token becomes the connection that is sealed in it; no credential at all gets the challenge.

The headers of a connection, and an API key as Bearer, work as they do without OAuth.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import Unauthorized
from connector.deskdirector.refused_keys import check_key
from connector.json_text import JsonError, read_json
from connector.operations.request import Request
from connector.serving.invoke import guarded
from connector.serving.limits import check_request
from connector.serving.mcp.tools import all_tools
from connector.serving.oauth.addresses import SCOPES, WELL_KNOWN, origin_of, scopes_of, site_in
from connector.serving.oauth.answers import answered
from connector.serving.oauth.grants import Grant, Grants
from connector.serving.oauth.sealed import Kind, is_of, sealer_of
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.shared import shared_store

Serve = Callable[[Request, Settings], Awaitable[Response]]
_CREDENTIALS: Final = ("dd-api-key", "authorization", "x-api-key")


def gated(serve: Serve, serve_read_only: Serve) -> Serve:
    """`serve` behind the gate; a token that may only read gets `serve_read_only`."""

    async def run(request: Request, settings: Settings) -> Response:
        return await guarded("Mcp", request, lambda: answer(request, settings))

    async def answer(request: Request, settings: Settings) -> Response:
        if request.method == "OPTIONS":
            return await serve(request, settings)
        token = _token(request.headers)
        if not token:
            if any(request.headers.get(name, "").strip() for name in _CREDENTIALS):
                return await serve(request, settings)
            return _challenge(request, settings)
        grants = Grants(settings, sealer_of(settings), lambda: shared_store(settings))
        grant = grants.access(token)
        if grant is None or await grants.was_ended(grant.id) or not _is_for(request, grant, settings):
            return _challenge(request, settings, "invalid_token", "The access token has expired or was revoked.")
        connected = _with_connection(request, grant)
        if "write" not in grant.scope.split():
            return await _reading(connected, settings, serve_read_only)
        response = await serve(connected, settings)
        return _challenge_of_key(connected, settings) or response

    return run


def _token(headers: Mapping[str, str]) -> str:
    """An access token of ours, or what says that it is one; nothing for any other credential."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and is_of(Kind.ACCESS, token.strip()) else ""


def _is_for(request: Request, grant: Grant, settings: Settings) -> bool:
    """Whether a token was made for this server and, where the address names a site, for that one."""
    path = urlsplit(request.url).path
    mine = grant.resource.startswith(f"{origin_of(request, settings)}/")
    named = site_in(path).lower()
    return mine and (not named or named == grant.site.lower())


def _with_connection(request: Request, grant: Grant) -> Request:
    """The call with the connection in its headers, as everything behind the gate knows it."""
    others = {
        name: value for name, value in request.headers.items() if name not in (*_CREDENTIALS, "dd-host", "dd-agent")
    }
    agent = {"dd-agent": grant.agent} if grant.agent else {}
    return replace(request, headers={**others, "dd-host": grant.site, "dd-api-key": grant.key, **agent})


async def _reading(request: Request, settings: Settings, serve: Serve) -> Response:
    """With a token that may only read: a tool that writes needs more scope, which is not the same as no such tool."""
    check_request(request, settings)
    if _calls_a_writing_tool(request.body) and "write" in scopes_of(urlsplit(request.url).path):
        return _challenge(request, settings, "insufficient_scope", "This tool writes; the token may only read.", 403)
    response = await serve(request, settings)
    return _challenge_of_key(request, settings) or response


def _calls_a_writing_tool(body: bytes) -> bool:
    try:
        message: Any = read_json(body)
        tool = all_tools().get(message["params"]["name"]) if message["method"] == "tools/call" else None
    except (JsonError, KeyError, TypeError):
        return False
    return tool is not None and not tool.operation.effects.read_only


def _challenge_of_key(request: Request, settings: Settings) -> Response | None:
    """When DeskDirector has just refused the key in a token: the refresh asks it again, and ends the grant."""
    try:
        check_key(Connection.from_headers(request.headers, settings))
    except Unauthorized:
        return _challenge(request, settings, "invalid_token", "DeskDirector does not take the API key any more.")
    return None


def _challenge(
    request: Request, settings: Settings, error: str = "", description: str = "", status: int = 401
) -> Response:
    """Where to sign in. Every value is quoted: several clients read it with regular expressions."""
    parts = urlsplit(request.url)
    where = f"{origin_of(request, settings)}{WELL_KNOWN}{parts.path}{f'?{parts.query}' if parts.query else ''}"
    scope = " ".join(SCOPES if status == 403 else scopes_of(parts.path))
    named = [("error", error), ("error_description", description)] if error else []
    named += [("resource_metadata", where), ("scope", scope)]
    value = "Bearer " + ", ".join(f'{name}="{text}"' for name, text in named)
    content = {"error": error or "unauthorized", "error_description": description or "Sign in, or send an API key."}
    return answered(content, status, {"WWW-Authenticate": value})
