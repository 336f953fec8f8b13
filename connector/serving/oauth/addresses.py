"""Our own addresses: the issuer, and which resource a client means."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from connector.deskdirector.errors import Forbidden, Unavailable
from connector.operations.request import Request
from connector.relay.own_address import own_address
from connector.settings import Settings

MCP: Final = "/mcp"
WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
SCOPES: Final = ("read", "write")


def origin_of(request: Request, settings: Settings) -> str:
    """The issuer: the public address, from the settings or the platform; on one machine, the address that was called.

    Elsewhere no header of a caller decides it.
    """
    try:
        parts = urlsplit(own_address(settings, request.origin))
    except Forbidden:
        raise Unavailable(
            "AppNotSetUp", "Signing in needs CONNECTOR_PUBLIC_URL, the https address of this app.", retry_after=60
        ) from None
    return f"{parts.scheme}://{parts.netloc}"


def resource_of(text: str, origin: str) -> str | None:
    """The MCP address that a client names; None when it is not ours."""
    parts = _split(text)
    if parts is None or f"{parts.scheme}://{parts.netloc}".lower() != origin.lower() or not is_mcp(parts.path):
        return None
    return text


def is_mcp(path: str) -> bool:
    """Whether a path is the MCP server's or below it."""
    return path == MCP or path.startswith(f"{MCP}/")


def scopes_of(path: str) -> tuple[str, ...]:
    """The scopes that an MCP address offers."""
    return SCOPES[:1] if path.rstrip("/").endswith("/readonly") else SCOPES


def site_in(path: str) -> str:
    """The site host in an MCP address (`/mcp/site/HOST`), or nothing."""
    parts = path.strip("/").split("/")
    return parts[2] if len(parts) > 2 and parts[:2] == ["mcp", "site"] else ""


def path_of(resource: str) -> str:
    """The path of a resource."""
    parts = _split(resource)
    return parts.path if parts else MCP


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text) if len(text) < 2000 and "#" not in text else None
    except ValueError:
        return None
