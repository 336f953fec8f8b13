"""The criteria that are judged here, on tickets that were read: references, dates, flags, and who wrote last."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from connector.deskdirector.entities.tickets import Ticket
from connector.naming import snake
from connector.resolving.searching.spent import Spent
from connector.resolving.ticket_inputs import TicketFilters
from connector.resolving.ticket_statuses import is_closed as is_named_closed

CONTACT: Final = "contact"
_REFERENCES: Final[Mapping[str, str]] = {
    "boardId": "board",
    "statusId": "status",
    "priorityId": "priority",
    "sourceId": "source",
    "requestTypeId": "requestType",
    "companyId": "company",
    "contactId": "contact",
    "userGroupId": "userGroup",
}
_DATES: Final[Mapping[str, tuple[str, str]]] = {
    f"{what}{end}": (f"{what}_at", end) for what in ("created", "updated", "due") for end in ("After", "Before")
}
JUDGED: Final = frozenset((*_REFERENCES, *_DATES, "memberId", "tag", "isClosed"))
"""Filters that can be judged here, by the name under which they are sent."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One test of tickets; `rests_on` is the field of ours that it looks at."""

    rests_on: str
    value_of: Callable[[Ticket], Any]
    """None where the site did not give it, or there is none."""
    test: Callable[[Any], bool]
    is_asked: bool = False
    """The site was asked too, so that a value which it does not give passes."""
    is_given: Callable[[Ticket], bool] | None = None
    """Whether the site gave what the value is made of, where the value alone does not show it."""

    def is_known(self, ticket: Ticket) -> bool:
        """Whether the site gave what it looks at."""
        return self.is_given(ticket) if self.is_given else self.value_of(ticket) is not None

    def holds(self, ticket: Ticket) -> bool:
        """Whether the ticket passes."""
        value = self.value_of(ticket)
        return self.is_asked if value is None else self.test(value)


def criterion(name: str, value: Any, *, is_asked: bool = False) -> Criterion:
    """The test for a filter of `JUDGED` with this value (one, or a list of several)."""
    if name in _DATES:
        attribute, end = _DATES[name]
        limit = moment(value)
        test = _at_or_after(limit) if end == "After" else _before(limit)
        return Criterion(f"{name[: -len(end)]}At", lambda one: moment(getattr(one, attribute)), test, is_asked)
    if name == "isClosed":
        return Criterion("isClosed", is_closed, lambda closed: bool(closed is value), is_asked)
    if name == "tag":
        return Criterion("tags", lambda one: one.tags, _has_tag(value), is_asked)
    wanted = {str(one) for one in (value if isinstance(value, list) else [value])}
    if name == "memberId":
        return Criterion(
            "assignedToIds",
            lambda one: one.assigned_to_ids,
            lambda ids: not wanted.isdisjoint(map(str, ids)),
            is_asked,
        )
    attribute = snake(name)
    return Criterion(_REFERENCES[name], lambda one: getattr(one, attribute), lambda one: str(one) in wanted, is_asked)


def of_flags(find: TicketFilters, now: datetime) -> list[Criterion]:
    """The tests that no site is asked for."""
    if find.is_overdue is None:
        return []
    wanted = find.is_overdue
    return [
        Criterion("dueAt", lambda one: is_overdue(one, now), lambda late: bool(late is wanted), is_given=_has_due_date)
    ]


def of_notes(find: TicketFilters) -> list[Criterion]:
    """The tests that need the last note of a ticket."""
    tests: list[Criterion] = []
    if find.waiting_for:
        tests.append(
            Criterion("lastNoteAt", waits_for, lambda side: bool(side == find.waiting_for), is_given=_has_last_note)
        )
    if find.last_note_before:
        limit = moment(find.last_note_before)
        tests.append(Criterion("lastNoteAt", _last_written, _before(limit), is_given=_has_last_note))
    return tests


def of_vips(*, is_vip: bool, vips: frozenset[int]) -> Criterion:
    """Tickets of VIP contacts, or all others."""

    def judged(ticket: Ticket) -> bool:
        return ticket.contact_is_vip is True or ticket.contact_id in vips

    return Criterion("contact", judged, lambda vip: vip is is_vip, is_given=_has_contact)


def is_closed(ticket: Ticket) -> bool | None:
    """Whether it is closed: by its flag, else by its date, else by the name of its status; None without any."""
    if ticket.is_closed is not None:
        return ticket.is_closed
    if ticket.closed_at is not None:
        return True
    return is_named_closed(ticket) if ticket.status else None


def is_overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether it is open and past its due date."""
    due = moment(ticket.due_at)
    return due is not None and due < now and not is_closed(ticket)


def waits_for(ticket: Ticket) -> str:
    """Who is to write next; nobody for a closed ticket. Without notes, it is us."""
    if is_closed(ticket):
        return "nobody"
    by_us = bool(ticket.last_note_at) and (ticket.last_note_by_type or "").casefold() != CONTACT
    return CONTACT if by_us else "us"


@dataclass(slots=True)
class Judge:
    """Judges tickets by all criteria, and notes which fields none of those read has."""

    criteria: list[Criterion] = field(default_factory=list)
    _read: int = 0
    _given: set[str] = field(default_factory=set)

    def keep(self, tickets: Iterable[Ticket]) -> list[Ticket]:
        """The tickets that pass all tests."""
        read = list(tickets)
        self._read += len(read)
        for one in self.criteria:
            if one.rests_on not in self._given and any(map(one.is_known, read)):
                self._given.add(one.rests_on)
        return [ticket for ticket in read if self.passes(ticket)]

    def passes(self, ticket: Ticket) -> bool:
        """Whether a ticket passes all tests."""
        return all(one.holds(ticket) for one in self.criteria)

    def conclude(self, spent: Spent) -> None:
        """Say which fields were given for none of the tickets, so that a filter by them means nothing."""
        for one in self.criteria:
            if self._read and not one.is_asked and one.rests_on not in (*self._given, *spent.not_known):
                spent.not_known.append(one.rests_on)
                spent.incomplete(
                    f"DeskDirector gave {one.rests_on} for none of the {self._read} tickets that were read, so that a "
                    "filter by it decides nothing."
                )


def moment(text: str | None) -> datetime | None:
    """A timestamp of ours as a moment."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _has_due_date(ticket: Ticket) -> bool:
    return ticket.due_at is not None


def _has_contact(ticket: Ticket) -> bool:
    return ticket.contact_id is not None or ticket.contact_is_vip is not None


def _has_last_note(ticket: Ticket) -> bool:
    return ticket.last_note_at is not None


def _last_written(ticket: Ticket) -> datetime | None:
    return moment(ticket.last_note_at or ticket.created_at)


def _at_or_after(limit: datetime | None) -> Callable[[Any], bool]:
    return lambda at: limit is None or at >= limit


def _before(limit: datetime | None) -> Callable[[Any], bool]:
    return lambda at: limit is None or at < limit


def _has_tag(tag: str) -> Callable[[Any], bool]:
    wanted = str(tag).casefold()
    return lambda tags: any(present.casefold() == wanted for present in tags)
