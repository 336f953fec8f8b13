"""Records what the worked examples answer: the app and a simulator run for it, on a clock that stands still."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx

from connector.catalog import operations
from connector.operations.operation import Operation
from workbench.generators.examples import SITE, example_of, remember
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.localhost import LocalHost
from workbench.simulator import Simulator
from workbench.simulator.clock import Clock, ticks

NOW = "2026-07-01T09:00:00Z"
TICKETS = 60
STAND_INS: Mapping[str, str] = {
    "subscriptionId": "6f0c2d9f41f54d0c8a1a5c0b3f7e9d21",
    "userKey": "ACCESS-TOKEN",
}
"""What is random in an answer, by field."""
BEFORE: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "AdvancedEventResponseHandle": ("PATCH", "tickets/10026", {"board": "Onboarding", "status": "Approval Required"}),
    "WhenWebhookFires": ("POST", "operator/webhooks", {"site": SITE, "name": "approvals"}),
}
"""What has to be done before an example works: method, path below `/api/`, body."""


class Recorder:
    """Plays examples against a running app, each as if in a freshly seeded tenant."""

    def __init__(self, simulator: Simulator, url: str, client: httpx.Client) -> None:
        self._simulator = simulator
        self._url = url
        self._client = client
        self._is_fresh = False

    def play(self, operation: Operation) -> dict[str, Any]:
        """What an example answers: `{"status", "answer"}`, without the answer when there was no content."""
        self.prepare(operation)
        example = example_of(operation)
        path = operation.path.format(**{name: quote(str(value), safe="") for name, value in example.path.items()})
        response = self.send(operation.method, path, params=example.query, json=example.body or None)
        return {"status": response.status_code, **({"answer": self.told(response)} if response.content else {})}

    def prepare(self, operation: Operation) -> None:
        """Bring about what the example of an operation needs."""
        if not (self._is_fresh and operation.effects.read_only):
            self._simulator.reset()
        self._is_fresh = operation.effects.read_only
        if operation.id in BEFORE:
            method, path, body = BEFORE[operation.id]
            self.send(method, path, json=self._local(body)).raise_for_status()

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """Send a request with the simulator's connection, to a path below `/api/`."""
        connection = {"dd-host": self._simulator.site, "dd-api-key": self._simulator.tokity_key}
        return self._client.request(
            method, f"{self._url}/api/{path}", headers={**connection, **(headers or {})}, **content
        )

    def told(self, response: httpx.Response) -> Any:
        """The JSON of a response, as it would have come from a real site and app."""
        text = response.text.replace(self._url, f"https://{PLACEHOLDER_HOST}")
        text = text.replace(f"http://{self._simulator.site}", f"https://{SITE}").replace(self._simulator.site, SITE)
        return _steady(httpx.Response(200, text=text).json())

    def _local(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._simulator.site if value == SITE else value for name, value in body.items()}


def record(root: Path) -> list[str]:
    """Write what every example answers to `answers.json`; the ids of those that fail, which are left out."""
    with recorder(root) as playing:
        played = {operation.id: playing.play(operation) for operation in operations().values()}
    good = {name: one for name, one in played.items() if one["status"] < 300}
    remember(good)
    return sorted(played.keys() - good.keys())


@contextmanager
def recorder(root: Path) -> Iterator[Recorder]:
    """The app at `root` and a simulator, running for as long as the block."""
    with TemporaryDirectory() as data, _standing_simulator() as simulator:
        environment = {
            "CONNECTOR_DEVELOPMENT_SITES": simulator.site,
            "CONNECTOR_LOOKUP_SECONDS": "0",
            "CONNECTOR_DATA_DIR": data,
        }
        with LocalHost(root, env=environment) as host, httpx.Client(timeout=100, trust_env=False) as client:
            yield Recorder(simulator, host.url, client)


@contextmanager
def _standing_simulator() -> Iterator[Simulator]:
    started: Future[Simulator] = Future()
    ended = threading.Event()

    async def run() -> None:
        async with Simulator(edition="tokity", tickets=TICKETS, clock=_standing_clock) as simulator:
            started.set_result(simulator)
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        yield started.result(timeout=30)
    finally:
        ended.set()
        thread.join(timeout=30)


def _standing_clock() -> Clock:
    clock = Clock()
    clock.freeze(frozen=True)
    clock.move(ticks(NOW) - clock.now())
    return clock


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: STAND_INS.get(name, _steady(one)) for name, one in value.items()}
    return [_steady(one) for one in value] if isinstance(value, list) else value
