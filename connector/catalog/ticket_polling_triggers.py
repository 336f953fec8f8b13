"""Flows that poll for new, changed, noted, overdue and waiting tickets."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from pydantic import Field

from connector.catalog.polling_triggers import State, late_seconds, polled
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.models import Entity
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import (
    ActingMember,
    Line,
    QueryInput,
)
from connector.operations.operation import polling_trigger
from connector.operations.request import OperationResponse, Request
from connector.relay.own_notes import is_own_note
from connector.relay.polling.deadlines import (
    LATE_SECONDS,
    WaitingFor,
    WaitingTicket,
    overdue_tickets,
    personal_key_needed,
    waiting_at,
)
from connector.relay.polling.items import Source
from connector.relay.polling.notes import AddedNote, Author, NoteReader, Visibility
from connector.relay.polling.sources import created, finds_changes, found_tickets, member_tickets, takes, updated
from connector.relay.relay import shared_relay
from connector.resolving.member_view import matches_ids
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolved
from connector.resolving.request_bodies import translated
from connector.resolving.ticket_inputs import TicketConditions


class WatchedTickets(QueryInput, TicketConditions):
    """Which tickets a flow follows; filters given together must all match."""

    tag: Annotated[Line | None, ADVANCED] = Field(None, description="Only tickets with this tag.")
    search: Annotated[Line | None, ADVANCED] = Field(None, description="Words that the title or description contains.")


class TicketBatch(Entity):
    """Tickets that a flow has not seen."""

    results: list[Ticket] = Field(default_factory=list, description="The tickets, oldest first.")


class NoteBatch(Entity):
    """Notes that a flow has not seen."""

    results: list[AddedNote] = Field(default_factory=list, description="The notes, oldest first.")


class WaitingTicketBatch(Entity):
    """Tickets that wait, and that a flow has not seen."""

    results: list[WaitingTicket] = Field(default_factory=list, description="The tickets, the longest waiting first.")


def _batch(found: list[Ticket]) -> TicketBatch:
    return TicketBatch(results=found)


@polling_trigger(
    "WhenTicketIsCreated",
    "GET",
    "triggers/created-tickets",
    title="When a ticket is created",
    hint="To see it work now, create a ticket and wait for a minute.",
    output=TicketBatch,
)
async def when_ticket_is_created(
    dd: DeskDirector, request: Request, filters: WatchedTickets, state: State = None
) -> OperationResponse:
    """This operation triggers when a ticket is created that matches the filters; the flow checks every few minutes.

    A ticket that comes to match later (it is moved to the board, gets the tag), more than 15 minutes after it was
    created, is no longer new: When a ticket is updated finds it. Where DeskDirector offers the event, When a ticket
    event occurs reacts at once.
    """
    body = await translated(dd, filters)
    is_filtered = await takes(dd, api.FIND_TICKETS, "createdAfter")
    source = found_tickets(dd, body, "created", created, late_seconds=late_seconds(dd), is_filtered=is_filtered)
    return await polled(dd.settings, request, state, source, _batch)


@polling_trigger(
    "WhenTicketIsUpdated",
    "GET",
    "triggers/updated-tickets",
    title="When a ticket is updated",
    hint="To see it work now, change a ticket and wait for a minute.",
    output=TicketBatch,
)
async def when_ticket_is_updated(
    dd: DeskDirector, request: Request, filters: WatchedTickets, state: State = None
) -> OperationResponse:
    """This operation triggers when a ticket is changed and then matches the filters.

    A new ticket counts as changed, and so does one that matches because of the change; several changes in a row count
    as one. Where DeskDirector offers the event, When a ticket event occurs reacts at once, and to every change. On a
    site that cannot filter by date of change, it needs a member's connection (a personal API key).
    """
    late = late_seconds(dd)
    if await finds_changes(dd):
        source = found_tickets(
            dd, await translated(dd, filters), "updated", updated, late_seconds=late, is_filtered=True
        )
    else:
        matches = partial(matches_ids, ids=await resolved(dd, filters))
        source = member_tickets(dd, _seen(filters), None, updated, matches=matches, late_seconds=late)
    return await polled(dd.settings, request, state, source, _batch)


@polling_trigger(
    "WhenNoteIsAdded",
    "GET",
    "triggers/notes",
    title="When a note is added to a ticket",
    hint="To see it work now, write a note to a ticket and wait for a minute.",
    output=NoteBatch,
)
async def when_note_is_added(
    dd: DeskDirector,
    request: Request,
    filters: WatchedTickets,
    note_by: Annotated[
        Author, IMPORTANT, Field(description="Whose notes: those of a contact, a member, or anyone.")
    ] = "anyone",
    note_visibility: Annotated[Visibility, Field(description="Which notes: public, internal, or any.")] = "any",
    leave_out_own_changes: Annotated[
        bool,
        Field(description="Yes to leave out notes that this connector wrote, so that a flow does not trigger itself."),
    ] = False,
    state: State = None,
) -> OperationResponse:
    """This operation triggers when a note is added to a ticket that matches the filters.

    It reads the notes of each ticket that changed. Where a site has no list of notes, it needs a member's connection (a
    personal API key). Where DeskDirector offers the event, When a ticket event occurs reacts at once.
    """
    late = late_seconds(dd)
    is_own = partial(is_own_note, shared_relay(dd.settings), dd.site.name) if leave_out_own_changes else None
    reader = NoteReader(dd, note_by, note_visibility, is_own)
    if await finds_changes(dd):
        body = await translated(dd, filters)
        source = found_tickets(
            dd, body, "updated", reader.item_of, late_seconds=late, is_filtered=True, expand=reader.notes_of
        )
    else:
        reader.has_list = False
        matches = partial(matches_ids, ids=await resolved(dd, filters))
        source = member_tickets(
            dd, _seen(filters), None, reader.item_of, matches=matches, late_seconds=late, expand=reader.notes_of
        )
    if not state:
        await _check_notes(reader, source)
    return await polled(dd.settings, request, state, source, lambda found: NoteBatch(results=found))


async def _check_notes(reader: NoteReader, source: Source[AddedNote]) -> None:
    """Refuse at once, when the trigger is saved, where the site shows no notes."""
    newest = await source.read(None, 0)
    ticket = next((item for item in newest.items if item.is_numbered), None)
    if ticket is not None:
        await reader.check(ticket.number)


@polling_trigger(
    "WhenTicketIsOverdue",
    "GET",
    "triggers/overdue-tickets",
    title="When a ticket is overdue",
    hint="To see it work now, give a ticket a due date of a minute ago and wait for a minute.",
    output=TicketBatch,
)
async def when_ticket_is_overdue(
    dd: DeskDirector, request: Request, filters: WatchedTickets, state: State = None
) -> OperationResponse:
    """This operation triggers when the due date of an open ticket passes, once for each due date.

    A due date that is set in the past counts if it is at most a day old. Tickets that are overdue when the flow is
    saved do not trigger it: Find tickets lists them.
    """
    source = await overdue_tickets(dd, await translated(dd, filters))
    return await polled(dd.settings, request, state, source, _batch)


@polling_trigger(
    "WhenTicketWaits",
    "GET",
    "triggers/waiting-tickets",
    title="When a ticket waits for an answer",
    hint="To see it work now, choose one hour and a ticket whose contact wrote an hour ago.",
    output=WaitingTicketBatch,
)
async def when_ticket_waits(
    dd: DeskDirector,
    request: Request,
    filters: WatchedTickets,
    hours: Annotated[int, IMPORTANT, Field(ge=1, le=720, description="The number of hours without an answer.")],
    waiting_for: Annotated[
        WaitingFor, IMPORTANT, Field(description="Who has to answer: us (the service desk) or the contact.")
    ] = "us",
    on_behalf_of: ActingMember = None,
    state: State = None,
) -> OperationResponse:
    """This operation triggers when an open ticket has had no answer for the given hours, once for each unanswered note.

    It goes by the last note, internal ones included, as a member sees it: the connection must be a member's (a personal
    API key), or onBehalfOf names one. A ticket without notes waits for the service desk since it was created.
    """
    item_of = waiting_at(waiting_for, hours, datetime.now(UTC))
    matches = partial(matches_ids, ids=await resolved(dd, filters))
    query = {**_seen(filters), "status": "open"}
    user = await as_member(dd, on_behalf_of)
    source = member_tickets(
        dd, query, user, item_of, matches=matches, late_seconds=LATE_SECONDS, refusal=personal_key_needed
    )
    source = replace(source, is_dated_by_us=True)
    return await polled(dd.settings, request, state, source, lambda found: WaitingTicketBatch(results=found))


def _seen(filters: WatchedTickets) -> dict[str, str | None]:
    """The filters that a member's view of the tickets has itself."""
    return {"search": filters.search, "tag": filters.tag, "status": "any"}
