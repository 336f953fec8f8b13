"""Per-loop state, the expiring cache, shared work."""

import asyncio
import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.runtime import ExpiringCache, SharedWork, close_with_loop, per_loop


class Made:
    """Something that is made per loop."""

    def __init__(self, name: str = "") -> None:
        self.name = name


@per_loop
def made() -> Made:
    return Made()


@per_loop
def named(name: str) -> Made:
    return Made(name)


async def test_a_loop_makes_a_value_once_per_arguments() -> None:
    assert made() is made()
    assert named("a") is named("a")
    assert named("a") is not named("b")


def test_each_loop_has_its_own() -> None:
    async def get() -> Made:
        return made()

    assert asyncio.run(get()) is not asyncio.run(get())


def test_outside_of_a_loop_there_is_no_state() -> None:
    with pytest.raises(RuntimeError):
        made()


def test_what_was_opened_is_closed_with_the_loop_in_reverse_order() -> None:
    closed: list[str] = []

    async def work() -> None:
        for name in ("first", "second"):

            async def close(name: str = name) -> None:
                await asyncio.sleep(0)
                closed.append(name)

            close_with_loop(close)
        assert closed == []

    asyncio.run(work())
    assert closed == ["second", "first"]


def test_a_loop_that_has_ended_is_not_kept_alive() -> None:
    async def work() -> tuple["weakref.ref[object]", "weakref.ref[object]"]:
        async def close() -> None:
            pass

        close_with_loop(close)
        return weakref.ref(asyncio.get_running_loop()), weakref.ref(made())

    loop, value = asyncio.run(work())
    gc.collect()
    assert loop() is None
    assert value() is None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_gone_when_its_time_is_over() -> None:
    clock = Clock()
    cache: ExpiringCache[str, int] = ExpiringCache(10, clock)
    cache.put("a", 1, 5)
    cache.put("b", 2)
    clock.now += 5

    assert cache.get("a", None) is None
    assert cache.get("b", None) == 2
    assert len(cache) == 1


def test_nothing_is_kept_for_no_time() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(10, Clock())
    cache.put("a", 1, 0)
    assert cache.get("a", "none") == "none"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans())))
def test_the_least_recently_used_makes_room(steps: list[tuple[str, bool]]) -> None:
    cache: ExpiringCache[str, str] = ExpiringCache(3)
    recent: list[str] = []
    for key, is_put in steps:
        if is_put:
            cache.put(key, key)
        else:
            assert cache.get(key, None) == (key if key in recent else None)
        if is_put or key in recent:
            recent = [*[one for one in recent if one != key][-2:], key]
    assert len(cache) == len(recent)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12), st.booleans())))
def test_values_take_the_bytes_that_they_may_and_no_more(steps: list[tuple[str, int, bool]]) -> None:
    clock = Clock()
    cache: ExpiringCache[str, int] = ExpiringCache(100, clock, most_bytes=10, weigh=lambda weight: weight)
    for key, weight, is_put in steps:
        clock.now += 1
        if is_put:
            cache.put(key, weight, 3)
            assert (cache.get(key, None) is None) is (weight > 10)
        else:
            cache.get(key, None)
        assert cache.bytes == sum(value for _, value in cache._entries.values()) <= 10


async def test_callers_at_the_same_time_share_one_work() -> None:
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.01)
        return calls

    shared: SharedWork[str, int] = SharedWork()
    assert [one.result() for one in await _at_once(shared, work, 3)] == [1, 1, 1]
    assert await shared.run("key", work) == 2


async def test_a_cancelled_caller_does_not_stop_the_others() -> None:
    async def work() -> str:
        await asyncio.sleep(0.01)
        return "done"

    shared: SharedWork[str, str] = SharedWork()
    first = asyncio.create_task(shared.run("key", work))
    second = asyncio.create_task(shared.run("key", work))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "done"


async def test_a_failure_reaches_every_caller_and_is_not_kept() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def work() -> None:
        return None

    shared: SharedWork[str, None] = SharedWork()
    tasks = await _at_once(shared, fail, 2)
    assert [type(task.exception()) for task in tasks] == [ValueError, ValueError]
    await shared.run("key", work)


async def _at_once(shared: SharedWork, work, count: int) -> list[asyncio.Task]:  # type: ignore[no-untyped-def, type-arg]
    tasks = [asyncio.create_task(shared.run("key", work)) for _ in range(count)]
    await asyncio.wait(tasks)
    return tasks
