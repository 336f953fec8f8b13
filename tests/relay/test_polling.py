"""Every item is handed over exactly once, whatever the interleaving of inserts, ties, late arrivals and polls."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from connector.deskdirector.errors import BadRequest
from connector.relay.polling.cursor import OVERLAP, REMEMBERED, START_OVERLAP, Cursor, Item, ticks, wire

NOW = ticks("2026-07-01T12:00:00Z")


class Polled(RuleBasedStateMachine):
    """A list upstream that grows, and a trigger that polls it; answers get lost now and then."""

    items: Bundle[Item[None]] = Bundle("items")

    def __init__(self) -> None:
        super().__init__()
        self.upstream: list[Item[None]] = []
        self.history: set[str] = set()
        self.delivered: list[str] = []
        self.newest = NOW

    @initialize(history=st.lists(st.integers(-2 * START_OVERLAP, 0), max_size=5))
    def begin(self, history: list[int]) -> None:
        for offset in history:
            self.insert(offset=0, at=NOW + offset)
        self.history = {item.key for item in self.upstream}
        self.state = str(Cursor.start(self.upstream, NOW - START_OVERLAP))

    @rule(offset=st.sampled_from([-OVERLAP, -OVERLAP + 1, -1, 0, 0, 0, 1, OVERLAP, 10 * OVERLAP]))
    def arrives(self, offset: int) -> None:
        """Dated before the newest one by the overlap at most, at the same tick, or later."""
        self.insert(offset=offset, at=max(self.newest + offset, NOW - START_OVERLAP))

    @rule(limit=st.integers(1, 5))
    def polls(self, limit: int) -> None:
        handed_over, self.state = self.poll(limit)
        self.delivered += handed_over

    @rule(limit=st.integers(1, 5))
    def polls_but_the_answer_is_lost(self, limit: int) -> None:
        self.poll(limit)

    def insert(self, *, offset: int, at: int) -> None:
        del offset
        self.upstream.append(Item(f"item-{len(self.upstream)}", at, None))
        self.newest = max(self.newest, at)

    def poll(self, limit: int) -> tuple[list[str], str]:
        cursor = Cursor.of(self.state)
        found = [item for item in reversed(self.upstream) if item.at >= cursor.since]
        handed_over = cursor.fresh(found)[:limit]
        return [item.key for item in handed_over], str(cursor.after(handed_over, found))

    @invariant()
    def nothing_twice_and_no_history(self) -> None:
        assert len(self.delivered) == len(set(self.delivered))
        assert not self.history & set(self.delivered)

    def teardown(self) -> None:
        while True:
            handed_over, self.state = self.poll(3)
            if not handed_over:
                break
            self.delivered += handed_over
        wanted = {item.key for item in self.upstream} - self.history
        assert sorted(self.delivered) == sorted(wanted)


TestPolled = Polled.TestCase
TestPolled.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def items(count: int, *, apart: int) -> list[Item[None]]:
    return [Item(str(number), NOW + number * apart, None) for number in range(count)]


def test_a_flood_shrinks_the_overlap_but_loses_and_repeats_nothing() -> None:
    flood = items(3000, apart=1)
    cursor = Cursor(NOW - OVERLAP)
    delivered: list[str] = []
    while handed_over := cursor.fresh(flood)[:250]:
        delivered += [item.key for item in handed_over]
        cursor = Cursor.of(str(cursor.after(handed_over, flood)))
        assert len(str(cursor)) < 8000
    assert delivered == [item.key for item in flood]


def test_ties_beyond_what_a_cursor_names_are_all_named() -> None:
    tied = items(REMEMBERED + 200, apart=0)
    cursor = Cursor(NOW).after(tied, tied)
    assert cursor.fresh(tied) == []


def test_a_changed_item_has_another_key_and_comes_again() -> None:
    first, second = Item("7@1", NOW, None), Item("7@2", NOW, None)
    cursor = Cursor(NOW).after([first], [first])
    assert cursor.fresh([first, second]) == [second]


@given(st.integers(0, 2**55), st.frozensets(st.text(), max_size=20))
def test_a_cursor_survives_being_written(since: int, keys: frozenset[str]) -> None:
    marks = frozenset(Item(key, 0, None).mark for key in keys)
    cursor = Cursor(since, marks)
    assert Cursor.of(str(cursor)) == cursor


@given(
    st.text(max_size=40).filter(lambda text: "." not in text)
    | st.sampled_from(["1f.short", "-1.", "g.", "1.ABCDEFG!", "ffffffffffffffff."])
)
def test_any_other_state_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="exactly as the last answer"):
        Cursor.of(text)


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
