"""Bursts of every size, density, silence, skew, page time, order and manners: each poll progresses, each item once."""

import os
from typing import Any, Final

import pytest

from connector.relay.polling.items import TICKS_PER_SECOND
from tests.relay.polling.covering import Case, covering, named
from tests.relay.polling.upstream import LATE, Flow, Manners, Upstream

FACTORS: Final[dict[str, tuple[Any, ...]]] = {
    "size": (0, 1, 130, 900, 3600),
    "apart": (0, 1, TICKS_PER_SECOND // 20, 45 * TICKS_PER_SECOND),  # ticks between two items of the burst
    "silence": (0, 3_600, 400 * 86_400),
    "skew": (-2 * 86_400, -3_600, 0, 3_600, 2 * 86_400),
    "page_seconds": (0.01, 0.6, 2.5),
    "tells_total": (True, False),
    "order": ("newest first", "oldest first", "by key"),
    "filters": (True, False),
    "clamp": (200, 30),
}


CASES: Final = covering(FACTORS, 3 if os.environ.get("SWEEPS") == "whole" else 2)
"""Every combination of any two factors; of any three in `make sweeps`."""


def upstream_of(case: Case) -> Upstream:
    manners = Manners(
        **{name: case[name] for name in ("order", "tells_total", "filters", "clamp", "page_seconds")},
        skew_seconds=case["skew"],
    )
    upstream = Upstream(manners)
    for number in range(40):
        upstream.add(upstream.now - (4_000 - number * 100) * TICKS_PER_SECOND)
    return upstream


@pytest.mark.parametrize("case", CASES, ids=named)
async def test_every_item_once(case: Case) -> None:
    upstream = upstream_of(case)
    flow = Flow(upstream)
    assert await flow.catch_up() == []
    upstream.time.seconds += case["silence"]
    first = len(upstream.items) + 1
    began = upstream.now
    for number in range(case["size"]):
        upstream.add(began + number * case["apart"])
    upstream.time.seconds += case["size"] * case["apart"] / TICKS_PER_SECOND
    handed_over = await flow.catch_up()
    assert sorted(handed_over) == list(range(first, first + case["size"]))
    assert await flow.catch_up() == []
    newest = upstream.items[str(len(upstream.items))].at or 0
    late = upstream.add(newest - LATE + TICKS_PER_SECOND if case["size"] else None)
    assert await flow.catch_up() == [int(late)]
