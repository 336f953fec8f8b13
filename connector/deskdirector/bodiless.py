"""A success without a body: the request decides what it means.

A changed entity is read back over a proven route, a new one from the address in `Location`; a request that needs no
answer (a notification that was accepted) has one without content.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from connector.deskdirector import endpoints as api
from connector.deskdirector import upstream_errors
from connector.deskdirector.endpoint import Endpoint, raw_endpoint
from connector.deskdirector.errors import BadGateway, BadRequest, ConnectorError, NotFound
from connector.deskdirector.raw_paths import checked_path
from connector.deskdirector.sites import Site
from connector.deskdirector.user_keys import User

if TYPE_CHECKING:
    from connector.deskdirector.models import Entity

    E = TypeVar("E", bound=Entity)

_NOTHING = (b"", b"null", b"{}", b'""', b"true")
_PROVEN_READS: Mapping[str, Endpoint] = {
    "Ticket": api.GET_TICKET,
    "Contact": api.GET_CONTACT,
    "Company": api.GET_COMPANY,
    "Member": api.GET_MEMBER,
}
"""Entity -> the proven route that reads one."""


class AnswerHead(Protocol):
    """An answer of DeskDirector."""

    @property
    def status(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found in any case."""
        ...

    def read(self, model: "type[E]") -> "E":
        """The entity in it."""
        ...


class Caller(Protocol):
    """What reading back needs of the DeskDirector client."""

    may_have_created: bool

    @property
    def site(self) -> Site:
        """The site that is called."""
        ...

    async def call(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, Any] = ...,
        query: Mapping[str, Any] | None = ...,
        user: User | None = ...,
    ) -> AnswerHead:
        """Call `endpoint`; raises `ConnectorError`."""
        ...


def is_bodiless(content: bytes) -> bool:
    """Whether an answer says nothing but that it succeeded."""
    return len(content) < 16 and content.strip() in _NOTHING


async def entity_without_body(
    dd: Caller,
    reply: AnswerHead,
    endpoint: Endpoint,
    model: "type[E]",
    *,
    path: Mapping[str, Any],
    user: User | None,
) -> "E":
    """The entity that a call changed or made whose answer had no body.

    Raises `OutcomeUnknown` when the entity cannot be read: the work was done, and a repeat could do it twice.
    """
    try:
        entity = await _changed(dd, model, path)
        return entity or await _made(dd, reply, model, user) or reply.read(model)
    except ConnectorError as problem:
        if endpoint.idempotent:
            raise
        dd.may_have_created = True
        reason = f"DeskDirector accepted this (status {reply.status}) without an answer, and it cannot be read"
        raise upstream_errors.outcome_unknown(f"{reason}: {problem.message}") from None


async def _made(dd: Caller, reply: AnswerHead, model: "type[E]", user: User | None) -> "E | None":
    """What `Location` leads to, when that is on this site; with its id alone when it cannot be read there."""
    from connector.deskdirector.models import read_data

    target = urlsplit(urljoin(dd.site.origin + "/", reply.headers.get("location") or ""))
    if f"{target.scheme}://{target.netloc}".lower() != dd.site.origin or target.path in ("", "/"):
        return None
    try:
        route = raw_endpoint("GET", checked_path(target.path))
        return (await dd.call(route, query=parse_qs(target.query) or None, user=user)).read(model)
    except (BadRequest, BadGateway, NotFound):
        last = unquote(target.path.rstrip("/").rpartition("/")[2])
        entity = read_data(model, {"id": last})
        entity.complete(dd.site)
        return entity


async def _changed(dd: Caller, model: "type[E]", path: Mapping[str, Any]) -> "E | None":
    """The object that the path names, when it is of this kind and a proven route reads it."""
    for name in (kind.__name__ for kind in model.__mro__):
        read = _PROVEN_READS.get(name)
        if read is not None and all(parameter in path for parameter in read.parameters):
            return (await dd.call(read, path={parameter: path[parameter] for parameter in read.parameters})).read(model)
    return None
