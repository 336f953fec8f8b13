"""What the embedded store promises beyond the protocol: crashes, crowds, damage and full disks."""

import asyncio
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connector.deskdirector.errors import Unavailable
from connector.storage.idempotency_state import BegunState
from connector.storage.records import (
    DeliveryState,
    EventQuery,
    Registration,
    RegistrationSecrets,
    RegistrationState,
    SubscriptionSecrets,
)
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore, accept, claims, expiry, lanes
from connector.storage.sqlite.connection import connect
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.schema import STEPS
from tests.narrowing import existing
from tests.storage.conftest import KEY, routed, subscription


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "connector.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path, Sealer([KEY]), 90)
    yield opened
    await opened.close()


def start(what: str, path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.storage.writers", what, str(path.parent)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


async def all_events(store: SqliteStore) -> set[str]:
    return {event.id for event in (await store.outbox.events(EventQuery(take=1_000_000))).items}


class TestCrashes:
    async def test_what_was_accepted_survives_a_kill(self, path: Path) -> None:
        accepted = []
        with start("accept", path) as child:
            for line in existing(child.stdout):
                accepted.append(line.strip())
                if len(accepted) == 300:
                    child.kill()
        accepted = accepted[:-1] if len(accepted[-1]) < len(accepted[0]) else accepted  # killed within a line

        store = SqliteStore(path, Sealer([KEY]), 90)
        assert set(accepted) <= await all_events(store)
        claimed = set()
        while some := await store.outbox.claim_due(time.time(), 500, 60, per_destination=10_000):
            claimed |= {claim.event.id for claim in some}
        assert set(accepted) <= claimed
        assert claimed == await all_events(store)
        await store.close()

    async def test_processes_share_the_file_and_deliver_everything_once(self, path: Path) -> None:
        children = [start("share", path) for _ in range(3)]
        delivered = [line.strip() for child in children for line in child.communicate()[0].splitlines()]
        assert [child.returncode for child in children] == [0, 0, 0]
        assert len(delivered) == len(set(delivered)) == 3 * 60 * 2

    async def test_a_full_disk_is_503_and_loses_nothing_that_was_accepted(self, path: Path) -> None:
        with start("fill", path) as child:
            printed = {line.strip() for line in existing(child.stdout)}
        assert "503" in printed
        accepted = printed - {"503"}
        store = SqliteStore(path, Sealer([KEY]), 90)
        assert accepted <= await all_events(store)
        assert (await store.outbox.accept([routed("a")], time.time())).new
        await store.close()


class TestGroupCommit:
    async def test_a_failing_write_undoes_itself_and_no_neighbour(self, path: Path) -> None:
        database = Database(path)

        def count(site: str, problem: Exception | None = None) -> Awaitable[None]:
            def work(connection: sqlite3.Connection) -> None:
                connection.execute("INSERT INTO counters (site) VALUES (?)", (site,))
                if problem:
                    raise problem

            return database.write(work)

        outcomes = await asyncio.gather(
            count("a"), count("b", KeyError("mine")), count("c"), count("a"), count("d"), return_exceptions=True
        )
        assert [type(each) for each in outcomes] == [
            type(None),
            KeyError,
            type(None),
            sqlite3.IntegrityError,
            type(None),
        ]
        sites = await database.read(lambda connection: connection.execute("SELECT site FROM counters").fetchall())
        assert sites == [("a",), ("c",), ("d",)]
        await database.close()

    async def test_a_write_whose_caller_went_away_is_done(self, store: SqliteStore, now: float) -> None:
        wanted = routed("a")
        task = asyncio.create_task(store.outbox.accept([wanted], now))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await store.outbox.accept([routed()], now)
        assert await store.outbox.event(wanted.event.id)

    async def test_event_loops_may_share_a_store(self, store: SqliteStore, now: float) -> None:
        def elsewhere() -> None:
            asyncio.run(store.outbox.accept([routed("a")], now))

        await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(4)))
        assert len(await store.outbox.claim_due(now, 32, 60, per_destination=9)) == 4

    async def test_closing_finishes_what_was_begun(self, path: Path, now: float) -> None:
        store = SqliteStore(path, Sealer([KEY]), 90)
        writes = [asyncio.create_task(store.outbox.accept([routed("a")], now)) for _ in range(50)]
        await asyncio.sleep(0)
        await store.close()
        await store.close()
        assert all(accepted.new for accepted in await asyncio.gather(*writes))
        with pytest.raises(Unavailable):
            await store.outbox.accept([routed("a")], now)
        with pytest.raises(Unavailable):
            await store.outbox.events(EventQuery())


