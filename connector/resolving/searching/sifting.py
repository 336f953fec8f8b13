"""Reads a find page after page and keeps what matches, so that the next page can begin where this one ended."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from connector.deskdirector.models import Page
from connector.operations.paging import FindInput
from connector.resolving.searching.spent import Spent

P = TypeVar("P", bound=Page)


@dataclass(slots=True)
class Sifted:
    """What matched among the records that were read, and where each stood, counted from 1."""

    matches: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    read: int = 0
    """Where the next page begins, counted from where this one began."""
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Sieve(Generic[P]):
    """`page` reads the page at a position; `keep` gives those of its results that match."""

    page: Callable[[int], Awaitable[P]]
    keep: Callable[[Sequence[Any]], list[Any]]
    spent: Spent

    async def sift(self, find: FindInput, room: int) -> Sifted:
        """The next matches, at most `room` of them, from where `find` begins."""
        start = find.window["skip"]
        position, is_end, sifted = start, False, Sifted()
        while self.spent.left and not is_end and len(sifted.matches) < room:
            page = await self.page(position)
            kept = self.keep(page.results)[: room - len(sifted.matches)]
            places = {id(record): place for place, record in enumerate(page.results, position - start + 1)}
            sifted.matches += kept
            sifted.places += [places[id(record)] for record in kept]
            position += len(page.results)
            is_end = not page.results or (page.total is not None and position >= page.total)
        is_full = len(sifted.matches) >= room
        sifted.read = sifted.places[-1] if is_full and sifted.places else position - start
        sifted.is_end = is_end and not (is_full and sifted.read < position - start)
        return sifted

    def answer(self, find: FindInput, page: P, sifted: Sifted) -> P:
        """`page`, which has what matched, with what a caller needs to go on and to judge it."""
        page = find.sifted(page, sifted.places, sifted.read, is_end=sifted.is_end)
        if page.has_more and not self.spent.left:
            self.spent.remarks.append(f"{self.spent.records} records were read so far; use continuation to go on.")
        self.spent.tell(page)
        return page
