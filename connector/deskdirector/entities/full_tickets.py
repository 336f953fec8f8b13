"""A ticket with what belongs to it: notes, tasks, time, files."""

from pydantic import Field

from connector.deskdirector.entities.notes import Attachment, Note
from connector.deskdirector.entities.tasks import TaskList
from connector.deskdirector.entities.tickets import Ticket


class TicketInFull(Ticket):
    """A ticket, with the parts of it that were asked for."""

    notes: list[Note] | None = Field(None, description="Its notes, newest first, as many as you asked for.")
    time_entries: list[Note] | None = Field(None, description="Its notes with logged time.")
    total_hours: float | None = Field(None, description="The total hours of these.")
    task_lists: list[TaskList] | None = Field(None, description="Its task lists.")
    attachments: list[Attachment] | None = Field(None, description="Its files and those of its notes.")
    not_known: list[str] | None = Field(
        None, description="Parts that you asked for but this site does not give; notice says why."
    )
