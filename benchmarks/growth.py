"""How costs grow with what there is: CPU of a call or an event at each size, beside the smallest, in one run.

Flat lines are the aim; docs/relay.md says which are not. `python -m benchmarks.growth` measures every size,
`make bench` a short form.
"""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import pytest
from rich.table import Table

from benchmarks.bench_relay import claim_and_ack, fill, opened
from benchmarks.harness import ROOT, console
from benchmarks.probes.events import SITE, subscription
from benchmarks.probes.fanning import message
from benchmarks.upstream import TICKET
from connector.catalog import operation_of
from connector.deskdirector.transport import Notified
from connector.operations.request import Request
from connector.relay import portal_webhooks
from connector.relay.fanout import fan_out
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.reconciliation import look
from connector.relay.relay import Relay
from connector.serving.invoke import invoke
from connector.settings import Settings
from connector.storage.idempotency_state import StoredAnswer
from connector.storage.protocol import Store
from connector.storage.records import Registration, RegistrationState
from tests.waves import upstream

ROUNDS: Final = 3
TOGETHER: Final = 250
CALLS, EVENTS, KEYS = 600, 60, 300
SETTINGS: Final = Settings(connection_rate=0, address_rate=0, schemas="off")
IMPORTING: Final = """
import time
import connector.catalog as catalog
from connector.operations.operation import registry
from importlib import import_module
import_module("connector.catalog.tickets")
before, began = len(registry()), time.process_time()
for resource in catalog.resources():
    import_module(f"connector.catalog.{resource}")
    if len(registry()) - before >= SIZE:
        break
print((time.process_time() - began) / (len(registry()) - before) * 1e6)
"""

