"""In which order tickets are answered, and what makes one priority higher than another."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from connector.deskdirector.entities.tickets import Ticket
from connector.resolving.searching.criteria import moment
from connector.resolving.searching.spent import Spent
from connector.resolving.ticket_inputs import Sort

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_RANKS: Final[Sequence[tuple[str, ...]]] = (
    ("emergency", "critical", "urgent", "immediate", "blocker", "highest", "vip"),
    ("high", "major", "important"),
    ("medium", "normal", "standard", "moderate", "default", "regular"),
    ("low", "minor"),
    ("lowest", "trivial", "planned", "scheduled", "project", "none"),
)
URGENT: Final = 1
"""The lowest rank that counts as urgent."""
_NUMBER: Final = re.compile(r"(?:^|\bp|\bpriority\s)\s?([0-9])\b", re.IGNORECASE)
_UNRANKED: Final = 99


def rank_of(priority: str | None) -> int | None:
    """How high a priority is, 0 the highest: by the words in its name, else by its number; None without either."""
    words = re.findall(r"[^\W\d_]+", (priority or "").casefold())
    for rank, names in enumerate(_RANKS):
        if any(word in names for word in words):
            return rank
    number = _NUMBER.search(priority or "")
    return int(number[1]) - 1 if number and number[1] != "0" else None


def lowest_last(priority: str | None) -> int:
    """What to sort priorities by, so that the highest comes first and one that is not understood last."""
    rank = rank_of(priority)
    return _UNRANKED if rank is None else rank


def is_urgent(ticket: Ticket) -> bool:
    """Whether its priority is called high or more."""
    rank = rank_of(ticket.priority)
    return rank is not None and rank <= URGENT


def ordered(tickets: Iterable[Ticket], sort: Sort | None, spent: Spent) -> list[Ticket]:
    """The tickets in order; equal ones with the newest first (the oldest first for `oldest`)."""
    found = sorted(tickets, key=_created, reverse=sort != "oldest")
    if sort == "due":
        found.sort(key=lambda one: moment(one.due_at) or _NEVER)
        _note_missing(found, "dueAt", [one.due_at for one in found], spent)
    elif sort == "updated":
        found.sort(key=lambda one: moment(one.updated_at) or _LONG_AGO, reverse=True)
        _note_missing(found, "updatedAt", [one.updated_at for one in found], spent)
    elif sort == "priority":
        ranks = {one.priority: rank_of(one.priority) for one in found}
        found.sort(key=lambda one: lowest_last(one.priority))
        unclear = sorted(name for name, rank in ranks.items() if rank is None and name)
        if unclear:
            spent.remarks.append(f"How high {', '.join(unclear[:5])} is, is not clear from its name, so it comes last.")
        _note_missing(found, "priority", [one.priority for one in found], spent)
    return found


def direction(tickets: Sequence[Ticket]) -> Sort | None:
    """In which order a site lists tickets, as far as these show it: newest or oldest first; None for neither."""
    times = [_created(one) for one in tickets]
    if times == sorted(times, reverse=True):
        return "newest" if len(times) < 2 or times[0] != times[-1] else None
    return "oldest" if times == sorted(times) else None


def _created(ticket: Ticket) -> tuple[datetime, int]:
    return (moment(ticket.created_at) or _LONG_AGO, ticket.id)


def _note_missing(found: Sequence[Ticket], name: str, values: Sequence[str | None], spent: Spent) -> None:
    if found and not any(values):
        spent.not_known.append(name)
        spent.is_ordered = False
        spent.remarks.append(f"DeskDirector gave {name} for none of these tickets, so that they are newest first.")
