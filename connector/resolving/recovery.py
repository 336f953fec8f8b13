"""What a create whose answer was lost may have made: found in the newest pages of the site's own lists.

Something counts when everything that was given and that the list shows is the same, and when it is dated within the
call. DeskDirector's clock is compared with ours by the `Date` of the very answer that is searched.
"""

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.notes import Note, Notes
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.models import Page
from connector.operations.recovery import Window
from connector.resolving.request_bodies import translated
from connector.resolving.ticket_inputs import NewTicket

_NEWEST: Final = 50


async def made_tickets(dd: DeskDirector, ticket: NewTicket, window: Window) -> Sequence[Ticket]:
    """Tickets with the same title, and the same company, contact and board where these were given."""
    body = await translated(dd, ticket)
    ids = {name: body[name] for name in ("companyId", "contactId", "boardId") if name in body}
    pages = await _newest(dd, api.FIND_TICKETS, Tickets, ids)
    return [
        made
        for page, skew in pages
        for made in page.results
        if _same_text(made.title, ticket.title)
        and _agree(ids, {"companyId": made.company_id, "contactId": made.contact_id, "boardId": made.board_id})
        and window.holds(made.created_at, skew)
    ]


async def made_notes(dd: DeskDirector, ticket_id: int, text: str, window: Window) -> Sequence[Note]:
    """Notes of a ticket with the same text, where the site lists notes."""
    reply = await dd.call(api.LIST_TICKET_NOTES, path={"ticketId": ticket_id}, query={"take": 200, "skip": 0})
    skew = _skew(reply.headers)
    notes = reply.read(Notes).results
    return [note for note in notes if _same_text(note.text, text) and window.holds(note.created_at, skew)]


async def _newest(
    dd: DeskDirector, endpoint: Endpoint, model: type[Tickets], ids: Mapping[str, Any]
) -> list[tuple[Tickets, float]]:
    """The first page of a find, and the last one too where the total says that there is another."""
    schema = await schema_of(dd, endpoint)
    filters = {name: value for name, value in ids.items() if schema and schema.locate(name)}
    first = await dd.call(endpoint, body={**filters, "take": _NEWEST, "skip": 0})
    page = first.read(model)
    pages = [(page, _skew(first.headers))]
    total = page.total or 0
    if total > len(page.results) and not _is_newest_first(page):
        last = await dd.call(endpoint, body={**filters, "take": _NEWEST, "skip": max(0, total - _NEWEST)})
        pages.append((last.read(model), _skew(last.headers)))
    return pages


def _is_newest_first(page: Page) -> bool:
    ids = [result.id for result in page.results]
    return ids == sorted(ids, reverse=True)


def _skew(headers: Mapping[str, str]) -> float:
    """How far DeskDirector's clock is before ours, in seconds; 0 where its answer does not say the time."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp() - time.time()
    except (TypeError, ValueError):
        return 0.0


def _same_text(made: str | None, given: str) -> bool:
    return " ".join((made or "").split()) == " ".join(given.split())


def _agree(given: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether nothing that was given is shown with another value."""
    return all(made[name] is None or str(made[name]) == str(value) for name, value in given.items())
