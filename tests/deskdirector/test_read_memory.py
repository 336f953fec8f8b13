"""Answers that are being read share one limit in the process; what does not fit is refused, what is small is not."""

import asyncio

import pytest
from aiohttp import web

from connector.deskdirector import endpoints as api
from connector.deskdirector.errors import Unavailable
from connector.deskdirector.large_answers import MEMORY
from tests.upstream_servers import Upstream


class SlowAnswer:
    """Two megabytes at once; the rest when it is asked for."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"boards": "' + b"x" * 2 * 2**20)
        self.begun.set()
        await self.go_on.wait()
        await response.write(b'"}')
        await response.write_eof()
        return response


async def test_what_is_read_at_once_is_limited_for_the_whole_process(upstream: Upstream) -> None:
    slow = SlowAnswer()
    upstream.on(f"GET {api.LIST_BOARDS.path}", slow)
    upstream.on(f"GET {api.LIST_SOURCES.path}", {"sources": "x" * 1_500_000})
    upstream.on(f"GET {api.LIST_STATUSES.path}", {"statuses": []})
    desk = upstream.desk(max_memory_mb=3, budget_seconds=20)

    async with asyncio.TaskGroup() as tasks:
        holding = tasks.create_task(desk.call(api.LIST_BOARDS))
        await slow.begun.wait()
        while MEMORY.taken < 2 * 2**20:  # noqa: ASYNC110  bytes arrive without an event
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable) as caught:
            await desk.call(api.LIST_SOURCES)
        assert (caught.value.code, caught.value.retry_after) == ("AppBusy", 5)
        assert upstream.count(f"GET {api.LIST_SOURCES.path}") == 1, "an answer of ours is not a reason to ask again"
        await desk.call(api.LIST_STATUSES)
        slow.go_on.set()

    assert len(holding.result().content) > 2 * 2**20
    assert MEMORY.taken == 0
    await desk.call(api.LIST_SOURCES)
