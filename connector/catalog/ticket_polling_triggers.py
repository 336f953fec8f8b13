"""Flows that start from tickets that are found by asking again and again: new ones and changed ones."""

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
    BoardRef,
    CompanyRef,
    ContactRef,
    Line,
    MemberRef,
    PriorityRef,
    QueryInput,
    StatusRef,
)
from connector.operations.operation import polling_trigger
from connector.operations.request import Answered, Request
from connector.relay.polling.sources import finds_changes, found_tickets, member_tickets, takes, updated
from connector.resolving.member_view import matches_ids
from connector.resolving.references import resolved
from connector.resolving.request_bodies import translated


class WatchedTickets(QueryInput):
    """Which tickets a flow follows; filters given together must all match."""

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
    tag: Annotated[Line | None, ADVANCED] = Field(None, description="Only tickets with this tag.")
    search: Annotated[Line | None, ADVANCED] = Field(None, description="Words that the title or description contains.")


class TicketBatch(Entity):
    """Tickets that a flow has not seen."""

    results: list[Ticket] = Field(default_factory=list, description="The tickets, oldest first.")


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
) -> Answered:
    """This operation triggers when a ticket is created that matches the filters; the flow asks every few minutes.

    A ticket that comes to match later (it is moved to the board, gets the tag) is not new any more: When a ticket is
    updated finds it. Where DeskDirector offers the event, When a ticket event occurs reacts at once.
    """
    body = await translated(dd, filters)
    is_filtered = await takes(dd, api.FIND_TICKETS, "createdAfter")
    source = found_tickets(dd, body, "created", late_seconds=late_seconds(dd), is_filtered=is_filtered)
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
) -> Answered:
    """This operation triggers when a ticket is changed and matches the filters then.

    A new ticket counts as changed, and so does one that comes to match by the change; several changes in a row count as
    one. Where DeskDirector offers the event, When a ticket event occurs reacts at once, and to every change. On a site
    whose find has no filter by date of change, it needs the connection of a member (a personal API key).
    """
    late = late_seconds(dd)
    if await finds_changes(dd):
        source = found_tickets(dd, await translated(dd, filters), "updated", late_seconds=late, is_filtered=True)
    else:
        matches = partial(matches_ids, ids=await resolved(dd, filters))
        query = {"search": filters.search, "tag": filters.tag, "status": "any"}
        source = member_tickets(dd, query, None, updated, matches=matches, late_seconds=late)
    return await polled(dd.settings, request, state, source, _batch)
