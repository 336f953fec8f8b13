"""What one event costs in an emulated storage account: its operations, and the CPU of this process.

Requests are counted where they leave, in aiohttp, by service; what the Functions host would do (put, get and delete
messages) is added by arithmetic, because there is no host here: a put for the post, a delete for each message that it
handles, and a sixteenth of a get.
"""

import asyncio
import hmac
import itertools
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiohttp

from connector.relay import portal_webhooks
from connector.relay.delivery import deliver_message
from connector.relay.fanout import fan_out
from connector.relay.inbound import receive
from connector.relay.reconciliation import reconcile
from connector.relay.relay import Relay
from connector.relay.signature import ALGORITHM
from connector.settings import Settings
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.database import Table
from connector.storage.azure.days import DAY, day_of
from connector.storage.azure.rest import Rest
from connector.storage.azure.rows import delivery_entity, event_entity
from connector.storage.azure.store import AzureStore
from connector.storage.azure.wire import Change
from connector.storage.event_ids import event_id
from connector.storage.records import DeliveryState, Event, RoutedEvent, Subscription
from connector.storage.sealing import Sealer

KEY: Final = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
SITE: Final = "acme.deskdirector.com"
BATCH: Final = 16
"""Messages that the host gets at a time."""
PARTITION: Final = re.compile(r'PartitionKey(?:"\s*:\s*"|=\')([^"\']+)')


HOST: ContextVar[bool] = ContextVar("HOST", default=False)
"""Whether it is the host's part that runs."""


@dataclass
class Counted:
    """Requests by service, and what was written to which partition of the tables."""

    requests: Counter[str] = field(default_factory=Counter)
    entities: Counter[tuple[str, str]] = field(default_factory=Counter)
    ports: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.requests.values())

    def note(self, method: str, url: str, body: object) -> None:
        """Count a request to one of the services."""
        parts = urlsplit(url)
        service = self.ports.get(parts.port or 0)
        if service is None or HOST.get():
            return
        self.requests[service] += 1
        if service == "table" and method != "GET":
            text = body.decode() if isinstance(body, bytes) else str(body or "")
            path = unquote(parts.path)
            for piece in text.split("--changeset")[1:-1] if "$batch" in path else [path + text]:
                if found := PARTITION.search(unquote(piece)):
                    table = re.search(r"/devstoreaccount1/(\w+)", unquote(piece))
                    self.entities[table[1] if table else "", found[1]] += 1


@contextmanager
def counting(connection_string: str) -> Iterator[Counted]:
    """Count what goes to the account while the block runs."""
    pairs = re.findall(r"(\w+)Endpoint=(http://[^;]+)", connection_string)
    counted = Counted(ports={urlsplit(url).port or 0: service.lower() for service, url in pairs})
    whole = aiohttp.ClientRequest.__init__  # every request is one of these, with a session or without

    def made(request: aiohttp.ClientRequest, method: str, url: Any, **named: Any) -> None:
        counted.note(method, str(url), named.get("data"))
        whole(request, method, url, **named)

    aiohttp.ClientRequest.__init__ = made  # type: ignore[method-assign, assignment]
    try:
        yield counted
    finally:
        aiohttp.ClientRequest.__init__ = whole  # type: ignore[method-assign]


@dataclass(frozen=True)
class Cost:
    """Of one event. `busiest` is the share of all written entities that the busiest partition took."""

    operations: float
    milliseconds: float
    busiest: float
    delivered: int


class Flows:
    """A server on the loopback that accepts every event and counts them."""

    def __init__(self) -> None:
        self.count = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                self.count += 1
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


@asynccontextmanager
async def flows() -> AsyncIterator[Flows]:
    """The flows, listening."""
    listening = Flows()
    server = await asyncio.start_server(listening.serve, "127.0.0.1", 0)
    listening.port = server.sockets[0].getsockname()[1]
    try:
        yield listening
    finally:
        server.close()


@asynccontextmanager
async def relay_on(connection_string: str, port: int) -> AsyncIterator[Relay]:
    """A relay on an account of its own, as a Functions app has it."""
    prefix = f"b{secrets.token_hex(6)}"
    store = AzureStore(StorageAccount(connection_string), Sealer([KEY]), 90.0, prefix=prefix)
    relay = Relay(Settings(development_callbacks=(f"127.0.0.1:{port}",), delivery_seconds=5), store)
    try:
        yield relay
    finally:
        await relay.close()
        await store.close()


