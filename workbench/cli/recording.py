"""Records what the worked examples answer: the app and a simulator run for it, on a clock that stands still."""

from collections.abc import Iterator, Mapping
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
from workbench.generators.outcomes import SITES, Outcome, Site, remember_outcomes
from workbench.localhost import LocalHost
from workbench.simulator import Simulator
from workbench.simulator.clock import Clock, ticks
from workbench.simulator.threaded import on_a_thread

NOW = "2026-07-01T09:00:00Z"
TICKETS = 60
STAND_INS: Mapping[str, str] = {
    "subscriptionId": "6f0c2d9f41f54d0c8a1a5c0b3f7e9d21",
    "userKey": "ACCESS-TOKEN",
    "token": "1c4a1b6T0k3nOfTh3DryRun",
    "tokenExpiresAt": "2026-07-01T09:30:00Z",
}
"""Fields of answers that are random or depend on the time."""
BEFORE: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "AdvancedEventResponseHandle": ("PATCH", "tickets/10026", {"board": "Onboarding", "status": "Approval Required"}),
    "WhenWebhookFires": ("POST", "operator/webhooks", {"site": SITE, "name": "approvals"}),
}
"""The call to make before an example works: method, path below `/api/`, body."""


class Recorder:
    """Plays examples against a running app, each as if in a freshly seeded tenant."""

    def __init__(self, simulator: Simulator, url: str, client: httpx.Client) -> None:
        self._simulator = simulator
        self._url = url
        self._client = client
        self._is_fresh = False

    @property
    def simulator(self) -> Simulator:
        """The site that is played on."""
        return self._simulator

    def play(self, operation: Operation) -> dict[str, Any]:
        """What an example answers: `{"status", "answer"}`, without the answer when there was no content."""
        prepared = self.prepare(operation)
        if prepared is not None and prepared.status_code >= 300:
            return {"status": prepared.status_code, "answer": self.shown(prepared)}
        example = example_of(operation)
        path = operation.path.format(**{name: quote(str(value), safe="") for name, value in example.path.items()})
        response = self.send(operation.method, path, params=example.query, json=example.body or None)
        return {"status": response.status_code, **({"answer": self.shown(response)} if response.content else {})}

    def prepare(self, operation: Operation) -> httpx.Response | None:
        """Bring about what the example of an operation needs; the answer to that, where it takes a call."""
        if not (self._is_fresh and operation.effects.read_only):
            self._simulator.reset()
        self._is_fresh = operation.effects.read_only
        if operation.id in BEFORE:
            method, path, body = BEFORE[operation.id]
            return self.send(method, path, json=self._local(body))
        return None

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request with the simulator's connection, to a path below `/api/`."""
        connection = {"dd-host": self._simulator.site, "dd-api-key": self._simulator.tokity_key, **(headers or {})}
        address = f"{self._url}/api/{path}"
        return self._client.request(method, address, headers=connection, params=params, json=json, content=content)

    def shown(self, response: httpx.Response) -> Any:
        """The JSON of a response, as it would have come from a real site and app."""
        text = response.text.replace(self._url, f"https://{PLACEHOLDER_HOST}")
        text = text.replace(f"http://{self._simulator.site}", f"https://{SITE}").replace(self._simulator.site, SITE)
        return _steady(httpx.Response(200, text=text).json())

    def _local(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._simulator.site if value == SITE else value for name, value in body.items()}


def record(root: Path) -> list[str]:
    """Write what every example answers, on each kind of site; the ids of those that fail on the generous one."""
    played = {site.name: play_all(root, site) for site in SITES}
    remember_outcomes(
        {site: {name: outcome_of(one) for name, one in answers.items()} for site, answers in played.items()}
    )
    answers = played["generous"]
    good = {name: one for name, one in answers.items() if one["status"] < 300}
    remember(good)
    return sorted(answers.keys() - good.keys())


def play_all(root: Path, site: Site) -> dict[str, dict[str, Any]]:
    """Play every example on a kind of site; what each answered, by operation."""
    with recorder(root, site) as playing:
        return {operation.id: playing.play(operation) for operation in operations().values()}


def outcome_of(played: Mapping[str, Any]) -> Outcome:
    """Status and error code of a played example."""
    answer = played.get("answer")
    error = answer.get("error") if played["status"] >= 300 and isinstance(answer, dict) else None
    return Outcome(played["status"], error.get("code", "") if error else "")


GENEROUS = next(site for site in SITES if site.name == "generous")


@contextmanager
def recorder(root: Path, site: Site = GENEROUS) -> Iterator[Recorder]:
    """The app at `root` and a simulator, running for as long as the block."""
    with TemporaryDirectory() as data, on_a_thread(lambda: _standing_simulator(site)) as simulator:
        environment = {
            "CONNECTOR_DEVELOPMENT_SITES": simulator.site,
            "CONNECTOR_LOOKUP_SECONDS": "0",
            "CONNECTOR_CONNECTION_RATE": "0",
            "CONNECTOR_ADDRESS_RATE": "0",
            "CONNECTOR_DATA_DIR": data,
        }
        with LocalHost(root, env=environment) as host, httpx.Client(timeout=100, trust_env=False) as client:
            yield Recorder(simulator, host.url, client)


def _standing_simulator(site: Site) -> Simulator:
    return Simulator(
        edition="tokity", tickets=TICKETS, clock=_standing_clock, profile=site.profile, mutations=site.mutations
    )


def _standing_clock() -> Clock:
    clock = Clock()
    clock.freeze(frozen=True)
    clock.move(ticks(NOW) - clock.now())
    return clock


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: STAND_INS.get(name, _steady(one)) for name, one in value.items()}
    return [_steady(item) for item in value] if isinstance(value, list) else value
