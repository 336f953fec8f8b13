"""A relay on a store of its own, between the simulated DeskDirector and the simulated flows."""

import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.operations.request import Request
from connector.relay.delivery import deliver, lease_seconds
from connector.relay.event_sources import EventSource
from connector.relay.fanout import fan_out
from connector.relay.inbound import receive
from connector.relay.relay import Relay
from connector.relay.subscriptions import SubscriptionRequest, subscribe
from connector.serving import console_api
from connector.settings import Settings
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.store import AzureStore
from connector.storage.protocol import Store
from connector.storage.records import Registration, Subscription, delivery_id
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.npm_tools import AZURITE
from workbench.simulator import FlowReceiver, Simulator

KEY = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
BASE = "http://127.0.0.1:9"
STATUS_CHANGED = "ticket.status.updated"
OPERATORS, VIEWERS = "operator-key-0123456789", "viewer-key-0123456789"


@dataclass
class Clock:
    """Time that a test moves."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class World:
    """A relay with everything around it."""

    relay: Relay
    simulator: Simulator
    flows: FlowReceiver
    clock: Clock
    posted: int = field(default=0)
    at_once: int = field(default=0)
    """Attempts that were made as soon as their event was accepted, since `deliver_due` was last called."""

    def dd(self, key: str | None = None) -> DeskDirector:
        headers = {"dd-host": self.simulator.site, "dd-api-key": key or self.simulator.tokity_key}
        return DeskDirector(Connection.from_headers(headers, self.relay.settings), self.relay.settings)

    async def subscribe(
        self, flow: str = "orders", event: str = STATUS_CHANGED, key: str | None = None, **conditions: Any
    ) -> Subscription:
        ask = SubscriptionRequest(ticket_event(event), self.flows.url(flow), BASE, conditions)
        return await subscribe(self.relay, self.dd(key), ask)

    async def registration(self, subscription: Subscription) -> Registration:
        found = await self.relay.store.registrations.get(subscription.registration_id)
        assert found is not None
        return found

    async def post(self, subscription: Subscription, body: Any, *, headers: Mapping[str, str] | None = None) -> None:
        """What DeskDirector does, up to the pending deliveries; in Azure, up to their first attempts."""
        registration = await self.registration(subscription)
        signature = (headers or {}).get("x-dd-signature", "")
        token = registration.secrets.token
        before = len(self.flows.received)
        await fan_out(self.relay, await receive(self.relay, registration.id, token, encoded(body), signature))
        self.at_once += len(self.flows.received) - before

    async def post_ticket(self, subscription: Subscription, **fields: Any) -> None:
        self.posted += 1
        await self.post(subscription, {"id": 7, "name": "Printer", "triggeredOn": moment(self.posted), **fields})

    async def deliver_due(self) -> int:
        """Deliver everything that is due now; how many attempts that were, with those made at once."""
        made, self.at_once = self.at_once, 0
        outbox = self.relay.store.outbox
        while claims := await outbox.claim_due(self.clock(), 16, lease_seconds(self.relay), per_destination=16):
            for claim in claims:
                await deliver(self.relay, claim)
            made += len(claims)
        return made

    async def state(self, event_id: str, subscription: Subscription) -> tuple[str, int, str]:
        found = await self.relay.store.outbox.event(event_id)
        assert found is not None
        name = delivery_id(event_id, subscription.id)
        one = next(each for each in found[1] if each.id == name)
        return str(one.state), one.attempt, one.reason

    def workflows(self) -> dict[str, str]:
        """What flows registered in the simulated DeskDirector: id -> event."""
        tenant = self.simulator.tenant("tokity")
        return {
            workflow.id: tenant.event_id(workflow.event)
            for workflow in tenant.workflows.values()
            if workflow.made_by == "flow"
        }


def ticket_event(event: str = STATUS_CHANGED) -> EventSource:
    return EventSource("ticket", event, query={"type": event}, body={"advancedFilters": {}})


def encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def moment(number: int) -> str:
    return f"2026-07-01T12:00:00.{number:07d}Z"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """The embedded store; with `@BOTH_STORES`, Azure Storage as well."""
    opened: Store
    if getattr(request, "param", "sqlite") == "azure":
        account = StorageAccount(request.getfixturevalue("azurite"))
        opened = AzureStore(account, Sealer([KEY]), 90.0, prefix=f"r{secrets.token_hex(6)}")
    else:
        opened = SqliteStore(tmp_path / "connector.db", Sealer([KEY]), 90.0)
    yield opened
    await opened.close()


BOTH_STORES = pytest.mark.parametrize("store", ["sqlite", AZURITE], indirect=True)


@pytest.fixture
async def flows() -> AsyncIterator[FlowReceiver]:
    async with FlowReceiver() as receiver:
        yield receiver


@pytest.fixture
async def world(store: Store, simulator: Simulator, flows: FlowReceiver, clock: Clock) -> AsyncIterator[World]:
    simulator.reset()
    settings = Settings(
        development_sites=(simulator.site,),
        development_callbacks=(f"127.0.0.1:{flows.port}",),
        delivery_seconds=1,
    )
    relay = Relay(settings, store, clock, monotonic=clock)
    yield World(relay, simulator, flows, clock)
    await relay.close()


@dataclass
class Console:
    """Calls the console's API as a page does."""

    world: World

    async def __call__(
        self, method: str, path: str, body: Any = None, *, key: str = OPERATORS, tag: str = "", **headers: str
    ) -> tuple[int, Any]:
        rest, _, query = path.partition("?")
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"x-console-key": key, **({"if-none-match": tag} if tag else {})}
        pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        content = json.dumps(body).encode() if body is not None else b""
        url = f"https://app.example/api/console/{path}"
        request = Request(method, url, headers, {"rest": rest}, pairs, content)
        answer = await console_api.console_api(request, self.world.relay.settings)
        self.headers = answer.headers
        return answer.status, json.loads(answer.body) if answer.body else None


@pytest.fixture
def console(world: World, monkeypatch: pytest.MonkeyPatch) -> Console:
    world.relay.settings = replace(world.relay.settings, console_key=OPERATORS, console_viewer_key=VIEWERS)
    monkeypatch.setattr(console_api, "shared_relay", lambda _: world.relay)
    return Console(world)
