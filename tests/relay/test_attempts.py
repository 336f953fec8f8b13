"""What an answer of a flow means, whatever its body is: from real sockets."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from connector.relay.attempts import Result, attempt
from connector.relay.fanout import fan_out
from connector.relay.inbound import receive
from connector.relay.normalise import MAX_EVENTS
from connector.storage.records import EventQuery
from tests.relay.conftest import World

HEAD = b"HTTP/1.1 202 Accepted\r\n"
LARGE = 3 * 2**20
ANSWERS = {
    "empty": HEAD + b"Content-Length: 0\r\n\r\n",
    "no length": HEAD + b"Connection: close\r\n\r\nfine",
    "large": HEAD + b"Content-Length: %d\r\n\r\n" % LARGE + b"x" * LARGE,
    "cut": HEAD + b"Content-Length: 1000\r\n\r\nxxx",
    "bad gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nnope!",
    "gzip bomb": HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"0" * 20 * 2**20),
}


@asynccontextmanager
async def answering(answer: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        answer(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def attempted(world: World, port: int) -> Result:
    world.relay.settings = type(world.relay.settings)(
        development_sites=(world.simulator.site,), development_callbacks=(f"127.0.0.1:{port}",), delivery_seconds=3
    )
    world.flows.url = lambda flow="x": f"http://127.0.0.1:{port}/{flow}?sig=1"  # type: ignore[method-assign]
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    (claim,) = await world.relay.store.outbox.claim_due(world.clock(), 1, 30, per_destination=1)
    return (await attempt(world.relay, claim, subscription)).result


@pytest.mark.parametrize("body", ANSWERS)
async def test_a_2xx_status_is_acceptance_whatever_the_body_is(world: World, body: str) -> None:
    async with answering(lambda writer: writer.write(ANSWERS[body])) as port:
        assert await attempted(world, port) is Result.ACCEPTED


async def test_an_endless_body_is_not_read(world: World) -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while not ended.is_set():
                writer.write(b"5\r\nhello\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        assert await attempted(world, server.sockets[0].getsockname()[1]) is Result.ACCEPTED
        ended.set()


async def test_a_connection_that_breaks_before_the_status_is_no_acceptance(world: World) -> None:
    async with answering(lambda writer: writer.write(b"HTTP/1.1 2")) as port:
        assert await attempted(world, port) is Result.FAILED


async def test_a_request_with_many_events_lets_other_work_go_on(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    body = b"[" + b",".join([b"{}"] * MAX_EVENTS) + b"]"
    message = await receive(world.relay, registration.id, registration.secrets.token, body, "")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await fan_out(world.relay, message)
    task.cancel()
    assert turns >= MAX_EVENTS
    (counters,) = await world.relay.store.counters()
    assert counters.accepted + counters.duplicates == MAX_EVENTS
    assert (await world.relay.store.outbox.events(EventQuery(take=1))).items
