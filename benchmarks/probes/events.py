"""CPU microseconds that the app spends on an event, from its accept to the last delivery: `{"cpu": …}`.

Distinct events are posted over HTTP, for this many flows that really listen: `events.py LISTENERS EVENTS`.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.harness import cpu_of, request_bytes
from connector.relay import portal_webhooks
from connector.relay.signature import ALGORITHM, HEADER
from connector.storage import records
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore

SITE = "acme.deskdirector.com"
SECRET = "a-webhook-secret"
KEY = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
AT_ONCE = 32
LONGEST_SECONDS = 60.0
QUIET_SECONDS = 1.0
"""What the app may go on with after the last answer: settling messages."""


class Flows:
    """Flows that accept everything; counts distinct events."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
                await reader.readexactly(int(headers["content-length"]))
                self.seen.add((lines[0].split()[1], headers["x-dd-event-id"]))
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


def host_of(root: Path, environment: dict[str, str]) -> Any:
    """The local host of the version that is measured."""
    try:
        from connector.localhost import LocalHost  # type: ignore[import-not-found]  # version 1.0.0
    except ImportError:
        from workbench.localhost import LocalHost
    return LocalHost(root, env=environment)


def settings_of(data: str, port: int) -> dict[str, str]:
    """The environment of a host whose flows listen on that port."""
    return {
        "CONNECTOR_DATA_DIR": data,
        "CONNECTOR_SECRETS_KEY": KEY,
        "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{port}",
    }


def subscription(number: int, registration_id: str, url: str) -> records.Subscription:
    """A flow that listens to everything."""
    given: dict[str, Any] = {}
    if hasattr(portal_webhooks, "source_of"):
        given["source_key"] = portal_webhooks.source_of("bench").key
    else:  # version 1.0.0
        given["details"] = {"wanted": getattr(portal_webhooks, "wanted")("bench").key}  # noqa: B009
    return records.Subscription(f"s{number}", SITE, registration_id, "bench", url, time.time(), **given)


async def subscribe(data: Path, registration_id: str, port: int, listeners: int) -> None:
    """Let the flows listen: subscribing through the app would need a DeskDirector."""
    store = SqliteStore(data / "connector.db", Sealer([KEY]), 90.0)
    ids = []
    for number in range(listeners):
        flow = subscription(number, registration_id, f"http://127.0.0.1:{port}/flow-{number}")
        await store.subscriptions.add(flow)
        ids.append(flow.id)
    registration = await store.registrations.get(registration_id)
    assert registration is not None
    await store.registrations.save(replace(registration, subscription_ids=tuple(ids)))
    await store.close()


async def post(url: str, events: int, first: int = 0) -> None:
    """Post distinct events, over some connections at once."""
    parts = urlsplit(url)
    numbers = iter(range(first, first + events))

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for number in numbers:
            moment = f"2026-07-01T12:{number // 60 % 60:02d}:{number % 60:02d}.{number:07d}Z"
            event = [{"id": number, "name": "Printer", "triggeredOn": moment, "description": "x" * 1900}]
            body = json.dumps(event).encode()
            signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            writer.write(request_bytes(url, {HEADER: f"{ALGORITHM}={signature}"}, body))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 202"), head
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0]))
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one())


async def listen(host: Any, data: Path, port: int, listeners: int) -> str:
    """Let this many flows listen at a webhook; its address."""
    async with httpx.AsyncClient(base_url=host.url, trust_env=False, timeout=60) as client:
        asked = {"site": SITE, "name": "bench", "secret": SECRET}
        url = (await client.post("/api/operator/webhooks", json=asked)).raise_for_status().json()["url"]
    await subscribe(data, urlsplit(url).path.rpartition("/")[2], port, listeners)
    return f"{host.url}{urlsplit(url).path}?{urlsplit(url).query}"


async def measured(host: Any, flows: Flows, url: str, listeners: int, events: int) -> float:
    """CPU microseconds an event."""

    async def all_delivered(wanted: int) -> None:
        began = time.monotonic()
        while len(flows.seen) < wanted * listeners:
            assert time.monotonic() - began < LONGEST_SECONDS, f"{len(flows.seen)} deliveries only"
            await asyncio.sleep(0.02)
        await asyncio.sleep(QUIET_SECONDS)

    warm = events // 5
    await post(url, warm)
    await all_delivered(warm)
    before = cpu_of(host.pid)
    await post(url, events, first=warm)
    await all_delivered(warm + events)
    return (cpu_of(host.pid) - before) / events * 1e6


@asynccontextmanager
async def served(listeners: int) -> AsyncIterator[tuple[Any, Flows, str]]:
    """A running host, the flows, and the address where events for this many of them are posted."""
    flows = Flows()
    server = await asyncio.start_server(flows.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        host = host_of(Path.cwd(), settings_of(data, port))
        await asyncio.to_thread(host.start)
        try:
            yield host, flows, await listen(host, Path(data), port, listeners)
        finally:
            await asyncio.to_thread(host.stop)
            server.close()


async def main() -> None:
    """Measure and print."""
    listeners, events = int(sys.argv[1]), int(sys.argv[2])
    async with served(listeners) as (host, flows, url):
        print(json.dumps({"cpu": await measured(host, flows, url, listeners, events)}))


if __name__ == "__main__":
    asyncio.run(main())
