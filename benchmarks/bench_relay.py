"""The relay: how fast events are accepted durably, what a backlog costs, and what a dead flow does to the others.

- accept: a 2 KB post becomes a durable message (SQLite, `synchronous=FULL`) before its 202, beside a function on the
  same host that answers 202 and stores nothing; once on its own, once while everything is fanned out as well;
- backlog: claiming and finishing a delivery with 200,000 pending, beside 2,000;
- one dead flow among 100, which takes connections and never answers: what the other 99 still get a second;
- end to end: CPU an event beside version 1.0.0, from its accept to the last delivery, for flows that listen;
- a further listener beside version 1.0.0: in the fan-out alone, where its delivery waits and has no row yet, and from
  there to the end of its delivery, without the request.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from operator import itemgetter
from pathlib import Path

import httpx

from benchmarks.baseline import baseline, probe
from benchmarks.harness import APPS, ROOT, load, show
from connector.relay import portal_webhooks
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.relay import Relay
from connector.relay.signature import ALGORITHM, HEADER
from connector.settings import Settings
from connector.storage.event_ids import event_id
from connector.storage.records import Event, RoutedEvent, Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from workbench.localhost import LocalHost

SITE = "acme.deskdirector.com"
SECRET = "a-webhook-secret"
KEY = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
BODY = json.dumps(
    {"id": 7, "name": "Printer", "triggeredOn": "2026-07-01T12:00:00Z", "description": "x" * 1900}
).encode()
ACCEPTED = 2500
ROUNDS = 2
FEW, MANY = 2_000, 100_000
LISTENERS, EVENTS, FINISHED = (0, 1, 5), 800, 150
FURTHER = {"fanning": (1, 200), "finishing": (1, 20)}
"""Listeners of an event, few and many, between which a further one is measured."""
DESTINATIONS = 100
EVENTS_EACH = 60


def main() -> None:
    """Measure and print."""
    alone, fanned_out = accepting()
    few, many, seconds = asyncio.run(backlog())
    rates = [[asyncio.run(deliveries_a_second(dead=dead)) for dead in (False, True)] for _ in range(ROUNDS + 1)]
    healthy, beside_a_dead_one = (max(column) for column in zip(*rates, strict=True))
    print(f"claim and ack, µs an event: {few * 1e6:.0f} with {FEW} pending, {many * 1e6:.0f} with {MANY}; "
          f"deliveries a second to 99 flows: {healthy:.0f}, beside a dead one {beside_a_dead_one:.0f}")  # fmt: skip
    show(
        "Relay",
        [
            ("accepts a CPU second, durable / forgotten, at 64", alone, ">=", 0.45),
            ("the same while fanning out", fanned_out, ">=", 0.35),
            (f"claim and ack with {MANY} pending / with {FEW}", many / few, "<=", 1.5),
            (f"seconds to serve after a restart with {MANY} pending", seconds, "<=", 2.0),
            ("rate of 99 flows beside a dead one / without it", beside_a_dead_one / healthy, ">=", 0.9),
            *beside_version_one(),
        ],
    )


def beside_version_one() -> list[tuple[str, float | None, str, float]]:
    """CPU an event, from its accept to the last delivery, and of a further listener, as shares of version 1.0.0."""
    measured: dict[bool, dict[tuple[str, int], float]] = {}
    with baseline() as old:
        for _ in range(ROUNDS):
            for is_old, root in ((False, ROOT), (True, old)):
                if root is not None:
                    _measure(root, measured.setdefault(is_old, {}))
    new, old_costs = measured[False], measured.get(True)
    shown = {f"{name} {listeners}": round(cpu) for (name, listeners), cpu in new.items()}
    print(f"CPU µs an event, by listeners: {shown}; in 1.0.0: {[round(cpu) for cpu in (old_costs or {}).values()]}")

    def ratio(cost: Callable[[Mapping[tuple[str, int], float]], float]) -> float | None:
        return cost(new) / cost(old_costs) if old_costs else None

    return [
        *(
            (f"CPU an event, accept to last delivery, {count} listeners / 1.0.0", ratio(itemgetter(("events", count))),
             "<=", 0.78)
            for count in LISTENERS
        ),
        ("a further listener in fan-out / 1.0.0", ratio(partial(_one_more, "fanning")), "<=", 0.2),
        ("a further listener, fan-out to end, no request / 1.0.0", ratio(partial(_one_more, "finishing")), "<=", 0.78),
    ]  # fmt: skip


def _measure(root: Path, best: dict[tuple[str, int], float]) -> None:
    """Measure the version in `root` once; the least counts."""
    runs = [
        *(("events", count, [str(EVENTS)]) for count in LISTENERS),
        *(("fanning", count, []) for count in FURTHER["fanning"]),
        *(("finishing", count, [str(FINISHED)]) for count in FURTHER["finishing"]),
    ]
    for name, count, arguments in runs:
        cpu = probe(name, root, str(count), *arguments)["cpu"]
        best[name, count] = min(cpu, best.get((name, count), cpu))


def _one_more(name: str, costs: Mapping[tuple[str, int], float]) -> float:
    """What one more listener costs."""
    few, many = FURTHER[name]
    return (costs[name, many] - costs[name, few]) / (many - few)


def accepting() -> tuple[float, float]:
    """Durable accepts a CPU second, without and with what follows, as a share of doing nothing."""
    with (
        LocalHost(APPS / "accept") as forgetful,
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        relay_host(first, {"AzureWebJobs.RelayFanOut.Disabled": "true"}) as accepting_only,
        relay_host(second, {}) as whole,
    ):
        hosts = [
            (forgetful.pid, f"{forgetful.url}/api/inbound/1", {}),
            *((host.pid, *inbound(host)) for host in (accepting_only, whole)),
        ]
        for pid, url, headers in hosts:
            load(url, 500, 64, pid=pid, headers=headers, body=BODY)
        rounds = []
        for _ in range(ROUNDS):  # in turns, so that a busy moment of the machine does not hit one of them only
            rounds.append([load(url, ACCEPTED, 64, pid=pid, headers=headers, body=BODY) for pid, url, headers in hosts])
            time.sleep(3)  # what is left to fan out must not slow the next round of the others
    nothing, alone, fanned_out = (min(one.cpu for one in column) for column in zip(*rounds, strict=True))
    print(f"CPU µs an accept: {alone:.0f}, while fanning out {fanned_out:.0f}; nothing done: {nothing:.0f}")
    return nothing / alone, nothing / fanned_out


def relay_host(data: str, environment: dict[str, str]) -> LocalHost:
    """The app with its store in `data`."""
    return LocalHost(ROOT, env={"CONNECTOR_DATA_DIR": data, **environment})


def inbound(host: LocalHost) -> tuple[str, dict[str, str]]:
    """The address of a webhook, and the headers that go with `BODY`."""
    asked = {"site": SITE, "name": "bench", "secret": SECRET}
    added = httpx.post(f"{host.url}/api/operator/webhooks", json=asked, trust_env=False).json()
    signature = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    return added["url"], {HEADER: f"{ALGORITHM}={signature}"}


async def backlog() -> tuple[float, float, float]:
    """Seconds to claim and finish an event with few and with many pending, and to serve again with many."""
    costs = []
    for pending in (FEW, MANY):
        with tempfile.TemporaryDirectory() as data:
            async with opened(Path(data)) as store:
                await fill(store, pending)
                await store.outbox.unbundle()  # a dispatcher does so at its next looks
                costs.append(await claim_and_ack(store, FEW // 2))
            if pending == MANY:
                seconds = await asyncio.to_thread(restart, data)
    return costs[0], costs[1], seconds


def restart(data: str) -> float:
    """Seconds until the app serves on what is in `data`."""
    began = time.perf_counter()
    with relay_host(data, {}) as host:
        httpx.get(f"{host.url}/api/health", trust_env=False).raise_for_status()
        return time.perf_counter() - began


@contextlib.asynccontextmanager
async def opened(data: Path) -> AsyncIterator[SqliteStore]:
    """The embedded store, as the app opens it."""
    store = SqliteStore(data / "connector.db", Sealer([KEY]), 90.0)
    try:
        yield store
    finally:
        await store.close()


async def fill(store: SqliteStore, count: int) -> None:
    """Accept this many events, spread over the destinations."""
    now = time.time()
    for start in range(0, count, 1000):
        some = range(start, min(start + 1000, count))
        await store.outbox.accept([RoutedEvent(event(now, one), (f"s{one % DESTINATIONS}",)) for one in some], now)


def event(now: float, number: int) -> Event:
    """A 2 KB event."""
    return Event(event_id(now, str(number)), SITE, "ticket.updated", "r", now, now, BODY)


async def claim_and_ack(store: SqliteStore, count: int) -> float:
    """CPU seconds an event, a claim of 32 at a time, as the dispatcher does."""
    now, done = time.time(), 0
    began = time.process_time()
    while done < count:
        claims = await store.outbox.claim_due(now, 32, 60.0, per_destination=16)
        await asyncio.gather(*(store.outbox.ack(claim, now) for claim in claims))
        done += len(claims)
    return (time.process_time() - began) / done


async def deliveries_a_second(*, dead: bool) -> float:
    """What 99 flows get a second from a backlog, beside one more that is healthy or never answers."""
    with tempfile.TemporaryDirectory() as data:
        async with opened(Path(data)) as store, sink() as (port, arrived):
            settings = Settings(development_callbacks=(f"127.0.0.1:{port}",), delivery_seconds=2)
            relay = Relay(settings, store)
            for number in range(DESTINATIONS):
                path = "never" if dead and not number else f"flow-{number}"
                await store.subscriptions.add(subscription(number, f"http://127.0.0.1:{port}/{path}"))
            await fill(store, DESTINATIONS * EVENTS_EACH)
            dispatcher = LocalDispatcher(relay)
            began = time.perf_counter()
            dispatcher.start()
            wanted = (DESTINATIONS - 1) * EVENTS_EACH
            await arrived.reached(wanted)
            rate = wanted / (time.perf_counter() - began)
            await dispatcher.stop()
            await relay.close()
            return rate


def subscription(number: int, callback_url: str) -> Subscription:
    """A flow that waits for everything."""
    source = portal_webhooks.source_of("bench").key
    return Subscription(f"s{number}", SITE, "r", "ticket.updated", callback_url, time.time(), source_key=source)


class Arrived:
    """Counts what arrived at the flows from 1 on."""

    def __init__(self) -> None:
        self.count = 0
        self._wanted = 0
        self._enough = asyncio.Event()

    def note(self, path: str) -> None:
        """An event arrived."""
        self.count += path != "/flow-0"
        if self.count == self._wanted:
            self._enough.set()

    async def reached(self, wanted: int) -> None:
        """Wait for this many."""
        self._wanted = wanted
        await self._enough.wait()


@contextlib.asynccontextmanager
async def sink() -> AsyncIterator[tuple[int, Arrived]]:
    """A server that accepts every event; `/never` is never answered."""
    arrived = Arrived()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                if path == "/never":
                    await asyncio.sleep(3600)
                arrived.note(path)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], arrived
    finally:
        server.close()


if __name__ == "__main__":
    main()
