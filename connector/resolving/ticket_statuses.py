"""Which of a board's statuses closes a ticket, and which opens it again.

Neither the pickers nor Autotask say which statuses are closed, so the names decide, unless DeskDirector flags them.
"""

import re
from collections.abc import Sequence

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import BadRequest
from connector.resolving.lookup_cache import Known, listed
from connector.resolving.references import resolve

# Best first; words, so that "Closed - resolved by customer" counts and "Disclosed" does not.
_CLOSED = ("closed", "completed", "complete", "resolved", "solved", "done", "finished")
_OPEN = ("reopened", "reopen", "open", "opened", "in progress", "active", "new")
_NOT_YET = frozenset(
    ("not", "to", "be", "for", "waiting", "awaiting", "pending", "before", "ready", "reopened", "reopen")
)


async def ticket_of(dd: DeskDirector, ticket_id: int) -> Ticket:
    """The ticket as it is now."""
    return await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": ticket_id})


async def closing_status(dd: DeskDirector, ticket: Ticket) -> int:
    """The id of the status that closes `ticket` on its board; `BadRequest` with the statuses when none says so."""
    return _chosen(await _statuses(dd, ticket), _CLOSED, "close", is_closed=True)


async def opening_status(dd: DeskDirector, ticket: Ticket) -> int:
    """The id of the status that opens `ticket` again; `BadRequest` that lists the statuses when none says so."""
    return _chosen(await _statuses(dd, ticket), _OPEN, "reopen", is_closed=False)


async def status_on_board(dd: DeskDirector, text: str, ticket: Ticket) -> int:
    """The id of the status that `text` (a name or id) means on the board of `ticket`.

    An id is checked too, so that nothing is written before it is known to be one of the board's; `BadRequest` lists
    them. Where the board is unknown, an id is taken as it is.
    """
    if ticket.board_id is None:
        return int(await resolve(dd, "status", text))
    return int(await resolve(dd, "status", text, {"boardId": ticket.board_id}, check_ids=True))


def is_closed(ticket: Ticket) -> bool:
    """Whether a ticket is closed, by its flag or the name of its status."""
    return bool(ticket.is_closed) or _rank(ticket.status or "", _CLOSED) is not None


async def _statuses(dd: DeskDirector, ticket: Ticket) -> Sequence[Known]:
    if ticket.board_id is None:
        raise BadRequest("StatusRequired", "The board of this ticket is not known; give the status.")
    return list(await listed(dd, api.LIST_STATUSES, query={"boardId": ticket.board_id}))


def _chosen(statuses: Sequence[Known], words: tuple[str, ...], verb: str, *, is_closed: bool) -> int:
    able = [status for status in statuses if status.is_closed in (None, is_closed)]
    ranked = [(rank, status) for status in able if (rank := _rank(status.name, words)) is not None]
    best = min((rank for rank, _ in ranked), default=None)
    chosen = [status for rank, status in ranked if rank == best]
    if not chosen and len(able) == 1 and able[0].is_closed is not None:
        chosen = able
    if len(chosen) != 1:
        names = [status.name for status in chosen or statuses]
        raise BadRequest(
            "StatusRequired",
            f"It is not clear which status is to {verb} this ticket; give 'status', one of {', '.join(names)}.",
            details=names,
        )
    return int(chosen[0].id)


def _rank(name: str, words: tuple[str, ...]) -> tuple[int, bool] | None:
    """How well a status fits: the place of the best word in it, and whether there are others; None without any."""
    spoken = re.findall(r"[^\W\d_]+", name.casefold().replace("re-", "re"))
    text = f" {' '.join(spoken)} "
    if words is _CLOSED and _NOT_YET.intersection(spoken):
        return None
    places = [place for place, word in enumerate(words) if f" {word} " in text]
    return (places[0], text != f" {words[places[0]]} ") if places else None
