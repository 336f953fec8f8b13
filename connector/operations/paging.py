"""Finds answer in pages: how far a page goes, where the next begins, and how to ask for it."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar
from urllib.parse import quote

from pydantic import Field, PrivateAttr, ValidationError

from connector.deskdirector.errors import BadRequest
from connector.deskdirector.models import Page
from connector.operations.field_model import ADVANCED
from connector.operations.fields import Input, Line
from connector.operations.input_kinds import KEY

MAX_TAKE = 200
P = TypeVar("P", bound=Page)


class FindInput(Input):
    """What every find takes besides its filters."""

    take: Annotated[int, ADVANCED] = Field(
        50, ge=1, description=f"How many to answer at once, 1 to {MAX_TAKE}; a larger number means {MAX_TAKE}."
    )
    continuation: Annotated[str | None, KEY, ADVANCED] = Field(
        None,
        description="Give back the continuation of the previous answer to get the next page; "
        "filters given with it are ignored.",
    )
    fields: Annotated[list[Line] | None, ADVANCED] = Field(
        None, description="Answer only these fields of each result, e.g. id, title, status; all when left out."
    )
    takes_relative_dates: ClassVar[bool] = True
    _skip: int = PrivateAttr(0)
    _last_page: list[str] = PrivateAttr(default_factory=list)

    @property
    def window(self) -> dict[str, int]:
        """The page in DeskDirector's terms."""
        return {"take": min(self.take, MAX_TAKE), "skip": self._skip}

    def starting_at(self, skip: int, last_page: Sequence[str] = ()) -> Self:
        """The same find, from its `skip`-th result on; `last_page` are the ids at both ends of the page before."""
        self._skip = max(0, skip)
        self._last_page = list(last_page)
        return self

    def resumed(self) -> Self:
        """The find that `continuation` stands for; itself when there is none."""
        if not self.continuation:
            return self
        try:
            state = json.loads(base64.urlsafe_b64decode(self.continuation.encode() + b"=="))
            find = type(self).model_validate(state["find"])
            find.starting_at(int(state["skip"]), [str(mark) for mark in state.get("page", ())])
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
        """`page` with what a caller needs to go on.

        It is the last one only when a total says so or when it is empty: a site may answer fewer results than `take`
        and need not say how many there are.
        """
        page.asked = self
        marks = [str(getattr(result, "id", "")) for result in page.results]
        if self._skip and len(marks) > 1 and [marks[0], marks[-1]] == self._last_page:
            page.results, marks = [], []
            page.notice = "DeskDirector answers the same page again, so it has no more pages here; narrow the filters."
        self._last_page = [marks[0], marks[-1]] if marks else []
        count = len(marks)
        page.has_more = count > 0 and (page.total is None or self._skip + count < page.total)
        page.continuation = self.after(count) if page.has_more else None
        return page

    def paged_here(self, page: P, matching: Callable[[Any], bool] = bool) -> P:
        """The asked window of those `matching`, of a `page` that DeskDirector answers whole: it has no window there."""
        given, told = len(page.results), page.total or 0
        if told > given:
            page.notice = f"DeskDirector gives only {given} of {told} here; narrow the filters for the rest."
        found = [one for one in page.results if matching(one)]
        page.total = len(found)
        page.results = found[self._skip : self._skip + self.window["take"]]
        return self.paged(page)

    def after(self, count: int) -> str:
        """The continuation that goes on `count` results after the beginning of this page."""
        filters = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"continuation"})
        state = json.dumps(
            {"skip": self._skip + count, "find": filters, "page": self._last_page}, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(state.encode()).decode().rstrip("=")


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
