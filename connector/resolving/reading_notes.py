"""The notes of a ticket: from the site's list of notes, else from the ticket as a member sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.notes import Note, Notes
from connector.deskdirector.entities.tickets import Ticket, UpdatedTicket
from connector.deskdirector.errors import ConnectorError, Forbidden, NotFound, Unauthorized

NoteSort = Literal["newest", "oldest"]
MOST_PAGES: Final = 5
_TAKE: Final = 200


@dataclass(frozen=True, slots=True)
class NotesRead:
    """The notes that were read, in the order asked for; `is_all` is False where a ticket has more than are read."""

    notes: Sequence[Note]
    is_all: bool


async def notes_of(dd: DeskDirector, ticket_id: int, sort: NoteSort, wanted: int) -> NotesRead:
    """At least the first `wanted` notes of a ticket in this order, in at most 5 calls; raises `NotFound` where the
    site lists notes to nobody with this key.
    """
    try:
        return await _listed(dd, ticket_id, sort, wanted)
    except (NotFound, Unauthorized) as missing:
        # A member's personal key is not taken by the routes that distinguish a missing ticket from a missing route.
        return NotesRead(_in_order(await _of_member_view(dd, ticket_id, missing), sort), is_all=True)


async def _listed(dd: DeskDirector, ticket_id: int, sort: NoteSort, wanted: int) -> NotesRead:
    first = await _page(dd, ticket_id, 0)
    notes = {note.id or -place: note for place, note in enumerate(first.results)}
    total, read = first.total, len(first.results)
    is_all = not read or (total is not None and read >= total)
    # The list is oldest first, as far as is known: the newest are on its last pages.
    from_end = sort == "newest" and total is not None and total > _TAKE * MOST_PAGES and is_oldest_first(first.results)
    position = max(read, (total or 0) - wanted - _TAKE) if from_end else read
    for _ in range(MOST_PAGES - 1):
        if is_all or (sort == "oldest" and len(notes) >= wanted):
            break
        page = await _page(dd, ticket_id, position)
        known = len(notes)
        notes |= {note.id or -(position + place): note for place, note in enumerate(page.results)}
        position += len(page.results)
        is_all = len(notes) == known or (total is not None and position >= total)
    return NotesRead(_in_order(list(notes.values()), sort), is_all=is_all and not from_end)


async def _page(dd: DeskDirector, ticket_id: int, skip: int) -> Notes:
    query = {"take": _TAKE, "skip": skip}
    return await dd.fetch(api.LIST_TICKET_NOTES, Notes, path={"ticketId": ticket_id}, query=query)


def is_oldest_first(notes: Sequence[Note]) -> bool:
    """Whether notes come in the order in which they were written."""
    times = [note.created_at or "" for note in notes]
    return times == sorted(times)


def _in_order(notes: Sequence[Note], sort: NoteSort) -> list[Note]:
    return sorted(notes, key=lambda note: (note.created_at or "", note.id or 0), reverse=sort == "newest")


async def _of_member_view(dd: DeskDirector, ticket_id: int, missing: ConnectorError) -> list[Note]:
    """The notes of a ticket as the Tech connector's surface has them (source: DeskDirector Tech v1.0)."""
    try:
        ticket = await dd.fetch(api.COPILOT_GET_TICKET, UpdatedTicket, path={"ticketId": ticket_id})
    except (Forbidden, Unauthorized):
        await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": ticket_id})
        raise NotFound(
            "RouteNotFound",
            "This site offers no list of notes to this API key. Connect with a member's personal API key, or have the "
            f"operator set {api.LIST_TICKET_NOTES.setting} to the route that the site's /swagger page shows.",
        ) from missing
    return ticket.notes
