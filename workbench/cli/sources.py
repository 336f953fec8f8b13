"""Where `listen` and `trigger --wait` read events: the store of this machine, or an app anywhere over HTTP."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import httpx

from connector.deskdirector.errors import ConnectorError, NotFound
from connector.relay import event_views, replaying
from connector.relay.moments import moment
from connector.relay.relay import Relay, shared_relay
from connector.settings import settings
from connector.storage.records import EventQuery
from connector.storage.shared import shared_store
from workbench.cli.simulated import sentence_of

Json = dict[str, Any]
KEY = "CONNECTOR_CONSOLE_KEY"
SECONDS = 20.0


class UnreadableError(Exception):
    """Events cannot be read; the text is one sentence that says what to do."""


class Source(Protocol):
    """What events can be read from."""

    async def newest(self, query: EventQuery) -> Json:
        """The newest events that fit, newest first."""
        ...

    async def newer(self, query: EventQuery, after: str) -> Json:
        """What came after that event, oldest first; see `event_views.newer_events`."""
        ...

    async def event(self, event_id: str) -> Json:
        """One event, with everything."""
        ...

    async def replay(self, event_id: str) -> int:
        """Deliver it again; to how many flows."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(slots=True)
class LocalSource:
    """The store that the app of this folder uses."""

    _relay: Relay | None = field(default=None, repr=False)

    @property
    def relay(self) -> Relay:
        """The relay on that store, without its dispatcher."""
        self._relay = self._relay or shared_relay(settings())
        return self._relay

    async def newest(self, query: EventQuery) -> Json:
        """See `Source`."""
        return await event_views.list_events(self.relay, query)

    async def newer(self, query: EventQuery, after: str) -> Json:
        """See `Source`."""
        return await event_views.newer_events(self.relay, query, after)

    async def event(self, event_id: str) -> Json:
        """See `Source`."""
        return await event_views.show_event(self.relay, event_id)

    async def replay(self, event_id: str) -> int:
        """See `Source`."""
        return int((await replaying.replay_event(self.relay, event_id))["replayed"])

    async def close(self) -> None:
        """See `Source`."""
        await self.relay.close()
        await shared_store(settings()).close()


@dataclass(slots=True)
class RemoteSource:
    """An app's console API. The key comes from the environment, so that no shell history has it."""

    url: str
    key: str = field(repr=False)
    _client: httpx.AsyncClient | None = field(default=None, repr=False)

    async def newest(self, query: EventQuery) -> Json:
        """See `Source`."""
        return await self._ask("GET", "events", parameters_of(query))

    async def newer(self, query: EventQuery, after: str) -> Json:
        """See `Source`."""
        return await self._ask("GET", "events", {**parameters_of(query), "after": after})

    async def event(self, event_id: str) -> Json:
        """See `Source`."""
        return await self._ask("GET", f"events/{event_id}")

    async def replay(self, event_id: str) -> int:
        """See `Source`."""
        return int((await self._ask("POST", f"events/{event_id}/replay"))["replayed"])

    async def close(self) -> None:
        """See `Source`."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, method: str, path: str, query: Mapping[str, str] | None = None) -> Json:
        self._client = self._client or httpx.AsyncClient(timeout=SECONDS)
        url, headers = f"{self.url}/api/console/{path}", {"x-console-key": self.key}
        try:
            answer = await self._client.request(method, url, params=query, headers=headers)
        except httpx.HTTPError as problem:
            raise UnreadableError(f"{self.url} does not answer ({type(problem).__name__}).") from None
        if answer.status_code == 404 and path.startswith("events/"):
            raise NotFound("EventNotFound", sentence_of(answer))
        if answer.status_code >= 300:
            raise UnreadableError(f"{self.url} refused it: {sentence_of(answer)}")
        try:
            content = answer.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise UnreadableError(f"{self.url} is not this connector: it answers no JSON.")
        return content


def source_of(at: str) -> Source:
    """The source at an address, or the store of this machine; raises `UnreadableError`."""
    if not at:
        return LocalSource()
    parts = parts_of(at)
    if parts.scheme != "https" and not is_local_address(at):
        raise UnreadableError("--at takes an https address, such as https://your-app.azurewebsites.net.")
    key = os.environ.get(KEY, "")
    if not key:
        raise UnreadableError(f"Set {KEY} to the console's key of that app; a key is never an option.")
    return RemoteSource(f"{parts.scheme}://{parts.netloc}", key)


def parts_of(url: str) -> SplitResult:
    """The parts of an address; those of an empty one when it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")


def is_local_address(url: str) -> bool:
    """Whether it is one of a program on this machine, over HTTP."""
    parts = parts_of(url)
    return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parameters_of(query: EventQuery) -> dict[str, str]:
    """The filter as a query string has it."""
    given = {
        "ids": ",".join(query.ids), "site": query.site, "type": query.type, "flow": query.subscription_id,
        "ticket": query.subject, "state": query.state, "text": query.text, "take": str(query.take),
        "since": "" if query.since is None else moment(query.since),
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


def sentence(problem: Exception) -> str:
    """What a failure to read says."""
    return problem.message if isinstance(problem, ConnectorError) else str(problem)
