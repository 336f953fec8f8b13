"""Which credential a call carries: the API key and under which scheme, or a user's access token.

What is known: the connector surface is called with `DdApi KEY` for every kind of key, in both
editions; for `Basic` there is one general sentence, for access tokens nothing. The other surfaces take the scheme of
the key's kind (`Basic` of a Tokity key or a personal token, `DdApi` of a PSA key) or an access token. So the likely
scheme goes first and the other one follows a 401; what a site accepted is remembered per key and surface.
"""

import re
from functools import lru_cache

from connector.deskdirector.connection import BASIC, DD_ACCESS_TOKEN, DD_API, Connection
from connector.deskdirector.endpoint import FUNCTIONS, Endpoint
from connector.deskdirector.user_keys import User, member
from connector.runtime import ExpiringCache, per_loop
from connector.settings import Settings

REMEMBERED = 2000

CONNECTOR = "/api/v2/automate/connector"
_SURFACE = re.compile(rf"{CONNECTOR}(?=/|$)|/api/v2/copilot(?=/|$)|/[^/]+/[^/]+")
_FORCED = {"basic": BASIC, "ddapi": DD_API}


def is_connector_surface(endpoint: Endpoint) -> bool:
    """Whether a route belongs to the certified connector's surface; that of the shared functions host does too."""
    return endpoint.host is FUNCTIONS or _surface(endpoint.path) == CONNECTOR


def user_of(connection: Connection, endpoint: Endpoint, user: User | None) -> User | None:
    """Whose access token a call carries; None for the API key.

    `user` is whom the caller asks for; the connection's agent stands in on routes that need a member, and on raw calls,
    whose needs are unknown. The connector surface takes no access tokens.
    """
    if is_connector_surface(endpoint) or endpoint.auth == "key":
        return None
    if user is None and connection.agent_id and (endpoint.auth == "member" or not endpoint.name):
        return member(connection.agent_id)
    return user


def schemes_of(connection: Connection, endpoint: Endpoint, settings: Settings) -> tuple[str, ...]:
    """The schemes to send the key under, in order: the next one is for a 401."""
    forced = _FORCED.get(settings.key_scheme)
    on_connector = is_connector_surface(endpoint)
    if forced and (on_connector or connection.scheme != DD_ACCESS_TOKEN):
        return (forced,)
    order = _order(connection.scheme, on_connector)
    remembered = _accepted()
    accepted = remembered.get((connection.identity, _surface(endpoint.path)), None) if len(remembered) else None
    return (
        order
        if accepted is None or accepted == order[0]
        else (accepted, *(scheme for scheme in order if scheme != accepted))
    )


def remember_scheme(connection: Connection, endpoint: Endpoint, scheme: str) -> None:
    """Send `scheme` first from now on: it was accepted after the one before it was refused."""
    _accepted().put((connection.identity, _surface(endpoint.path)), scheme)


@per_loop
def _accepted() -> ExpiringCache[tuple[str, str], str]:
    return ExpiringCache(REMEMBERED)


@lru_cache
def _order(kind: str, on_connector: bool) -> tuple[str, ...]:
    if on_connector:
        return (DD_API, BASIC)
    return {BASIC: (BASIC, DD_API), DD_API: (DD_API, BASIC)}.get(kind, (DD_ACCESS_TOKEN, BASIC))


@lru_cache(maxsize=512)
def _surface(path: str) -> str:
    """The part of the API that a route belongs to: the connector's, the Tech connector's, or a version (`/api/v3`)."""
    match = _SURFACE.match(path.lower())
    return match[0] if match else ""
