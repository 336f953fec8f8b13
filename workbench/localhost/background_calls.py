"""Calls of functions that no HTTP request waits for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from workbench.localhost.worker import Function, InvocationError, Outcome

Deliver: TypeAlias = Callable[[Function, Outcome], Awaitable[None]]

log = logging.getLogger("host")


class Calls:
    """The calls in progress of one function, so that stopping can let them end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def begin(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run `work` on its own."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def until_fewer_than(self, count: int) -> None:
        """Wait until less than `count` calls are in progress."""
        while len(self._running) >= count:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self, seconds: float) -> None:
        """Let the calls end for up to `seconds`, then cancel the others."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()


async def succeeds(function: Function, invocation: Awaitable[Outcome], deliver: Deliver) -> bool:
    """Whether a call ended well and what it wrote is stored; a failure is logged here, once."""
    try:
        await deliver(function, await invocation)
    except InvocationError as problem:
        failure = f"{problem}\n{problem.trace}"
    except Exception as problem:  # noqa: BLE001  each store raises its own errors; the caller tries again in its way
        failure = f"What {function.name} wrote could not be stored: {problem!r}"
    else:
        return True
    log.error(failure)
    return False
