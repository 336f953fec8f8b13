"""`POST /mcp`: one JSON-RPC message (or, in the oldest revisions, a batch) in, one JSON answer out, no session.

Copilot Studio decided the manners: notifications get 202 without a body, answers are plain JSON and never a stream,
`initialize` repeats the client's version, GET is 405.
"""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.sites import is_ip_literal
from connector.json_text import JsonError, read_json
from connector.operations.request import Request
from connector.runtime import together
from connector.serving.invoke import guarded
from connector.serving.limits import check_request
from connector.serving.mcp.methods import Exchange, legacy_result, modern_result
from connector.serving.mcp.modern import check_envelope, is_modern
from connector.serving.mcp.protocol import (
    INVALID_REQUEST,
    PARSE_ERROR,
    VERSION_HEADER,
    WITH_BATCHES,
    ProtocolError,
    check_version,
    failed,
    id_of,
    read_message,
    succeeded,
)
from connector.serving.mcp.selection import selected
from connector.serving.rate_limits import check_rate
from connector.serving.response import Response
from connector.settings import Settings, in_azure

METHODS = ("POST", "GET", "DELETE")
"""Clients try GET for a stream and DELETE for a session; both learn that there is none."""
PATH = "mcp"
SITE_PATH = "mcp/site/{siteHost}"
"""With the site host in the path, for clients that can send one header only: the key's."""
MAX_BATCH = 10

_SITE_HEADER = "dd-host"
_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one message gets; an empty body when nothing is to be said."""

    status: int
    body: bytes = b""


async def serve(request: Request, settings: Settings) -> Response:
    """The server with every tool that the URL asks for."""
    return await guarded("Mcp", request, lambda: _respond(request, settings, read_only=False))


async def serve_read_only(request: Request, settings: Settings) -> Response:
    """The server with those of the tools that change nothing."""
    return await guarded("McpReadOnly", request, lambda: _respond(request, settings, read_only=True))


async def _respond(request: Request, settings: Settings, *, read_only: bool) -> Response:
    if request.method != "POST":
        return Response(405, failed(ProtocolError(INVALID_REQUEST, "Send messages with POST.")), {"Allow": "POST"})
    content: Any = None
    try:
        _check(request, settings)
        content = _parsed(request.body)
        exchange = Exchange(_with_site(request), settings, selected(request, read_only=read_only))
        reply = await (_batch(content, exchange) if isinstance(content, list) else _reply(content, exchange))
    except ProtocolError as problem:
        reply = Reply(problem.status, failed(problem, id_of(content)))
    return Response(reply.status, reply.body)


def _check(request: Request, settings: Settings) -> None:
    """Refuse what is too large, and pages of other sites: a browser could reach into its user's network for them."""
    origin = request.headers.get("origin", "").strip().lower()
    if origin and origin not in settings.allowed_origins and not _LOCAL_ORIGIN.fullmatch(origin):
        raise ProtocolError(INVALID_REQUEST, "Calls from this web origin are not allowed.", status=403)
    if not in_azure() and not _is_own_host(request.headers.get("host", ""), settings):
        sentence = "This host name is not the app's own; set CONNECTOR_PUBLIC_URL to the address that clients use."
        raise ProtocolError(INVALID_REQUEST, sentence, status=403)
    check_rate(request, settings)
    try:
        check_request(request, settings)
    except ConnectorError as problem:
        raise ProtocolError(INVALID_REQUEST, problem.message, status=problem.status) from None


def _is_own_host(host: str, settings: Settings) -> bool:
    """On one machine a page can have its own name resolve to us; an address or a known name is none of a page's."""
    name = _host_of(f"//{host}")
    known = {"", "localhost", *map(_host_of, (settings.public_url, *settings.allowed_origins))}
    return name in known or is_ip_literal(name)


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return "-"


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body)
    except JsonError:
        raise ProtocolError(PARSE_ERROR, "The body is not valid JSON.") from None


def _with_site(request: Request) -> Request:
    site = request.path.get("siteHost")
    if not site or request.headers.get(_SITE_HEADER):
        return request
    return replace(request, headers={**request.headers, _SITE_HEADER: site})


async def _batch(contents: list[Any], exchange: Exchange) -> Reply:
    version = exchange.request.headers.get(VERSION_HEADER, WITH_BATCHES[-1]).strip()
    if version not in WITH_BATCHES:
        raise ProtocolError(INVALID_REQUEST, f"Revision {WITH_BATCHES[-1]} is the last with batches; send one message.")
    if not 0 < len(contents) <= MAX_BATCH:
        raise ProtocolError(INVALID_REQUEST, f"A batch must have 1 to {MAX_BATCH} messages.")
    shared = replace(exchange, share=len(contents))
    replies = await together(*(_reply(content, shared) for content in contents))
    bodies = [reply.body for reply in replies if reply.body]
    return Reply(200, b"[%b]" % b",".join(bodies)) if bodies else Reply(202)


async def _reply(content: Any, exchange: Exchange) -> Reply:
    headers = exchange.request.headers
    try:
        message = read_message(content)
        if message is None or message.id is None:
            check_version(headers)
            return Reply(202)
        if is_modern(message, headers):
            check_envelope(message, headers)
            return Reply(200, succeeded(message.id, await modern_result(message, exchange)))
        check_version(headers)
        return Reply(200, succeeded(message.id, await legacy_result(message, exchange)))
    except ProtocolError as problem:
        return Reply(problem.status, failed(problem, id_of(content)))
