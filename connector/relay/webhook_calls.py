"""The calls to DeskDirector behind registrations: subscribe there, unsubscribe there, with whose rights.

A registration outlives the call that made it: a flow is deleted, or answers 410, when nobody with an API key is there.
So the connection of the latest subscriber is kept with it, sealed (see docs/decisions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from connector.deskdirector.client import DeskDirector, Reply
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import (
    BadGateway,
    Conflict,
    Gone,
    NotFound,
    OutcomeUnknown,
    Unauthorized,
    Unavailable,
)
from connector.deskdirector.sites import check_site
from connector.relay.event_sources import FAMILIES, Wanted
from connector.settings import Settings

DESCRIPTION: Final = "Sends events to flows through the connector's relay."
_ID_NAMES: Final = ("id", "workflowId", "actionId", "subscriptionId")


@dataclass(frozen=True, slots=True)
class Handle:
    """What a registration is called upstream, and the token that lets it be removed."""

    id: str
    token: str = field(default="", repr=False)


def inbound_url(base: str, registration_id: str, token: str) -> str:
    """The capability URL that DeskDirector posts to."""
    return f"{base.rstrip('/')}/api/inbound/{registration_id}?token={quote(token)}"


async def register(dd: DeskDirector, wanted: Wanted, url: str) -> Handle:
    """Have DeskDirector post these events to `url`."""
    endpoint = FAMILIES[wanted.family].subscribe
    assert endpoint is not None  # noqa: S101  families without one are never registered
    body = {"description": DESCRIPTION, **wanted.body} if wanted.family == "ticket" else wanted.body
    try:
        reply = await dd.call(endpoint, path=wanted.path, query=wanted.query, body={**body, "url": url})
    except OutcomeUnknown:
        # Another attempt may leave a second registration behind; its posts come to the same URL and are one event each.
        raise Unavailable(
            "RegistrationUnclear",
            "DeskDirector did not say whether it registered the trigger; try again.",
            retry_after=5,
        ) from None
    except Conflict as problem:
        said = problem.message.partition("DeskDirector says:")[2]
        raise Conflict(
            "TriggerNotRegistered",
            "DeskDirector did not register this trigger; remove a workflow that nobody needs in its admin portal, then "
            "save the flow again." + (f" DeskDirector says:{said}" if said else ""),
        ) from None
    return _handle(reply)


async def unregister(dd: DeskDirector, wanted: Wanted, handle: Handle) -> None:
    """Have DeskDirector stop; what it does not know (any more) is fine."""
    endpoint = FAMILIES[wanted.family].unsubscribe
    assert endpoint is not None  # noqa: S101  families without one are never registered
    path = {**wanted.path, endpoint.parameters[-1]: handle.id}
    try:
        await dd.call(endpoint, path=path, query={"token": handle.token or None})
    except (NotFound, Gone):
        return


def keep(connection: Connection) -> dict[str, str]:
    """The secrets from which `reconnect` makes the connection again."""
    return {
        "scheme": connection.scheme,
        "authorization": connection.authorization,
        "agent": str(connection.agent_id or ""),
    }


def reconnect(site: str, secrets: Mapping[str, str], settings: Settings) -> DeskDirector:
    """DeskDirector with the rights of whoever subscribed last; `Unauthorized` when none are kept any more."""
    if "authorization" not in secrets:
        raise Unauthorized("ConnectionForgotten", "No connection is kept with this registration any more.")
    agent = secrets["agent"]
    connection = Connection(
        check_site(site, settings), secrets["scheme"], secrets["authorization"], int(agent) if agent else None
    )
    return DeskDirector(connection, settings)


def _handle(reply: Reply) -> Handle:
    """From `Location: …/{id}?token=…`, else from the body. Neither is published, but DELETE takes both."""
    location = urlsplit(reply.headers.get("Location") or "")
    name = location.path.rstrip("/").rpartition("/")[2]
    if name:
        return Handle(name, parse_qs(location.query).get("token", [""])[0])
    body: Any = reply.json()
    if isinstance(body, dict):
        for key in _ID_NAMES:
            if body.get(key):
                return Handle(str(body[key]), str(body.get("token") or ""))
    raise BadGateway("RegistrationUnreadable", "DeskDirector did not say how it calls the new registration.")