class TestDamage:
    async def test_a_damaged_record_is_quarantined_and_the_others_go_on(
        self, store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for name in ("fine", "json", "seal", "field"):
            await store.subscriptions.add(subscription(name))
        await store.registrations.save(Registration("bad", "acme", "key", RegistrationState.ACTIVE, 1.0))
        with by_hand(path) as connection:
            connection.execute("UPDATE subscriptions SET document = '{' WHERE id = 'json'")
            connection.execute(
                "UPDATE subscriptions SET document = replace(document, 'gAAAA', 'gAAAB') WHERE id = 'seal'"
            )
            connection.execute(
                "UPDATE subscriptions SET document = replace(document, 'event_type', 'x') WHERE id = 'field'"
            )
            connection.execute("UPDATE registrations SET document = CAST(x'7bff' AS TEXT)")

        assert [each.id for each in await store.subscriptions.list()] == ["fine"]
        assert await store.subscriptions.get("json") is None
        assert await store.registrations.get("bad") is None
        found = {(each.kind, each.key): each for each in await store.quarantine.list()}
        assert set(found) == {
            ("subscription", "json"),
            ("subscription", "seal"),
            ("subscription", "field"),
            ("registration", "bad"),
        }
        assert found["subscription", "json"].raw == "{"
        assert "event_type" in found["subscription", "field"].reason
        assert sum(record.levelname == "ERROR" for record in caplog.records) == 4
        assert "s3cret" not in caplog.text
        _, is_new = await store.subscriptions.add(subscription("again", callback_url=subscription("json").callback_url))
        assert is_new

    async def test_a_delivery_without_its_event_blocks_nobody(self, store: SqliteStore, path: Path, now: float) -> None:
        orphan, fine = routed("a", now=now - 9), routed("a")
        await store.outbox.accept([orphan, fine], now)
        with by_hand(path) as connection:
            connection.execute("DELETE FROM events WHERE id = ?", (orphan.event.id,))
        (claim,) = await store.outbox.claim_due(now, 32, 60, per_destination=9)
        assert claim.event.id == fine.event.id
        (quarantined,) = await store.quarantine.list()
        assert (quarantined.kind, quarantined.reason) == ("delivery", "its event is missing")
        assert (await store.counters())[0].pending == 1

    async def test_text_that_is_not_utf8_blocks_nobody(self, store: SqliteStore, path: Path, now: float) -> None:
        await store.outbox.accept([routed("a"), routed("a")], now)
        with by_hand(path) as connection:
            connection.execute("UPDATE events SET type = CAST(x'ff41' AS TEXT) WHERE id = (SELECT min(id) FROM events)")
        assert len(await store.outbox.claim_due(now, 32, 60, per_destination=9)) == 2
        assert len((await store.outbox.events(EventQuery())).items) == 2

    async def test_a_secret_whose_key_is_not_set_is_asked_for_and_kept(self, store: SqliteStore, path: Path) -> None:
        await store.subscriptions.add(subscription())
        other = SqliteStore(path, Sealer([KEY[::-1].replace("=", "") + "="]), 90)
        with pytest.raises(Unavailable, match="CONNECTOR_SECRETS_KEY"):
            await other.subscriptions.list()
        assert await other.quarantine.list() == []
        await other.close()
        assert await store.subscriptions.get("sub")

    async def test_expiry_renews_old_seals(self, store: SqliteStore, path: Path, now: float) -> None:
        await store.subscriptions.add(subscription())
        new_key = KEY[::-1].replace("=", "") + "="
        rotated = SqliteStore(path, Sealer([new_key, KEY]), 90)
        assert (await rotated.expire(now))["resealed"] == 1
        assert (await rotated.expire(now))["resealed"] == 0
        await rotated.close()
        alone = SqliteStore(path, Sealer([new_key]), 90)
        assert await alone.subscriptions.get("sub") == subscription()
        await alone.close()


class TestSecrets:
    async def test_never_lie_about_in_clear_text(self, store: SqliteStore, path: Path) -> None:
        await store.subscriptions.add(subscription(secrets=SubscriptionSecrets("t0ken")))
        await store.registrations.save(
            Registration(
                "r", "acme", "key", RegistrationState.ACTIVE, 1.0, secrets=RegistrationSecrets(webhook_secret="h00k")
            )
        )
        await store.close()
        content = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert b"acme" in content
        assert not [secret for secret in (b"s3cret", b"t0ken", b"h00k", b"flow.example") if secret in content]


class TestTrouble:
    async def test_a_file_that_another_holds_is_503_until_it_is_free(self, path: Path, now: float) -> None:
        await (prepared := SqliteStore(path, Sealer([KEY]), 90)).counters()
        await prepared.close()
        database = Database(path, busy_seconds=0.05)
        with by_hand(path) as rival:
            rival.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable) as problem:
                await database.write(lambda connection: connection.execute("DELETE FROM counters"))
            assert problem.value.retry_after
        assert await database.write(lambda connection: connection.execute("DELETE FROM counters").rowcount) == 0
        await database.close()

    async def test_a_file_that_is_no_database_is_503_and_untouched(self, path: Path, now: float) -> None:
        path.write_bytes(b"somebody's letter, " * 400)
        store = SqliteStore(path, Sealer([KEY]), 90)
        for use in (store.outbox.accept([routed("a")], now), store.outbox.events(EventQuery())):
            with pytest.raises(Unavailable):
                await use
        assert path.read_bytes() == b"somebody's letter, " * 400
        path.unlink()
        assert (await store.outbox.accept([routed("a")], now)).new
        await store.close()

    async def test_a_store_of_a_newer_version_is_left_alone(self, store: SqliteStore, path: Path, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        await store.close()
        with by_hand(path) as connection:
            connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
        newer = SqliteStore(path, Sealer([KEY]), 90)
        with pytest.raises(Unavailable, match="newer version"):
            await newer.idempotency.begin("k", "f", now)
        await newer.close()

    async def test_the_schema_is_made_once_however_many_open_it_first(self, path: Path, now: float) -> None:
        stores = [SqliteStore(path, Sealer([KEY]), 90) for _ in range(6)]
        begun = await asyncio.gather(*(store.idempotency.begin("k", "f", now) for store in stores))
        assert [each.state for each in begun].count(BegunState.STARTED) == 1
        for store in stores:
            await store.close()


class TestScale:
    async def test_work_on_deliveries_never_scans_them(self, path: Path, now: float) -> None:
        """A claim costs the same however long the backlog, which holds as long as every step goes by an index.

        Only bundles are walked: those that are not due are in the hands of a dispatcher, so they are few.
        """
        seen: list[str] = []
        connection = connect(path, 1.0)
        connection.set_trace_callback(seen.append)
        lanes.wake_lanes(connection, {"a": now})
        accept.accept_all(connection, [accept.AcceptCall([routed("a")], now)])
        claims.claim_due(connection, now, 32, 60, 4, {}, {})
        claims.claim_one(connection, "event.a", now, 60, "")
        claims.claim_one(connection, "event.a", now, 60, "receipt")
        connection.execute(expiry.EVENTS_THAT_ARE_OVER, ("", "b", "a", 500))
        connection.set_trace_callback(None)
        plans = {
            statement: "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
            for statement in seen
        }
        connection.close()
        assert len(plans) >= 6
        assert not {
            statement: plan
            for statement, plan in plans.items()
            if re.search("SCAN (?!json_each|bundles)|TEMP B-TREE", plan)
        }

    async def test_a_backlog_of_one_destination_does_not_hide_another(self, store: SqliteStore, now: float) -> None:
        await store.outbox.accept([routed("dead", now=now - 60) for _ in range(2_000)], now - 60)
        await store.outbox.accept([routed("alive")], now)
        served = [claim for _ in range(2) for claim in await store.outbox.claim_due(now, 32, 60, per_destination=4)]
        assert sorted({claim.delivery.subscription_id for claim in served}) == ["alive", "dead"]
        assert len(served) == 5
        (counters,) = await store.counters()
        assert counters.pending == 2_001
        _, (delivery,) = existing(await store.outbox.event(served[0].event.id))
        assert delivery.state is DeliveryState.PENDING
