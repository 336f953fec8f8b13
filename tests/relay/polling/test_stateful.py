"""An upstream that adds, ties, dates back, moves and removes items, while polls come, repeat and get lost.

Everything within the promise is handed over exactly once, whatever the interleaving.
"""

import asyncio
import os
from contextlib import ExitStack
from dataclasses import replace
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connector.relay.polling.items import TICKS_PER_SECOND
from tests.relay.polling.upstream import LATE, Flow, Manners, Upstream

MINUTE = 60 * TICKS_PER_SECOND


class Polled(RuleBasedStateMachine):
    """One flow and its list."""

    @initialize(
        order=st.sampled_from(["newest first", "oldest first", "by key"]),
        tells_total=st.booleans(),
        filters=st.booleans(),
        clamp=st.sampled_from([3, 20, 200]),
        skew=st.sampled_from([-3600.0, -30.0, 0.0, 30.0, 3600.0]),
        history=st.integers(0, 8),
    )
    def begin(self, order: str, clamp: int, skew: float, history: int, *, tells_total: bool, filters: bool) -> None:
        if order == "by key" and not filters:
            clamp = 200  # a page of three has an order by chance
        self.upstream = Upstream(Manners(order, tells_total, filters, clamp, skew_seconds=skew))
        for number in range(history):
            self.upstream.add(self.upstream.now - number * 7 * MINUTE)
        self.expected: set[int] = set()
        self.flow = Flow(self.upstream)
        assert asyncio.run(self.flow.catch_up()) == []
        self.before = self.flow.state
        self.newest_handed_over = self.upstream.now
        self.handed_at = self.upstream.time.seconds
        self.tighten()

    def tighten(self) -> None:
        """Nothing here."""

    def came(self, key: str) -> None:
        content = self.upstream.items[key].content
        assert content is not None
        self.expected.add(content.id)

    @rule(count=st.integers(1, 9))
    def items_come(self, count: int) -> None:
        """With equal times."""
        moment = max(self.upstream.now, self.newest)
        for _ in range(count):
            self.came(self.upstream.add(moment))

    @rule(minutes=st.integers(0, 14))
    def an_item_comes_late(self, minutes: int) -> None:
        """Dated before the newest item that was handed over."""
        if self.upstream.time.seconds - self.handed_at < LATE / TICKS_PER_SECOND:
            self.came(self.upstream.add(max(1, self.newest_handed_over - minutes * MINUTE)))

    @rule(days=st.sampled_from([2, 400, 30_000]))
    def an_item_is_dated_in_the_future(self, days: int) -> None:
        self.came(self.upstream.add(self.upstream.now + days * 1_440 * MINUTE))

    @rule(data=st.data())
    def an_item_changes(self, data: st.DataObject) -> None:
        """A ticket that is updated: another key, and a place further on."""
        key = data.draw(st.sampled_from(sorted(self.upstream.items)), label="changed") if self.upstream.items else ""
        old = self.upstream.items.pop(key, None)
        if old is None or old.content is None:
            return
        if old.content.id not in self.flow.handed_over:
            self.expected.discard(old.content.id)
        moment = max(self.upstream.now, self.newest)
        self.came(self.upstream.add(moment, key=f"{key.partition('@')[0]}@{moment + self.upstream.serial}"))

    @rule(data=st.data())
    def an_item_goes_away(self, data: st.DataObject) -> None:
        if self.upstream.items:
            key = data.draw(st.sampled_from(sorted(self.upstream.items)), label="gone")
            content = self.upstream.items.pop(key).content
            if content is not None and content.id not in self.flow.handed_over:
                self.expected.discard(content.id)

    @rule(seconds=st.sampled_from([1, 60, 600]))
    def time_passes(self, seconds: int) -> None:
        self.upstream.time.seconds += seconds

    @rule()
    def deskdirectors_clock_steps_back(self) -> None:
        """By a few seconds at a time; newer items are still dated within the window."""
        self.upstream.manners = replace(self.upstream.manners, skew_seconds=self.upstream.manners.skew_seconds - 5)

    @rule()
    def poll(self) -> None:
        self.before = self.flow.state
        answer = asyncio.run(self.flow.poll())
        if answer.items:
            self.handed_at = self.upstream.time.seconds
        times = {item.content.id: item.at or 0 for item in self.upstream.items.values() if item.content}
        soon = self.upstream.now + 60 * MINUTE
        handed = [times[row.id] for row in answer.items if times[row.id] < soon]
        self.newest_handed_over = max([self.newest_handed_over, *handed])

    @rule()
    def poll_but_the_answer_is_lost(self) -> None:
        asyncio.run(self.flow.ask())

    @rule()
    def poll_an_old_address_twice(self) -> None:
        """Both answers are the same; neither is followed."""
        old = Flow(self.upstream, self.flow.memory, state=self.before)
        first, second = asyncio.run(old.ask()), asyncio.run(old.ask())
        assert [row.id for row in first.items] == [row.id for row in second.items]

    @property
    def newest(self) -> int:
        soon = self.upstream.now + 60 * MINUTE
        return max((item.at or 0 for item in self.upstream.items.values() if (item.at or 0) < soon), default=0)

    @precondition(lambda self: hasattr(self, "flow"))
    @invariant()
    def nothing_twice_and_nothing_unexpected(self) -> None:
        assert len(self.flow.handed_over) == len(set(self.flow.handed_over))

    def teardown(self) -> None:
        if hasattr(self, "flow"):
            for _ in range(2):
                asyncio.run(self.flow.catch_up())
            assert len(self.flow.handed_over) == len(set(self.flow.handed_over))
            assert self.expected <= set(self.flow.handed_over)


class PolledInSmallSteps(Polled):
    """The same with so small a budget that a sweep takes many polls, between which the list moves."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = ExitStack()

    def tighten(self) -> None:
        for place, name, value in (
            ("walk", "MOST_READS", 3),
            ("poll", "MOST_READS", 3),
            ("walk", "FEW_PAGES", 1),
            ("poll", "MOST_ITEMS", 4),
        ):
            self.limits.enter_context(patch(f"connector.relay.polling.{place}.{name}", value))

    def teardown(self) -> None:
        with self.limits:
            super().teardown()


EXAMPLES = 120 if os.environ.get("SWEEPS") == "whole" else 50
TestPolled = Polled.TestCase
TestPolled.settings = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)
TestPolledInSmallSteps = PolledInSmallSteps.TestCase
TestPolledInSmallSteps.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
