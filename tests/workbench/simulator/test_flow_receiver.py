"""The Power Automate stand-in answers as set, and keeps what it received."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from workbench.simulator import FlowReceiver
from workbench.simulator.flow_receiver import Mode


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def post(session: aiohttp.ClientSession, url: str) -> tuple[int, str | None]:
    async with session.post(url, json={"id": 1}, headers={"x-dd-event-id": "e1"}) as response:
        return response.status, response.headers.get("Retry-After")


async def test_addresses_are_long_secret_and_checked(session: aiohttp.ClientSession) -> None:
    async with FlowReceiver() as receiver:
        url = receiver.url("orders")
        assert len(url) > 300
        assert await post(session, url) == (202, None)
        assert (await post(session, url[:-1] + "x"))[0] == 401
        assert (await post(session, url.replace("flow=orders", "flow=other")))[0] == 401
        [received] = receiver.received
        assert (received.flow, received.body, received.headers["x-dd-event-id"]) == ("orders", {"id": 1}, "e1")


async def test_every_mode_answers_its_way_and_runs_out(session: aiohttp.ClientSession) -> None:
    async with FlowReceiver() as receiver:
        url = receiver.url()
        receiver.behave("flow", "throttled", retry_after=9, times=2)
        assert [await post(session, url) for _ in range(3)] == [(429, "9"), (429, "9"), (202, None)]
        modes: tuple[tuple[Mode, int], ...] = (("failing", 502), ("gone", 404), ("slow", 202))
        for mode, status in modes:
            receiver.behave("flow", mode, seconds=0.01)
            assert (await post(session, url))[0] == status
        receiver.behave("flow", "gone", status=410)
        assert (await post(session, url))[0] == 410
        assert len(receiver.accepted("flow")) == 2


async def test_modes_can_be_set_from_outside(session: aiohttp.ClientSession) -> None:
    async with FlowReceiver() as receiver:
        root = f"http://127.0.0.1:{receiver.port}/_control"
        async with session.get(f"{root}/url/orders") as response:
            url = (await response.json())["url"]
        for body, status in (
            ({"flow": "orders", "mode": "failing", "status": 503}, 200),
            ({"mode": "odd"}, 400),
            ([], 400),
        ):
            async with session.post(f"{root}/mode", json=body) as response:
                assert response.status == status
        assert (await post(session, url))[0] == 503
        async with session.get(f"{root}/received") as response:
            assert [one["status"] for one in (await response.json())["results"]] == [503]


async def test_waiting_ends_with_enough_or_with_a_timeout(session: aiohttp.ClientSession) -> None:
    async with FlowReceiver() as receiver:
        waiting = asyncio.create_task(receiver.wait_for(2, flow="a"))
        for flow in ("a", "b", "a"):
            await post(session, receiver.url(flow))
        assert len(await waiting) == 2
        with pytest.raises(TimeoutError):
            await receiver.wait_for(3, flow="a", timeout=0.01)


async def test_a_restarted_receiver_keeps_its_address(session: aiohttp.ClientSession) -> None:
    receiver = FlowReceiver()
    async with receiver:
        url = receiver.url()
    async with receiver:
        assert receiver.url() == url
        assert (await post(session, url))[0] == 202
