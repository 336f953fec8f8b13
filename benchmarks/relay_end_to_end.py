"""From accept to last delivery: distinct events, posted over HTTP, for flows that really listen."""

import asyncio
import hashlib
import hmac
import json
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from connector.relay import portal_webhooks
from connector.relay.signature import ALGORITHM, HEADER
from connector.storage.records import Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from workbench.localhost import LocalHost

SITE: Final = "acme.deskdirector.com"
SECRET: Final = "a-webhook-secret"
KEY: Final = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
EVENTS: Final = 600
FLOWS: Final = 4
AT_ONCE: Final = 32
LONGEST_SECONDS: Final = 120.0


class Listeners:
    """Flows that accept everything and count the distinct events."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()
        self.last_at = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
                await reader.readexactly(int(headers["content-length"]))
                self.seen.add((lines[0].split()[1], headers["x-dd-event-id"]))
                self.last_at = time.perf_counter()
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


def end_to_end(root: Path) -> tuple[float, float]:
    """Events a second that are accepted, and that reach all flows: from the first accept to the last delivery."""
    return asyncio.run(_end_to_end(root))


async def _end_to_end(root: Path) -> tuple[float, float]:
    listeners = Listeners()
    server = await asyncio.start_server(listeners.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {
            "CONNECTOR_DATA_DIR": data,
            "CONNECTOR_SECRETS_KEY": KEY,
            "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{port}",
        }
        host = LocalHost(root, env=environment)
        await asyncio.to_thread(host.start)
        try:
            return await _measured(host, Path(data), port, listeners)
        finally:
            await asyncio.to_thread(host.stop)
            server.close()


async def _measured(host: LocalHost, data: Path, port: int, listeners: Listeners) -> tuple[float, float]:
    async with httpx.AsyncClient(base_url=host.url, trust_env=False, timeout=60) as client:
        asked = {"site": SITE, "name": "bench", "secret": SECRET}
        url = (await client.post("/api/operator/webhooks", json=asked)).raise_for_status().json()["url"]
        await _subscribe(data, urlsplit(url).path.rpartition("/")[2], port)
        target = f"{urlsplit(url).path}?token={parse_qs(urlsplit(url).query)['token'][0]}"
        numbers = iter(range(EVENTS))

        async def post() -> None:
            for number in numbers:
                body = _body(number)
                signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                answer = await client.post(target, content=body, headers={HEADER: f"{ALGORITHM}={signature}"})
                assert answer.status_code == 202, answer.text

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(post())
        accepted = time.perf_counter() - began
        while len(listeners.seen) < EVENTS * FLOWS:
            assert time.perf_counter() - began < LONGEST_SECONDS, f"{len(listeners.seen)} deliveries only"
            await asyncio.sleep(0.05)
        return EVENTS / accepted, EVENTS / (listeners.last_at - began)


async def _subscribe(data: Path, registration_id: str, port: int) -> None:
    """Let the flows listen: subscribing through the app would need a DeskDirector."""
    store = SqliteStore(data / "connector.db", Sealer([KEY]), 90.0)
    for number in range(FLOWS):
        await store.subscriptions.add(
            Subscription(
                f"s{number}",
                SITE,
                registration_id,
                "bench",
                f"http://127.0.0.1:{port}/flow-{number}",
                time.time(),
                source_key=portal_webhooks.source_of("bench").key,
            )
        )
    await store.close()


def _body(number: int) -> bytes:
    moment = f"2026-07-01T12:00:{number // 60 % 60:02d}.{number:07d}Z"
    return json.dumps([{"id": number, "name": "Printer", "triggeredOn": moment, "description": "x" * 1900}]).encode()
