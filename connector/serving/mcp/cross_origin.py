"""Pages that call the server from a browser: which may, and what browsers ask before they do (CORS)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from connector.deskdirector.sites import is_ip_literal
from connector.operations.request import Request
from connector.serving.mcp.protocol import INVALID_REQUEST, ProtocolError
from connector.serving.response import Response
from connector.settings import Settings, in_azure

_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_NAMES = re.compile(r"[\w-]{1,60}(?:, ?[\w-]{1,60}){0,30}")
_USUAL_HEADERS = "authorization, content-type, dd-agent, dd-api-key, dd-host, mcp-protocol-version, x-api-key"
_KEPT_SECONDS = "7200"


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse pages of other sites: a browser could reach into its user's network for them."""
    if not _is_allowed(_origin(request), settings):
        raise ProtocolError(INVALID_REQUEST, "Calls from this web origin are not allowed.", status=403)
    if not _is_own_host(request.headers.get("host", ""), settings) and not in_azure():
        sentence = "This host name is not the app's own; set CONNECTOR_PUBLIC_URL to the address that clients use."
        raise ProtocolError(INVALID_REQUEST, sentence, status=403)


def preflight(request: Request, settings: Settings) -> Response:
    """The answer to a browser that asks whether a page may call; a browser reads the headers and nothing else.

    Raises `ProtocolError` for a page that may not.
    """
    check_origin(request, settings)
    asked = request.headers.get("access-control-request-headers", "").strip()
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": asked if _NAMES.fullmatch(asked) else _USUAL_HEADERS,
        "Access-Control-Max-Age": _KEPT_SECONDS,
        "Allow": "POST",
    }
    return Response(204, b"", {**allowed, **readable_by(request, settings)})


def readable_by(request: Request, settings: Settings) -> Mapping[str, str]:
    """The headers that let the page read the answer; none for callers that are no pages."""
    origin = _origin(request)
    if not origin or not _is_allowed(origin, settings):
        return {}
    return {
        "Access-Control-Allow-Origin": request.headers["origin"].strip(),
        "Access-Control-Expose-Headers": "WWW-Authenticate, X-Request-Id",
        "Vary": "Origin",
    }


def _origin(request: Request) -> str:
    return request.headers.get("origin", "").strip().lower()


def _is_allowed(origin: str, settings: Settings) -> bool:
    return not origin or origin in settings.allowed_origins or _LOCAL_ORIGIN.fullmatch(origin) is not None


@lru_cache(maxsize=256)
def _is_own_host(host: str, settings: Settings) -> bool:
    """On one machine a page can have its own name resolve to us; an address or a known name is never a page's own."""
    name = _host_of(f"//{host}")
    known = {"", "localhost", *map(_host_of, (settings.public_url, *settings.allowed_origins))}
    return name in known or is_ip_literal(name)


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return "-"
