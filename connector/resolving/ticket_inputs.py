"""What the ticket operations take: a new ticket, changes to one, and filters."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import (
    CLEAR,
    ActingMember,
    AdditionalFields,
    BoardRef,
    BoardRefs,
    Changes,
    ClearName,
    CompanyRef,
    CompanyRefs,
    ContactRef,
    ContactRefs,
    Creating,
    Input,
    Line,
    MemberRef,
    MemberRefs,
    Moment,
    Person,
    PriorityRef,
    PriorityRefs,
    RequestTypeRef,
    SourceRef,
    StatusRef,
    StatusRefs,
    Tag,
    Text,
    UserGroupRef,
    of_tenant,
)
from connector.operations.input_kinds import Clearable
from connector.operations.paging import FindInput

CLEARABLE = Clearable(("description", "dueAt", "contact", "userGroup", "priority", "source", "assignedTo", "tags"))
_WHEN_DUE = "When the ticket is due, in UTC, e.g. 2026-07-01T17:00:00Z."

_COPIED = "E-mail addresses that get copies; only on sites that have this field."


class NewTicket(Creating):
    """A ticket to be created."""

    title: Annotated[Line, IMPORTANT] = Field(min_length=1, description="What the ticket is about, in one line.")
    description: Annotated[Text | None, IMPORTANT] = Field(None, description="The problem or request in full.")
    request_type: RequestTypeRef | None = Field(
        None, description="The request type, by name or id; the site's catch-all type when left out."
    )
    company: CompanyRef | None = Field(
        None, description="The company it is for, by name or id; the contact's own when left out."
    )
    contact: Annotated[ContactRef | None, IMPORTANT] = Field(
        None, description="The contact who asks, by e-mail address, name or id."
    )
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="The user group (team) of the company that it belongs to, by name or id."
    )
    board: BoardRef | None = Field(None, description="The board (queue) it goes to, by name or id.")
    status: StatusRef | None = Field(
        None, description="The status it starts with, by name or id; give the board as well."
    )
    priority: PriorityRef | None = Field(None, description="The priority, by name or id.")
    source: Annotated[SourceRef | None, ADVANCED] = Field(None, description="How the ticket came in, by name or id.")
    assigned_to: Annotated[list[MemberRef] | None, ADVANCED] = Field(
        None, description="The members who will work on it, by e-mail address, name or id."
    )
    tags: Annotated[list[Tag] | None, ADVANCED] = Field(None, description="Tags to add to the ticket.")
    due_at: Annotated[Moment | None, ADVANCED] = Field(None, description=_WHEN_DUE)
    cc: Annotated[list[Line] | None, ADVANCED] = Field(None, description=_COPIED)
    additional_fields: Annotated[AdditionalFields, of_tenant("CreateTicket", requestType="requestType")] = None


class TicketChanges(Changes):
    """What to change on a ticket; what is left out, or blank, stays as it is."""

    title: Line | None = Field(None, min_length=1, description="A new title.")
    description: Text | None = Field(None, description="A new description.")
    status: Annotated[StatusRef | None, IMPORTANT] = Field(
        None, description="The new status, by name or id, of the ticket's board."
    )
    board: BoardRef | None = Field(None, description="The board to move the ticket to, by name or id.")
    priority: PriorityRef | None = Field(None, description="The new priority, by name or id.")
    request_type: RequestTypeRef | None = Field(None, description="The new request type, by name or id.")
    source: Annotated[SourceRef | None, ADVANCED] = Field(None, description="The new source, by name or id.")
    company: Annotated[CompanyRef | None, ADVANCED] = Field(
        None, description="The company to move the ticket to, by name or id."
    )
    contact: ContactRef | None = Field(None, description="The contact who asks, by e-mail address, name or id.")
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="The user group (team) of the company to move the ticket to, by name or id."
    )
    assigned_to: list[MemberRef] | None = Field(
        None,
        description="The members who work on the ticket, by e-mail address, name or id; they replace the present ones.",
    )
    tags: Annotated[list[Tag] | None, ADVANCED] = Field(
        None, description="The tags of the ticket; they replace the present ones."
    )
    due_at: Annotated[Moment | None, ADVANCED] = Field(None, description=_WHEN_DUE)
    cc: Annotated[list[Line] | None, ADVANCED] = Field(None, description=_COPIED)
    note: Annotated[Text | None, Outgoing("noteIsInternal")] = Field(
        None, description="A note to write to the ticket in the same step."
    )
    note_is_internal: bool = Field(
        False, description="Yes to show the note to the service desk only; no to show it to the contact as well."
    )
    on_behalf_of: Annotated[Person | None, ADVANCED] = Field(
        None, description="Who writes the note: an e-mail address, a name, contact:ID or member:ID of a person."
    )
    clear: Annotated[list[ClearName] | None, ADVANCED, CLEARABLE] = Field(None, description=CLEAR)
    additional_fields: Annotated[AdditionalFields, of_tenant("UpdateTicket")] = None
    elsewhere: ClassVar[frozenset[str]] = frozenset({"note", "noteIsInternal"})


_OR_SEVERAL = "by name or id; several separated by commas."
Sort = Literal["newest", "oldest", "due", "updated", "priority"]
WaitingFor = Literal["us", "contact"]


class TicketConditions(Input):
    """Which tickets start a flow; conditions given together must all hold."""

    board: Annotated[BoardRef | None, IMPORTANT] = Field(None, description="Only tickets on this board, by name or id.")
    status: StatusRef | None = Field(
        None, description="Only tickets with this status, by name or id; give the board with a name."
    )
    priority: PriorityRef | None = Field(None, description="Only tickets with this priority, by name or id.")
    company: CompanyRef | None = Field(None, description="Only tickets of this company, by name or id.")
    contact: ContactRef | None = Field(None, description="Only tickets of this contact, by e-mail address, name or id.")
    assigned_to: MemberRef | None = Field(
        None, description="Only tickets that this member works on, by e-mail address, name or id."
    )


class TicketCriteria(Input):
    """Which tickets are meant; criteria given together must all hold."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Words that the title or description contains.")
    board: BoardRefs | None = Field(None, description=f"Only tickets on this board, {_OR_SEVERAL}")
    status: StatusRefs | None = Field(None, description=f"Only tickets with this status, {_OR_SEVERAL}")
    priority: PriorityRefs | None = Field(None, description=f"Only tickets with this priority, {_OR_SEVERAL}")
    source: Annotated[SourceRef | None, ADVANCED] = Field(
        None, description="Only tickets from this source, by name or id."
    )
    request_type: Annotated[RequestTypeRef | None, ADVANCED] = Field(
        None, description="Only tickets of this request type, by name or id."
    )
    company: CompanyRefs | None = Field(None, description=f"Only tickets of this company, {_OR_SEVERAL}")
    contact: ContactRefs | None = Field(
        None, description="Only tickets of this contact, by e-mail address, name or id; several separated by commas."
    )
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="Only tickets of this user group (team), by name or id."
    )
    assigned_to: MemberRefs | None = Field(
        None,
        description="Only tickets that this member works on, by e-mail address, name, id or me; several separated by "
        "commas.",
    )
    tag: Annotated[Line | None, ADVANCED] = Field(None, description="Only tickets with this tag.")
    is_closed: bool | None = Field(None, description="Yes for closed tickets only, no for open ones only.")
    is_overdue: bool | None = Field(
        None, description="Yes for only those open tickets whose due date has passed, no for all others."
    )
    is_vip: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes for only the tickets of VIP contacts, no for all others."
    )
    created_after: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only tickets created at or after this time."
    )
    created_before: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only tickets created before this time."
    )
    updated_after: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only tickets changed at or after this time."
    )
    updated_before: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only tickets last changed before this time."
    )
    due_after: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets due at or after this time.")
    due_before: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets due before this time.")
    takes_relative_dates: ClassVar[bool] = True


