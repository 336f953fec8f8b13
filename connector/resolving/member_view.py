"""Tickets as one member sees them: the filters that only the Tech connector's surface has.

The other filters are applied to what it answers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.errors import BadRequest
from connector.naming import snake
from connector.resolving.references import resolved
from connector.resolving.ticket_inputs import TicketFilters


async def find_as_member(dd: DeskDirector, find: TicketFilters, user: User | None) -> Tickets:
    """The tickets that match `find`; that surface answers all of them at once, so the page is cut here."""
    if find.additional_fields:
        raise BadRequest(
            "FilterNotSupported", "'additionalFields' cannot be used with the filters that are seen as a member."
        )
    ids = await resolved(dd, find)
    page = await dd.fetch(api.COPILOT_FIND_TICKETS, Tickets, query=_query(find), user=user)
    page.results = [ticket for ticket in page.results if _matches(ticket, ids, find)]
    return find.paged_here(page)


def _query(find: TicketFilters) -> dict[str, Any]:
    states = {None: None, True: "closed", False: "open"}
    return {
        "search": find.search,
        "status": states[find.is_closed],
        "assigned": find.assigned,
        "taskProgress": find.task_progress,
        "lastContactMessage": find.last_contact_message,
        "startTime": find.created_after,
        "endTime": find.created_before,
        "tag": find.tag,
    }


def _matches(ticket: Ticket, ids: Mapping[str, Any], find: TicketFilters) -> bool:
    if not matches_ids(ticket, ids):
        return False
    updated = _moment(ticket.updated_at)
    after, before = _moment(find.updated_after), _moment(find.updated_before)
    return updated is None or ((after is None or updated >= after) and (before is None or updated < before))


def matches_ids(ticket: Ticket, ids: Mapping[str, Any]) -> bool:
    """Whether a ticket has the references that were resolved, by default names: `{"boardId": 4, "memberId": 7}`."""
    if "memberId" in ids and ids["memberId"] not in ticket.assigned_to_ids:
        return False
    return all(getattr(ticket, snake(name)) in _several(value) for name, value in ids.items() if name != "memberId")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
