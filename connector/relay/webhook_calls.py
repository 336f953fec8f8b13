"""The calls to DeskDirector behind registrations: register, unregister, and with whose rights.

A registration outlives the call that made it: a flow is deleted, or answers 410, when nobody with an API key is there.
So the connection that registered it last is kept with it, sealed (see docs/decisions).
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from connector.deskdirector.body_schemas import read_schema
from connector.deskdirector.client import DeskDirector, Reply
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import (
    BadGateway,
    Conflict,
    ConnectorError,
    Gone,
    NotFound,
    OutcomeUnknown,
    Unauthorized,
    Unavailable,
)
from connector.deskdirector.sites import check_site
from connector.relay.event_sources import FAMILIES, EventSource
from connector.settings import Settings
from connector.storage.records import Rights

SCHEMA_SECONDS: Final = 5.0
LONGEST_SCHEMA: Final = 64 * 1024
LONGEST_DESCRIPTION: Final = 250
log = logging.getLogger("connector")

_ID_NAMES: Final = ("id", "workflowId", "actionId", "subscriptionId")


@dataclass(frozen=True, slots=True)
class Handle:
    """The id of a registration upstream, and the token that lets it be removed."""

    id: str
    token: str = field(default="", repr=False)


def inbound_url(base: str, registration_id: str, token: str) -> str:
    """The capability URL that DeskDirector posts to."""
    return f"{base.rstrip('/')}/api/inbound/{registration_id}?token={quote(token)}"


async def register(dd: DeskDirector, source: EventSource, url: str, description: str) -> Handle:
    """Have DeskDirector post these events to `url`; an admin sees the description where the site shows one."""
    endpoint = FAMILIES[source.family].subscribe
    assert endpoint is not None  # noqa: S101  families without one are never registered
    body = {"description": description, **source.body} if source.family == "ticket" else source.body
    try:
        reply = await dd.call(endpoint, path=source.path, query=source.query, body={**body, "url": url})
    except OutcomeUnknown:
        # Another attempt may leave a second registration behind; it posts to the same URL, and repeats are one event.
        raise Unavailable(
            "RegistrationUnclear",
            "DeskDirector did not say whether it registered the trigger; try again.",
            retry_after=5,
        ) from None
    except Conflict as problem:
        reason = problem.message.partition("DeskDirector says:")[2]
        raise Conflict(
            "TriggerNotRegistered",
            "DeskDirector did not register this trigger; remove a workflow that nobody needs in its admin portal, then "
            "save the flow again." + (f" DeskDirector says:{reason}" if reason else ""),
        ) from None
    return _handle(reply)


async def read_event_schema(dd: DeskDirector, source: EventSource) -> str:
    """What the site itself says that it sends, as JSON; "" where it does not say it, or not in time."""
    schemas = FAMILIES[source.family].schemas
    if schemas is None:
        return ""
    path = {name: value for name, value in source.path.items() if name in schemas[0].parameters}
    try:
        async with asyncio.timeout(SCHEMA_SECONDS):
            schema = json.dumps(await read_schema(dd, *schemas, path=path, query=source.query), separators=(",", ":"))
    except (ConnectorError, TimeoutError, ValueError, RecursionError) as problem:
        log.info("The schema of %s could not be read: %s", source.event_type, getattr(problem, "code", "Timeout"))
        return ""
    return schema if len(schema) <= LONGEST_SCHEMA else ""


async def unregister(dd: DeskDirector, source: EventSource, handle: Handle) -> None:
    """Unregister; 404 and 410 count as success."""
    endpoint = FAMILIES[source.family].unsubscribe
    assert endpoint is not None  # noqa: S101  families without one are never registered
    path = {**source.path, endpoint.parameters[-1]: handle.id}
    try:
        await dd.call(endpoint, path=path, query={"token": handle.token or None})
    except (NotFound, Gone):
        return


def rights_of(connection: Connection) -> Rights:
    """What `reconnect` needs to make the connection again."""
    return Rights(connection.scheme, connection.authorization, str(connection.agent_id or ""))


def reconnect(site: str, rights: Rights | None, settings: Settings) -> DeskDirector:
    """DeskDirector with rights that were kept; `Unauthorized` when none are kept any more."""
    if rights is None:
        raise Unauthorized("ConnectionForgotten", "No connection is kept with this registration any more.")
    agent = int(rights.agent) if rights.agent else None
    return DeskDirector(Connection(check_site(site, settings), rights.scheme, rights.authorization, agent), settings)


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
    raise BadGateway("RegistrationUnreadable", "DeskDirector returned no id for the new webhook.")
