"""Follows events as they come in, from any source: new events, and the progress of pending ones."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx

from connector.deskdirector.errors import ConnectorError, NotFound
from connector.storage.records import FAILING, EventQuery
from workbench.cli.sources import Source, UnreadableError, sentence
from workbench.cli.timeline import is_settled, printable, signature_of

Json = dict[str, Any]

Output = Literal["live", "lines", "json"]

LOOK_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 5.0
FORWARD_SECONDS: Final = 30.0
WATCHED: Final = 50
"""Events whose deliveries are still under way and are looked at again; the newest."""
REMEMBERED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Listening:
    """What `listen` was asked: which events, how to show them, where else to post them."""

    query: EventQuery
    output: Output
    failed_only: bool = False
    forward_to: str = ""
    at: str = ""
    port: int = 7071

    @property
    def base(self) -> str:
        """Where the app is whose console shows these events."""
        return self.at.rstrip("/") or f"http://127.0.0.1:{self.port}"


@dataclass(slots=True)
class Follower:
    """Yields an event, with everything, when it comes in and whenever one of its deliveries has moved on."""

    source: Source
    query: EventQuery
    seconds: float = LOOK_SECONDS
    tell: Callable[[str], None] = lambda _: None
    """Gets a sentence when events cannot be read any more, and "" when they can be again."""
    _seen: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _open: dict[str, None] = field(default_factory=dict)
    _latest: str = ""

    async def backlog(self) -> list[Json]:
        """What there is already, oldest first; nothing when only new events are wanted."""
        page = await self.source.newest(self.query)
        self._latest = page.get("latest", "")
        rows = page["results"] if self.query.since is not None else []
        for row in [] if rows else page["results"]:
            self._seen[row["eventId"]] = ()
        return [event for row in reversed(rows) if (event := await self._changed(row["eventId"]))]

    async def __aiter__(self) -> AsyncGenerator[tuple[Json, bool]]:
        """Every change, for good; True for an event that is new. A failure is reported, and it is read again later."""
        is_away = False
        while True:
            before = self._latest, dict(self._seen), dict(self._open)
            try:
                changes = await self.look()
            except (ConnectorError, UnreadableError) as problem:
                self._latest, self._seen, self._open = before
                changes = []
                if not is_away:
                    self.tell(f"{sentence(problem)} Trying again …")
                is_away = True
            else:
                if is_away:
                    self.tell("")
                is_away = False
            for event, is_new in changes:
                yield event, is_new
            await asyncio.sleep(AGAIN_SECONDS if is_away else self.seconds)

    async def look(self) -> list[tuple[Json, bool]]:
        """What has changed since the last look."""
        changes: list[tuple[Json, bool]] = []
        more = True
        while more:
            page = await self._newer()
            more = bool(page.get("more")) and page.get("latest") != self._latest
            self._latest = page.get("latest", self._latest)
            for row in page["results"]:
                is_new = row["eventId"] not in self._seen
                if (is_new or row["eventId"] in self._open) and (event := await self._changed(row["eventId"])):
                    changes.append((event, is_new))
        shown = {event["eventId"] for event, _ in changes}
        for event_id in [one for one in list(self._open)[-WATCHED:] if one not in shown]:
            event = await self._changed(event_id)
            changes += [(event, False)] if event else []
        return changes

    async def _newer(self) -> Json:
        if self._latest:
            return await self.source.newer(self.query, self._latest)
        page = await self.source.newest(self.query)
        return {**page, "results": page["results"][::-1]}

    async def _changed(self, event_id: str) -> Json | None:
        """The event, unless it stands as it was shown last."""
        try:
            event = await self.source.event(event_id)
        except NotFound:  # it has expired
            self._open.pop(event_id, None)
            return None
        now = signature_of(event)
        is_told = self._seen.get(event_id) == now
        self._seen[event_id] = now
        self._open.pop(event_id, None)
        if not is_settled(event):
            self._open[event_id] = None
        while len(self._seen) > REMEMBERED:
            oldest = next(iter(self._seen))
            del self._seen[oldest]
        return None if is_told else event


async def changes_of(
    source: Source, options: Listening, tell: Callable[[str], None]
) -> AsyncGenerator[tuple[Json, bool]]:
    """What there is, then what comes in and what goes on; True for an event that is new."""
    follower = Follower(source, options.query, tell=tell)
    for event in await follower.backlog():
        if is_wanted(event, options):
            yield event, True
    async for event, is_new in follower:
        if is_wanted(event, options):
            yield event, is_new


def is_wanted(event: Json, options: Listening) -> bool:
    """Whether to show it, with `--failed`."""
    return not options.failed_only or event["worst"] in ("dead", FAILING)


@asynccontextmanager
async def forwarding(url: str) -> AsyncIterator[Any]:
    """Posts an event's payload to an address on this machine and says what it answered; None without an address."""
    if not url:
        yield None
        return
    async with httpx.AsyncClient(trust_env=False, timeout=FORWARD_SECONDS) as client:

        async def forward(event: Json) -> str:
            try:
                answer = await client.post(url, json=event["payload"], headers={"x-dd-event-id": event["eventId"]})
            except httpx.HTTPError as problem:
                return f"{url} did not answer ({type(problem).__name__})"
            said = " ".join(printable(answer.text[:1000]).split())[:80]
            return f"{url} answered {answer.status_code}" + (f": {said}" if said else "")

        yield forward
