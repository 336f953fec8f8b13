"""A 404 or 405 from a route that nobody has published: is the object missing, or the route?

The object is read over a proven route: where DeskDirector does not know it there either, it is missing; otherwise it
is the route that this site does not have.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from connector.deskdirector import endpoints as api
from connector.deskdirector import upstream_errors
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.errors import BadGateway, ConnectorError, NotFound, Unauthorized
from connector.deskdirector.sites import Site
from connector.deskdirector.user_keys import User

ROUTE_NOT_FOUND = "RouteNotFound"
STATUSES = (404, 405)

_PROVEN_READS: Mapping[str, Endpoint] = {
    one.parameters[0]: one for one in (api.GET_TICKET, api.GET_CONTACT, api.GET_COMPANY, api.GET_MEMBER)
}
"""Path parameter -> the proven route that reads the object with this id."""

_TITLES: Mapping[str, str] = dict.fromkeys(
    (api.CONTACT_USER_KEY.name, api.CONTACT_USER_KEY_RIVAL.name), "Act on behalf of a contact"
)


class Caller(Protocol):
    """What the check needs of the DeskDirector client."""

    async def call(self, endpoint: Endpoint, *, path: Mapping[str, Any] = ...) -> object:
        """Call `endpoint` with the API key; raises `ConnectorError`."""
        ...


def is_missing(endpoint: Endpoint, status: int, content: bytes) -> bool:
    """Whether an answer may mean that the site does not have the route; some answer a page to what they do not know."""
    if endpoint.evidence == "proven" or not endpoint.name:
        return False
    return status in STATUSES or (status == 200 and content.lstrip()[:1] == b"<")


async def check_object(dd: Caller, endpoint: Endpoint, values: Mapping[str, Any], status: int) -> bool:
    """Whether the objects that can be read over a proven route are there; False when none could be read now.

    Raises `TicketNotFound` and the like when it is the object that is missing, `Unauthorized` for a key that
    DeskDirector refuses, `BadGateway` for a site that answers pages everywhere.
    """
    is_there = False
    for name in endpoint.parameters if status != 405 else ():
        read = _PROVEN_READS.get(name)
        if read is None:
            continue
        try:
            await dd.call(read, path={name: values[name]})
            is_there = True
        except (NotFound, Unauthorized, BadGateway):
            raise
        except ConnectorError:  # it cannot be checked now: nothing speaks for a missing object
            continue
    return is_there


def may_lack_object(endpoint: Endpoint, status: int, user: User | None) -> bool:
    """Whether a 404 from a route that surely exists may mean an object that `check_object` cannot see missing."""
    return status != 405 and (user is not None or any(name not in _PROVEN_READS for name in endpoint.parameters))


def names_object(reason: str, endpoint: Endpoint, values: Mapping[str, Any]) -> bool:
    """Whether DeskDirector's own words are about the object that was asked for, so that the route is there.

    A user may not see what the key sees; only the words then show which 404 it is. An id inside an address
    is no such word: servers repeat the address of a route that they do not have.
    """
    reason = re.sub(r"\S*/\S*", "", reason)
    ids = {str(values[name]) for name in endpoint.parameters if name in values}
    beside_addresses = re.sub(r"\S*/\S*", " ", reason)
    return bool(ids & set(re.findall(r"[\w-]+", beside_addresses)))


def route_not_found(
    endpoint: Endpoint, site: Site, status: int, *, user: User | None, reason: str, hint: str
) -> NotFound:
    """The error for a route that the site does not have.

    `reason` is what DeskDirector says itself; `hint` is what the site's documents show instead, a sentence or "".
    """
    title = _TITLES.get(endpoint.name, endpoint.title)
    sentence = (
        f"This site does not offer '{title}' at {endpoint.method} {endpoint.path}; its swagger page at "
        f"{site.origin}/swagger shows what it has; {endpoint.setting} points elsewhere."
    )
    if hint:
        sentence += f" {hint}"
    if status != 405 and user is not None:
        sentence += f" Where the site has it there, {user.kind} {user.id} cannot see the object."
    return NotFound(ROUTE_NOT_FOUND, upstream_errors.quoting(sentence, reason))
