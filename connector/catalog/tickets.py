"""Tickets: create, get, find, count, update; close, reopen, assign, tag, link."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.full_tickets import TicketInFull
from connector.deskdirector.entities.tickets import Ticket, TicketCounts, TicketLink, Tickets, Workload
from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import (
    BoardRefs,
    CompanyRefs,
    Input,
    MemberRef,
    MemberRefs,
    Person,
    PriorityRefs,
    StatusRef,
    Tag,
    Text,
    TicketId,
)
from connector.operations.input_kinds import EMPTY_LIST_COUNTS
from connector.operations.operation import Effects, action
from connector.relay.own_notes import remember_own_note
from connector.resolving.full_ticket import TicketParts, full_ticket
from connector.resolving.recovery import made_tickets
from connector.resolving.references import id_in, resolve, someone
from connector.resolving.request_bodies import explaining_refusals, translated
from connector.resolving.request_types import creating_ahead, needed_request_type
from connector.resolving.searching import counting, search
from connector.resolving.ticket_inputs import NewTicket, TicketChanges, TicketCriteria, TicketFilters
from connector.resolving.ticket_notes import change_with_note
from connector.resolving.ticket_statuses import closing_status, is_closed, opening_status, status_on_board, ticket_of


@action("CreateTicket", "POST", "tickets", effects=Effects.CREATES, recover=made_tickets)
async def create_ticket(dd: DeskDirector, ticket: NewTicket) -> Ticket:
    """Create a ticket for a contact or company, with board, status, priority and request type given by name or id.

    Use Add ticket note to add to an existing ticket, Find tickets to see whether there is one. A repeated call with the
    same idempotency key returns the first ticket instead of creating a second.
    """
    body = await translated(dd, ticket, ahead=partial(creating_ahead, dd, ticket.request_type))
    request_type = body.pop("requestTypeId", None) or await needed_request_type(dd)
    return await dd.fetch(api.CREATE_TICKET, Ticket, query={"requestTypeId": request_type}, body=body)


@action("GetTicket", "GET", "tickets/{ticketId}")
async def get_ticket(dd: DeskDirector, ticket_id: TicketId, parts: TicketParts) -> TicketInFull:
    """Get a ticket by its number, with its status, board, contact, company, members and dates.

    It includes the newest notes, tasks, time and files if you ask for them, at one to five calls each; notKnown names
    those that this site does not give. List ticket notes pages through all notes. To look a ticket up by words, use
    Find tickets.
    """
    return await full_ticket(dd, ticket_id, parts)


@action("FindTickets", "POST", "find/tickets")
async def find_tickets(dd: DeskDirector, find: TicketFilters) -> Tickets:
    """Find tickets by words, board, status, company, contact, member, tag and dates, in the order you choose.

    Returns one page; give continuation back while hasMore is true. What the site cannot filter or sort by is done here
    on at most 3,000 tickets, in at most 15 calls (20 more where notes are read one by one); isComplete is no when that
    was not all of them. Filters by who wrote last, and those seen as a member, need a member's connection or
    onBehalfOf. Use Get ticket for one whose number is known, Count tickets to count.
    """
    return await search.find_tickets(dd, find)


class TicketsToCount(TicketCriteria):
    """Which tickets to count; criteria given together must all hold."""

    by: Annotated[counting.By | None, IMPORTANT] = Field(
        None,
        description="What to count by: board, status, priority, assignedTo, company or age; only a total without it.",
    )


class WorkloadScope(Input):
    """Whose work to look at."""

    board: BoardRefs | None = Field(
        None, description="Only tickets on this board, by name or id; several separated by commas."
    )
    assigned_to: Annotated[MemberRefs | None, IMPORTANT] = Field(
        None,
        description="Only the tickets of this member, by e-mail address, name, id or me; several separated by commas.",
    )
    priority: PriorityRefs | None = Field(
        None, description="Only tickets with this priority, by name or id; several separated by commas."
    )
    company: CompanyRefs | None = Field(
        None, description="Only tickets of this company, by name or id; several separated by commas."
    )


@action("CountTickets", "POST", "count/tickets")
async def count_tickets(dd: DeskDirector, count: TicketsToCount) -> TicketCounts:
    """Count tickets, in all or by board, status, priority, member, company or age.

    Give isClosed no to count open tickets only. A ticket with several members counts for each. It takes one call where
    the site itself counts, at most 15 otherwise; isComplete is no when there were more tickets than could be read. Find
    tickets lists them.
    """
    return await counting.count_tickets(dd, count, count.by)


@action("GetWorkload", "POST", "count/workload")
async def get_workload(dd: DeskDirector, scope: WorkloadScope) -> Workload:
    """Get the workload of each member: open, overdue and urgent tickets, those due within a day, and the oldest one.

    Unassigned tickets are the last row. It reads the open tickets in at most 15 calls; isComplete is no when there were
    more. Find tickets lists the tickets of a member.
    """
    return await counting.workload(dd, TicketCriteria.model_construct(**dict(scope)))


@action("UpdateTicket", "PATCH", "tickets/{ticketId}", effects=Effects.UPDATES)
async def update_ticket(dd: DeskDirector, ticket_id: TicketId, changes: TicketChanges) -> Ticket:
    """Change a ticket: its title, status, board, priority, contact, members or tags; what is left out stays as it is.

    A status is looked up on the ticket's own board, or on the board given with it. A note is written in the same step;
    Add ticket note writes one without a change. Close ticket closes it, Assign ticket and Add ticket tags add to what
    it has.
    """
    user = await someone(dd, changes.on_behalf_of) if changes.on_behalf_of else None
    known: dict[str, Any] = {}
    if any(text and id_in(text) is None for text in (changes.status, changes.user_group)):
        ticket = await ticket_of(dd, ticket_id)
        known = {"boardId": ticket.board_id, "companyId": ticket.company_id}
    body = await translated(dd, changes, known={name: value for name, value in known.items() if value})
    if not body and not changes.note:
        changes.note_that_nothing_changes()
        return await ticket_of(dd, ticket_id)
    with explaining_refusals(changes):
        if not changes.note:
            return await _update(dd, ticket_id, body)
        internal = changes.note_is_internal
        await remember_own_note(dd, ticket_id, changes.note)
        return await change_with_note(dd, ticket_id, body, changes.note, is_internal=internal, user=user)


class Closing(Input):
    """How to close or reopen a ticket."""

    note: Annotated[Text | None, IMPORTANT, Outgoing("isInternal")] = Field(
        None, description="A note to add to the ticket first."
    )
    is_internal: bool = Field(False, description="Yes to show the note to the service desk only.")
    status: StatusRef | None = Field(
        None, description="The status to set, by name or id, of the ticket's board; found automatically when left out."
    )
    on_behalf_of: Annotated[Person | None, ADVANCED] = Field(
        None, description="Who writes the note: an e-mail address, a name, contact:ID or member:ID of a person."
    )


@action("CloseTicket", "POST", "tickets/{ticketId}/close", effects=Effects.UPDATES)
async def close_ticket(dd: DeskDirector, ticket_id: TicketId, closing: Closing) -> Ticket:
    """Close a ticket, with an optional closing note, by setting the status that closes tickets on its board.

    It does not delete anything; Reopen ticket undoes it. A ticket that is closed already stays as it is and gets no
    note, so repeating is safe. Where the names of the statuses do not show which one closes, give the status.
    """
    return await _move(dd, ticket_id, closing, closing_status, is_done=is_closed)


@action("ReopenTicket", "POST", "tickets/{ticketId}/reopen", effects=Effects.UPDATES)
async def reopen_ticket(dd: DeskDirector, ticket_id: TicketId, reopening: Closing) -> Ticket:
    """Reopen a closed ticket, with an optional note, by setting an open status of its board.

    A ticket that is open already stays as it is and gets no note, so repeating is safe. Close ticket undoes it. Where
    the names of the statuses do not show which one is open, give the status.
    """
    return await _move(dd, ticket_id, reopening, opening_status, is_done=lambda ticket: not is_closed(ticket))


class Assignment(Input):
    """Who is to work on a ticket."""

    assigned_to: Annotated[list[MemberRef], IMPORTANT, EMPTY_LIST_COUNTS] = Field(
        description="The members, by e-mail address, name or id; an empty list unassigns everybody.",
    )
    keep_others: bool = Field(
        False, description="Yes to add them to the members who already work on it, no to replace those."
    )


@action("AssignTicket", "POST", "tickets/{ticketId}/assign", effects=Effects.UPDATES)
async def assign_ticket(dd: DeskDirector, ticket_id: TicketId, assignment: Assignment) -> Ticket:
    """Assign a ticket to members of the service desk, instead of or in addition to those who work on it.

    Use Find members to see who there is. Repeating is safe.
    """
    ids = [await resolve(dd, "member", name) for name in assignment.assigned_to]
    if assignment.keep_others:
        ids = [*(await ticket_of(dd, ticket_id)).assigned_to_ids, *ids]
    return await _update(dd, ticket_id, {"assignedMemberIds": list(dict.fromkeys(ids))})


class TagList(Input):
    """Tags of a ticket."""

    tags: Annotated[list[Tag], IMPORTANT] = Field(min_length=1, max_length=100, description="The tags.")


@action("AddTicketTags", "POST", "tickets/{ticketId}/add-tags", effects=Effects.UPDATES)
async def add_ticket_tags(dd: DeskDirector, ticket_id: TicketId, added: TagList) -> Ticket:
    """Add tags to a ticket; it keeps those it has.

    A tag that it already has, in whatever case, is not added again. Update ticket replaces all tags. Repeating is safe.
    """
    ticket = await ticket_of(dd, ticket_id)
    have = {tag.casefold() for tag in ticket.tags}
    new = {tag.casefold(): tag for tag in added.tags if tag.casefold() not in have}
    return await _retag(dd, ticket, [*ticket.tags, *new.values()])


@action("RemoveTicketTags", "POST", "tickets/{ticketId}/remove-tags", effects=Effects.UPDATES)
async def remove_ticket_tags(dd: DeskDirector, ticket_id: TicketId, removed: TagList) -> Ticket:
    """Remove tags from a ticket; it keeps its others.

    A tag that it does not have is ignored; the case does not matter. Repeating is safe.
    """
    ticket = await ticket_of(dd, ticket_id)
    gone = {tag.casefold() for tag in removed.tags}
    return await _retag(dd, ticket, [tag for tag in ticket.tags if tag.casefold() not in gone])


@action("GetTicketLink", "GET", "tickets/{ticketId}/link")
async def get_ticket_link(dd: DeskDirector, ticket_id: TicketId) -> TicketLink:
    """Get the links to a ticket: for its contact in the client portal, for members in the technicians' portal.

    It checks that the ticket exists. Get ticket returns its contents.
    """
    ticket = await ticket_of(dd, ticket_id)
    return TicketLink(
        ticket_id=ticket.id,
        title=ticket.title,
        url=dd.site.ticket_url(ticket.id),
        tech_url=dd.site.tech_ticket_url(ticket.id),
    )


async def _move(
    dd: DeskDirector,
    ticket_id: int,
    closing: Closing,
    find_status: Callable[[DeskDirector, Ticket], Awaitable[int]],
    *,
    is_done: Callable[[Ticket], bool],
) -> Ticket:
    """Everything is checked before anything is written; a note of the API key and the status are one update."""
    ticket = await ticket_of(dd, ticket_id)
    if not closing.status and is_done(ticket):
        return _as_it_was(ticket, closing)
    status = await (status_on_board(dd, closing.status, ticket) if closing.status else find_status(dd, ticket))
    if ticket.status_id == status:
        return _as_it_was(ticket, closing)
    if not closing.note:
        return await _update(dd, ticket_id, {"statusId": status})
    user = await someone(dd, closing.on_behalf_of) if closing.on_behalf_of else None
    change = {"statusId": status}
    await remember_own_note(dd, ticket_id, closing.note)
    return await change_with_note(dd, ticket_id, change, closing.note, is_internal=closing.is_internal, user=user)


def _as_it_was(ticket: Ticket, closing: Closing) -> Ticket:
    if closing.note:
        ticket.notice = f"Its status was {ticket.status or 'the same'} already, so the note was not written."
    return ticket


async def _retag(dd: DeskDirector, ticket: Ticket, tags: list[str]) -> Ticket:
    return ticket if tags == ticket.tags else await _update(dd, ticket.id, {"tags": tags})


async def _update(dd: DeskDirector, ticket_id: int, body: dict[str, Any]) -> Ticket:
    return await dd.fetch(api.UPDATE_TICKET, Ticket, path={"ticketId": ticket_id}, body=body)
