"""Flows that start from what is found by asking again and again: new and changed tickets, form results, time entries.

The first call answers nothing, whatever there is; later ones answer what has come since, oldest first, each item once.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import Field

from connector.catalog.forms import FormId
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.forms import FormSubmission, FormSubmissions
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.entities.time_entries import TimeEntries, TimeEntry
from connector.deskdirector.models import Entity
from connector.operations.field_model import ADVANCED, IMPORTANT, INTERNAL
from connector.operations.fields import (
    ActingMember,
    BoardRef,
    CompanyRef,
    ContactRef,
    Line,
    MemberRef,
    PriorityRef,
    StatusRef,
    Text,
)
from connector.operations.operation import polling_trigger
from connector.operations.request import Answered, Request
from connector.relay.polling.cursor import TICKS_PER_SECOND, Item, ticks, wire
from connector.relay.polling.reads import TAKE, Read, Reading, poll
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolve
from connector.resolving.request_bodies import translated
from connector.resolving.ticket_inputs import TicketFilters

State = Annotated[Text | None, INTERNAL, Field(description="Where the last answer ended; the platform fills it in.")]
Board = Annotated[BoardRef | None, IMPORTANT, Field(description="Only tickets on this board, by name or id.")]
Status = Annotated[
    StatusRef | None, Field(description="Only tickets with this status, by name or id; give the board with a name.")
]
Priority = Annotated[PriorityRef | None, Field(description="Only tickets with this priority, by name or id.")]
Company = Annotated[CompanyRef | None, Field(description="Only tickets of this company, by name or id.")]
Contact = Annotated[
    ContactRef | None, Field(description="Only tickets of this contact, by e-mail address, name or id.")
]
AssignedTo = Annotated[
    MemberRef | None, Field(description="Only tickets that this member works on, by e-mail address, name or id.")
]
Tag = Annotated[Line | None, ADVANCED, Field(description="Only tickets with this tag.")]
Search = Annotated[Line | None, ADVANCED, Field(description="Words that the title or description contains.")]

MARGIN = TICKS_PER_SECOND
"""Asked for beyond what is needed: whether a time filter takes in its own limit, and how finely, is not published."""
PERIODS = ("this_month", "last_month")


T = TypeVar("T", bound=Entity)


class TicketBatch(Entity):
    """Tickets that a flow has not seen."""

    results: list[Ticket] = Field(default_factory=list, description="The tickets, oldest first.")


class FormResultBatch(Entity):
    """Form results that a flow has not seen."""

    results: list[FormSubmission] = Field(default_factory=list, description="The form results, oldest first.")


class TimeEntryBatch(Entity):
    """Time entries that a flow has not seen."""

    results: list[TimeEntry] = Field(default_factory=list, description="The time entries, oldest first.")


@polling_trigger(
    "WhenTicketIsCreated",
    "GET",
    "triggers/created-tickets",
    title="When a ticket is created",
    hint="To see it work now, create a ticket and wait for a minute.",
    output=TicketBatch,
)
async def when_ticket_is_created(
    dd: DeskDirector,
    request: Request,
    board: Board = None,
    status: Status = None,
    priority: Priority = None,
    company: Company = None,
    contact: Contact = None,
    assigned_to: AssignedTo = None,
    tag: Tag = None,
    search: Search = None,
    state: State = None,
) -> Answered:
    """This operation triggers when a ticket is created; the flow asks for new ones every few minutes.

    Where DeskDirector offers the event, When a ticket event occurs reacts at once.
    """
    filters = TicketFilters(
        board=board,
        status=status,
        priority=priority,
        company=company,
        contact=contact,
        assignedTo=assigned_to,
        tag=tag,
        search=search,
    )
    return await _polled(request, state, await _tickets(dd, filters, "created"), _ticket_batch)


@polling_trigger(
    "WhenTicketIsUpdated",
    "GET",
    "triggers/updated-tickets",
    title="When a ticket is updated",
    hint="To see it work now, change a ticket and wait for a minute.",
    output=TicketBatch,
)
async def when_ticket_is_updated(
    dd: DeskDirector,
    request: Request,
    board: Board = None,
    status: Status = None,
    priority: Priority = None,
    company: Company = None,
    contact: Contact = None,
    assigned_to: AssignedTo = None,
    tag: Tag = None,
    search: Search = None,
    state: State = None,
) -> Answered:
    """This operation triggers when a ticket is changed; a new one counts as changed, several changes in a row as one.

    Where DeskDirector offers the event, When a ticket event occurs reacts at once, and to every change.
    """
    filters = TicketFilters(
        board=board,
        status=status,
        priority=priority,
        company=company,
        contact=contact,
        assignedTo=assigned_to,
        tag=tag,
        search=search,
    )
    return await _polled(request, state, await _tickets(dd, filters, "updated"), _ticket_batch)


@polling_trigger(
    "WhenFormIsSubmitted",
    "GET",
    "triggers/form-results",
    title="When a form is submitted",
    hint="To see it work now, submit the form in the client portal and wait for a minute.",
    output=FormResultBatch,
)
async def when_form_is_submitted(
    dd: DeskDirector, request: Request, form: FormId, on_behalf_of: ActingMember = None, state: State = None
) -> Answered:
    """This operation triggers when a form is submitted; Get form result then gives the answers.

    With the form's own webhook, When a webhook fires reacts at once.
    """
    return await _polled(
        request, state, await _form_results(dd, form, on_behalf_of), lambda found: FormResultBatch(results=found)
    )


@polling_trigger(
    "WhenTimeEntryIsAdded",
    "GET",
    "triggers/time-entries",
    title="When a time entry is added",
    hint="To see it work now, write down time on a ticket and wait for a minute.",
    output=TimeEntryBatch,
)
async def when_time_entry_is_added(
    dd: DeskDirector, request: Request, on_behalf_of: ActingMember = None, state: State = None
) -> Answered:
    """This operation triggers when a member writes down time for work done in this month or the last.

    It follows the member whose connection this is, or the one given as onBehalfOf.
    """
    return await _polled(
        request, state, await _time_entries(dd, on_behalf_of), lambda found: TimeEntryBatch(results=found)
    )


async def _polled(request: Request, state: str | None, read: Read[T], batch: Callable[[list[T]], Entity]) -> Answered:
    """`202` when nothing is new, else `200` with a batch; `Location` is where the platform polls next."""
    found = await poll(state, read)
    query = {name: value for name, value in request.query.items() if name not in ("state", "code")}
    location = f"{request.address(request.url_path)}?{urlencode({**query, 'state': found.state})}"
    headers = {"Location": location, "Retry-After": str(found.wait_seconds)}
    return Answered(batch(found.items), 200, headers) if found.items else Answered(None, 202, headers)


def _ticket_batch(found: list[Ticket]) -> TicketBatch:
    return TicketBatch(results=found)


async def _tickets(dd: DeskDirector, filters: TicketFilters, dated: Literal["created", "updated"]) -> Read[Ticket]:
    asked = await translated(dd, filters)

    async def read(since: int, until: int | None, skip: int) -> Reading[Ticket]:
        span = _span(since, until, f"{dated}After", f"{dated}Before")
        page = await dd.fetch(api.FIND_TICKETS, Tickets, body={**asked, **span, "take": TAKE, "skip": skip})
        return Reading([_ticket_item(one, dated) for one in page.results], page.total)

    return read


def _ticket_item(ticket: Ticket, dated: str) -> Item[Ticket]:
    created, updated = ticket.created_at or ticket.updated_at, ticket.updated_at or ticket.created_at
    at = _at(created if dated == "created" else updated)
    return Item(str(ticket.id) if dated == "created" else f"{ticket.id}@{at}", at, ticket)


async def _form_results(dd: DeskDirector, form: str, on_behalf_of: str | None) -> Read[FormSubmission]:
    path = {"formId": await resolve(dd, "form", form)}
    user = await as_member(dd, on_behalf_of)

    async def read(since: int, until: int | None, skip: int) -> Reading[FormSubmission]:
        body = {"timeRange": _span(since, until, "startTime", "endTime"), "take": TAKE, "skip": skip}
        page = await dd.fetch(api.FIND_FORM_RESULTS, FormSubmissions, path=path, body=body, user=user)
        return Reading([Item(str(one.id), _at(one.submitted_at), one) for one in page.results], page.total)

    return read


async def _time_entries(dd: DeskDirector, on_behalf_of: str | None) -> Read[TimeEntry]:
    user = await as_member(dd, on_behalf_of)

    async def read(since: int, until: int | None, skip: int) -> Reading[TimeEntry]:
        del since, until, skip  # answered whole, by period
        pages = [
            await dd.fetch(api.FIND_TIME_ENTRIES, TimeEntries, query={"period": one}, user=user) for one in PERIODS
        ]
        found = [one for page in pages for one in page.results]
        return Reading([Item(str(one.id), _at(one.created_at), one) for one in found], len(found))

    return read


def _span(since: int, until: int | None, after: str, before: str) -> dict[str, Any]:
    span = {after: wire(since - MARGIN)}
    return span if until is None else {**span, before: wire(until + MARGIN)}


def _at(moment: str | None) -> int:
    """What is not dated is taken for as old as can be, so that it never counts as new."""
    return ticks(moment) if moment else 0
