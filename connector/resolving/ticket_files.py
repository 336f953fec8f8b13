"""The files of a ticket: from the site's list of files, else those that the ticket and its notes name."""

from typing import Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.notes import Attachment, Attachments
from connector.deskdirector.entities.tickets import TicketWithFiles
from connector.deskdirector.errors import NotFound
from connector.deskdirector.missing_routes import ROUTE_NOT_FOUND
from connector.resolving.reading_notes import notes_of

MOST_NOTES: Final = 200
"""Notes of a ticket whose files are listed, where the site has no list of files."""


async def files_of(dd: DeskDirector, ticket_id: int) -> list[Attachment]:
    """The files of a ticket and its notes; raises `NotFound` where the site names none."""
    try:
        return (await dd.fetch(api.LIST_TICKET_ATTACHMENTS, Attachments, path={"ticketId": ticket_id})).results
    except NotFound as missing:
        if missing.code != ROUTE_NOT_FOUND:
            raise
        own = (await dd.fetch(api.GET_TICKET, TicketWithFiles, path={"ticketId": ticket_id})).files
        of_notes = await _of_notes(dd, ticket_id)
        if own is None and of_notes is None:
            raise
        return [*(own or ()), *(of_notes or ())]


async def _of_notes(dd: DeskDirector, ticket_id: int) -> list[Attachment] | None:
    """The files that the notes of a ticket name; None where notes cannot be listed."""
    try:
        read = await notes_of(dd, ticket_id, "oldest", MOST_NOTES)
    except NotFound:
        return None
    return [file.model_copy(update={"note_id": note.id}) for note in read.notes for file in note.attachments]
