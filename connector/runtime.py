"""State that lives as long as an event loop, and a cache that is bounded in size and time.

Connections, locks and tasks belong to the loop that made them, and a host may run several loops one after another
(tests, the command line) or restart its own. So nothing of that kind is a module global.
"""

import asyncio
import functools
import math
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar
from weakref import ReferenceType, WeakKeyDictionary, ref

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

AT_ONCE = 10
"""How many upstream calls one fan-out has under way."""


@dataclass(slots=True)
class _LoopState:
    values: dict[Hashable, Any] = field(default_factory=dict)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    shutdown: AsyncGenerator[None] | None = None


_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopState] = WeakKeyDictionary()
_LAST: list[tuple[ReferenceType[asyncio.AbstractEventLoop], _LoopState]] = []
"""The loop that asked last, which nearly always asks again; at most one."""


def per_loop(make: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function so that each event loop calls it once per (hashable) arguments.

    Later calls in that loop return the first result; it is dropped when the loop shuts down.
    """

    @functools.wraps(make)
    def of_this_loop(*arguments: P.args, **named: P.kwargs) -> T:
        values = _state().values
        key = (make, *arguments, *named.items()) if named else (make, *arguments)
        try:
            kept: T = values[key]
        except KeyError:
            kept = values[key] = make(*arguments, **named)
        return kept

    return of_this_loop


def close_with_loop(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` awaited when the running loop shuts down; last registered, first closed."""
    state = _state()
    state.closers.append(close)
    if state.shutdown is None:
        state.shutdown = _until_shutdown(state)
        # Runs to its `yield` without waiting for anything; unstarted, its `finally` would never run.
        with suppress(StopIteration):
            state.shutdown.__anext__().__await__().__next__()


def _state() -> _LoopState:
    loop = asyncio.get_running_loop()
    for last, known in _LAST:
        if last() is loop:
            return known
    state = _LOOPS.get(loop)
    if state is None:
        state = _LOOPS[loop] = _LoopState()
    _LAST[:] = [(ref(loop), state)]
    return state


async def _until_shutdown(state: _LoopState) -> AsyncGenerator[None]:
    """Loops close their async generators before they end (`shutdown_asyncgens`): the one hook that every host calls."""
    loop = asyncio.get_running_loop()
    try:
        yield
    finally:
        _LOOPS.pop(loop, None)
        _LAST.clear()
        while state.closers:
            await state.closers.pop()()


async def together(*work: Coroutine[Any, Any, T], at_once: int = AT_ONCE) -> list[T]:
    """The results of all, in order, at most `at_once` of them under way.

    The first failure ends the others and is raised as it is: nothing goes on behind an answer, and an upstream that
    refused one call is not asked the rest.
    """
    if not work:
        return []
    room = asyncio.Semaphore(at_once)

    async def in_turn(coroutine: Coroutine[Any, Any, T]) -> T:
        async with room:
            return await coroutine

    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(in_turn(coroutine)) for coroutine in work]
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    finally:
        for coroutine in work:
            coroutine.close()  # those that never began
    return [task.result() for task in running]


async def cancelled(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks and wait until they have ended, whatever they end with."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)
    for task in ending:
        if not task.cancelled():
            task.exception()  # marks it as retrieved


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


class ExpiringCache(Generic[K, V]):
    """At most `size` values, each until it expires; the least recently used one makes room for a new one.

    With `weigh`, which gives the bytes of a value, they take `most_bytes` at most.
    """

    def __init__(
        self,
        size: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_bytes: int = 0,
        weigh: Callable[[V], int] | None = None,
    ) -> None:
        self._size = size
        self._clock = clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._most_bytes = most_bytes
        self._weigh = weigh
        self.bytes = 0
        """What the values weigh together."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, default: D) -> V | D:
        """The value of `key`, or `default` when there is none that is still valid."""
        entry = self._entries.get(key)
        if entry is None:
            return default
        if entry[0] <= self._clock():
            self.drop(key)
            return default
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: K, value: V, seconds: float = math.inf) -> None:
        """Keep `value` for this many seconds."""
        self.drop(key)
        self._entries[key] = (self._clock() + seconds, value)
        if self._weigh is not None:
            self.bytes += self._weigh(value)
        while len(self._entries) > self._size or (self.bytes > self._most_bytes and self._weigh is not None):
            self.drop(next(iter(self._entries)))

    def drop(self, key: K) -> None:
        """Forget the value of `key`, if there is one."""
        entry = self._entries.pop(key, None)
        if entry is not None and self._weigh is not None:
            self.bytes -= self._weigh(entry[1])


class SharedWork(Generic[K, V]):
    """Work that several callers need at the same time is done once, and all of them get its result."""

    def __init__(self) -> None:
        self._running: dict[K, asyncio.Task[V]] = {}

    def is_running(self, key: K) -> bool:
        """Whether work for `key` is under way."""
        return key in self._running

    async def run(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result (or exception) of the work that is under way for `key`; started now when there is none."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.get_running_loop().create_task(work())
            task.add_done_callback(functools.partial(self._ended, key))
        # One caller's cancellation must not take the result away from the others.
        return await asyncio.shield(task)

    def _ended(self, key: K, task: "asyncio.Task[V]") -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # marks it as retrieved, in case every caller has gone away
