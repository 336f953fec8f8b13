"""Small real servers on loopback: an application to answer with, and raw sockets that misbehave on purpose."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.settings import Settings

KEY = "global:correct-horse-battery"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Upstream:
    """A DeskDirector of our own: `routes` maps `METHOD /path` to an answer, `calls` are the requests it has seen."""

    port: int = 0
    routes: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    anything: Answer | None = None
    """What every other request is answered with, in place of 404."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def settings(self, **values: Any) -> Settings:
        """Settings that allow this server; without its schemas and documents: most tests are about single calls."""
        return Settings(**{"development_sites": (self.host,), "schemas": "off", "discovery": "off", **values})

    def desk(self, *, key: str = KEY, agent: str = "", **values: Any) -> DeskDirector:
        settings = self.settings(**values)
        headers = {"dd-host": self.host, "dd-api-key": key, "dd-agent": agent}
        return DeskDirector(Connection.from_headers(headers, settings), settings)

    def on(self, route: str, *answers: Answer | object) -> None:
        """Answer `route` with each of these in turn, and with the last one from then on."""
        left = list(answers)

        async def answer(request: web.Request) -> web.StreamResponse:
            now = left.pop(0) if len(left) > 1 else left[0]
            return await now(request) if callable(now) else web.json_response(now)

        self.routes[route] = answer

    def count(self, route: str) -> int:
        return sum(f"{method} {path}" == route for method, path, _ in self.calls)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((request.method, request.path, request.headers.get("Authorization", "")))
        route = self.routes.get(f"{request.method} {request.path}", self.anything)
        return await route(request) if route else web.json_response({"message": "no route"}, status=404)


@asynccontextmanager
async def serving(upstream: Upstream | None = None) -> AsyncIterator[Upstream]:
    upstream = upstream or Upstream()
    # A bare server hands over a BaseRequest, which has all that the answers read.
    server = web.Server(upstream.answer, handler_cancellation=True)  # type: ignore[arg-type]
    runner = web.ServerRunner(server, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    upstream.port = runner.addresses[0][1]
    try:
        yield upstream
    finally:
        await runner.cleanup()


def status(code: int, body: object = None, **headers: str) -> Answer:
    """Answer with this status, a JSON body, and headers (`retry_after` is `Retry-After`)."""

    async def answer(_: web.Request) -> web.Response:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return web.json_response({} if body is None else body, status=code, headers=named)

    return answer


def page(code: int = 200) -> Answer:
    """Answer with a web page."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html", status=code)

    return answer


async def hang_up(request: web.Request) -> web.Response:
    """Read the request, then close without an answer."""
    await request.read()
    assert request.transport is not None
    request.transport.close()
    return web.Response()


Misbehaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    port: int
    requests: list[bytes]


@asynccontextmanager
async def misbehaving(behave: Misbehaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    """A server that reads whole requests and then does `behave`, on each connection again and again until it closes."""
    seen: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                seen.append(await _request(reader))
                await behave(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield RawServer(server.sockets[0].getsockname()[1], seen)
    finally:
        server.close()
        server.close_clients()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def answering(raw: bytes, *, then_close: bool = False) -> Misbehaviour:
    """Write these bytes."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        if then_close:
            writer.close()

    return behave


async def close_silently(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def say_nothing(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """A port whose queue of connections is full, so that a new one is never made."""
    loop = asyncio.get_running_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            asyncio.ensure_future(_try_connect(loop, client, listener.getsockname()))  # noqa: RUF006
        await asyncio.sleep(0.05)
        try:
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()


async def _try_connect(loop: asyncio.AbstractEventLoop, client: socket.socket, address: tuple[str, int]) -> None:
    try:
        async with asyncio.timeout(0.05):
            await loop.sock_connect(client, address)
    except TimeoutError:
        pass


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
