"""The state in an address: small, strict, kept in the store where it does not fit, and good without the store too."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import BadRequest
from connector.relay.polling.cursor import Cursor
from connector.relay.polling.encoding import decode, encode
from connector.relay.polling.items import MARK_BYTES, TICKS_PER_SECOND, Item, ticks, wire
from connector.relay.polling.states import LONGEST_ADDRESS, SMALLEST_ROOM, States, room_beside
from connector.storage.protocol import Store
from tests.relay.conftest import BOTH_STORES
from tests.relay.polling.upstream import LATE, NOW, Flow, Manners, Memory, Row, Upstream

times = st.integers(0, 2**53)
points = st.tuples(times, st.integers(0, 2**63))
marks = st.dictionaries(st.binary(min_size=MARK_BYTES, max_size=MARK_BYTES), st.integers(0, 2**34), max_size=30)
cursors = st.builds(
    Cursor,
    floor=points,
    next_floor=points,
    frontier=times,
    marks=marks,
    position=st.integers(0, 2**57),
    from_end=st.booleans(),
    last=st.none() | points,
    starting=st.booleans(),
    history=times,
    top=times,
    numbers=st.booleans(),
    unfiltered=st.booleans(),
    resting=st.booleans(),
    moved_at=st.integers(0, 2**34),
)


@given(cursors)
def test_a_cursor_survives_being_written(cursor: Cursor) -> None:
    assert decode(encode(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    ["x", "w", "k", "wAA", "w!!", "k" + "A" * 40, "1.2.3", "zz.", "1f.AAA", "7fffffffffffffff.", "é", "w" * 5000],
)
async def test_any_other_state_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="exactly as the last answer"):
        await States(Memory, 3_000).load(text)


@given(st.text(max_size=60))
async def test_no_text_is_more_than_refused(text: str) -> None:
    try:
        await States(Memory, 3_000).load(text)
    except BadRequest as refusal:
        assert refusal.code == "StateInvalid"  # noqa: PT017 - a text may be a state by chance


async def test_a_state_of_version_1_0_goes_on() -> None:
    upstream = Upstream()
    seen, new = upstream.add(NOW - 1), upstream.add(NOW)
    mark = "".join(f"{upstream.items[seen].mark.hex()}")
    text = f"{NOW - 120 * TICKS_PER_SECOND:x}." + _base64(bytes.fromhex(mark))
    flow = Flow(upstream, state=text)
    assert await flow.catch_up() == [int(new)]


def _base64(content: bytes) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(content).decode()


@pytest.mark.parametrize("room", [SMALLEST_ROOM, 1_000, 3_000])
async def test_a_state_never_exceeds_its_room(room: int) -> None:
    upstream = Upstream()
    flow = Flow(upstream, room=room)
    await flow.catch_up()
    for _ in range(2_000):
        upstream.add(NOW + TICKS_PER_SECOND)
    assert len(await flow.catch_up()) == 2_000
    assert flow.longest_state <= room
    assert flow.memory.puts


@BOTH_STORES
async def test_a_large_state_in_each_store(store: Store) -> None:
    upstream = Upstream()
    flow = Flow(upstream, memory=cast("Memory", store.payloads))
    await flow.catch_up()
    for _ in range(700):
        upstream.add(NOW + TICKS_PER_SECOND)
    assert len(await flow.catch_up()) == 700
    assert (flow.state or "").startswith("k")


async def test_a_small_state_needs_no_store() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(250):
        upstream.add()
    assert len(await flow.catch_up()) == 250
    assert flow.memory.puts == 0


@pytest.mark.parametrize("tells_total", [True, False])
@pytest.mark.parametrize("apart", [0, TICKS_PER_SECOND // 10])
@pytest.mark.parametrize("polls", range(1, 14, 3))
async def test_a_store_that_lost_everything_loses_no_item(polls: int, apart: int, tells_total: bool) -> None:
    upstream = Upstream(Manners(tells_total=tells_total))
    flow = Flow(upstream)
    await flow.catch_up()
    for number in range(1_500):
        upstream.add(NOW + number * apart)
    upstream.time.seconds += 1_500
    for _ in range(polls):
        await flow.poll()
    flow.memory.kept.clear()
    await flow.catch_up()
    assert sorted(set(flow.handed_over)) == list(range(1, 1_501))
    assert len(flow.handed_over) == 1_500


async def test_polls_with_one_old_address_answer_the_same() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(900):
        upstream.add(NOW)
    for _ in range(5):
        await flow.poll()
    first, second = await flow.ask(), await flow.ask()
    assert first.items == second.items
    await flow.catch_up()
    assert len(flow.handed_over) == len(set(flow.handed_over)) == 900


async def test_a_state_at_rest_is_written_once_a_day() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(900):
        upstream.add(NOW)
    await flow.catch_up()
    before = flow.memory.puts
    for _ in range(10):
        upstream.time.seconds += 60
        await flow.poll()
    assert flow.memory.puts == before
    upstream.time.seconds += 86_400
    await flow.poll()
    assert flow.memory.puts == before + 1


async def test_a_mark_outlives_a_reading_that_missed_its_item() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    key = upstream.add()
    await flow.catch_up()
    hidden = upstream.items.pop(key)
    await flow.catch_up()
    upstream.items[key] = hidden
    assert await flow.catch_up() == []


async def test_marks_are_dropped_when_their_items_cannot_be_met_any_more() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(1_000):
        upstream.time.seconds += 60
        upstream.add()
        await flow.catch_up()
    assert len(flow.state or "") < 500


def test_filters_that_leave_no_room_are_refused() -> None:
    assert room_beside("https://app.example/x?state=") > 3_000
    with pytest.raises(BadRequest, match="too long for the address"):
        room_beside("x" * (LONGEST_ADDRESS - SMALLEST_ROOM + 1))


def test_a_changed_item_has_another_mark() -> None:
    assert Item[Row]("7@1", NOW).mark != Item[Row]("7@2", NOW).mark


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00.0000000Z"),
        ("2018-06-28T05:18:26.9468948Z", "2018-06-28T05:18:26.9468948Z"),
        ("2018-06-28T05:18:26.5Z", "2018-06-28T05:18:26.5000000Z"),
    ],
)
def test_times_keep_all_seven_digits(moment: str, written: str) -> None:
    assert wire(ticks(moment)) == written
    assert LATE > 0
