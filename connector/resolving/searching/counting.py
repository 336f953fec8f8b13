"""Counts tickets by one thing: by asking the site how many there are of each, or by reading them, whichever is less."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import MemberWorkload, Ticket, TicketCount, TicketCounts, Workload
from connector.resolving.lookup_cache import listed
from connector.resolving.references import resolved
from connector.resolving.searching.criteria import is_closed, is_overdue, moment
from connector.resolving.searching.order import is_urgent
from connector.resolving.searching.reading import AT_ONCE, TAKE
from connector.resolving.searching.search import gathered_tickets, total_of
from connector.resolving.searching.spent import MOST_CALLS, Spent
from connector.resolving.ticket_inputs import TicketCriteria, TicketFilters
from connector.runtime import together

By = Literal["board", "status", "priority", "assignedTo", "company", "age"]
AGES: Final[Mapping[str, int | None]] = {
    "under 1 day": 1,
    "1 to 3 days": 3,
    "3 to 7 days": 7,
    "7 to 30 days": 30,
    "30 to 90 days": 90,
    "over 90 days": None,
}
"""Spans of ages, each with the day at which it ends."""
NOBODY: Final = "unassigned"
_LISTS: Final = {"board": api.LIST_BOARDS, "priority": api.LIST_PRIORITIES}
_Key = tuple[int | None, str | None]


async def count_tickets(dd: DeskDirector, criteria: TicketCriteria, by: By | None) -> TicketCounts:
    """How many tickets meet the criteria, by one thing or in all."""
    find, spent = _filters(criteria), Spent()
    total = await total_of(dd, find, spent)
    if by is None and total is not None:
        return _told(TicketCounts(total=total), spent)
    if by and total is not None and total > MOST_CALLS * TAKE:
        asked = await _asked(dd, find, by, spent)
        if asked is not None:
            return _told(TicketCounts(total=total, results=asked), spent)
    tickets = await gathered_tickets(dd, find, spent)
    counts = _counted(tickets, by) if by else []
    # What a plain find says of all of them is more than what could be read.
    return _told(TicketCounts(total=max(len(tickets), total or 0), results=counts), spent)


async def workload(dd: DeskDirector, criteria: TicketCriteria) -> Workload:
    """What each member has to do, from the open tickets."""
    find, spent, now = _filters(criteria), Spent(), datetime.now(UTC)
    find = find.model_copy(update={"is_closed": False})
    tickets = await gathered_tickets(dd, find, spent)
    groups: dict[_Key, list[Ticket]] = {}
    for ticket in tickets:
        for key in _members(ticket):
            groups.setdefault(key, []).append(ticket)
    asked = await resolved(dd, find) if find.assigned_to else {}
    wanted = {str(one) for one in _several(asked.get("memberId", []))}
    rows = [_row(key, group, now) for key, group in groups.items() if not wanted or str(key[0]) in wanted]
    rows.sort(key=lambda row: (row.member_id is None, -row.open, row.member or ""))
    if tickets and not any(ticket.due_at for ticket in tickets):
        spent.not_known.append("dueAt")
        spent.remarks.append(
            "DeskDirector gave dueAt for none of these tickets, so that overdue and dueToday say nothing."
        )
    answer = Workload(total=len(tickets), results=rows)
    spent.tell(answer)
    return answer


def _filters(criteria: TicketCriteria) -> TicketFilters:
    return TicketFilters.model_construct(**{name: getattr(criteria, name) for name in TicketCriteria.model_fields})


def _told(answer: TicketCounts, spent: Spent) -> TicketCounts:
    spent.tell(answer)
    return answer


async def _asked(dd: DeskDirector, find: TicketFilters, by: By, spent: Spent) -> list[TicketCount] | None:
    """The counts that the site itself makes, one call each; None where it cannot, or there are too many to ask for."""
    parts = await _parts(dd, find, by)
    if parts is None or len(parts) > spent.left:
        return None
    finds = [(key, find.model_copy(update=dict(change))) for key, change in parts]
    totals = await together(*(total_of(dd, one, spent) for _, one in finds), at_once=AT_ONCE)
    if any(total is None for total in totals):
        return None
    counts = [
        TicketCount(id=key[0], name=key[1], count=total or 0) for (key, _), total in zip(finds, totals, strict=True)
    ]
    return [one for one in counts if one.count] if by == "age" else _largest_first(counts)


async def _parts(dd: DeskDirector, find: TicketFilters, by: By) -> Sequence[tuple[_Key, Mapping[str, Any]]] | None:
    if by == "age":
        schema = await schema_of(dd, api.FIND_TICKETS)
        is_given = find.created_after or find.created_before
        return None if schema is None or is_given else _spans(datetime.now(UTC))
    if by not in _LISTS or getattr(find, by):
        return None
    return [((int(one.id), one.name), {by: one.id}) for one in await listed(dd, _LISTS[by])]


def _spans(now: datetime) -> list[tuple[_Key, Mapping[str, Any]]]:
    parts: list[tuple[_Key, Mapping[str, Any]]] = []
    before: str | None = None
    for name, days in AGES.items():
        after = _wire(now - timedelta(days=days)) if days else None
        parts.append(((None, name), {"created_after": after, "created_before": before}))
        before = after
    return parts


def _counted(tickets: Sequence[Ticket], by: By) -> list[TicketCount]:
    if by == "age":
        now = datetime.now(UTC)
        ages = Counter(_age(ticket, now) for ticket in tickets)
        return [TicketCount(name=name, count=ages[name]) for name in (*AGES, None) if ages[name]]
    keys = Counter(key for ticket in tickets for key in _keys(ticket, by))
    if by == "status":
        keys = _by_name(keys)
    return _largest_first([TicketCount(id=key[0], name=key[1], count=count) for key, count in keys.items()])


def _by_name(keys: Counter[_Key]) -> Counter[_Key]:
    """The statuses of all boards that have one name are counted together: each board has its own New."""
    ids: dict[str | None, set[int | None]] = {}
    for one, name in keys:
        ids.setdefault(name, set()).add(one)
    found: Counter[_Key] = Counter()
    for (one, name), count in keys.items():
        found[(one if len(ids[name]) == 1 or name is None else None, name)] += count
    return found


def _keys(ticket: Ticket, by: By) -> list[_Key]:
    if by == "assignedTo":
        return _members(ticket)
    return [(getattr(ticket, f"{by}_id"), getattr(ticket, by))]


def _several(ids: Any) -> list[Any]:
    return ids if isinstance(ids, list) else [ids]


def _members(ticket: Ticket) -> list[_Key]:
    """Who works on a ticket; a ticket of several counts for each."""
    names = [*ticket.assigned_to, *[None] * (len(ticket.assigned_to_ids) - len(ticket.assigned_to))]
    return list(zip(ticket.assigned_to_ids, names, strict=False)) or [(None, NOBODY)]


def _age(ticket: Ticket, now: datetime) -> str | None:
    created = moment(ticket.created_at)
    if created is None:
        return None
    return next(name for name, days in AGES.items() if days is None or now - created <= timedelta(days=days))


def _largest_first(counts: list[TicketCount]) -> list[TicketCount]:
    return sorted((one for one in counts if one.count), key=lambda one: (-one.count, one.name or ""))


def _row(key: _Key, tickets: Sequence[Ticket], now: datetime) -> MemberWorkload:
    soon = now + timedelta(days=1)
    oldest = min(tickets, key=lambda one: (one.created_at is None, moment(one.created_at) or now, one.id))
    return MemberWorkload(
        member_id=key[0],
        member=key[1],
        open=sum(1 for one in tickets if not is_closed(one)),
        overdue=sum(is_overdue(one, now) for one in tickets),
        due_today=sum(1 for one in tickets if (due := moment(one.due_at)) is not None and now <= due < soon),
        urgent=sum(is_urgent(one) for one in tickets),
        oldest_id=oldest.id,
        oldest_at=oldest.created_at,
    )


def _wire(at: datetime) -> str:
    return at.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
