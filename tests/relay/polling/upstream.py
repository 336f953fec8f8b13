"""A list upstream in virtual time, of any order and manners, and a flow that polls it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from connector.deskdirector.models import Entity
from connector.relay.polling.items import LATE_SECONDS, TAKE, TICKS_PER_SECOND, Item, Reading, Source, ticks
from connector.relay.polling.poll import Poll, poll
from connector.relay.polling.states import States
from connector.relay.polling.walk import Clock
from connector.storage.protocol import Payloads

NOW = ticks("2026-07-01T12:00:00Z")
ROOM = 3_000
MOST_CALLS, MOST_SECONDS = 25, 30.0


class Row(Entity):
    """Something small."""

    id: int
    text: str = ""


@dataclass
class Time:
    """Our clock, which tests move; sleeping and reading take no real time."""

    seconds: float = NOW / TICKS_PER_SECOND

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, monotonic=lambda: self.seconds)

    @property
    def ticks(self) -> int:
        return round(self.seconds * TICKS_PER_SECOND)


class Memory(Payloads):
    """A store that can lose everything."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.puts = 0

    async def put(self, data: bytes) -> str:
        self.puts += 1
        name = f"{self.puts:032x}"
        self.kept[name] = data
        return name

    async def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    async def delete(self, name: str) -> None:
        self.kept.pop(name, None)


@dataclass
class Manners:
    """How a site answers."""

    order: str = "newest first"
    tells_total: bool = True
    filters: bool = True
    clamp: int = TAKE
    page_seconds: float = 0.01
    skew_seconds: float = 0.0
    """How far DeskDirector's clock is ahead of ours."""


@dataclass
class Upstream:
    """A list that grows."""

    manners: Manners = field(default_factory=Manners)
    time: Time = field(default_factory=Time)
    items: dict[str, Item[Row]] = field(default_factory=dict)
    reads: int = 0
    serial: int = 0

    def add(self, at: int | None = None, *, key: str = "", text: str = "") -> str:
        """Add an item, dated now by DeskDirector's clock if no date is given (0: none); returns its key."""
        self.serial += 1
        key = key or str(self.serial)
        moment = self.now if at is None else at
        self.items[key] = Item(key, moment or None, Row(id=self.serial, text=text))
        return key

    @property
    def now(self) -> int:
        return self.time.ticks + round(self.manners.skew_seconds * TICKS_PER_SECOND)

    async def read(self, since: int | None, skip: int) -> Reading[Row]:
        self.reads += 1
        self.time.seconds += self.manners.page_seconds
        ordered = sorted(self.items.values(), key=_ORDERS[self.manners.order])
        if self.manners.filters and since is not None:
            ordered = [item for item in ordered if item.at is None or item.at >= since]
        page = ordered[skip : skip + min(TAKE, self.manners.clamp)]
        return Reading(page, len(page), len(ordered) if self.manners.tells_total else None)

    def source(self) -> Source[Row]:
        return Source(self.read)


_ORDERS: dict[str, Callable[[Item[Row]], tuple[int, int]]] = {
    "newest first": lambda item: (-(item.at or 0), -item.number),
    "oldest first": lambda item: (item.at or 0, item.number),
    "by group": lambda item: (item.number % 3, -(item.at or 0)),
    "by key": lambda item: (0, int.from_bytes(item.mark)),
    "numbers": lambda item: (0, -item.number),
}


class Polled(Protocol):
    """A site that is polled: its time, and how many calls it answered."""

    time: Time
    reads: int


@dataclass
class Flow:
    """Polls, follows the state, and checks what holds for every poll."""

    upstream: Polled
    memory: Memory = field(default_factory=Memory)
    source_of: Callable[[], Source[Any]] | None = None
    room: int = ROOM
    state: str | None = None
    handed_over: list[int] = field(default_factory=list)
    most_reads: int = 0
    longest_state: int = 0

    async def poll(self) -> Poll[Any]:
        """One poll; its answer counts."""
        answer = await self.ask()
        assert answer.items or answer.wait_seconds >= 60 or answer.state != self.state, "it stands still"
        self.state = answer.state
        self.handed_over += [int(row.id) for row in answer.items]
        return answer

    async def ask(self) -> Poll[Any]:
        """One poll whose answer gets lost."""
        before, began = self.upstream.reads, self.upstream.time.seconds
        source = self.source_of() if self.source_of else cast("Upstream", self.upstream).source()
        answer = await poll(self.state, source, States(lambda: self.memory, self.room), self.upstream.time.clock())
        calls = self.upstream.reads - before
        self.most_reads = max(self.most_reads, calls)
        self.longest_state = max(self.longest_state, len(answer.state))
        assert calls <= MOST_CALLS
        assert self.upstream.time.seconds - began <= MOST_SECONDS
        assert len(answer.state) <= self.room
        return answer

    async def catch_up(self) -> list[int]:
        """Poll until there is nothing new; what was handed over meanwhile."""
        before = len(self.handed_over)
        for _ in range(2_000):
            answer = await self.poll()
            if not answer.items and answer.wait_seconds >= 60:
                return self.handed_over[before:]
            self.upstream.time.seconds += answer.wait_seconds
        raise AssertionError("it never catches up")


LATE = LATE_SECONDS * TICKS_PER_SECOND
