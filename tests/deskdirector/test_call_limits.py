"""Limits on calls to one site: concurrent calls, a refused key, and the answer at the limit."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from connector.deskdirector import errors
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.gates import WAITING
from tests.deskdirector.calls import CREATE, PREFIX, TICKET, create, get
from tests.upstream_servers import KEY, Upstream, status


async def test_calls_to_one_site_are_capped(upstream: Upstream) -> None:
    now = most = 0

    async def count(_: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return web.json_response({})

    upstream.on(TICKET, count)
    settings = upstream.settings(site_connections=4)
    keys = [upstream.desk(key=f"{key}:{KEY}").connection for key in ("one", "two", "three")]
    await asyncio.gather(*(get(DeskDirector(keys[0], settings)) for _ in range(12)))
    assert most == 2, "one key leaves the others their half"
    await asyncio.gather(*(get(DeskDirector(key, settings)) for key in keys for _ in range(6)))
    assert most == 4


async def test_who_would_wait_too_long_for_a_place_is_turned_away_at_once(upstream: Upstream) -> None:
    go_on = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.json_response({"id": 7})

    upstream.on(TICKET, wait)
    connection, settings = upstream.desk().connection, upstream.settings(site_connections=4)
    refused = 0

    async def ask() -> None:
        nonlocal refused
        try:
            await get(DeskDirector(connection, settings))
        except errors.Unavailable as problem:
            refused += problem.code == "AppBusy"
            if refused == 3:
                go_on.set()

    places = 2  # half of those of the site, for one key
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        for _ in range(places + places * WAITING + 3):
            tasks.create_task(ask())
    assert refused == 3
    assert len(upstream.calls) == places + places * WAITING


async def test_a_key_that_was_refused_is_not_sent_again_at_once(upstream: Upstream) -> None:
    upstream.on(TICKET, status(401))
    for route in (f"GET {PREFIX}/connections/test", "GET /api/v2/copilot/connections/test"):
        upstream.on(route, status(401))
    refused = []
    for _ in range(5):
        with pytest.raises(errors.Unauthorized) as caught:
            await get(upstream.desk())
        refused.append((caught.value.code, caught.value.message))
    seen = len(upstream.calls)
    upstream.on(TICKET, {"id": 7})

    assert len(set(refused)) == 1
    assert seen <= 6, "each scheme and each surface once, for all five calls together"
    assert await get(upstream.desk(key="another:not-a-secret-key"))
    assert await get(upstream.desk(key="third:not-a-secret-key"))


async def test_calls_that_are_refused_at_once_find_out_once_why(upstream: Upstream) -> None:
    for route in (TICKET, f"GET {PREFIX}/connections/test", "GET /api/v2/copilot/connections/test"):
        upstream.on(route, status(401))
    refused = await asyncio.gather(*(get(upstream.desk()) for _ in range(10)), return_exceptions=True)

    assert {getattr(one, "code", one) for one in refused} == {"ApiKeyRefused"}
    assert len(upstream.calls) == 10 + 5, "under the first scheme each, under the other and in the tests one of them"


async def test_a_scheme_is_found_once_for_calls_at_once(upstream: Upstream) -> None:
    async def ticket(request: web.Request) -> web.Response:
        is_good = request.headers["Authorization"].startswith("Basic ")
        return web.json_response({"id": 7}, status=200 if is_good else 401)

    upstream.on(TICKET, ticket)
    await asyncio.gather(*(get(upstream.desk()) for _ in range(10)))
    assert len(upstream.calls) == 20


@pytest.mark.parametrize("call", [get, create])
async def test_a_limit_of_ours_is_called_ours_and_leaves_nothing_unclear(upstream: Upstream, call: Any) -> None:
    go_on = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.json_response({"id": 7})

    upstream.on(TICKET, wait)
    upstream.on(CREATE, wait)
    settings = upstream.settings(site_connections=2, budget_seconds=3)
    connection = upstream.desk().connection
    async with asyncio.TaskGroup() as tasks:
        first = DeskDirector(connection, settings)
        first._deadline += 30
        tasks.create_task(get(first))
        while not upstream.calls:  # noqa: ASYNC110  calls arrive without an event
            await asyncio.sleep(0.01)
        second = DeskDirector(connection, settings)
        with pytest.raises(errors.Unavailable) as caught:
            await call(second)
        go_on.set()

    assert caught.value.code == "AppBusy"
    assert "under way in this app" in caught.value.message
    assert not second.may_have_created
    assert len(upstream.calls) == 1
