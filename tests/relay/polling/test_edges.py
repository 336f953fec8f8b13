"""Bad records, lists without dates, sites with bad manners, and bursts beyond everything."""

import pytest

from connector.deskdirector.errors import Unavailable
from connector.relay.polling.items import LATE_SECONDS, TICKS_PER_SECOND, Item, Reading, Source, dated
from tests.relay.polling.upstream import LATE, NOW, Flow, Manners, Row, Upstream

DAY = 86_400 * TICKS_PER_SECOND


@pytest.mark.parametrize(
    "manners",
    [
        Manners(page_seconds=0.6),
        Manners(tells_total=False, page_seconds=0.6),
        Manners(filters=False, tells_total=False, page_seconds=0.6),
        Manners("by key", tells_total=False, page_seconds=0.6),
        Manners(clamp=10, page_seconds=0.6),
        Manners(clamp=10, tells_total=False, page_seconds=0.6),
    ],
    ids=str,
)
async def test_thousands_at_one_moment(manners: Manners) -> None:
    upstream = Upstream(manners)
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(8_000 if manners.clamp > 10 else 2_000):
        upstream.add(NOW + 60 * TICKS_PER_SECOND)
    await flow.catch_up()
    assert sorted(flow.handed_over) == list(range(1, upstream.serial + 1))


async def test_what_is_newest_first_with_a_known_total_comes_oldest_first() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for number in range(3_000):
        upstream.add(NOW + number * TICKS_PER_SECOND)
    upstream.time.seconds += 3_000
    assert await flow.catch_up() == list(range(1, 3_001))
    assert upstream.reads < 200


async def test_an_answer_is_oldest_first_whatever_the_list() -> None:
    upstream = Upstream(Manners("by key", tells_total=False))
    flow = Flow(upstream)
    await flow.catch_up()
    for number in range(60):
        upstream.add(NOW + number)
    assert [row.id for row in (await flow.poll()).items] == list(range(1, 61))


async def test_one_answer_stays_small() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(20):
        upstream.add(text="x" * 100_000)
    answer = await flow.poll()
    assert len(answer.items) == 3
    assert answer.wait_seconds == 0
    assert await flow.catch_up() == list(range(4, 21))


async def test_one_item_larger_than_an_answer_still_comes() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(2):
        upstream.add(text="x" * 1_000_000)
    assert await flow.catch_up() == [1, 2]


@pytest.mark.parametrize("filters", [True, False])
async def test_items_without_a_date_come_once_and_stop_nobody(filters: bool) -> None:
    upstream = Upstream(Manners(filters=filters))
    for number in range(5):
        upstream.add(NOW - number * DAY)
    upstream.add(0)
    flow = Flow(upstream)
    assert await flow.catch_up() == []
    undated, after = upstream.add(0), upstream.add()
    assert sorted(await flow.catch_up()) == [int(undated), int(after)]
    for _ in range(3):
        upstream.time.seconds += 3_600
        new = upstream.add()
        assert await flow.catch_up() == [int(new)]


async def test_a_record_that_cannot_be_read_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    upstream.items["unreadable ab"] = Item("unreadable ab", None)
    new = upstream.add()
    assert await flow.catch_up() == [int(new)]
    await flow.catch_up()
    assert caplog.text.count("without usable content") == 1


@pytest.mark.parametrize("years", [1, 50, 5_000])
async def test_an_item_dated_in_the_future_comes_once_and_moves_nothing(years: int) -> None:
    upstream = Upstream()
    upstream.add(NOW - DAY)
    flow = Flow(upstream)
    await flow.catch_up()
    future = upstream.add(NOW + years * 365 * DAY)
    assert await flow.catch_up() == [int(future)]
    for _ in range(30):
        upstream.time.seconds += 300
        new = upstream.add()
        assert await flow.catch_up() == [int(new)]


async def test_a_clock_that_steps_back_loses_nothing_within_the_window() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for _ in range(20):
        upstream.time.seconds += 60
        new = upstream.add()
        assert await flow.catch_up() == [int(new)]
    upstream.manners.skew_seconds = 60.0 - LATE_SECONDS
    for _ in range(20):
        upstream.time.seconds += 60
        new = upstream.add()
        assert await flow.catch_up() == [int(new)]


