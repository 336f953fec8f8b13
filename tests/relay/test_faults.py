"""Faults around the relay: a store that is away, damaged records, clocks that jump."""

import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from connector.deskdirector.errors import Unavailable
from connector.relay import administration, event_views
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.reconciliation import reconcile
from connector.storage.records import EventQuery
from connector.storage.sqlite import SqliteStore
from tests.desk import Desk, running_desk
from tests.relay.conftest import World
from tests.relay.flows import local
from workbench.localhost import LocalHost
from workbench.simulator import Simulator

FILE = "connector.db"


@pytest.fixture
def app(simulator: Simulator, tmp_path: Path) -> Iterator[tuple[Desk, LocalHost]]:
    with running_desk(simulator, CONNECTOR_DATA_DIR=str(tmp_path)) as running:
        yield running


def test_a_post_that_cannot_be_stored_gets_503_and_is_taken_later(app: tuple[Desk, LocalHost], tmp_path: Path) -> None:
    desk, _ = app
    asked = {"site": desk.simulator.site, "name": "orders", "secret": ""}
    added = desk.send("POST", "/api/operator/webhooks", json=asked).json
    path = local(desk, added["url"])

    def post() -> int:
        digest = hmac.new(added["secret"].encode(), b"[]", hashlib.sha256).hexdigest()
        return desk.send("POST", path, content=b"[]", headers={"x-dd-signature": f"sha256={digest}"}).status

    assert post() == 202
    with closing(sqlite3.connect(tmp_path / "queues.sqlite3", timeout=30)) as database:
        (schema,) = database.execute("SELECT sql FROM sqlite_schema WHERE name = 'messages'").fetchone()
        database.execute("DROP TABLE messages")
        assert post() == 503
        database.execute(schema)
    assert post() == 202


async def test_subscribing_without_a_store_is_a_503(world: World, tmp_path: Path) -> None:
    store = world.relay.store
    assert isinstance(store, SqliteStore)
    await store.close()
    with pytest.raises(Unavailable):
        await world.subscribe()
    assert world.workflows() == {}


async def test_an_outage_that_a_block_notices_is_remembered(world: World) -> None:
    await world.relay.store.close()
    with pytest.raises(Unavailable), world.relay.watching():
        await world.relay.store.subscriptions.list()
    assert world.relay.outage_at > 0


async def test_a_damaged_subscription_is_quarantined_and_the_others_get_their_events(
    world: World, tmp_path: Path
) -> None:
    damaged = await world.subscribe("damaged")
    healthy = await world.subscribe("healthy")
    with closing(sqlite3.connect(tmp_path / FILE, timeout=30)) as database:
        database.execute("UPDATE subscriptions SET document = '{\"x\"' WHERE id = ?", (damaged.id,))
        database.commit()
    await world.post_ticket(healthy)
    await world.deliver_due()
    assert {one.flow for one in world.flows.accepted()} == {"healthy"}
    reported = (await administration.list_quarantine(world.relay))["results"]
    assert [(problem["kind"], problem["key"]) for problem in reported] == [("subscription", damaged.id)]


async def test_a_damaged_registration_is_made_anew(world: World, tmp_path: Path) -> None:
    subscription = await world.subscribe()
    with closing(sqlite3.connect(tmp_path / FILE, timeout=30)) as database:
        database.execute("UPDATE registrations SET document = 'null'")
        database.commit()
    assert (await reconcile(world.relay))["made"] == 1
    await world.post_ticket(subscription)
    await world.deliver_due()
    assert len(world.flows.accepted()) == 1


async def test_a_clock_that_jumps_loses_nothing(world: World) -> None:
    subscription = await world.subscribe()
    dispatcher = LocalDispatcher(world.relay)
    dispatcher.start()
    for jump in (0, -7200, 7200, 86_400, -86_400):
        world.clock.ahead += jump
        await world.post_ticket(subscription)
    world.clock.ahead += 2 * 86_400
    # A lease that a jump ended early makes a repeat, under the same id.
    while len({one.body["eventId"] for one in world.flows.accepted()}) < 5:
        await world.flows.wait_for(len(world.flows.accepted()) + 1)
    await dispatcher.stop()


async def test_a_message_that_makes_no_sense_is_quarantined_and_the_rest_goes_on(world: World) -> None:
    subscription = await world.subscribe()
    await world.relay.store.quarantine.put("message", "m1", "{", "it failed every time", world.clock())
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 1
    assert (await event_views.list_deliveries(world.relay, EventQuery(state="dead")))["results"] == []


def test_a_post_that_was_taken_in_goes_round_until_the_store_is_back(
    app: tuple[Desk, LocalHost], tmp_path: Path
) -> None:
    desk, _ = app
    added = desk.send("POST", "/api/operator/webhooks", json={"site": desk.simulator.site, "name": "orders"}).json
    registration = urlsplit(added["url"]).path.rpartition("/")[2]
    post = {"post": "p1", "registration": registration, "at": time.time(), "content": {"id": 7}}
    with closing(sqlite3.connect(tmp_path / FILE, timeout=30)) as database:
        database.execute("ALTER TABLE events RENAME TO elsewhere")
    asked = {"input": json.dumps(post)}
    assert desk.send("POST", "/admin/functions/RelayFanOutPoison", json=asked).status == 202

    waiting = "SELECT body FROM messages WHERE queue = 'connector-inbound'"
    deadline = time.monotonic() + 300
    found: list[Any] = []
    with closing(sqlite3.connect(tmp_path / "queues.sqlite3", timeout=30)) as queues:
        while not found and time.monotonic() < deadline:
            found = queues.execute(waiting).fetchall()
    assert [json.loads(body) for (body,) in found] == [post]
    assert desk.send("GET", "/api/operator/quarantine").json["results"] == []


def test_health_is_answered_while_the_store_fails(app: tuple[Desk, LocalHost], tmp_path: Path) -> None:
    desk, _ = app
    assert desk.send("GET", "/api/operator/events").status == 200
    with closing(sqlite3.connect(tmp_path / FILE, timeout=30)) as database:
        database.execute("ALTER TABLE events RENAME TO elsewhere")
    assert desk.send("GET", "/api/health").status == 200
    answer = desk.send("GET", "/api/operator/events")
    assert (answer.status, answer.code) == (503, "StorageUnavailable")
    assert answer.headers["retry-after"]
