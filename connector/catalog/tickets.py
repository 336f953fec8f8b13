"""Tickets: create, get, find, update."""

from typing import Annotated

from pydantic import Field

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector
from ..deskdirector.entities.tickets import Ticket, Tickets
from ..deskdirector.errors import BadRequest
from .choices import listed
from .fields import (
    BoardRef,
    CompanyRef,
    ContactRef,
    Creating,
    Input,
    Line,
    MemberRef,
    Moment,
    PriorityRef,
    RequestTypeRef,
    SourceRef,
    StatusRef,
    Text,
    TicketId,
)
from .operation import Effects, action
from .paging import FindInput
from .shape import ADVANCED, IMPORTANT
from .translation import translated


class NewTicket(Creating):
    """A ticket to be created."""

    title: Annotated[Line, IMPORTANT] = Field(min_length=1, description="What the ticket is about, in one line.")
    description: Annotated[Text | None, IMPORTANT] = Field(None, description="The problem or request in full.")
    request_type: RequestTypeRef | None = Field(
        None, description="The request type, by name or id; the site's catch-all type when left out."
    )
    company: CompanyRef | None = Field(None, description="The company it is for, by name or id; the contact's own when left out.")
    contact: Annotated[ContactRef | None, IMPORTANT] = Field(
        None, description="The contact who asks, by e-mail address, name or id."
    )
    board: BoardRef | None = Field(None, description="The board (queue) it goes to, by name or id.")
    status: StatusRef | None = Field(None, description="The status it starts with, by name or id; give the board too.")
    priority: PriorityRef | None = Field(None, description="The priority, by name or id.")
    source: Annotated[SourceRef | None, ADVANCED] = Field(None, description="How the ticket came in, by name or id.")
    assigned_to: Annotated[list[MemberRef] | None, ADVANCED] = Field(
        None, description="The members who will work on it, by e-mail address, name or id."
    )
    tags: Annotated[list[Line] | None, ADVANCED] = Field(None, description="Tags to put on it.")
    due_at: Annotated[Moment | None, ADVANCED] = Field(None, description="When it is due, in UTC, e.g. 2026-07-01T17:00:00Z.")


class TicketChanges(Input):
    """What to change on a ticket; what is left out stays as it is."""

    title: Line | None = Field(None, min_length=1, description="A new title.")
    description: Text | None = Field(None, description="A new description.")
    status: Annotated[StatusRef | None, IMPORTANT] = Field(None, description="The new status, by name or id, of the ticket's board.")
    board: BoardRef | None = Field(None, description="The board to move it to, by name or id.")
    priority: PriorityRef | None = Field(None, description="The new priority, by name or id.")
    request_type: RequestTypeRef | None = Field(None, description="The new request type, by name or id.")
    source: Annotated[SourceRef | None, ADVANCED] = Field(None, description="The new source, by name or id.")
    company: Annotated[CompanyRef | None, ADVANCED] = Field(None, description="The company to move it to, by name or id.")
    contact: ContactRef | None = Field(None, description="The contact who asks, by e-mail address, name or id.")
    assigned_to: list[MemberRef] | None = Field(
        None, description="The members who work on it from now on, by e-mail address, name or id; replaces the present ones."
    )
    tags: Annotated[list[Line] | None, ADVANCED] = Field(None, description="The tags it has from now on; replaces the present ones.")
    due_at: Annotated[Moment | None, ADVANCED] = Field(None, description="When it is due, in UTC, e.g. 2026-07-01T17:00:00Z.")


class TicketFilters(FindInput):
    """Which tickets to find; filters given together must all match."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Words that the title or description contains.")
    board: BoardRef | None = Field(None, description="Only tickets on this board, by name or id.")
    status: StatusRef | None = Field(None, description="Only tickets with this status, by name or id; give the board with a name.")
    priority: PriorityRef | None = Field(None, description="Only tickets with this priority, by name or id.")
    source: Annotated[SourceRef | None, ADVANCED] = Field(None, description="Only tickets from this source, by name or id.")
    request_type: Annotated[RequestTypeRef | None, ADVANCED] = Field(
        None, description="Only tickets of this request type, by name or id."
    )
    company: CompanyRef | None = Field(None, description="Only tickets of this company, by name or id.")
    contact: ContactRef | None = Field(None, description="Only tickets of this contact, by e-mail address, name or id.")
    is_closed: bool | None = Field(None, description="Yes for closed tickets only, no for open ones only.")
    created_after: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets created at or after this time.")
    created_before: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets created before this time.")
    updated_after: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets changed at or after this time.")
    updated_before: Annotated[Moment | None, ADVANCED] = Field(None, description="Only tickets changed before this time.")


@action("CreateTicket", "POST", "tickets", effects=Effects.CREATES)
async def create_ticket(dd: DeskDirector, ticket: NewTicket) -> Ticket:
    """Create a ticket for a contact or company, with board, status, priority and request type given by name or id.

    Use Add ticket note to add to a ticket that exists, Find tickets to see whether it does. A repeated call with the same
    idempotency key answers the first ticket instead of creating a second.
    """
    body = await translated(dd, ticket)
    request_type = body.pop("requestTypeId", None) or await _catch_all_request_type(dd)
    return await dd.fetch(api.CREATE_TICKET, Ticket, query={"requestTypeId": request_type}, body=body)


@action("GetTicket", "GET", "tickets/{ticketId}")
async def get_ticket(dd: DeskDirector, ticket_id: TicketId) -> Ticket:
    """Get a ticket by its number, with its status, board, contact, company, members and dates.

    It does not include the notes: use List ticket notes for those. To look a ticket up by words, use Find tickets.
    """
    return await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": ticket_id})


@action("FindTickets", "POST", "find/tickets")
async def find_tickets(dd: DeskDirector, find: TicketFilters) -> Tickets:
    """Find tickets by words, board, status, company, contact and dates.

    Answers a page of tickets; give continuation back while hasMore is true. Use Get ticket for one whose number is known.
    """
    return find.paged(await dd.fetch(api.FIND_TICKETS, Tickets, body=await translated(dd, find)))


@action("UpdateTicket", "PATCH", "tickets/{ticketId}", effects=Effects.UPDATES)
async def update_ticket(dd: DeskDirector, ticket_id: TicketId, changes: TicketChanges) -> Ticket:
    """Change a ticket: its title, status, board, priority, contact, members or tags; what is left out stays as it is.

    A status is looked up on the ticket's own board, or on the board given with it. Use Add ticket note to write to it.
    """
    known = {}
    if changes.status and not changes.board and not changes.status.isdecimal():
        known = {"boardId": (await get_ticket(dd, ticket_id)).board_id}
    body = await translated(dd, changes, known=known)
    return await dd.fetch(api.UPDATE_TICKET, Ticket, path={"ticketId": ticket_id}, body=body)


async def _catch_all_request_type(dd: DeskDirector) -> str:
    """The portal's "Something Else" type: what ListRequestTypes adds when asked for it (flag of the v1.9 connector)."""
    own, all_types = (
        await listed(dd, api.LIST_REQUEST_TYPES, query={}),
        await listed(dd, api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"}),
    )
    known = {one.id for one in own}
    extra = [one.id for one in all_types if one.id not in known]
    if not extra:
        raise BadRequest(
            "RequestTypeRequired",
            "This site has no catch-all request type; give 'requestType', for example "
            + ", ".join(one.name for one in own[:5]) + ".",
        )
    return extra[0]
