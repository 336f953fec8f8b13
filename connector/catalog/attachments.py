"""Files of tickets and notes: list, get one with its content, attach one."""

import base64
import binascii
from typing import Annotated

from pydantic import Field, StringConstraints

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.notes import Attachment, AttachmentContent, Attachments
from connector.deskdirector.errors import BadRequest, TooLarge
from connector.deskdirector.files import File
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import Creating, KeyText, Line, TicketId
from connector.operations.operation import Effects, action
from connector.resolving.ticket_files import files_of

MAX_MEGABYTES = 10

NoteId = Annotated[
    int | None,
    Field(
        ge=1, le=2_147_483_647, description="Only the files of this note, by its id; all of the ticket when left out."
    ),
]
AttachmentId = Annotated[
    KeyText, Field(min_length=1, description="The id of the file; List ticket attachments gives it.")
]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class NewAttachment(Creating):
    """A file to be attached."""

    name: Annotated[FileName, IMPORTANT] = Field(description="The name of the file.")
    content: Annotated[str, IMPORTANT] = Field(min_length=1, description="The content in base64.")
    content_type: Annotated[Line | None, ADVANCED] = Field(
        None, description="The content type of the file, e.g. image/png; DeskDirector decides when left out."
    )


@action("ListTicketAttachments", "GET", "tickets/{ticketId}/attachments", stands_on=api.LIST_TICKET_ATTACHMENTS)
async def list_ticket_attachments(dd: DeskDirector, ticket_id: TicketId, note_id: NoteId = None) -> Attachments:
    """List the files that are attached to a ticket and its notes, or to one note.

    Where the site has no list of files, those named in the ticket and its notes are returned. Get ticket attachment
    gets the content of one.
    """
    files = await files_of(dd, ticket_id)
    wanted_files = [file for file in files if note_id is None or file.note_id == note_id]
    return Attachments(results=wanted_files, total=len(wanted_files))


@action(
    "GetTicketAttachment",
    "GET",
    "tickets/{ticketId}/attachments/{attachmentId}",
    stands_on=api.GET_TICKET_ATTACHMENT,
)
async def get_ticket_attachment(
    dd: DeskDirector, ticket_id: TicketId, attachment_id: AttachmentId
) -> AttachmentContent:
    """Get a file of a ticket, up to 10 MB, with its name, type and content in base64.

    List ticket attachments gives the ids.
    """
    path = {"ticketId": ticket_id, "attachmentId": attachment_id}
    file = await dd.download(api.GET_TICKET_ATTACHMENT, path=path)
    if len(file.content) > MAX_MEGABYTES * 1024 * 1024:
        raise TooLarge("AttachmentTooLarge", f"The file is over {MAX_MEGABYTES} MB; open it in DeskDirector.")
    return AttachmentContent(
        id=attachment_id,
        name=file.name or None,
        content_type=file.content_type or None,
        size=len(file.content),
        content=base64.b64encode(file.content).decode(),
    )


@action(
    "AddTicketAttachment",
    "POST",
    "tickets/{ticketId}/attachments",
    effects=Effects.CREATES,
    stands_on=api.ADD_TICKET_ATTACHMENT,
)
async def add_ticket_attachment(dd: DeskDirector, ticket_id: TicketId, attachment: NewAttachment) -> Attachment:
    """Attach a file to a ticket.

    Its size is limited by what this connector takes in one call (1 MB unless the operator allows more), and by
    DeskDirector.
    """
    try:
        content = base64.b64decode(attachment.content.partition("base64,")[2] or attachment.content, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("ContentNotBase64", "'content' must be the file in base64, as base64() gives it.") from None
    file = File(content, attachment.name, attachment.content_type or "")
    added = await dd.fetch(api.ADD_TICKET_ATTACHMENT, Attachment, path={"ticketId": ticket_id}, body=file)
    added.fill(name=added.name or attachment.name, size=len(content) if added.size is None else added.size)
    return added