async def measure(
    connection_string: str, *, listeners: int, events: int, sites: int = 1, pause: float = 0.0, batch: int = BATCH
) -> Cost:
    """Post the events, fan them out after the pause, and deliver everything, this many at a time."""
    async with flows() as listening, relay_on(connection_string, listening.port) as relay:
        posting = [await _listened(relay, f"site{n}-{SITE}", listeners, listening.port) for n in range(sites)]
        await _run(relay, [await _post(relay, one) for one in posting], BATCH)  # makes tables, connections
        await relay.store.counters()
        relay_before, listening.count = time.process_time(), 0
        with counting(connection_string) as counted:
            messages = [await _post(relay, one) for one in itertools.islice(itertools.cycle(posting), events)]
            await asyncio.sleep(pause)
            handled = await _run(relay, messages, batch)
        seconds = time.process_time() - relay_before
        host = len(messages) + handled * (1 + 1 / BATCH)
        written = counted.entities
        return Cost(
            operations=(counted.total + host) / events,
            milliseconds=seconds / events * 1e3,
            busiest=max(written.values(), default=0) / max(1, sum(written.values())),
            delivered=listening.count,
        )


async def _listened(relay: Relay, site: str, listeners: int, port: int) -> str:
    """A webhook of the site with this many flows; returns its inbound address."""
    added = await portal_webhooks.add(relay, site, "bench", "http://localhost")
    identity = urlsplit(added.url).path.rpartition("/")[2]
    source = portal_webhooks.source_of("bench").key
    for number in range(listeners):
        name = f"{site}-{number}"
        url = f"http://127.0.0.1:{port}/{name}"
        one = Subscription(name, site, identity, "bench", url, time.time(), source_key=source)
        await relay.store.subscriptions.add(one)
    return added.url + "#" + added.secret


async def _post(relay: Relay, address: str) -> str:
    """The message of a distinct event, signed."""
    parts = urlsplit(address)
    body = json.dumps({"id": secrets.randbelow(10**9), "name": "Printer", "description": "x" * 1900}).encode()
    token = parts.query.partition("token=")[2].split("&")[0]
    signature = f"{ALGORITHM}={hmac.new(parts.fragment.encode(), body, ALGORITHM).hexdigest()}"
    return await receive(relay, parts.path.rpartition("/")[2], token, body, signature)


async def _run(relay: Relay, messages: list[str], batch: int) -> int:
    """What the host does: fan out, then deliver what is woken; returns how many messages it handled."""
    for start in range(0, len(messages), batch):
        await asyncio.gather(*(fan_out(relay, each) for each in messages[start : start + batch]))
    handled = len(messages)
    queue = relay.store.outbox._queue  # type: ignore[attr-defined]  # noqa: SLF001
    while woken := await _woken(queue):
        await asyncio.gather(*(deliver_message(relay, str(each.content)) for each in woken))
        handled += len(woken)
    return handled


async def _woken(queue: Any) -> list[Any]:
    """Wake-ups, as the host would get them: not counted here."""
    HOST.set(True)
    try:
        return list(await queue.receive(32, 60))
    finally:
        HOST.set(False)


async def expiry(connection_string: str, *, events: int) -> float:
    """Operations an event to delete a day of delivered events, with its de-duplication keys."""
    prefix = f"b{secrets.token_hex(6)}"
    rest = Rest(StorageAccount(connection_string))
    old = time.time() - 12 * DAY
    made, keys = Table(rest, f"{prefix}events{day_of(old)}"), Table(rest, f"{prefix}keys{day_of(old)}")
    for start in range(0, events, 50):
        rows = []
        for number in range(start, start + 50):
            event = Event(event_id(old + number / 1000, str(number), SITE), SITE, "t", "r", old, old, b"{}")
            (delivery,) = RoutedEvent(event, ("a",)).deliveries(old)
            done = replace(delivery, state=DeliveryState.DELIVERED)
            rows += [event_entity(event), delivery_entity(done, event)]
            await keys.insert({"PartitionKey": "dedupe-00", "RowKey": str(number), "EventId": event.id, "At": old})
        for partition in sorted({row["PartitionKey"] for row in rows}):
            await made.transact([Change("put", row) for row in rows if row["PartitionKey"] == partition])
    store = AzureStore(StorageAccount(connection_string), Sealer([KEY]), 90.0, prefix=prefix)
    await store.delete_old(time.time())
    left = await made.exists() or await keys.exists()
    with counting(connection_string) as idle:  # what a run costs when there is nothing to delete
        await store.delete_old(time.time())
    for table in (made, keys):
        await table.put({"PartitionKey": "hg-0000000", "RowKey": "f" * 33, "Kind": "event"})
    with counting(connection_string) as counted:
        await store.delete_old(time.time())
    await store.close()
    await rest.close()
    if left:
        raise RuntimeError("the day was not deleted")
    return (counted.total - idle.total) / events


async def upkeep(connection_string: str, *, registrations: int) -> float:
    """Writes a registration, when nothing has changed."""
    async with relay_on(connection_string, 9) as relay:
        for number in range(registrations):
            await _listened(relay, f"site{number}-{SITE}", 1, 9)
        await reconcile(relay)  # which also notes who listens
        writes = 0
        with counting(connection_string) as counted:
            await reconcile(relay)
            writes = sum(counted.entities.values())
        return writes / registrations
