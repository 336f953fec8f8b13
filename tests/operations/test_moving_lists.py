"""A list that moves between two pages: nothing is repeated, and what was not shown follows."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.operations.paging import FindInput, cut
from connector.operations.seen_ids import MOST_SEEN, id_key, read_keys, written
from tests.desk import Desk, generous


def page_of(ids: list[int], find: FindInput) -> Tickets:
    """What a site answers: the asked window of its list as it is now."""
    skip, take = find.window["skip"], find.window["take"]
    results = [Ticket(id=number) for number in ids[skip : skip + take]]
    return find.paged(Tickets(results=results, total=len(ids)))


@given(
    count=st.integers(0, 60),
    take=st.integers(1, 20),
    arrivals=st.lists(st.integers(0, 8), max_size=40),
    cuts=st.lists(st.integers(1, 5) | st.none(), max_size=40),
)
def test_nothing_is_repeated_and_nothing_old_is_lost(
    count: int, take: int, arrivals: list[int], cuts: list[int | None]
) -> None:
    """New tickets come first, as DeskDirector lists them; some pages are cut because they are too large."""
    ids = list(range(count, 0, -1))
    shown: list[int] = []
    find, step = FindInput(take=take), 0
    while True:
        page = page_of(ids, find)
        keep = cuts[step] if step < len(cuts) else None
        if keep is not None and keep < len(page.results):
            page = cut(page, keep)
        shown += [ticket.id for ticket in page.results]
        if not page.continuation:
            break
        find = FindInput(continuation=page.continuation).resumed()
        for _ in range(arrivals[step] if step < len(arrivals) else 0):
            ids.insert(0, max(ids) + 1)
        step += 1

    assert len(shown) == len(set(shown))
    assert set(range(1, count + 1)) <= set(shown)


@given(st.lists(st.integers(0, 2**63 - 1) | st.text(min_size=1), max_size=MOST_SEEN))
def test_ids_are_read_as_they_were_written(ids: list[Any]) -> None:
    keys = {key for one in ids if (key := id_key(one)) is not None}

    assert read_keys(written(keys)) == keys


def test_a_continuation_with_a_full_page_of_ids_still_fits_into_an_address() -> None:
    find = FindInput(take=200)
    page = find.paged(Tickets(results=[Ticket(id=100_000 + 7 * place) for place in range(200)], total=1000))

    assert page.continuation is not None
    assert len(page.continuation) < 1000


@generous
def test_a_find_while_tickets_come_in(desk: Desk) -> None:
    first = desk.call("FindTickets", take=5).json
    desk.call("CreateTicket", title="New one", contact=str(next(iter(desk.tenant.contacts))))
    second = desk.call("FindTickets", continuation=first["continuation"]).json

    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}
