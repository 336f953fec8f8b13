"""Reads the tickets behind a find: page after page, from the end at which the wanted ones are, until it is enough."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.errors import BadRequest
from connector.resolving.searching.criteria import moment
from connector.resolving.searching.order import direction
from connector.resolving.searching.spent import Spent
from connector.resolving.ticket_inputs import Sort
from connector.runtime import together

TAKE = 200
AT_ONCE = 4
_SECOND: Final = timedelta(seconds=1)
_MARGIN: Final = 1.4
"""By how much more parts a span is divided into than an even spread would need."""
_MOST_TOTAL: Final = 10**12
_NO_PAGES = "PagingNotSupported"

Enough = Callable[[Iterable[Ticket]], bool]
"""Whether the tickets read answer the question, so that no more have to be read."""


@dataclass(slots=True)
class Gathered:
    """Tickets that were read. `is_all`: there are no more; `is_prefix`: what is left out comes later in the order."""

    tickets: dict[int, Ticket] = field(default_factory=dict)
    total: int | None = None
    is_all: bool = False
    is_prefix: bool = False

    def add(self, page: Tickets) -> int:
        """Add a page; how many of it are new."""
        before = len(self.tickets)
        self.tickets |= {ticket.id: ticket for ticket in page.results}
        return len(self.tickets) - before


@dataclass(frozen=True, slots=True)
class FoundTickets:
    """The tickets that a find of the connector surface answers."""

    dd: DeskDirector
    body: Mapping[str, Any]
    called: Mapping[str, str]
    spent: Spent

    async def page(self, skip: int) -> Tickets:
        """One page. A page of its own for who goes on by position."""
        body = Body({**self.body, "take": TAKE, "skip": skip}, self.called)
        page = await self.dd.fetch(api.FIND_TICKETS, Tickets, body=body)
        self.spent.read(len(page.results))
        return page

    async def collect(self, sort: Sort | None, enough: Enough) -> Gathered:
        """All tickets, or as many as may be read: those first that come first in the order `sort`."""
        first = await self.page(0)
        found = Gathered(total=first.total)
        found.add(first)
        if not first.results or (first.total is not None and len(first.results) >= first.total):
            return replace(found, is_all=True)
        if first.total is None:
            return await self._one_after_the_other(found, len(first.results), sort, enough)
        step, positions = len(first.results), _positions(first.total, len(first.results))
        listed = direction(first.results)
        from_end = sort in ("newest", "oldest") and listed is not None and listed != sort
        if from_end and len(positions) > self.spent.left:
            # What the first page had lies at the other end.
            found.tickets.clear()
            positions = [*positions[::-1][: self.spent.left], 0]
        is_ordered = sort is not None and (listed == sort or from_end)
        return await self._many(found, positions, enough, step=step, is_ordered=is_ordered)

    async def _many(
        self, found: Gathered, positions: Sequence[int], enough: Enough, *, step: int, is_ordered: bool
    ) -> Gathered:
        waiting = positions
        while waiting and self.spent.left and not (is_ordered and enough(found.tickets.values())):
            group = waiting[: min(AT_ONCE, self.spent.left)]
            try:
                pages = await together(*(self.page(skip) for skip in group), at_once=AT_ONCE)
            except BadRequest as refusal:
                if refusal.code != _NO_PAGES:
                    raise
                break
            waiting = waiting[len(group) :]
            for page in pages:
                found.add(page)
            if any(len(page.results) < step for page in pages[:-1]):
                break  # The site gives shorter pages now: positions would leave gaps.
        is_all = not waiting and len(found.tickets) >= (found.total or 0)
        return replace(found, is_all=is_all, is_prefix=is_ordered)

    async def _one_after_the_other(self, found: Gathered, read: int, sort: Sort | None, enough: Enough) -> Gathered:
        """Where the site does not say how many there are: until a page brings nothing new."""
        while self.spent.left and not (sort is None and enough(found.tickets.values())):
            try:
                page = await self.page(read)
            except BadRequest as refusal:
                if refusal.code != _NO_PAGES:
                    raise
                return found
            read += len(page.results)
            if not found.add(page):
                return replace(found, is_all=True)
        return found


def _positions(total: int, step: int) -> Sequence[int]:
    """Where further pages begin. A range, never a list: the site says how many there are, and may say anything."""
    return range(step, min(total, _MOST_TOTAL), step)


_Window = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class SeenTickets:
    """The tickets that a member sees, as the Tech connector's surface has them: no pages, but a span of creation times.

    In which order it lists them is not published. Where an answer has fewer than there are, its own times say how to
    divide the span: newest first, what is older than all of them is left; else into parts that each fit.
    """

    dd: DeskDirector
    query: Mapping[str, Any]
    user: User | None
    spent: Spent

    async def collect(self) -> Gathered:
        """All tickets, or as many as may be read."""
        found = Gathered()
        spans: list[_Window] = [(self.query.get("startTime"), self.query.get("endTime"))]
        is_divided = True
        while spans and self.spent.left:
            span = spans.pop(0)
            query = {**self.query, "startTime": span[0], "endTime": span[1]}
            page = await self.dd.fetch(api.COPILOT_FIND_TICKETS, Tickets, query=query, user=self.user)
            self.spent.read(len(page.results))
            found.total = page.total if found.total is None else found.total
            fresh = found.add(page)
            if (page.total or 0) > len(page.results):
                parts = _divided(span, page) if fresh else []
                spans += parts
                is_divided = is_divided and bool(parts)
        is_all = is_divided and not spans and len(found.tickets) >= (found.total or 0)
        return replace(found, is_all=is_all)


def _divided(span: _Window, page: Tickets) -> list[_Window]:
    """The parts of a span of which a page has only some tickets; none where its times do not divide it.

    Parts overlap by a second, since it is not published whether their ends are taken in.
    """
    times = sorted(at.replace(microsecond=0) for result in page.results if (at := moment(result.created_at)))
    if not times:
        return []
    if direction(page.results) == "newest":
        end = _wire(times[0] + _SECOND)
        return [(span[0], end)] if end != span[1] else []
    count = min(len(times), ceil(min(page.total or 0, _MOST_TOTAL) * _MARGIN / len(times)))
    cuts = sorted({times[len(times) * place // count] for place in range(1, count)} - {times[0]})
    if not cuts:
        return []
    starts = [span[0], *map(_wire, cuts)]
    return list(zip(starts, [*(_wire(cut + _SECOND) for cut in cuts), span[1]], strict=True))


def _wire(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat() + "Z"
