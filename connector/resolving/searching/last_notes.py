"""When the last note of a ticket was written, and by whom: from a member's view, else ticket by ticket."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.notes import Note, Notes
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import Forbidden, NotFound, Unauthorized
from connector.resolving.searching.spent import Spent
from connector.runtime import ExpiringCache, per_loop, together

MOST_NOTED: Final = 20
"""Tickets whose notes are read one by one."""
_AT_ONCE: Final = 4
_TAKE: Final = 200
_REMEMBERED, _KEPT_SECONDS = 2000, 300


@per_loop
def _views() -> ExpiringCache[tuple[str, User | None], bool]:
    return ExpiringCache(_REMEMBERED)


async def sees_as_member(dd: DeskDirector, user: User | None) -> bool:
    """Whether the call can use a member's view of tickets, which has the last note; remembered for some minutes."""
    key = (dd.connection.identity, user)
    known = _views().get(key, None)
    if known is None:
        known = await _is_open(dd, user)
        _views().put(key, known, _KEPT_SECONDS)
    return known


async def _is_open(dd: DeskDirector, user: User | None) -> bool:
    if user is None and dd.connection.agent_id is None:
        return (await dd.ask(api.COPILOT_TEST_CONNECTION)).status == HTTPStatus.OK
    try:
        await dd.call(api.COPILOT_TEST_CONNECTION, user=user)
    except (Forbidden, NotFound, Unauthorized):
        return False
    return True


async def with_last_notes(dd: DeskDirector, tickets: Sequence[Ticket], spent: Spent) -> list[Ticket]:
    """The first tickets, at most `MOST_NOTED`, each with its last note; `Forbidden` where the site gives none."""
    chosen = tickets[:MOST_NOTED]
    try:
        notes = await together(*(_last_note(dd, ticket.id, spent) for ticket in chosen), at_once=_AT_ONCE)
    except (Forbidden, NotFound, Unauthorized):
        raise personal_key_needed() from None
    for ticket, note in zip(chosen, notes, strict=True):
        if note is not None:
            ticket.fill(last_note_at=note.created_at, last_note_by=note.author, last_note_by_type=note.author_type)
    return list(chosen)


async def _last_note(dd: DeskDirector, ticket_id: int, spent: Spent) -> Note | None:
    query = {"take": _TAKE, "skip": 0}
    page = await dd.fetch(api.LIST_TICKET_NOTES, Notes, path={"ticketId": ticket_id}, query=query)
    spent.read(0)
    read = len(page.results)
    if page.total is not None and page.total > read > 0:
        # Oldest first, as far as is known; the newest are on the last page then.
        query = {"take": _TAKE, "skip": max(read, page.total - _TAKE)}
        more = await dd.fetch(api.LIST_TICKET_NOTES, Notes, path={"ticketId": ticket_id}, query=query)
        spent.read(0)
        page.results = [*page.results, *more.results]
    return max(page.results, key=lambda note: (note.created_at or "", note.id or 0), default=None)


def personal_key_needed() -> Forbidden:
    """The error for a connection that is not shown who wrote last on a ticket."""
    return Forbidden(
        "PersonalKeyNeeded",
        "Only members are shown who wrote last on a ticket: connect with a member's personal API key, or name a member "
        "in onBehalfOf where the site allows it.",
    )
