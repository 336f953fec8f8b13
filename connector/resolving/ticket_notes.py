"""Writing a note to a ticket, alone or together with a change of the ticket.

DeskDirector takes a note of the API key as two fields of an update: `noteContent` (Markdown) and `noteIsInternal`
(source: the vendor's published flows). A note on behalf of a person needs a route that nobody has published.
"""

from collections.abc import Mapping
from typing import Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.notes import Note
from connector.deskdirector.entities.tickets import Ticket, UpdatedTicket
from connector.deskdirector.errors import BadRequest, ConnectorError, NotFound, Unprocessable
from connector.deskdirector.missing_routes import ROUTE_NOT_FOUND
from connector.deskdirector.user_keys import User, member


async def write_note(dd: DeskDirector, ticket_id: int, text: str, *, is_internal: bool, user: User | None) -> Note:
    """Write a note as the API key, or as `user`; the id is there only where DeskDirector answers it.

    For a connection that acts as a member (`dd-agent`), it is that member's where the site has a route for it.
    """
    if user is None and dd.connection.agent_id:
        try:
            return await _post(dd, ticket_id, text, is_internal=is_internal, user=member(dd.connection.agent_id))
        except NotFound as missing:
            if missing.code != ROUTE_NOT_FOUND:
                raise
    if user is not None or not await _update_takes_notes(dd):
        return await _post(dd, ticket_id, text, is_internal=is_internal, user=user)
    try:
        updated = await _patch(dd, ticket_id, {}, text, is_internal=is_internal)
    except (BadRequest, Unprocessable) as refusal:
        # The site refuses a note in an update although it publishes no schema that says so: its notes route is tried.
        try:
            return await _post(dd, ticket_id, text, is_internal=is_internal, user=None)
        except NotFound:
            raise refusal from None
    return updated.newest_note(text) or Note(text=text, is_internal=is_internal)


async def change_with_note(
    dd: DeskDirector,
    ticket_id: int,
    changes: Mapping[str, Any],
    text: str,
    *,
    is_internal: bool,
    user: User | None,
) -> Ticket:
    """Change a ticket and write a note: one call for a note of the API key, else first the note, then the change.

    When the note was written and the change fails, the error says both.
    """
    if user is None and await _update_takes_notes(dd):
        return await _patch(dd, ticket_id, changes, text, is_internal=is_internal)
    await _post(dd, ticket_id, text, is_internal=is_internal, user=user)
    try:
        return await dd.fetch(api.UPDATE_TICKET, Ticket, path={"ticketId": ticket_id}, body=changes)
    except ConnectorError as problem:
        raise type(problem)(
            problem.code,
            f"The note was written, but the ticket was not changed; leave the note out when you repeat this. "
            f"{problem.message}",
            details=problem.details,
            retry_after=problem.retry_after,
        ) from None


async def _update_takes_notes(dd: DeskDirector) -> bool:
    """Whether an update may carry a note: the site's own schema decides where it can be read."""
    schema = await schema_of(dd, api.UPDATE_TICKET_WITH_NOTE)
    return schema is None or schema.locate("noteContent") is not None


async def _patch(
    dd: DeskDirector, ticket_id: int, changes: Mapping[str, Any], text: str, *, is_internal: bool
) -> UpdatedTicket:
    body = {**changes, "noteContent": text, "noteIsInternal": is_internal}
    return await dd.fetch(api.UPDATE_TICKET_WITH_NOTE, UpdatedTicket, path={"ticketId": ticket_id}, body=body)


async def _post(dd: DeskDirector, ticket_id: int, text: str, *, is_internal: bool, user: User | None) -> Note:
    body = {"note": text, "isInternal": is_internal}
    return await dd.fetch(api.ADD_TICKET_NOTE, Note, path={"ticketId": ticket_id}, body=body, user=user)
