"""`POST /mcp`: one JSON-RPC message (or, in the oldest revisions, a batch) in, one JSON answer out, no session.

Copilot Studio decided the manners: notifications get 202 without a body, answers are plain JSON and never a stream,
`initialize` repeats the client's version, GET is 405.
"""

from dataclasses import dataclass, replace
from typing import Any

from connector.deskdirector.errors import ConnectorError
from connector.json_text import JsonError, read_json
from connector.operations.request import Request
from connector.runtime import together
from connector.serving.invoke import guarded
from connector.serving.limits import check_request
from connector.serving.mcp.cross_origin import check_origin, preflight, readable_by
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
    id_in,
    id_of,
    read_message,
    succeeded,
)
from connector.serving.mcp.selection import selected
from connector.serving.rate_limits import check_rate
from connector.serving.response import Response
from connector.settings import Settings

METHODS = ("POST", "GET", "DELETE", "OPTIONS")
"""Clients try GET for a stream and DELETE for a session; both learn that there is none. Browsers ask with OPTIONS."""
PATH = "mcp"
SITE_PATH = "mcp/site/{siteHost}"
"""With the site host in the path, for clients that can send one header only: the key's."""
MAX_BATCH = 10

_SITE_HEADER, _KEY_HEADER, _COMMON_KEY_HEADER = "dd-host", "dd-api-key", "x-api-key"
"""Some clients let people name no header for a key but one of those that everybody uses."""


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
    content: Any = None
    try:
        if request.method == "OPTIONS" and "origin" in request.headers:
            return preflight(request, settings)
        if request.method != "POST":
            sentence = "Send messages with POST."
            return Response(405, failed(ProtocolError(INVALID_REQUEST, sentence)), {"Allow": "POST"})
        _check(request, settings)
        content = _parsed(request.body)
        exchange = Exchange(_with_connection(request), settings, selected(request, read_only=read_only))
        reply = await (_batch(content, exchange) if isinstance(content, list) else _reply(content, exchange))
    except ProtocolError as problem:
        written = id_of(content) if isinstance(content, dict) else id_in(request.body)
        reply = Reply(problem.status, failed(problem, written))
    return Response(reply.status, reply.body, readable_by(request, settings))


def _check(request: Request, settings: Settings) -> None:
    """Refuse requests that are too large, too many, or from pages that may not call."""
    check_origin(request, settings)
    check_rate(request, settings)
    try:
        check_request(request, settings)
    except ConnectorError as problem:
        raise ProtocolError(INVALID_REQUEST, problem.message, status=problem.status) from None


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body)
    except JsonError:
        raise ProtocolError(PARSE_ERROR, "The body is not valid JSON.") from None


def _with_connection(request: Request) -> Request:
    """The request with what clients send elsewhere in the headers that everything else reads: key and site."""
    key, site = request.headers.get(_COMMON_KEY_HEADER), request.path.get("siteHost")
    if not key and not site:
        return request
    headers = dict(request.headers)
    if key:
        headers.setdefault(_KEY_HEADER, key)
    if site and not headers.get(_SITE_HEADER):
        headers[_SITE_HEADER] = site
    return replace(request, headers=headers)


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
        is_handshake = message.method == "initialize"
        if is_modern(message, {} if is_handshake else headers):
            check_envelope(message, headers)
            return Reply(200, succeeded(message.id, await modern_result(message, exchange)))
        if not is_handshake:  # clients send the newest that they know before anything is agreed on
            check_version(headers)
        return Reply(200, succeeded(message.id, await legacy_result(message, exchange)))
    except ProtocolError as problem:
        return Reply(problem.status, failed(problem, id_of(content)))
