"""The real relay and store in virtual time: hours of an outage take seconds, and waits are exact.

The event loop's clock moves on only when nothing is left to do and no thread of the store is at work.
"""

import asyncio
import selectors
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from connector.deskdirector.no_answer import AnswerTimeout
from connector.deskdirector.transport import Notified
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.portal_webhooks import source_of
from connector.relay.relay import Relay
from connector.settings import Settings
from connector.storage.event_ids import event_id
from connector.storage.records import Event, RoutedEvent, Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore, database
from connector.storage.sqlite.connection import Connection, connect
from connector.storage.sqlite.database import Database

T = TypeVar("T")
KEY = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
START = 1_800_000_000.0
SITE = "acme.deskdirector.com"
Answered = tuple[int, dict[str, str]]


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0
        self.busy = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._loop.busy:
            return super().select(timeout if timeout == 0 else 5.0)
        ready = super().select(0)
        if not ready and timeout:
            self._loop.now += timeout
        return ready


def count_threads_work(monkeypatch: Any) -> None:
    """Time stands still while a thread of the store is at work."""
    for name in ("write_together", "read"):
        monkeypatch.setattr(Database, name, _counted(getattr(Database, name)))
    monkeypatch.setattr(database, "connect", _connect_without_waiting_for_the_disk)


def _connect_without_waiting_for_the_disk(path: Path, busy_seconds: float) -> Connection:
    connection = connect(path, busy_seconds)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _counted(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def counted(*arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualTimeLoop):
            return await work(*arguments)
        loop.busy += 1
        try:
            return await work(*arguments)
        finally:
            loop.busy -= 1

    return counted


def run(scenario: Callable[[], Awaitable[T]]) -> T:
    """Run a scenario in virtual time."""

    async def main() -> T:
        try:
            return await scenario()
        finally:
            cast("VirtualTimeLoop", asyncio.get_running_loop()).busy += 1  # threads are joined in real time

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


def now() -> float:
    """Virtual seconds since the beginning."""
    return asyncio.get_running_loop().time()


@dataclass
class Flow:
    """A flow that accepts everything after `latency` seconds; its subclasses are worse."""

    latency: float = 0.05
    accepted: list[tuple[float, str]] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def take(self, event: str) -> Answered:
        self.asked.append((now(), event))
        await asyncio.sleep(self.latency)
        answer = self.answer()
        if 200 <= answer[0] < 300:
            self.accepted.append((now(), event))
        return answer

    def answer(self) -> Answered:
        return 202, {}


@dataclass
class Throttling(Flow):
    """Takes `rate` events a second and `burst` at once; answers 429 to the others."""

    rate: float = 2.0
    burst: float = 2.0
    retry_after: str = "1"
    _tokens: float = 0.0
    _at: float = 0.0

    def answer(self) -> Answered:
        self._tokens = min(self.burst, self._tokens + (now() - self._at) * self.rate)
        self._at = now()
        if self._tokens < 1:
            return 429, {"retry-after": self.retry_after} if self.retry_after else {}
        self._tokens -= 1
        return 202, {}


@dataclass
class Down(Flow):
    """Answers `status` until it is back at `until`."""

    until: float = 3600.0
    status: int = 502

    def answer(self) -> Answered:
        return (202, {}) if now() >= self.until else (self.status, {})


@dataclass
class Hanging(Flow):
    """Takes connections and never answers, until it is back."""

    until: float = float("inf")

    async def take(self, event: str) -> Answered:
        if now() >= self.until:
            return await super().take(event)
        self.asked.append((now(), event))
        await asyncio.sleep(3600)
        raise AssertionError


class FlowTransport:
    """Stands for the network: the path of a callback URL names its flow."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self.flows = flows

    async def notify(
        self, origin: str, target: str, headers: Mapping[str, str], body: bytes, *, connect: float, total: float
    ) -> Notified:
        del origin, body, connect
        try:
            async with asyncio.timeout(total):
                return Notified(*await self.flows[target.strip("/")].take(headers["x-dd-event-id"]))
        except TimeoutError:
            raise AnswerTimeout("no answer in time") from None


@dataclass
class Site:
    """A relay with its flows."""

    relay: Relay
    flows: dict[str, Flow]
    events: int = 0
    posted: dict[str, float] = field(default_factory=dict)

    async def post(self, names: Sequence[str], count: int = 1, ticket: str = "", *, ordered: bool = False) -> None:
        """Accept so many events for each of these flows."""
        at = self.relay.clock()
        for start in range(0, count, 500):
            routed = []
            for _ in range(start, min(start + 500, count)):
                self.events += 1
                name = event_id(at + self.events / 1000, str(self.events))
                self.posted[name] = now()
                event = Event(name, SITE, "ticket.new", "r", at, at, b"{}", subject=ticket or str(self.events))
                routed.append(RoutedEvent(event, tuple(names), ordered=frozenset(names) if ordered else frozenset()))
            assert self.relay.dispatcher is not None
            await self.relay.dispatcher.accept(routed, at)

    async def until(self, is_done: Callable[[], bool], limit: float) -> float:
        """Let time pass until then; the time it was, or fail at `limit`."""
        while not is_done():
            assert now() < limit, f"not done after {limit} s"
            await asyncio.sleep(0.5)
        return now()

    def waits(self, name: str) -> list[float]:
        """How long each accepted event of a flow had waited since it was posted."""
        return [at - self.posted[event] for at, event in self.flows[name].accepted]


async def simulated(
    path: Path,
    flows: dict[str, Flow],
    work: Callable[[Site], Awaitable[T]],
    *,
    settings: Mapping[str, Any] | None = None,
    **subscription: Any,
) -> T:
    """Run `work` beside the dispatcher, with a subscription for each flow."""
    loop = asyncio.get_running_loop()
    store = SqliteStore(path / "connector.db", Sealer([KEY]), 90.0)
    chosen = Settings(development_callbacks=("127.0.0.1:9",), **(settings or {}))
    relay = Relay(chosen, store, clock=lambda: START + loop.time(), monotonic=loop.time)
    relay._transport = cast("Any", FlowTransport(flows))
    for name in flows:
        await store.subscriptions.add(
            Subscription(
                name, SITE, "r", "ticket.new", f"http://127.0.0.1:9/{name}", START,
                source_key=source_of("test").key, **subscription,
            )
        )  # fmt: skip
    dispatcher = LocalDispatcher(relay)
    dispatcher.start()
    try:
        return await work(Site(relay, flows))
    finally:
        await dispatcher.stop()
        await store.close()


def by_event(flow: Flow) -> dict[str, list[float]]:
    """When each event was offered to a flow."""
    offered = defaultdict(list)
    for at, event in flow.asked:
        offered[event].append(at)
    return offered
