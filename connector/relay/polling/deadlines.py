"""Tickets on which a time has passed: overdue ones, and those that wait for an answer.

Such an event has no record upstream. It is dated by the deadline itself, and known by the ticket and what the deadline
follows from, so that a ticket is met again when it gets another due date or another last note.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import Forbidden
from connector.deskdirector.models import Timestamp
from connector.relay.polling.items import TICKS_PER_SECOND, Item, Source, dated, wire
from connector.relay.polling.sources import Body, ItemOf, found_tickets, takes

LATE_SECONDS: Final = 86_400
"""How long after a deadline a ticket may still come to have it, e.g. by a due date that was set in the past."""
CONTACT: Final = "contact"

WaitingFor = Literal["us", "contact"]


class WaitingTicket(Ticket):
    """A ticket that waits for an answer."""

    waiting_since: Timestamp | None = Field(None, description="Since when it waits: when the other side wrote, in UTC.")


async def overdue_tickets(dd: DeskDirector, body: Body) -> Source[Ticket]:
    """Open tickets whose due date has passed. Where a site cannot filter by due date, all open tickets are read."""
    is_filtered = await takes(dd, api.FIND_TICKETS, "dueAfter") and await takes(dd, api.FIND_TICKETS, "dueBefore")
    now = datetime.now(UTC)
    limits: dict[str, object] = {"dueBefore": now.isoformat().replace("+00:00", "Z")} if is_filtered else {}
    if await takes(dd, api.FIND_TICKETS, "isClosed"):
        limits["isClosed"] = False
    item_of = _overdue_at(_ticks(now))
    source = found_tickets(dd, {**body, **limits}, "due", item_of, late_seconds=LATE_SECONDS, is_filtered=is_filtered)
    return replace(source, is_dated_by_us=True)


def _overdue_at(now: int) -> ItemOf[Ticket]:
    def item_of(ticket: Ticket) -> Item[Ticket] | None:
        due = dated(ticket.due_at)
        if due is None or due > now or is_closed(ticket):
            return None
        return Item(f"{ticket.id}@due{due}", due, ticket)

    return item_of


def waiting_at(waiting_for: WaitingFor, hours: int, now: datetime) -> ItemOf[WaitingTicket]:
    """What a ticket counts as that has waited for this many hours; one without notes waits for us since it was made."""
    moment = _ticks(now)
    span = timedelta(hours=hours) // timedelta(seconds=1) * TICKS_PER_SECOND

    def item_of(ticket: Ticket) -> Item[WaitingTicket] | None:
        if is_closed(ticket):
            return None
        since = dated(ticket.last_note_at, ticket.created_at)
        is_ours = not ticket.last_note_at or (ticket.last_note_by_type or "").casefold() == CONTACT
        if since is None or since + span > moment or is_ours is not (waiting_for == "us"):
            return None
        waiting = WaitingTicket.model_construct(**{**vars(ticket), "waiting_since": wire(since)})
        return Item(f"{ticket.id}@{waiting_for}{since}", since + span, waiting)

    return item_of


def personal_key_needed() -> Forbidden:
    """The error for a connection that is not shown who wrote last on a ticket."""
    return Forbidden(
        "PersonalKeyNeeded",
        "Only members are shown who wrote last on a ticket: connect with a member's personal API key, or name a member "
        "in onBehalfOf where the site allows it.",
    )


def is_closed(ticket: Ticket) -> bool:
    """Whether it is known to be closed."""
    return ticket.is_closed is True or (ticket.is_closed is None and ticket.closed_at is not None)


def _ticks(moment: datetime) -> int:
    return round(moment.timestamp() * TICKS_PER_SECOND)
