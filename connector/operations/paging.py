"""Finds answer in pages: how far a page goes, where the next begins, and how to ask for it."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar
from urllib.parse import quote

from pydantic import Field, PrivateAttr, ValidationError

from connector.deskdirector.errors import BadRequest
from connector.deskdirector.models import Page
from connector.operations.field_model import ADVANCED
from connector.operations.fields import Input, Line
from connector.operations.input_kinds import KEY
from connector.operations.seen_ids import MOST_SEEN, id_key, read_keys, written

MAX_TAKE = 200
MOST_RESULTS = 1000
"""Of one answer; a site that takes no window may have answered all that it has."""
ALL_FIELDS = "all"
_SEEN = "."
"""Divides the state of a continuation from the ids that it has shown."""
P = TypeVar("P", bound=Page)


class FindInput(Input):
    """What every find takes besides its filters."""

    take: Annotated[int, ADVANCED] = Field(
        50,
        ge=1,
        description=f"The largest number of results a page, 1 to {MAX_TAKE}; a larger number counts as {MAX_TAKE}.",
    )
    continuation: Annotated[str | None, KEY, ADVANCED] = Field(
        None,
        description="The continuation of the previous page, to get the next one; filters given with it are ignored.",
    )
    fields: Annotated[list[Line] | None, ADVANCED] = Field(
        None, description="Return only these fields of each result, e.g. id, title, status; all when left out."
    )
    takes_relative_dates: ClassVar[bool] = True
    _skip: int = PrivateAttr(0)
    _seen: frozenset[int] = PrivateAttr(frozenset())
    _shown: list[tuple[int, int | None]] = PrivateAttr(default_factory=list)

    @property
    def window(self) -> dict[str, int]:
        """The page in DeskDirector's terms."""
        return {"take": min(self.take, MAX_TAKE), "skip": self._skip}

    def starting_at(self, skip: int, seen: frozenset[int] = frozenset()) -> Self:
        """The same find, from its `skip`-th result on; `seen` are the keys of results that were shown already."""
        self._skip = max(0, skip)
        self._seen = seen
        return self

    def resumed(self) -> Self:
        """The find that `continuation` stands for; itself when there is none."""
        if not self.continuation:
            return self
        try:
            text, _, seen = self.continuation.partition(_SEEN)
            state = json.loads(base64.urlsafe_b64decode(text.encode() + b"=="))
            find = type(self).model_validate(state["find"]).starting_at(int(state["skip"]), read_keys(seen))
        except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError, ValidationError):
            raise BadRequest(
                "ContinuationInvalid",
                "'continuation' must be given back exactly as the previous answer of the same operation had it; "
                "leave it out to start from the first page.",
            ) from None
        for name in {"take", "fields"} & self.model_fields_set:
            setattr(find, name, getattr(self, name))
        return find

    def paged(self, page: P) -> P:
        """`page` with what a caller needs to go on, and without what an earlier page had.

        New things move others down a list, onto the next page. It is the last page only when a total says so or when
        it is empty: a site may answer fewer results than `take` and need not say how many there are.
        """
        page.asked = self
        is_more = len(page.results) > MOST_RESULTS  # the site takes no window
        if is_more:
            page.results = page.results[:MOST_RESULTS]
        count, seen = len(page.results), self._seen  # pydantic's private attributes are slow to read
        keys = [id_key(getattr(result, "id", None)) for result in page.results]
        fresh = [place for place, key in enumerate(keys) if key is None or key not in seen]
        self._shown = [(place + 1, keys[place]) for place in fresh]
        if count and not fresh and page.total is None:
            page.notice = "DeskDirector answers the same page again, so it has no more pages here; narrow the filters."
            count = 0
        if len(fresh) < len(page.results):
            page.results = [page.results[place] for place in fresh]
        page.has_more = count > 0 and (is_more or page.total is None or self._skip + count < page.total)
        page.continuation = self._continuation(count, self._shown) if page.has_more else None
        return page

    def paged_here(self, page: P) -> P:
        """The asked window of a `page` that DeskDirector answers whole: it has no window there."""
        count, total = len(page.results), page.total or 0
        if total > count:
            page.notice = f"DeskDirector gives only {count} of {total} here; narrow the filters for the rest."
        return self.windowed(page, page.results, is_all=True)

    def windowed(self, page: P, matches: Sequence[Any], *, is_all: bool) -> P:
        """The asked window of `matches`; how many there are in all is said only where they are all."""
        page.total = len(matches)
        page.results = list(matches[self._skip : self._skip + self.window["take"]])
        page = self.paged(page)
        if not is_all:
            page.total = None
        return page

    def sifted(self, page: P, places: Sequence[int], read: int, *, is_end: bool) -> P:
        """`page` with what matched among the `read` records from where this find begins.

        `places` count them from 1; the next page begins behind the last that was read.
        """
        page.asked, seen = self, self._seen
        keys = [id_key(getattr(result, "id", None)) for result in page.results]
        fresh = [at for at, key in enumerate(keys) if key is None or key not in seen]
        self._shown = [(places[at], keys[at]) for at in fresh]
        page.results = [page.results[at] for at in fresh]
        page.has_more = not is_end
        page.continuation = self._continuation(read, self._shown) if page.has_more else None
        return page

    def after(self, count: int) -> str:
        """The continuation that goes on after the first `count` results that this page shows."""
        shown = self._shown[:count]
        return self._continuation(shown[-1][0] if shown else count, shown)

    def _continuation(self, past: int, shown: Sequence[tuple[int, int | None]]) -> str:
        """The continuation from `past` results of DeskDirector on; it knows what this page and the last have shown."""
        filters = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"continuation"})
        state = json.dumps({"skip": self._skip + past, "find": filters}, separators=(",", ":"))
        keys = [key for _, key in shown if key is not None]
        keys += list(self._seen)[: max(0, MOST_SEEN - len(keys))]
        text = base64.urlsafe_b64encode(state.encode()).decode().rstrip("=")
        return f"{text}{_SEEN}{written(keys)}" if keys else text


def cut(page: P, keep: int) -> P:
    """The first `keep` results of a page that would be too large; it says so and continues after them."""
    page.results = page.results[:keep]
    page.notice = f"Only the first {keep} results fit into one answer"
    page.has_more = True
    if page.asked is None:
        page.notice += "."
    else:
        page.notice += "; use continuation for the rest, or fewer fields."
        page.continuation = page.asked.after(keep)
    return page


def link(address: str, page: Page) -> None:
    """Put the address of the next page into the answer."""
    if page.continuation:
        page.next_link = f"{address}?continuation={quote(page.continuation)}"
