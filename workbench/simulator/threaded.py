"""Runs a simulator or a flow receiver on a thread of its own, for callers that are not asynchronous."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

T = TypeVar("T")

_SECONDS = 30


@contextmanager
def on_a_thread(make: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """Enter what `make` makes on a new thread's event loop; left again with the block. Raises what that raises."""
    entered: Future[T] = Future()
    ended = threading.Event()

    async def run() -> None:
        try:
            async with make() as service:
                entered.set_result(service)
                await asyncio.to_thread(ended.wait)
        except OSError as problem:
            if entered.done():
                raise
            entered.set_exception(problem)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        yield entered.result(timeout=_SECONDS)
    finally:
        ended.set()
        thread.join(timeout=_SECONDS)
