"""Time of members and of tickets, in any range: from the five periods that DeskDirector knows, and from notes.

A member's time is answered to that member only, for today, this or the last week, this or the last month (source:
DeskDirector Tech v1.0). Time of a ticket stands in its notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.notes import Note
from connector.deskdirector.entities.time_entries import TimeEntries, TimeEntry
from connector.resolving.lookup_cache import listed
from connector.resolving.reading_notes import notes_of
from connector.resolving.searching.criteria import moment
from connector.resolving.searching.spent import Spent
from connector.runtime import together

MOST_MEMBERS: Final = 20
_MOST_NOTES: Final = 1000
_AT_ONCE: Final = 4
_SHORTER: Final[Mapping[str, tuple[str, ...]]] = {
    "this_month": ("this_week", "last_week", "today"),
    "last_month": ("last_week",),
    "this_week": ("today",),
}
"""Periods that may have what an answer about a longer one leaves out."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when the work began; either end may be open."""

    after: datetime | None
    before: datetime | None

    def holds(self, entry: TimeEntry) -> bool:
        """Whether the work began in it."""
        at = moment(entry.started_at or entry.created_at)
        if at is None:
            return self.after is None and self.before is None
        return (self.after is None or at >= self.after) and (self.before is None or at < self.before)

    def periods(self, now: datetime, spent: Spent) -> list[str]:
        """The periods that it lies in; a day more at each border, since it is not published whose midnight counts."""
        this_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        last_month = (this_month - _DAY).replace(day=1)
        if self.after is None or self.after < last_month:
            spent.incomplete(
                "DeskDirector gives the time of this month and the last only; older time stands in the notes of its "
                "tickets: give ticketId."
            )
        wanted = {
            "this_month": self.before is None or self.before > this_month - _DAY,
            "last_month": (self.after is None or self.after < this_month + _DAY)
            and (self.before is None or self.before > last_month - _DAY),
        }
        return [period for period, is_wanted in wanted.items() if is_wanted]


async def time_of_members(
    dd: DeskDirector, users: Sequence[User | None], periods: Sequence[str | None], spent: Spent
) -> list[TimeEntry]:
    """The time of each of these members (None: the connection's own) in these periods, with whose it is."""
    asked = list(users)[:MOST_MEMBERS]
    if len(asked) < len(users):
        spent.incomplete(f"Only the first {MOST_MEMBERS} of {len(users)} members were asked; ask for the others again.")
    lists = await together(*(_of_member(dd, user, periods, spent) for user in asked), at_once=_AT_ONCE)
    names = await _names(dd) if any(asked) else {}
    for user, entries in zip(asked, lists, strict=True):
        for entry in entries:
            entry.fill(member_id=user.id if user else None, member=names.get(user.id) if user else None)
    return [entry for entries in lists for entry in entries]


async def time_of_ticket(dd: DeskDirector, ticket_id: int, spent: Spent) -> list[TimeEntry]:
    """The time logged on a ticket, by all members: at most 5 calls."""
    read = await notes_of(dd, ticket_id, "newest", _MOST_NOTES)
    if not read.is_all:
        spent.incomplete(f"Only the newest {len(read.notes)} notes of the ticket were read.")
    return [_entry(note, ticket_id) for note in read.notes if note.hours is not None]


async def _of_member(
    dd: DeskDirector, user: User | None, periods: Sequence[str | None], spent: Spent
) -> list[TimeEntry]:
    found: dict[int, TimeEntry] = {}
    for period in periods:
        page = await _period(dd, user, period, spent)
        found |= {entry.id: entry for entry in page.results}
        total = page.total or 0
        if total <= len(page.results):
            continue
        for shorter in _SHORTER.get(period or "", ()):
            found |= {entry.id: entry for entry in (await _period(dd, user, shorter, spent)).results}
        spent.incomplete(
            f"DeskDirector gives only {len(page.results)} of {total} time entries of a period at once; ask for a "
            "shorter one."
        )
    return list(found.values())


async def _period(dd: DeskDirector, user: User | None, period: str | None, spent: Spent) -> TimeEntries:
    page = await dd.fetch(api.FIND_TIME_ENTRIES, TimeEntries, query={"period": period}, user=user)
    spent.read(len(page.results))
    return page


async def _names(dd: DeskDirector) -> Mapping[int, str]:
    return {int(member.id): member.name for member in await listed(dd, api.LIST_MEMBERS) if member.id.isdecimal()}


def _entry(note: Note, ticket_id: int) -> TimeEntry:
    author = note.author_id if (note.author_id or "").isdecimal() else None
    return TimeEntry.model_construct(
        id=note.id or 0,
        text=note.text,
        is_internal=note.is_internal,
        started_at=note.started_at,
        ended_at=note.ended_at,
        hours=note.hours,
        created_at=note.created_at,
        ticket_id=ticket_id,
        member=note.author,
        member_id=int(author) if author else None,
    )
