"""Simulated flows on a thread of their own, and the app in front of them: for tests that go through everything."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from tests.desk import Desk
from workbench.simulator import FlowReceiver, Received


@dataclass
class Flows:
    """A `FlowReceiver` that tests without an event loop can wait for."""

    receiver: FlowReceiver
    loop: asyncio.AbstractEventLoop

    def wait_for(self, count: int, flow: str, seconds: float = 300) -> list[Received]:
        waiting = self.receiver.wait_for(count, flow=flow, timeout=seconds)
        return asyncio.run_coroutine_threadsafe(waiting, self.loop).result()


@contextmanager
def running_flows() -> Iterator[Flows]:
    started: Future[Flows] = Future()
    ended = threading.Event()

    async def run() -> None:
        async with FlowReceiver() as receiver:
            started.set_result(Flows(receiver, asyncio.get_running_loop()))
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        yield started.result(timeout=300)
    finally:
        ended.set()
        thread.join(timeout=300)


def local(desk: Desk, location: str) -> str:
    """The path of one of our own addresses."""
    assert location.startswith(desk.url), location
    return location.removeprefix(desk.url)
