"""Time entries: find those of members or of a ticket, add one."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.connection import MAX_ID
from connector.deskdirector.entities.time_entries import TimeEntries, TimeEntry
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import IMPORTANT, Outgoing
from connector.operations.fields import ActingMember, Creating, MemberRefs, Moment, Text, TicketId
from connector.operations.input_kinds import TICKET_NUMBER
from connector.operations.operation import Effects, action
from connector.operations.paging import FindInput
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolved
from connector.resolving.searching.criteria import moment
from connector.resolving.searching.spent import Spent
from connector.resolving.time_reading import Span, time_of_members, time_of_ticket

Period = Literal["today", "this_week", "last_week", "this_month", "last_month"]
MOST_HOURS = 24.0


class TimeEntryFilters(FindInput):
    """Which time entries to find."""

    period: Annotated[Period | None, IMPORTANT] = Field(
        None, description="When the work was done: today, this_week, last_week, this_month or last_month."
    )
    started_after: Moment | None = Field(None, description="Only work that began at or after this time.")
    started_before: Moment | None = Field(None, description="Only work that began before this time.")
    member: MemberRefs | None = Field(
        None,
        description="Whose time, by e-mail address, name, id or me; several separated by commas, at most 20; "
        "the connection's own member when left out.",
    )
    ticket_id: Annotated[int | None, TICKET_NUMBER] = Field(
        None,
        ge=1,
        le=MAX_ID,
        description="Only time on this ticket, by its number; of all members unless one is given.",
    )
    on_behalf_of: ActingMember = None


class NewTimeEntry(Creating):
    """Time to be logged."""

    text: Annotated[Text, IMPORTANT, Outgoing("isInternal")] = Field(min_length=1, description="What was done.")
    started_at: Annotated[Moment, IMPORTANT] = Field(
        description="When the work began, in UTC, e.g. 2026-07-01T09:00:00Z."
    )
    ended_at: Annotated[Moment | None, IMPORTANT] = Field(
        None, description="When the work ended, in UTC; calculated from the hours when left out."
    )
    hours: float | None = Field(
        None,
        ge=0.01,
        le=MOST_HOURS,
        allow_inf_nan=False,
        description="The hours spent, e.g. 1.5; calculated from the two times when left out.",
    )
    is_internal: bool = Field(False, description="Yes to show the time entry to the service desk only.")
    on_behalf_of: ActingMember = None


@action("FindTimeEntries", "POST", "find/time-entries")
async def find_time_entries(dd: DeskDirector, find: TimeEntryFilters) -> TimeEntries:
    """Find the time entries of members in a period or between two times, or those of a ticket, with their hours.

    DeskDirector shows a member's time to that member only, so each member's is read as that member, in one or two
    calls, back to last month; isComplete is no when you asked for more. Time of a ticket takes at most 5 calls. Give
    continuation back while hasMore is true. Add time entry adds one.
    """
    spent = Spent()
    ids = await resolved(dd, find)
    members = [int(member) for member in _several(ids.get("memberId"))]
    span = Span(moment(find.started_after), moment(find.started_before))
    if find.ticket_id is not None:
        found = await time_of_ticket(dd, find.ticket_id, spent)
        found = [entry for entry in found if not members or entry.member_id in members]
    else:
        acting = await as_member(dd, find.on_behalf_of)
        users: list[User | None] = [User("member", member) for member in members] or [acting]
        is_ranged = find.period is None and (span.after or span.before)
        periods = span.periods(datetime.now(UTC), spent) if is_ranged else [find.period]
        found = await time_of_members(dd, users, periods, spent)
        if periods == [None]:
            spent.incomplete("Which period this is, was DeskDirector's choice; give 'period' or 'startedAfter'.")
    matches = [entry for entry in found if span.holds(entry)]
    matches.sort(key=lambda entry: (entry.started_at or entry.created_at or "", entry.id), reverse=True)
    page = find.windowed(TimeEntries(results=[]), matches, is_all=True)
    page.total_hours = round(sum(entry.hours or 0 for entry in matches), 4)
    spent.tell(page)
    return page


@action(
    "AddTimeEntry", "POST", "tickets/{ticketId}/time-entries", effects=Effects.CREATES, stands_on=api.CREATE_TIME_ENTRY
)
async def add_time_entry(dd: DeskDirector, ticket_id: TicketId, entry: NewTimeEntry) -> TimeEntry:
    """Log time that a member spent on a ticket, with its start and either its end or its hours.

    Add ticket note writes a note without time. A repeated call with the same idempotency key returns the first entry
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


def _several(ids: Any) -> list[Any]:
    return ids if isinstance(ids, list) else [] if ids is None else [ids]


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
