"""Pages: where one ends, how the next is asked for, and continuations that nobody gave out."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.models import Entity, Page, found
from connector.operations.paging import MOST_RESULTS, FindInput
from tests.desk import Desk


@pytest.mark.parametrize(
    "state",
    [b"[" * 100_000, b'{"skip": 1e999, "find": {}}', b'{"skip": Infinity, "find": {}}', b'{"skip": "x"}', b"\xff"],
)
def test_a_made_up_continuation_is_refused(desk: Desk, state: bytes) -> None:
    answer = desk.call("FindTickets", continuation=base64.urlsafe_b64encode(state).decode())

    assert (answer.status, answer.code) == (400, "ContinuationInvalid")


def test_an_empty_continuation_begins_at_the_first_page(desk: Desk) -> None:
    """A loop in a flow starts with an empty variable."""
    first = desk.call("FindTickets", take=1)
    again = desk.call("FindTickets", take=1, continuation="")

    assert again.json["results"] == first.json["results"]


def test_an_unknown_field_is_told_even_when_nothing_is_found(desk: Desk) -> None:
    answer = desk.call("FindTickets", search="nothing has this in it", fields=["colour"])

    assert (answer.status, answer.code) == (400, "UnknownField")


class Row(Entity):
    id: int


class Rows(Page):
    results: list[Row] = found(about="Rows.")


class Find(FindInput):
    """A find without filters."""


def rows(first: int, count: int, total: int | None = None) -> Rows:
    return Rows(results=[Row(id=first + number) for number in range(count)], total=total)


@pytest.mark.parametrize(
    ("page", "is_last"),
    [
        (rows(1, 50), False),
        (rows(1, 3), False),  # clamped, or the end: unknown is not finished
        (rows(1, 0), True),
        (rows(1, 3, total=3), True),
        (rows(1, 3, total=4), False),
        (rows(1, 0, total=4), True),
    ],
)
def test_a_page_is_the_last_only_when_a_total_says_so_or_it_is_empty(page: Rows, is_last: bool) -> None:
    answer = Find().paged(page)

    assert (answer.has_more, answer.continuation is None) == (not is_last, is_last)


@given(st.integers(1, 60), st.integers(1, 25), st.booleans())
def test_every_result_is_read_once_whatever_a_site_clamps_pages_to(count: int, clamp: int, says_total: bool) -> None:
    seen: list[int] = []
    find = Find(take=20)
    for _ in range(count + 2):
        start = find.window["skip"]
        page = rows(start, min(clamp, find.window["take"], count - start), count if says_total else None)
        answer = find.paged(page)
        seen += [row.id for row in answer.results]
        if not answer.has_more:
            break
        find = Find(continuation=answer.continuation).resumed()

    assert seen == list(range(count))


def test_a_site_that_answers_the_same_page_again_ends_the_paging() -> None:
    first = Find().paged(rows(1, 3))
    second = Find(continuation=first.continuation).resumed().paged(rows(1, 3))

    assert (second.results, second.has_more) == ([], False)
    assert "same page again" in (second.notice or "")


def test_a_site_that_takes_no_window_is_answered_in_pages_too() -> None:
    page = Find(take=50).paged(rows(1, 3 * MOST_RESULTS, total=3 * MOST_RESULTS))

    assert len(page.results) == MOST_RESULTS
    assert page.has_more
    assert Find(continuation=page.continuation).resumed().window["skip"] == MOST_RESULTS
