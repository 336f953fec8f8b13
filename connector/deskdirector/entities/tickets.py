"""Tickets. Shapes: the Tech connector's typed models and what flows see of the main connector."""

from typing import Any, ClassVar

from pydantic import AliasChoices, Field

from connector.deskdirector.entities.notes import Attachment, Note
from connector.deskdirector.models import (
    Changed,
    Coverage,
    Entity,
    Page,
    Timestamp,
    found,
    hidden,
    id_of,
    name_of,
    others,
    people_in,
    required,
    upstream,
)
from connector.deskdirector.sites import Site


class Ticket(Changed):
    """A ticket with the names and ids of everything that it refers to."""

    id: int = required("id", "entityId", "ticketId", about="The number of the ticket.")
    title: str | None = upstream("name", "summary", "title", about="What the ticket is about, in one line.")
    description: str | None = upstream(
        "description", "descriptionPreview", about="The problem or request in full; Find tickets may shorten it."
    )
    status: str | None = name_of("status", about="The name of the status.")
    status_id: int | None = id_of("status", about="The id of the status.")
    board: str | None = name_of("board", "queue", about="The name of the board (queue).")
    board_id: int | None = id_of("board", "queue", about="The id of the board.")
    priority: str | None = name_of("priority", about="The name of the priority.")
    priority_id: int | None = id_of("priority", about="The id of the priority.")
    source: str | None = name_of("source", about="The name of the source: how the ticket came in.")
    source_id: int | None = id_of("source", about="The id of the source.")
    request_type: str | None = name_of("requestType", "serviceType", about="The name of the request type.")
    request_type_id: int | None = id_of("requestType", "serviceType", about="The id of the request type.")
    company: str | None = name_of("company", "account", about="The name of the company (account).")
    company_id: int | None = id_of("company", "account", about="The id of the company.")
    contact: str | None = name_of("contact", about="The name of the contact who asked.")
    contact_id: int | None = id_of("contact", about="The id of the contact.")
    contact_email: str | None = upstream("contact.email", "contactEmail", about="The e-mail address of the contact.")
    user_group: str | None = name_of("userGroup", "contactGroup", "team", about="The name of the user group (team).")
    user_group_id: str | None = id_of("userGroup", "contactGroup", "team", about="The id of the user group.")
    assigned_to: list[str] = Field(default_factory=list, description="The names of the members who work on it.")
    assigned_to_ids: list[int] = Field(default_factory=list, description="The ids of those members.")
    tags: list[str] = Field(default_factory=list, description="Its tags.")
    is_closed: bool | None = upstream("isClosed", "closed", about="Whether the ticket is closed.")
    created_at: Timestamp | None = upstream(
        "createdOn", "createdAt", "createdDateTime", about="When the ticket was created, in UTC."
    )
    updated_at: Timestamp | None = upstream(
        "modifiedOn",
        "updatedOn",
        "updatedAt",
        "lastModifiedDateTime",
        about="When the ticket was last changed, in UTC.",
    )
    closed_at: Timestamp | None = upstream(
        "closedOn", "closedAt", "closedDateTime", about="When it was closed, in UTC."
    )
    due_at: Timestamp | None = upstream("dueDate", "dueAt", "dueOn", about="When the ticket is due, in UTC.")
    contact_is_vip: bool | None = upstream(
        "contact.isVip", "contact.vip", about="Whether the contact is a VIP, if known."
    )
    last_note_at: Timestamp | None = upstream(
        "latestNote.createdOn", about="When the last note was written, in UTC, if known."
    )
    last_note_by: str | None = upstream(
        "latestNote.createdBy.name", about="The name of the author of the last note, if known."
    )
    last_note_by_type: str | None = upstream(
        "latestNote.createdBy.userType", about="What the author of the last note is, e.g. member or contact."
    )
    url: str | None = Field(None, description="A link to the ticket in the client portal.")

    additional_fields: dict[str, Any] | None = others("TicketDetails")

    members: list[Any] = hidden("assignedMembers", "assignedAgents", "members")
    answered_elsewhere: ClassVar[tuple[str, ...]] = (
        *("notes", "comments", "activities", "taskProgress", "taskLists", "latestNote", "attachments", "files"),
        *("categories", "type", "$info"),
    )
    details: ClassVar[tuple[str, ...]] = (
        *("description", "source", "request_type", "contact_email", "user_group", "tags", "is_closed"),
        *("status_id", "board_id", "priority_id", "source_id", "request_type_id", "company_id", "contact_id"),
        *("user_group_id", "assigned_to_ids", "contact_is_vip", "last_note_by_type", "additional_fields"),
    )

    def complete(self, site: Site) -> None:
        """Flatten the members and link to the portal."""
        names, ids = people_in(self.members)
        self.fill(assigned_to=names, assigned_to_ids=ids, url=site.ticket_url(self.id))


class UpdatedTicket(Ticket):
    """What an update answers: the ticket, on some sites with its notes."""

    notes: list[Note] = hidden("notes", "comments")

    def newest_note(self, text: str) -> Note | None:
        """The newest of the notes with this text; None where the answer has no notes."""
        notes = [note for note in self.notes if (note.text or "").strip() == text.strip()]
        return max(notes, key=lambda note: (note.created_at or "", note.id or 0), default=None)


class DecidedTicket(Ticket):
    """A ticket that was approved or declined."""

    is_decision_recorded: bool = Field(
        True,
        description="Yes when DeskDirector recorded who decided; no when the site has no route for that, and "
        "the ticket was only moved to the approved or declined status.",
    )


class TicketWithFiles(Ticket):
    """A ticket with what the site says about its files; None where it does not say anything."""

    files: list[Attachment] | None = Field(None, validation_alias=AliasChoices("attachments", "files"), exclude=True)


class TicketLink(Entity):
    """Where to read a ticket."""

    ticket_id: int = Field(description="The number of the ticket.")
    title: str | None = Field(None, description="What the ticket is about, in one line.")
    url: str = Field(description="A link to the ticket in the client portal, for its contact.")
    tech_url: str = Field(description="A link to the ticket in the technicians' portal, for members.")


class Tickets(Page, Coverage):
    """A page of tickets."""

    results: list[Ticket] = found(about="The tickets found, in the chosen order.")


class TicketCount(Entity):
    """How many tickets have one value."""

    id: int | None = Field(None, description="The id of the board, status, priority, member or company.")
    name: str | None = Field(None, description="Its name, or the age range; unassigned for tickets without a member.")
    count: int = Field(description="How many tickets.")


class TicketCounts(Changed, Coverage):
    """How many tickets there are."""

    total: int = Field(description="How many tickets match; at least this many when isComplete is no.")
    results: list[TicketCount] = Field(default_factory=list, description="The counts, the largest first.")


class MemberWorkload(Entity):
    """What one member has to do."""

    member_id: int | None = Field(None, description="The id of the member; left out for unassigned tickets.")
    member: str | None = Field(None, description="The name of the member; unassigned for tickets without one.")
    open: int = Field(description="How many open tickets the member works on.")
    overdue: int = Field(description="How many of them are past their due date.")
    due_today: int = Field(description="How many of them are due within 24 hours.")
    urgent: int = Field(description="How many of them have a priority of high or above.")
    oldest_id: int | None = Field(None, description="The number of the oldest of them.")
    oldest_at: Timestamp | None = Field(None, description="When the oldest was created, in UTC.")


class Workload(Changed, Coverage):
    """Who has how much to do."""

    total: int = Field(description="How many open tickets there are; at least this many when isComplete is no.")
    results: list[MemberWorkload] = Field(default_factory=list, description="The members, the busiest first.")
