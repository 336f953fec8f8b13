"""Reading what is new from lists of any length, order and manners."""

from collections.abc import Callable

import pytest

from connector.deskdirector.errors import Unavailable
from connector.deskdirector.models import Entity
from connector.relay.polling.cursor import OVERLAP, TICKS_PER_SECOND, Cursor, Item, ticks
from connector.relay.polling.reads import MOST_ITEMS, PAGES, TAKE, Read, Reading, poll

NOW = ticks("2026-07-01T12:00:00Z")


class Row(Entity):
    """Something small."""

    id: int
    text: str = ""


def rows(count: int, *, apart: int = TICKS_PER_SECOND, text: str = "") -> list[Item[Row]]:
    return [Item(str(number), NOW + number * apart, Row(id=number, text=text)) for number in range(count)]


def listing(
    items: list[Item[Row]], *, newest_first: bool = True, tells_total: bool = True, filters: bool = True
) -> Read[Row]:
    """A list upstream, which pages, and filters by time or does not care."""
    ordered = sorted(items, key=lambda item: item.at, reverse=newest_first)

    async def read(since: int, until: int | None, skip: int) -> Reading[Row]:
        found = (
            [one for one in ordered if one.at >= since and (until is None or one.at < until)] if filters else ordered
        )
        return Reading(found[skip : skip + TAKE], len(found) if tells_total else None)

    return read


async def followed(read: Read[Row], state: str) -> list[int]:
    """Everything that polling finds, from `state` on until there is nothing new."""
    found: list[int] = []
    for _ in range(1000):
        answer = await poll(state, read)
        state = answer.state
        if not answer.items:
            return found
        found += [row.id for row in answer.items]
    raise AssertionError("it never ends")


LISTINGS: list[Callable[[list[Item[Row]]], Read[Row]]] = [
    listing,
    lambda items: listing(items, newest_first=False),
    lambda items: listing(items, tells_total=False),
    lambda items: listing(items, filters=False),
]


@pytest.mark.parametrize("of", LISTINGS, ids=["usual", "oldest first", "no total", "filters ignored"])
@pytest.mark.parametrize("count", [0, 1, TAKE, TAKE + 1, 3 * TAKE])
async def test_everything_once_and_in_order(of: Callable[[list[Item[Row]]], Read[Row]], count: int) -> None:
    assert await followed(of(rows(count)), str(Cursor(NOW))) == list(range(count))


async def test_a_backlog_larger_than_can_be_read_in_one_go() -> None:
    backlog = rows(PAGES * TAKE + 500)
    assert await followed(listing(backlog), str(Cursor(NOW))) == [row.content.id for row in backlog]


async def test_a_backlog_after_a_long_silence() -> None:
    silence = 30 * 86_400 * TICKS_PER_SECOND
    backlog = [Item(one.key, one.at + silence, one.content) for one in rows(PAGES * TAKE + 100)]
    answer = await poll(str(Cursor(NOW)), listing(backlog))
    assert [row.id for row in answer.items] == list(range(MOST_ITEMS))


async def test_too_much_in_one_moment_is_said_rather_than_lost() -> None:
    with pytest.raises(Unavailable) as refusal:
        await followed(listing(rows(PAGES * TAKE + 1000, apart=0)), str(Cursor(NOW)))
    assert refusal.value.code == "TooManyNew"


async def test_one_answer_stays_small() -> None:
    large = rows(20, text="x" * 100_000)
    answer = await poll(str(Cursor(NOW)), listing(large))
    assert len(answer.items) == 3
    assert answer.wait_seconds == 0
    assert await followed(listing(large), str(Cursor(NOW))) == list(range(20))


async def test_one_item_larger_than_an_answer_still_comes() -> None:
    assert await followed(listing(rows(2, text="x" * 1_000_000)), str(Cursor(NOW))) == [0, 1]


async def test_the_first_call_notes_where_to_begin() -> None:
    before = rows(5)
    answer = await poll(None, listing(before))
    assert answer.items == []
    state = answer.state
    new = Item("new", before[-1].at - OVERLAP // 2, Row(id=99))
    assert await followed(listing([*before, new]), state) in ([], [99])
