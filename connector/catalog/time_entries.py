"""Time spent on tickets: find a member's, add."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.time_entries import TimeEntries, TimeEntry
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import IMPORTANT, Outgoing
from connector.operations.fields import ActingMember, Creating, Moment, Text, TicketId
from connector.operations.operation import Effects, action
from connector.operations.paging import FindInput
from connector.resolving.on_behalf_of import as_member

Period = Literal["today", "this_week", "last_week", "this_month", "last_month"]
MOST_HOURS = 24.0


class TimeEntryFilters(FindInput):
    """Which time entries to find."""

    period: Annotated[Period | None, IMPORTANT] = Field(
        None, description="When the work was done: today, this_week, last_week, this_month or last_month."
    )
    on_behalf_of: ActingMember = None


class NewTimeEntry(Creating):
    """Time to be written down."""

    text: Annotated[Text, IMPORTANT, Outgoing("isInternal")] = Field(min_length=1, description="What was done.")
    started_at: Annotated[Moment, IMPORTANT] = Field(
        description="When the work began, in UTC, e.g. 2026-07-01T09:00:00Z."
    )
    ended_at: Annotated[Moment | None, IMPORTANT] = Field(
        None, description="When the work ended, in UTC; counted from the hours when left out."
    )
    hours: float | None = Field(
        None,
        ge=0.01,
        le=MOST_HOURS,
        allow_inf_nan=False,
        description="The hours spent, e.g. 1.5; counted from the two times when left out.",
    )
    is_internal: bool = Field(False, description="Yes to show it to the service desk only.")
    on_behalf_of: ActingMember = None


@action("FindTimeEntries", "POST", "find/time-entries")
async def find_time_entries(dd: DeskDirector, find: TimeEntryFilters) -> TimeEntries:
    """Find the time entries of a member in a period.

    It answers the entries of the member whose connection this is, or of the one given as onBehalfOf; give continuation
    back while hasMore is true. Add time entry writes one.
    """
    user = await as_member(dd, find.on_behalf_of)
    return find.paged_here(await dd.fetch(api.FIND_TIME_ENTRIES, TimeEntries, query={"period": find.period}, user=user))


@action(
    "AddTimeEntry", "POST", "tickets/{ticketId}/time-entries", effects=Effects.CREATES, stands_on=api.CREATE_TIME_ENTRY
)
async def add_time_entry(dd: DeskDirector, ticket_id: TicketId, entry: NewTimeEntry) -> TimeEntry:
    """Write down time that a member spent on a ticket, with its start and either its end or its hours.

    Add ticket note writes a note without time. A repeated call with the same idempotency key answers the first entry
    instead of adding a second.
    """
    start, end, hours = _span(entry)
    body = {
        "note": entry.text,
        "isInternal": entry.is_internal,
        "startTime": start,
        "endTime": end,
        "actualHours": hours,
    }
    user = await as_member(dd, entry.on_behalf_of)
    return await dd.fetch(api.CREATE_TIME_ENTRY, TimeEntry, path={"ticketId": ticket_id}, body=body, user=user)


def _span(entry: NewTimeEntry) -> tuple[str, str, float]:
    """Start, end and hours, the missing one counted from the others."""
    start = datetime.fromisoformat(entry.started_at)
    if entry.ended_at is None:
        if entry.hours is None:
            raise BadRequest("TimeRequired", "Give 'endedAt' or 'hours'.")
        end = start + timedelta(hours=entry.hours)
        return entry.started_at, end.replace(tzinfo=None).isoformat() + "Z", entry.hours
    spent = (datetime.fromisoformat(entry.ended_at) - start) / timedelta(hours=1)
    if not 0 < spent <= MOST_HOURS:
        raise BadRequest("TimeImplausible", f"'endedAt' must be after 'startedAt', within {MOST_HOURS:.0f} hours.")
    return entry.started_at, entry.ended_at, entry.hours if entry.hours is not None else round(spent, 4)
