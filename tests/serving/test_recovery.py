"""Creates whose answer is lost, over raw sockets that count what was made: 200 identical calls at once, both modes."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.desk import ROOT
from tests.upstream_servers import free_port, reset
from workbench.localhost import LocalHost

CALLS = {"reset before": 200, "reset after": 200}
"""How many identical calls come at once; 40 with other faults."""
TITLE = "The line is down"


@dataclass
class Site:
    """A site that creates tickets and lists them; `fault` decides what becomes of the first create."""

    fault: str
    port: int
    made: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0
    lag_seconds: float = 0.3
    """How long after its creation a ticket is in the list, with the fault `lag`."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                method, path = head.split(" ", 2)[:2]
                await self._answer(writer, method, path.partition("?")[0], body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, method: str, path: str, body: bytes) -> None:
        if path.endswith("/tickets/find"):
            late = self.lag_seconds if self.fault == "lag" else 0
            shown = [one for one in reversed(self.made) if time.time() - one["at"] >= late]
            self._write(writer, 200, {"results": [one["ticket"] for one in shown], "totalResults": len(shown)})
        elif method == "POST" and path.endswith("/tickets"):
            self.tries += 1
            await self._create(writer, json.loads(body), is_first=self.tries == 1)
        else:
            self._write(writer, 404, {"message": "No such route."})

    async def _create(self, writer: asyncio.StreamWriter, body: dict[str, Any], *, is_first: bool) -> None:
        if is_first and self.fault == "reset before":
            await reset(asyncio.StreamReader(), writer)
            return
        if is_first and self.fault == "bad gateway":
            self._write(writer, 502, {"message": "Bad gateway."})
            return
        now = datetime.now(UTC).replace(tzinfo=None).isoformat() + "Z"
        ticket = {"id": 100 + len(self.made), "name": body["name"], "createdOn": now}
        self.made.append({"ticket": ticket, "at": time.time()})
        if is_first and self.fault in ("reset after", "lag"):
            await reset(asyncio.StreamReader(), writer)
        elif is_first and self.fault == "cut off":
            text = json.dumps(ticket).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(text), text[:-5]))
            await writer.drain()
            writer.close()
        else:
            self._write(writer, 200, ticket)

    def _write(self, writer: asyncio.StreamWriter, status: int, value: object) -> None:
        text = json.dumps(value).encode()
        date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").encode()
        head = b"HTTP/1.1 %d X\r\ndate: %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % (status, date, len(text)) + text)


@asynccontextmanager
async def site(fault: str) -> AsyncIterator[Site]:
    """The site on a port of its own; `refused` listens only after a moment."""
    running = Site(fault, free_port())
    if fault == "refused":
        opening = asyncio.get_running_loop().create_task(_open_later(running))
        try:
            yield running
        finally:
            (await opening).close()
    else:
        server = await asyncio.start_server(running.serve, "127.0.0.1", running.port)
        try:
            yield running
        finally:
            server.close()
            server.close_clients()


async def _open_later(running: Site) -> asyncio.Server:
    await asyncio.sleep(0.5)
    return await asyncio.start_server(running.serve, "127.0.0.1", running.port, backlog=500)


@contextmanager
def app(port: int, mode: str, data: str) -> Iterator[str]:
    env = {
        "CONNECTOR_DEVELOPMENT_SITES": f"127.0.0.1:{port}",
        "CONNECTOR_RECOVER_CREATES": mode,
        "CONNECTOR_RECOVER_SECONDS": "2",
        "CONNECTOR_REPEAT_SECONDS": "2",
        "CONNECTOR_DATA_DIR": data,
        "CONNECTOR_DISCOVERY": "off",
    }
    with LocalHost(ROOT, env=env) as host:
        yield host.url


async def storm(url: str, port: int, count: int) -> list[httpx.Response]:
    """The same create, so many times at once."""
    headers = {"dd-host": f"127.0.0.1:{port}", "dd-api-key": "DdApi some-key-1234"}
    body = {"title": TITLE, "requestType": "1", "idempotencyKey": "storm"}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=100, limits=limits, trust_env=False) as client:
        calls: list[Awaitable[httpx.Response]] = [
            client.post(f"{url}/api/tickets", json=body, headers=headers) for _ in range(count)
        ]
        return list(await asyncio.gather(*calls))


FAULTS = ["refused", "reset before", "reset after", "bad gateway", "cut off", "lag"]
DONE = {"refused", "reset after", "cut off", "lag"}
"""Faults that come after the work, or before anything was sent: there is a ticket to answer with."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_find_never_creates_twice_and_answers_what_was_made(fault: str, tmp_path_factory: Any) -> None:
    async with site(fault) as running:
        with app(running.port, "find", str(tmp_path_factory.mktemp("data"))) as url:
            answers = await storm(url, running.port, CALLS.get(fault, 40))

    assert len(running.made) == (1 if fault in DONE else 0)
    assert {answer.status_code for answer in answers} == ({200} if fault in DONE else {424})
    if fault in DONE:
        assert {answer.json()["id"] for answer in answers} == {100}


@pytest.mark.parametrize("fault", FAULTS)
async def test_repeat_creates_once_and_answers_all(fault: str, tmp_path_factory: Any) -> None:
    async with site(fault) as running:
        with app(running.port, "repeat", str(tmp_path_factory.mktemp("data"))) as url:
            answers = await storm(url, running.port, CALLS.get(fault, 40))

    assert len(running.made) == 1
    assert running.tries <= 2
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["id"] for answer in answers} == {100}


async def test_a_later_repeat_of_the_key_looks_again_first(tmp_path_factory: Any) -> None:
    async with site("lag") as running:
        running.lag_seconds = 1000.0
        with app(running.port, "find", str(tmp_path_factory.mktemp("data"))) as url:
            (first,) = await storm(url, running.port, 1)
            running.lag_seconds = 0.0
            (second,) = await storm(url, running.port, 1)

    assert first.status_code == 424
    assert (second.status_code, second.json()["id"], second.json()["recovered"]) == (200, 100, True)
    assert (running.tries, len(running.made)) == (1, 1)