Measure = Callable[[int], Coroutine[Any, Any, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """What grows, the cost that is to stay, the sizes, and the most that the cost may be of that at the first size."""

    grows: str
    cost: str
    measure: Measure
    sizes: tuple[int, ...]
    short: tuple[int, ...]
    most: float


async def a_call(connections: int) -> float:
    """GetTicket, by so many connections in turns."""
    operation = operation_of("tickets", "GetTicket")
    url, path = "https://app.example/api/tickets/10001", {"ticketId": "10001"}

    async def call(number: int) -> None:
        headers = {"dd-host": f"s{number}.deskdirector.com", "dd-api-key": f"key-{number}"}
        answered = await invoke(operation, Request("GET", url, headers, path), SETTINGS)
        assert answered.status == 200, answered.body

    with pytest.MonkeyPatch.context() as patch:
        async with upstream(patch) as site:
            site.settled, site.answers = 1, {"GET_TICKET": lambda _: TICKET}
            numbers = [number % connections for number in range(max(CALLS, connections))]
            await in_lots(call, range(connections))
            return await best_of(lambda: in_lots(call, numbers), len(numbers))


class Flows:
    """Flows that take everything at once; they stand for the network."""

    def __init__(self) -> None:
        self.left = 0
        self.enough = asyncio.Event()

    async def notify(
        self, origin: str, target: str, headers: Mapping[str, str], body: bytes, *, connect: float, total: float
    ) -> Notified:
        """One delivery."""
        del origin, target, headers, body, connect, total
        self.left -= 1
        if not self.left:
            self.enough.set()
        return Notified(202, {})


@contextlib.asynccontextmanager
async def listening(listeners: int, others: int = 0) -> AsyncIterator[tuple[Relay, Flows, Registration]]:
    """A relay at work, with so many flows at one webhook, and others at webhooks of their own."""
    with tempfile.TemporaryDirectory() as data:
        async with opened(Path(data)) as store:
            relay, flows = Relay(Settings(development_callbacks=("127.0.0.1:9",)), store), Flows()
            relay._transport = cast("Any", flows)  # noqa: SLF001  the network is left out
            await portal_webhooks.add(relay, SITE, "bench", "https://app.example", "a-webhook-secret")
            (registration,) = await store.registrations.list()
            await subscribe(store, [registration.id] * listeners, first=0)
            await subscribe(store, [f"other-{number // 5}" for number in range(others)], first=listeners)
            ids = tuple(f"s{number}" for number in range(listeners))
            await store.registrations.save(replace(registration, subscription_ids=ids))
            dispatcher = LocalDispatcher(relay)
            dispatcher.start()
            yield relay, flows, registration
            await dispatcher.stop()


async def subscribe(store: Store, registrations: Sequence[str], *, first: int) -> None:
    """A flow at each of these registrations."""

    async def add(number: int) -> None:
        url = f"http://127.0.0.1:9/{first + number}"
        await store.subscriptions.add(subscription(first + number, registrations[number], url))

    await in_lots(add, range(len(registrations)))


async def an_event(listeners: int, others: int = 0) -> float:
    """From the inbound queue to the last delivery; for each flow that gets it, where there are several."""
    async with listening(listeners, others) as (relay, flows, registration):
        posted = iter(range(1_000_000))

        async def some() -> None:
            flows.left = EVENTS * listeners
            flows.enough.clear()
            for number in islice(posted, EVENTS):
                await fan_out(relay, message(registration.id, number))
            await flows.enough.wait()

        await some()
        return await best_of(some, EVENTS * max(1, listeners))


async def an_event_beside(others: int) -> float:
    """With one listener, beside this many other subscriptions."""
    return await an_event(1, others)


async def a_delivery(pending: int) -> float:
    """Claimed and ended, with so many pending."""
    with tempfile.TemporaryDirectory() as data:
        async with opened(Path(data)) as store:
            await fill(store, pending)
            return 1e6 * min([await claim_and_ack(store, pending // 5) for _ in range(ROUNDS)])


async def a_key(kept: int) -> float:
    """An idempotency key begun and finished, with so many kept."""
    with tempfile.TemporaryDirectory() as data:
        async with opened(Path(data)) as store:

            async def one(number: int) -> None:
                await store.idempotency.begin(f"key {number}", "same", time.time())
                await store.idempotency.finish(f"key {number}", StoredAnswer(200, b"{}"))

            await in_lots(one, range(kept))
            fresh = iter(range(kept, kept + 1_000_000))
            return await best_of(lambda: in_lots(one, list(islice(fresh, KEYS))), KEYS)


async def upkeep(registrations: int) -> float:
    """A look at all registrations, for each of them."""
    with tempfile.TemporaryDirectory() as data:
        async with opened(Path(data)) as store:
            relay, source, now = Relay(Settings(), store), portal_webhooks.source_of("bench").key, time.time()

            async def add(number: int) -> None:
                name = f"registration-{number}"
                one = Registration(name, SITE, source, RegistrationState.ACTIVE, now, subscription_ids=(f"s{number}",))
                await store.registrations.save(one)

            await in_lots(add, range(registrations))
            await subscribe(store, [f"registration-{number}" for number in range(registrations)], first=0)

            async def run() -> None:
                await look(relay)

            await run()
            return await best_of(run, registrations)


async def an_import(operations: int) -> float:
    """Of a further operation, with this many imported, in a process of its own."""
    command = [sys.executable, "-c", IMPORTING.replace("SIZE", str(operations))]
    runs = [await asyncio.to_thread(subprocess.check_output, command, cwd=ROOT, text=True) for _ in range(ROUNDS)]
    return min(map(float, runs))


LINES: Final = (
    Line("connections", "CPU of a GetTicket", a_call, (10, 100, 300, 1_000, 3_000), (10, 3_000), 1.3),
    Line("listeners", "CPU of an event, a listener", an_event, (1, 5, 20, 50, 200), (1, 50), 1.0),
    Line("others' flows", "CPU of an event", an_event_beside, (0, 100, 1_000, 10_000, 30_000), (0, 3_000), 1.2),
    Line("pending", "CPU to claim and end", a_delivery, (1_000, 5_000, 20_000, 100_000, 200_000), (), 1.5),
    Line("keys", "CPU of a key", a_key, (300, 1_000, 10_000, 50_000, 200_000), (300, 10_000), 1.3),
    Line("registrations", "CPU of upkeep, each", upkeep, (100, 300, 1_000, 3_000, 10_000), (100, 1_000), 1.3),
    Line("operations", "CPU to import, each", an_import, (10, 20, 40, 60, 80), (10, 80), 1.3),
)


async def in_lots(work: Callable[[int], Awaitable[None]], numbers: Sequence[int]) -> None:
    """Do it for each number, many at a time."""
    for start in range(0, len(numbers), TOGETHER):
        await asyncio.gather(*(work(number) for number in numbers[start : start + TOGETHER]))


async def best_of(run: Callable[[], Awaitable[None]], count: int) -> float:
    """CPU microseconds of one of `count`, in the best of several rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await run()
        took.append((time.process_time() - began) / count * 1e6)
    return min(took)


def grown(line: Line, sizes: Sequence[int]) -> list[tuple[int, float]]:
    """The cost at each size, in microseconds."""
    return [(size, asyncio.run(line.measure(size))) for size in sizes]


def rows() -> Sequence[tuple[str, float | None, str, float]]:
    """The short form, as rows of the table of all benchmarks."""
    measured = []
    for line in LINES:
        if line.short:
            (few, first), (many, last) = grown(line, line.short)
            name = f"{line.cost}, with {many:,} {line.grows} / {few:,}"
            measured.append((name, last / first, "<=", line.most))
    return measured


def main() -> None:
    """Measure everything and print."""
    table = Table(title="Growth: CPU beside the smallest size", title_justify="left")
    for column in ("what grows", "what it costs", "µs at first", *["size: ratio"] * max(len(x.sizes) for x in LINES)):
        table.add_column(column)
    for line in LINES:
        costs = grown(line, line.sizes)
        first = costs[0][1]
        table.add_row(line.grows, line.cost, f"{first:.0f}", *(f"{size:,}: {cost / first:.2f}" for size, cost in costs))
        print(f"{line.grows}: " + ", ".join(f"{size:,} {cost:.0f} µs" for size, cost in costs), flush=True)
    console.print(table)


if __name__ == "__main__":
    main()
