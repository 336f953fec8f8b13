"""Ticket notes: list and add, as yourself or on behalf of a contact or member."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Note, Notes
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import Creating, Line, Text, TicketId
from connector.operations.operation import Effects, action
from connector.operations.paging import FindInput
from connector.resolving.references import someone


class NewNote(Creating):
    """A note to be added."""

    text: Annotated[Text, IMPORTANT] = Field(min_length=1, description="What the note says.")
    is_internal: Annotated[bool, IMPORTANT] = Field(
        False, description="Yes to show it to the service desk only; no to show it to the contact as well."
    )
    on_behalf_of: Annotated[Line | None, ADVANCED] = Field(
        None,
        description="The contact or member who writes it: an e-mail address, a name, contact:ID or member:ID; "
        "the API key itself when left out.",
    )


@action("AddTicketNote", "POST", "tickets/{ticketId}/notes", effects=Effects.CREATES)
async def add_ticket_note(dd: DeskDirector, ticket_id: TicketId, note: NewNote) -> Note:
    """Add a note to a ticket, as yourself or on behalf of a contact or member.

    It does not change the ticket: use Update ticket, or Close ticket with a closing note, for that. A contact cannot
    write internal notes.
    """
    user = await someone(dd, note.on_behalf_of) if note.on_behalf_of else None
    body = {"note": note.text, "isInternal": note.is_internal}
    return await dd.fetch(api.ADD_TICKET_NOTE, Note, path={"ticketId": ticket_id}, body=body, user=user)


@action("ListTicketNotes", "POST", "find/tickets/{ticketId}/notes")
async def list_ticket_notes(dd: DeskDirector, ticket_id: TicketId, find: FindInput) -> Notes:
    """List the notes of a ticket, public and internal, oldest first."""
    page = await dd.fetch(api.LIST_TICKET_NOTES, Notes, path={"ticketId": ticket_id}, query=find.window)
    return find.paged(page)
