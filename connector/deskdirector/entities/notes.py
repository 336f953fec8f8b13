"""Notes (comments) on tickets and their files. Shape: TicketNote of the Tech connector, and the events of flows."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Page, Timestamp, found, upstream


class Attachment(Entity):
    """A file that is attached to a ticket or a note."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = upstream(
        "id", "entityId", "fileId", "attachmentId", about="The id of the file; Get ticket attachment takes it."
    )
    name: str | None = upstream("name", "fileName", "title", about="The name of the file.")
    content_type: str | None = upstream(
        "contentType",
        "mimeType",
        "mediaType",
        about="The content type of the file, e.g. image/png, if DeskDirector gives it.",
    )
    size: int | None = upstream("size", "length", "fileSize", about="The size in bytes, if known.")
    url: str | None = upstream("url", "link", "downloadUrl", "href", about="The address of the file, if it has one.")
    note_id: int | None = Field(None, description="The note that it is attached to; left out when it is the ticket.")


class Attachments(Page):
    """The files of a ticket or of a note."""

    results: list[Attachment] = found(about="The files.")


class AttachmentContent(Entity):
    """A file with its content."""

    id: str = Field(description="The id of the file.")
    name: str | None = Field(None, description="The name of the file.")
    content_type: str | None = Field(None, description="The content type of the file, e.g. image/png.")
    size: int = Field(description="The size in bytes.")
    content: str = Field(description="The content in base64.", json_schema_extra={"format": "byte"})


class Note(Entity):
    """A note (comment) on a ticket. Shape: TicketNote of the Tech connector."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: int | None = upstream(
        "id", "entityId", "noteId", about="The id of the note; left out where DeskDirector does not give it."
    )
    text: str | None = upstream("note", "content", "noteContent", "text", "body", about="The text of the note.")
    is_internal: bool | None = upstream("isInternal", "internal", about="Whether only the service desk sees it.")
    author: str | None = upstream(
        "createdBy.name", "user.name", "author.name", "enteredBy", about="The name of the author."
    )
    author_id: str | None = upstream("createdBy.id", "user.id", "author.id", about="The id of the author.")
    author_type: str | None = upstream(
        "createdBy.userType",
        "user.userType",
        "author.userType",
        about="What the author is, e.g. member, contact or api.",
    )
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When it was written, in UTC.")
    started_at: Timestamp | None = upstream(
        *("timeEntry.timeStart", "timeEntry.startTime"),
        about="When the work began, in UTC, if time is logged with it.",
    )
    ended_at: Timestamp | None = upstream(
        *("timeEntry.timeEnd", "timeEntry.endTime"), about="When the work ended, in UTC, if time is logged with it."
    )
    hours: float | None = upstream("timeEntry.actualHours", about="The hours spent, if time is logged with it.")
    attachments: list[Attachment] = upstream(
        "attachments", "files", about="The files that are attached to it.", default=[]
    )

    details: ClassVar[tuple[str, ...]] = ("author_id",)


class Notes(Page):
    """A page of notes."""

    results: list[Note] = found(about="The notes, newest first unless you chose another order.")