@pytest.mark.parametrize("filters", [True, False])
@pytest.mark.parametrize("tells_total", [True, False])
@pytest.mark.parametrize("before", [0, 3, 900])
async def test_a_list_without_dates_goes_by_numbers(before: int, filters: bool, tells_total: bool) -> None:
    upstream = Upstream(Manners("numbers", tells_total=tells_total, filters=filters))
    for _ in range(before):
        upstream.add(0)
    flow = Flow(upstream)
    assert await flow.catch_up() == []
    for count in (1, 450, 2_000):
        first = upstream.serial + 1
        for _ in range(count):
            upstream.add(0)
        assert sorted(await flow.catch_up()) == list(range(first, first + count))
        upstream.time.seconds += 7_200
    assert await flow.catch_up() == []


async def test_a_site_that_answers_the_first_page_always_is_no_endless_list() -> None:
    upstream = Upstream(Manners(tells_total=False))

    async def read(since: int | None, skip: int) -> Reading[Row]:
        del skip
        return await upstream.read(since, 0)

    flow = Flow(upstream, source_of=lambda: Source(read))
    await flow.catch_up()
    new = upstream.add()
    assert await flow.catch_up() == [int(new)]


async def test_pages_that_take_longer_than_a_poll_may_are_an_error_that_says_so() -> None:
    upstream = Upstream(Manners(page_seconds=20.0))
    upstream.add()
    flow = Flow(upstream)
    with pytest.raises(Unavailable, match="too slow to begin"):
        await flow.ask()


@pytest.mark.parametrize("seconds", [2.0, 5.0, 11.0])
async def test_slow_pages_only_make_more_polls(seconds: float) -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    upstream.manners.page_seconds = seconds
    for number in range(2_000):
        upstream.add(NOW + number)
    assert await flow.catch_up() == list(range(1, 2_001))


async def test_a_quiet_list_after_a_burst_is_not_read_whole_for_ever() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    for number in range(5_000):
        upstream.add(NOW + number * TICKS_PER_SECOND // 10)
    upstream.time.seconds += 500
    await flow.catch_up()
    for _ in range(40):
        upstream.time.seconds += 60
        await flow.poll()
    before = upstream.reads
    await flow.poll()
    assert upstream.reads - before == 1


async def test_late_items_are_found_up_to_the_limit() -> None:
    upstream = Upstream()
    flow = Flow(upstream)
    await flow.catch_up()
    upstream.time.seconds += 7_200
    newest = upstream.now
    upstream.add(newest)
    await flow.catch_up()
    for seconds in (1, 100, LATE_SECONDS):
        late = upstream.add(newest - seconds * TICKS_PER_SECOND)
        assert await flow.catch_up() == [int(late)]
    upstream.add(newest - LATE - TICKS_PER_SECOND)
    assert await flow.catch_up() == []


@pytest.mark.parametrize("manners", [Manners(), Manners(tells_total=False), Manners("oldest first")], ids=str)
@pytest.mark.parametrize("polls", [3, 10, 20])
async def test_an_item_that_comes_late_behind_a_sweep_is_found_by_the_next(manners: Manners, polls: int) -> None:
    upstream = Upstream(manners)
    flow = Flow(upstream)
    await flow.catch_up()
    for number in range(4_000):
        upstream.add(NOW + number * TICKS_PER_SECOND)
    upstream.time.seconds += 4_000
    for _ in range(polls):
        await flow.poll()
    newest = max(upstream.items[str(number)].at or 0 for number in flow.handed_over)
    late = upstream.add(newest - 600 * TICKS_PER_SECOND)
    await flow.catch_up()
    upstream.time.seconds += 60
    await flow.catch_up()
    assert int(late) in flow.handed_over
    assert sorted(flow.handed_over) == list(range(1, 4_002))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "", "2026-13-45T00:00:00Z", "0000-00-00T00:00:00Z", None])
def test_impossible_dates_are_none(text: str | None) -> None:
    assert dated(text) is None
    assert dated(text, "2026-07-01T12:00:00Z") == NOW


@pytest.mark.parametrize("tells_total", [True, False])
async def test_a_list_that_comes_to_have_the_newest_first_in_each_part_only_is_read_whole_within_the_hour(
    tells_total: bool,
) -> None:
    """As where a site orders by priority first: its first page looks as if the rest of the list were older."""
    upstream = Upstream(Manners("by group", tells_total=tells_total, filters=False))
    flow = Flow(upstream)
    assert await flow.catch_up() == []
    for number in range(3_000):
        upstream.add(upstream.now - (3_000 - number) * 60 * TICKS_PER_SECOND)
    await flow.catch_up()
    while upstream.add() and upstream.serial % 3 != 2:
        pass  # the last of these is in the last part
    wanted = upstream.serial
    for _ in range(60):
        upstream.time.seconds += 60
        await flow.catch_up()
    assert wanted in flow.handed_over
    assert len(flow.handed_over) == len(set(flow.handed_over))
