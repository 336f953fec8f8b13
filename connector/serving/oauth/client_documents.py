"""Client id metadata documents: a client id that is an address, where the client says of itself what it is.

Only known hosts are asked: an address from a stranger would have us call wherever he likes. The connection goes to an
address that was checked, follows nothing, sends no cookie and reads at most 8 KB.
"""

import re
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.no_answer import NoAnswer
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from connector.json_text import JsonError, read_json
from connector.runtime import ExpiringCache, close_with_loop, per_loop
from connector.serving.oauth.redirects import DOCUMENT_HOSTS
from connector.serving.rate_limits import Buckets
from connector.settings import Settings

_MOST: Final = 8 * 1024
_LONGEST_URL: Final = 300
_SECONDS: Final = Timeout(3.0, 5.0)
_KEPT: Final = (300, 86_400)
_A_MINUTE: Final = 60
_MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")


def is_document(client_id: str, settings: Settings) -> bool:
    """Whether a client id is an address at which its document may be read."""
    if not client_id.startswith("https://") or len(client_id) > _LONGEST_URL or not client_id.isascii():
        return False
    try:
        parts = urlsplit(client_id)
        port = parts.port
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password) and port is None
    hosts = DOCUMENT_HOSTS | {name.lstrip("*.") for name in settings.mcp_oauth_clients}
    return (
        is_plain and parts.netloc in hosts and len(parts.path) > 1 and ".." not in parts.path and "%" not in parts.path
    )


async def document_of(client_id: str, settings: Settings) -> Mapping[str, Any] | None:
    """The document, as old as its own headers permit; None when there is none that counts."""
    kept = _documents().get(client_id, None)
    if kept is not None:
        return kept
    if _fetches().take(b"documents", _A_MINUTE):
        return None  # strangers may ask for any path on these hosts
    parts = urlsplit(client_id)
    try:
        answer = await fetched(f"https://{parts.netloc}", parts.path, settings)
    except NoAnswer:
        return None
    document = _read(answer, client_id)
    if document is not None:
        _documents().put(client_id, document, _lifetime(answer.headers))
    return document


async def fetched(origin: str, target: str, settings: Settings) -> Answer:
    """What a host answers."""
    headers = {"Accept": "application/json", "User-Agent": "deskdirector-connector"}
    return await _transport(settings).exchange("GET", origin, target, headers, None, _SECONDS)


def _read(answer: Answer, client_id: str) -> Mapping[str, Any] | None:
    if answer.status != 200 or len(answer.content) > _MOST:
        return None
    try:
        content = read_json(answer.content)
    except JsonError:
        return None
    return content if isinstance(content, dict) and content.get("client_id") == client_id else None


def _lifetime(headers: Mapping[str, str]) -> float:
    found = _MAX_AGE.search(headers.get("cache-control", "")[:200].lower())
    least, most = _KEPT
    return float(min(most, max(least, int(found[1]) if found else least)))


@per_loop
def _fetches() -> Buckets:
    return Buckets()


@per_loop
def _documents() -> ExpiringCache[str, Mapping[str, Any]]:
    return ExpiringCache(200, time.monotonic)


@per_loop
def _transport(settings: Settings) -> AiohttpTransport:
    transport = AiohttpTransport(max_answer=_MOST, max_memory=settings.max_memory_mb * 2**20, per_host=4)
    close_with_loop(transport.aclose)
    return transport
