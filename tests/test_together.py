"""A fan-out: results in order, few at once, and nothing goes on after the first failure."""

import asyncio
import gc
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.deskdirector.errors import Unauthorized
from connector.runtime import cancelled, together


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 12))
def test_results_come_in_order_and_few_are_under_way(waits: list[int], at_once: int) -> None:
    under_way = most = 0

    async def work(number: int, turns: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(turns):
            await asyncio.sleep(0)
        under_way -= 1
        return number

    async def run() -> list[int]:
        return await together(*(work(number, turns) for number, turns in enumerate(waits)), at_once=at_once)

    assert asyncio.run(run()) == list(range(len(waits)))
    assert most <= at_once


async def test_the_first_failure_ends_the_rest_and_is_raised_as_it_is() -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        try:
            if number == 1:
                raise Unauthorized("ApiKeyRefused", "No.")
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unauthorized) as caught:
            await together(*(work(number) for number in range(5000)), at_once=3)
        gc.collect()

    assert caught.value.code == "ApiKeyRefused"
    assert len(begun) <= 4
    assert sorted(begun) == sorted(ended)


async def test_whoever_is_cancelled_takes_the_fan_out_along() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.get_running_loop().create_task(together(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await cancelled([task])

    assert task.cancelled()
    assert ended.is_set()