class TicketFilters(FindInput, TicketCriteria):
    """Which tickets to find; filters given together must all match."""

    sort: Sort | None = Field(
        None,
        description="The order: newest, oldest, due (soonest first), updated (latest first) or priority "
        "(highest first); DeskDirector's own order when left out.",
    )
    waiting_for: WaitingFor | None = Field(
        None,
        description="Only open tickets that wait for us (the contact wrote last, or nobody did) or for the contact.",
    )
    last_note_before: Annotated[Moment | None, ADVANCED] = Field(
        None,
        description="Only tickets whose last note was written before this time; without notes, the time of "
        "creation counts.",
    )
    include_last_note: Annotated[bool, ADVANCED] = Field(
        False, description="Yes to include when the last note of each ticket was written and by whom."
    )
    assigned: Annotated[Literal["me", "assigned", "unassigned", "any"] | None, ADVANCED] = Field(
        None, description="Seen as a member: tickets that are mine (me), that are assigned, unassigned, or any."
    )
    task_progress: Annotated[Literal["completed", "incomplete", "any"] | None, ADVANCED] = Field(
        None, description="Seen as a member: tickets whose tasks are all completed, are incomplete, or any."
    )
    last_contact_message: Annotated[bool | None, ADVANCED] = Field(
        None, description="Seen as a member: yes for tickets where the contact wrote last and waits for an answer."
    )
    on_behalf_of: ActingMember = None
    additional_fields: Annotated[AdditionalFields, of_tenant("FindTickets")] = None
    elsewhere: ClassVar[frozenset[str]] = frozenset(
        (
            *("sort", "isOverdue", "isVip", "waitingFor", "lastNoteBefore", "includeLastNote"),
            *("assigned", "taskProgress", "lastContactMessage"),
        )
    )

    @property
    def is_member_view(self) -> bool:
        """Whether it asks for something that only a member's own view of the tickets has."""
        return any(filter_ is not None for filter_ in (self.assigned, self.task_progress, self.last_contact_message))

    @property
    def is_about_notes(self) -> bool:
        """Whether it asks for something that follows from the last note of a ticket."""
        asked = any("lastnote" in name.replace("_", "").casefold() for name in self.fields or ())
        return asked or self.waiting_for is not None or self.last_note_before is not None or self.include_last_note
