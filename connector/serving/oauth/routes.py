"""What the functions of OAuth do, and the MCP server behind its gate. Loaded by the first call that needs it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connector.metrics import METRICS
from connector.operations.request import Request
from connector.serving.invoke import guarded
from connector.serving.mcp import server as mcp
from connector.serving.oauth.answers import FOR_BROWSERS, OAuthError
from connector.serving.oauth.authorize import authorize
from connector.serving.oauth.gate import gated
from connector.serving.oauth.metadata import authorization_server, protected_resource
from connector.serving.oauth.token_endpoint import register, revoke, token
from connector.serving.rate_limits import check_rate
from connector.serving.response import Response
from connector.settings import Settings

Serve = Callable[[Request, Settings], Awaitable[Response]]


def _open(name: str, serve: Serve) -> Serve:
    """What every caller may call, limited before anything is done for it."""

    async def run(request: Request, settings: Settings) -> Response:
        return await guarded(name, request, lambda: _answer(request, settings, serve))

    return run


async def _answer(request: Request, settings: Settings, serve: Serve) -> Response:
    if request.method == "OPTIONS":
        return Response(204, b"", FOR_BROWSERS)
    check_rate(request, settings)
    try:
        return await serve(request, settings)
    except OAuthError as problem:
        METRICS.count("connector_oauth_refusals", error=problem.error)
        return problem.response()


_ALL = gated(mcp.serve, mcp.serve_read_only)
_READING = gated(mcp.serve_read_only, mcp.serve_read_only)
RUNS: Final[Mapping[str, Serve]] = {
    "Mcp": _ALL,
    "McpOfSite": _ALL,
    "McpReadOnly": _READING,
    "McpOfSiteReadOnly": _READING,
    **{
        name: _open(name, serve)
        for name, serve in {
            "OauthAuthorize": authorize,
            "OauthRegister": register,
            "OauthRevoke": revoke,
            "OauthServer": authorization_server,
            "OauthResource": protected_resource,
            "OauthResourceAt": protected_resource,
            "OauthToken": token,
        }.items()
    },
}
"""By function: what it does while signing in is on."""
