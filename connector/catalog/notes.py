"""Ticket notes: list and add, as yourself or on behalf of a contact or member."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.notes import Note, Notes
from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import Creating, Person, Text, TicketId
from connector.operations.operation import Effects, action
from connector.operations.paging import FindInput
from connector.operations.recovery import Window
from connector.relay.own_notes import remember_own_note
from connector.resolving.reading_notes import NoteSort, notes_of
from connector.resolving.recovery import made_notes
from connector.resolving.references import someone
from connector.resolving.ticket_notes import write_note


class NewNote(Creating):
    """A note to be added."""

    text: Annotated[Text, IMPORTANT, Outgoing("isInternal")] = Field(min_length=1, description="The text of the note.")
    is_internal: Annotated[bool, IMPORTANT] = Field(
        False, description="Yes to show the note to the service desk only; no to show it to the contact as well."
    )
    on_behalf_of: Annotated[Person | None, ADVANCED] = Field(
        None,
        description="The contact or member who writes it: an e-mail address, a name, contact:ID or member:ID; "
        "the API key when left out.",
    )


async def _made_notes(dd: DeskDirector, ticket_id: int, note: NewNote, window: Window) -> Sequence[Note]:
    return await made_notes(dd, ticket_id, note.text, window)


@action("AddTicketNote", "POST", "tickets/{ticketId}/notes", effects=Effects.CREATES, recover=_made_notes)
async def add_ticket_note(dd: DeskDirector, ticket_id: TicketId, note: NewNote) -> Note:
    """Add a note to a ticket, as yourself or on behalf of a contact or member.

    It does not change the ticket: use Update ticket, or Close ticket with a closing note, for that. A contact cannot
    write internal notes. A note on behalf of a person needs a route that not every site offers.
    """
    user = await someone(dd, note.on_behalf_of) if note.on_behalf_of else None
    await remember_own_note(dd, ticket_id, note.text)
    return await write_note(dd, ticket_id, note.text, is_internal=note.is_internal, user=user)


class NoteFilters(FindInput):
    """In which order to list notes."""

    sort: NoteSort = Field("newest", description="The order: newest or oldest first.")


@action("ListTicketNotes", "POST", "find/tickets/{ticketId}/notes")
async def list_ticket_notes(dd: DeskDirector, ticket_id: TicketId, find: NoteFilters) -> Notes:
    """List the notes of a ticket, public and internal, newest first, with their authors, time and files.

    Not every site offers a list of notes; elsewhere it needs a member's connection (a personal API key), which sees the
    ticket with its notes. It takes at most 5 calls. Get ticket returns the ticket with its newest notes.
    """
    window = find.window
    read = await notes_of(dd, ticket_id, find.sort, window["skip"] + window["take"] + 1)
    page = find.windowed(Notes(results=[]), read.notes, is_all=read.is_all)
    if not read.is_all and not page.has_more:
        page.notice = f"Only {len(read.notes)} notes of this ticket were read; open it in DeskDirector for the rest."
    return page
