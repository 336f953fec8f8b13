"""Time spent on tickets. Shape: the time entry of the Tech connector; inside a note the times go by other names."""

from pydantic import Field

from connector.deskdirector.models import Coverage, Entity, Page, Timestamp, found, id_of, name_of, required, upstream


class TimeEntry(Entity):
    """Time that a member spent on a ticket."""

    id: int = required("id", "entityId", "timeEntryId", about="The id of the time entry.")
    text: str | None = upstream("note", "content", "text", "description", about="What was done.")
    is_internal: bool | None = upstream("isInternal", "internal", about="Whether only the service desk sees it.")
    started_at: Timestamp | None = upstream("startTime", "timeStart", about="When the work began, in UTC.")
    ended_at: Timestamp | None = upstream("endTime", "timeEnd", about="When the work ended, in UTC.")
    hours: float | None = upstream("actualHours", "hours", about="The hours spent, e.g. 1.5.")
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When it was logged, in UTC.")
    ticket: str | None = name_of("parentTicket", "ticket", about="The title of the ticket.")
    ticket_id: int | None = id_of("parentTicket", "ticket", about="The number of the ticket.")
    member: str | None = Field(None, description="The name of the member who spent it, if known.")
    member_id: int | None = Field(None, description="The id of that member.")


class TimeEntries(Page, Coverage):
    """A page of time entries."""

    results: list[TimeEntry] = found(about="The time entries found, newest first.")
    total_hours: float | None = Field(None, description="The total hours of all entries found, not only of this page.")
