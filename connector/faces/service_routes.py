"""Routes that are no operation of the catalog: health, and an answer for addresses that do not exist."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..catalog import operations
from ..catalog.request import ROOT, Request
from ..deskdirector.errors import NotFound
from ..settings import Settings
from .mcp.server import serve, serve_read_only
from .response import Response, failure, request_id_of

ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MCP_METHODS = ("POST", "GET", "DELETE")
"""Clients try GET for a stream and DELETE for a session; both learn that there is none."""


@dataclass(frozen=True, slots=True)
class ServiceRoute:
    """One HTTP function besides the catalog's. `anonymous`: open even when the app asks for a function key."""

    name: str
    path: str
    methods: tuple[str, ...]
    run: Callable[[Request, Settings], Awaitable[Response]]
    anonymous: bool = False


async def health(request: Request, settings: Settings) -> Response:
    """200 while serving; it asks nothing of DeskDirector."""
    del request, settings
    return Response(200, json.dumps({"status": "ok"}).encode())


async def unmatched(request: Request, settings: Settings) -> Response:
    """A JSON error for an address that no operation has: the host alone would answer an empty 404."""
    del settings
    below = request.url_path
    methods = sorted({method for one in operations().values() if _matches(one.path, below) for method in one.methods})
    if methods:
        sentence = f"{request.method} is not possible at {ROOT}{below}; use {' or '.join(methods)}."
    else:
        sentence = f"There is no operation at {ROOT}{below}; {ROOT}openapi.json lists all of them."
    return failure(NotFound("RouteNotFound", sentence), request_id_of(request.headers))


def _matches(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.strip("/").split("/")
    return len(parts) == len(given) and all(
        part.startswith("{") or part.lower() == one.lower() for part, one in zip(parts, given, strict=True)
    )


SERVICE_ROUTES = (
    ServiceRoute("Health", "api/health", ("GET",), health, anonymous=True),
    ServiceRoute("Mcp", "mcp", MCP_METHODS, serve),
    ServiceRoute("McpReadOnly", "mcp/readonly", MCP_METHODS, serve_read_only),
    # The host tries routes in the order of function names, so this name has to sort behind every other.
    ServiceRoute("ZUnmatched", "api/{*path}", ALL_METHODS, unmatched, anonymous=True),
)
