"""A 404 or 405 from a route that nobody has published: is the object missing, or the route?

The object is read over a proven route: where DeskDirector does not know it there either, it is missing; otherwise it
is the route that this site does not have.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from connector.deskdirector import endpoints as api
from connector.deskdirector import upstream_errors
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.errors import BadGateway, ConnectorError, NotFound
from connector.deskdirector.sites import Site
from connector.deskdirector.user_keys import User

ROUTE_NOT_FOUND = "RouteNotFound"
STATUSES = (404, 405)

_PROVEN_READS: Mapping[str, Endpoint] = {
    one.parameters[0]: one for one in (api.GET_TICKET, api.GET_CONTACT, api.GET_COMPANY, api.GET_MEMBER)
}
"""Path parameter -> the proven route that reads the object with this id."""


class Caller(Protocol):
    """What the check needs of the DeskDirector client."""

    @property
    def site(self) -> Site:
        """The site that is called."""
        ...

    async def call(self, endpoint: Endpoint, *, path: Mapping[str, Any] = ...) -> object:
        """Call `endpoint` with the API key; raises `ConnectorError`."""
        ...


def is_missing(endpoint: Endpoint, status: int, content: bytes) -> bool:
    """Whether an answer may mean that the site does not have the route; some answer a page to what they do not know."""
    if endpoint.evidence != "assumed" or not endpoint.name:
        return False
    return status in STATUSES or (status == 200 and content.lstrip()[:1] == b"<")


async def missing(
    dd: Caller, endpoint: Endpoint, values: Mapping[str, Any], status: int, *, user: User | None, said: str, hint: str
) -> NotFound:
    """The error for it: `TicketNotFound` and the like for a missing object, `RouteNotFound` for a missing route.

    `said` are DeskDirector's own words; `hint` is what the site's documents show instead, a sentence or "". Raises
    `BadGateway` for a site that answers pages everywhere.
    """
    if status != 405 and (absent := await _missing_object(dd, endpoint, values)):
        return absent
    sentence = (
        f"This site does not offer '{endpoint.title}' at {endpoint.method} {endpoint.path}; its swagger page at "
        f"{dd.site.origin}/swagger shows what it has; {endpoint.setting} points elsewhere."
    )
    if hint:
        sentence += f" {hint}"
    if status != 405 and user is not None:
        sentence += f" Where the site has it there, {user.kind} {user.id} cannot see the object."
    return NotFound(ROUTE_NOT_FOUND, upstream_errors.quoting(sentence, said))


async def _missing_object(dd: Caller, endpoint: Endpoint, values: Mapping[str, Any]) -> NotFound | None:
    for name in endpoint.parameters:
        read = _PROVEN_READS.get(name)
        if read is None:
            continue
        try:
            await dd.call(read, path={name: values[name]})
        except NotFound as absent:
            return absent
        except BadGateway:  # this site answers pages everywhere: no API at all
            raise
        except ConnectorError:  # cannot be checked now: what is known is that the call was not answered
            continue
    return None
