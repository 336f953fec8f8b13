"""Where the answer to an authorization may go: to the known addresses of MCP clients, and to this machine.

A closed list keeps a stranger from sending people to our real page with an address of his own behind it. Sources: the
clients' own documents and registrations; operators add hosts in `CONNECTOR_MCP_OAUTH_CLIENTS`.
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from connector.settings import Settings

_KNOWN: Final = re.compile(
    r"https://claude\.(ai|com)/api/mcp/auth_callback"
    r"|https://chatgpt\.com/connector/oauth/[\w-]{1,200}"
    r"|https://chatgpt\.com/connector_platform_oauth_redirect"
    r"|https://(insiders\.)?vscode\.dev/redirect"
    r"|https://www\.cursor\.com/agents/mcp/oauth/callback"
    r"|cursor://anysphere\.cursor-mcp/oauth/callback"
    r"|https://global\.consent\.azure-apim\.net/redirect(/[\w.-]{1,200})?"
    r"|https://teams\.microsoft\.com/api/platform/v1\.0/oAuthRedirect"
    r"|https://oauth\.n8n\.cloud/oauth2/callback",
    re.ASCII,
)
DOCUMENT_HOSTS: Final = frozenset({"claude.ai", "claude.com", "chatgpt.com", "vscode.dev", "opencode.ai"})
"""Hosts whose client id metadata documents are read."""
_LONGEST: Final = 500
_UNUSUAL: Final = ' #\\"<>'
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_permitted(uri: str, settings: Settings) -> bool:
    """Whether answers may be sent to this address at all."""
    if _KNOWN.fullmatch(uri):
        return True
    parts = _split(uri)
    if parts is None:
        return False
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return parts.scheme == "https" and parts.port in (None, 443) and _is_added(parts.hostname or "", settings)


def is_loopback(uri: str) -> bool:
    """Whether it is an address on the person's own machine."""
    parts = _split(uri)
    return parts is not None and parts.scheme == "http" and parts.hostname in _LOOPBACK


def matches(registered: str, given: str) -> bool:
    """Whether an address is the registered one: to the letter, but for the port on one's own machine (RFC 8252)."""
    if registered == given:
        return True
    one, other = _split(registered), _split(given)
    if one is None or other is None or not (is_loopback(registered) and is_loopback(given)):
        return False
    return (one.hostname, one.path, one.query) == (other.hostname, other.path, other.query)


def host_of(uri: str) -> str:
    """What people are shown of an address."""
    parts = _split(uri)
    return (parts.netloc if parts else "") or uri


def _is_added(host: str, settings: Settings) -> bool:
    return any(
        host == name.lstrip("*.") or host.endswith(f".{name.lstrip('*.')}") for name in settings.mcp_oauth_clients
    )


def _split(uri: str) -> SplitResult | None:
    r"""The parts of an address; None for one that browsers may read differently.

    Such are `http://elsewhere\@127.0.0.1`, which leads elsewhere, user info, and control characters, which are skipped.
    """
    if len(uri) > _LONGEST or not uri.isascii() or not uri.isprintable() or any(sign in uri for sign in _UNUSUAL):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return None if "@" in parts.netloc else parts
