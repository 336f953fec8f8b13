"""Routes that are no operation of the catalog: health, the pages, and the answer for unknown routes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connector.catalog import operations
from connector.deskdirector.errors import NotFound
from connector.operations.request import ROOT, Request
from connector.serving import console_api, copilot_face, health
from connector.serving.console_page import console_file, console_page
from connector.serving.function_table import ADMIN, ANONYMOUS
from connector.serving.mcp import server as mcp
from connector.serving.openapi_file import openapi_file
from connector.serving.reference_page import reference_file, reference_page
from connector.serving.response import Response, failure, request_id_of
from connector.serving.startup import ALL_METHODS, LIVE, READY
from connector.settings import Settings


@dataclass(frozen=True, slots=True)
class ServiceRoute:
    """One HTTP function besides the catalog's."""

    name: str
    path: str
    methods: tuple[str, ...]
    run: Callable[[Request, Settings], Awaitable[Response]]
    level: str = ""
    """Who may call it: `anonymous` even when the app asks for a function key, `admin` with the master key only."""


async def unmatched(request: Request, settings: Settings) -> Response:
    """A JSON error for an address that no operation has: the host alone would answer an empty 404."""
    del settings
    below = request.url_path
    methods = sorted(
        {
            method
            for operation in operations().values()
            if _matches(operation.path, below)
            for method in operation.methods
        }
    )
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
    ServiceRoute("ConsoleApi", "api/console/{*rest}", console_api.METHODS, console_api.console_api, ANONYMOUS),
    ServiceRoute("ConsolePage", "console", ("GET",), console_page, ANONYMOUS),
    ServiceRoute("ConsoleFile", "console/{version}/{name}", ("GET",), console_file, ANONYMOUS),
    ServiceRoute("Copilot", copilot_face.PATH, copilot_face.METHODS, copilot_face.copilot),
    ServiceRoute("Health", LIVE, ("GET",), health.live, ANONYMOUS),
    ServiceRoute("HealthReady", READY, ("GET",), health.ready, ANONYMOUS),
    ServiceRoute("Mcp", mcp.PATH, mcp.METHODS, mcp.serve),
    ServiceRoute("McpOfSite", mcp.SITE_PATH, mcp.METHODS, mcp.serve),
    ServiceRoute("McpOfSiteReadOnly", f"{mcp.SITE_PATH}/readonly", mcp.METHODS, mcp.serve_read_only),
    ServiceRoute("McpReadOnly", f"{mcp.PATH}/readonly", mcp.METHODS, mcp.serve_read_only),
    ServiceRoute("OpenApiFile", "api/openapi.json", ("GET",), openapi_file, ANONYMOUS),
    ServiceRoute("ReferencePage", "api/docs", ("GET",), reference_page, ANONYMOUS),
    ServiceRoute("ReferenceFile", "api/docs/{name}", ("GET",), reference_file, ANONYMOUS),
    ServiceRoute("Operator", "api/operator/{*rest}", console_api.METHODS, console_api.operator_api, ADMIN),
    # The host tries routes in the order of function names, so this name has to sort behind every other.
    ServiceRoute("ZUnmatched", "api/{*path}", ALL_METHODS, unmatched, ANONYMOUS),
)
