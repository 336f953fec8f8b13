"""Deliveries that the embedded store keeps without rows of their own until there is something to note about them."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connector.storage.event_ids import event_id
from connector.storage.records import Claim, DeliveryState, EventQuery, RoutedEvent
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore, bundles, expiry
from connector.storage.sqlite.schema import STEPS
from tests.narrowing import existing
from tests.storage.conftest import KEY, LEASE, claim_all, routed

ROOM = {"a": 9, "b": 9, "c": 9}
DAY = 86_400.0


def opened(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "connector.db", Sealer([KEY]), 90.0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = opened(tmp_path)
    yield made
    await made.close()


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "connector.db")) as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(rows)


async def handed_out(store: SqliteStore, wanted: RoutedEvent, now: float) -> tuple[Claim, ...]:
    return (await store.outbox.accept([wanted], now, lease_seconds=LEASE, at_once=ROOM)).claims


async def states(store: SqliteStore, wanted: RoutedEvent) -> dict[str, str]:
    deliveries = existing(await store.outbox.event(wanted.event.id))[1]
    return {each.subscription_id: each.state.value for each in deliveries}


async def test_what_is_delivered_at_once_is_written_once(store: SqliteStore, tmp_path: Path, now: float) -> None:
    wanted = routed("a", "b", "c", now=now)
    claims = await handed_out(store, wanted, now)
    assert (count(tmp_path, "bundles"), count(tmp_path, "deliveries")) == (1, 0)
    await store.outbox.ack_all([(claim, None) for claim in claims[:2]], now)
    assert (count(tmp_path, "bundles"), count(tmp_path, "deliveries")) == (1, 2)
    await store.outbox.ack(claims[0], now + 1)  # once more, which ends nothing
    await store.outbox.ack(claims[2], now)
    assert (count(tmp_path, "bundles"), count(tmp_path, "deliveries")) == (0, 3)
    assert await states(store, wanted) == dict.fromkeys("abc", "delivered")
    assert (await store.counters())[0].delivered == 3


async def test_after_a_death_only_what_has_not_ended_comes_again(store: SqliteStore, tmp_path: Path) -> None:
    now = time.time()
    claims = await handed_out(store, routed("a", "b", "c", now=now), now)
    await store.outbox.ack(claims[0], now)
    survivor = opened(tmp_path)
    assert await claim_all(survivor, now + LEASE - 1) == []
    again = await claim_all(survivor, now + LEASE + 1)
    assert [claim.delivery.id for claim in again] == [claim.delivery.id for claim in claims[1:]]
    await store.outbox.ack(claims[1], now + LEASE + 2)  # its lease was lost
    assert (await survivor.counters())[0].delivered == 1
    await survivor.close()


async def test_a_look_at_it_changes_nothing(store: SqliteStore, now: float) -> None:
    wanted = routed("a", "b", now=now)
    claims = await handed_out(store, wanted, now)
    assert await states(store, wanted) == dict.fromkeys("ab", "pending")
    assert await claim_all(store, now) == []
    await store.outbox.ack_all([(claim, None) for claim in claims], now)
    assert await states(store, wanted) == dict.fromkeys("ab", "delivered")


async def test_one_that_fails_leaves_the_others_as_they_are(store: SqliteStore, now: float) -> None:
    wanted = routed("a", "b", "c", now=now)
    claims = await handed_out(store, wanted, now)
    await store.outbox.reschedule(claims[0], now, attempt=1, due_at=now + 5, reason="busy")
    await store.outbox.bury(claims[1], now, reason="gone")
    await store.outbox.ack(claims[2], now)
    assert await states(store, wanted) == {"a": "pending", "b": "dead", "c": "delivered"}
    assert [claim.delivery.subscription_id for claim in await claim_all(store, now + 5)] == ["a"]


async def test_conditions_that_are_open_are_not_forgotten(store: SqliteStore, now: float) -> None:
    wanted = replace(routed("a", "b", now=now), unchecked=frozenset("b"))
    claims = await handed_out(store, wanted, now)
    assert [claim.delivery.is_unchecked for claim in claims] == [False, True]
    again = await claim_all(store, now + LEASE + 1)
    assert {claim.delivery.subscription_id: claim.delivery.is_unchecked for claim in again} == {"a": False, "b": True}


async def test_leases_count_whether_they_have_rows_or_not(store: SqliteStore, now: float) -> None:
    claims = await handed_out(store, routed("a", "b", now=now), now)
    await store.outbox.accept([routed("a", now=now)], now)
    assert await claim_all(store, now, per_destination=1) == []
    await store.outbox.ack(claims[0], now)
    assert len(await claim_all(store, now, per_destination=1)) == 1


async def test_a_long_backlog_is_taken_up_in_parts_and_in_its_order(store: SqliteStore, now: float) -> None:
    flows = [f"flow{number}" for number in range(bundles.UNBUNDLED_AT_ONCE // 4)]
    batch = [routed(*flows, now=now - 60 + number) for number in range(9)]
    for wanted in batch:
        await store.outbox.accept([wanted], wanted.event.received_at)
    (first,) = await store.outbox.claim_due(now, 1, LEASE, per_destination=1)
    assert first.event.id == batch[0].event.id
    at_once = dict.fromkeys(flows, 1)
    later = await store.outbox.accept([routed(*flows, now=now)], now, lease_seconds=LEASE, at_once=at_once)
    assert later.claims == ()  # all have older ones that are due, with rows or without
    limits = {flow: int(flow == "flow3") for flow in flows}
    seen: list[str] = []
    for _ in range(12):
        seen += [claim.event.id for claim in await store.outbox.claim_due(
            now, 1, LEASE, per_destination=1, limits=limits)]  # fmt: skip
    assert seen == [*(wanted.event.id for wanted in batch), later.new[0]]


async def test_searches_find_what_has_no_row(store: SqliteStore, now: float) -> None:
    wanted, unwanted = routed("a", now=now), routed(now=now)
    await handed_out(store, unwanted, now)
    await handed_out(store, wanted, now)

    async def found(**query: str) -> list[str]:
        return [event.id for event in (await store.outbox.events(EventQuery(**query))).items]  # type: ignore[arg-type]

    assert await found(state="unwanted") == [unwanted.event.id]
    assert await found(state="pending") == await found(subscription_id="a") == [wanted.event.id]
    await handed_out(store, another := routed("a", now=now), now)
    assert len((await store.outbox.deliveries(EventQuery(subscription_id="a"))).items) == 2
    await handed_out(store, third := routed("a", now=now), now)
    assert (await store.outbox.tallies([third.event.id]))[third.event.id].pending == 1
    assert [backlog.waiting for backlog in await store.outbox.backlogs(now)] == [3]
    assert not await store.outbox.route(another.event.id, "a", now)


async def test_expiry_keeps_what_has_no_row(store: SqliteStore, now: float) -> None:
    old = now - 30 * DAY
    wanted = routed("a", now=old)
    await store.outbox.accept([wanted], now)
    assert (await store.expire(now))["events"] == 0
    assert [claim.event.id for claim in await claim_all(store, now)] == [wanted.event.id]


def test_an_event_is_not_over_while_it_has_a_bundle() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in ";\n".join(STEPS).split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO events (id, site, type, registration_id, occurred_at, received_at, dedupe_key,"
                           " payload) VALUES ('a', 's', 't', 'r', 0, 0, '', x'')")  # fmt: skip
        over = (expiry.EVENTS_THAT_ARE_OVER, ("", "b", "b", 9))
        assert connection.execute(*over).fetchall() == [("a",)]
        connection.execute("INSERT INTO bundles VALUES ('a', '', 's', '[]', 0, 0, 0)")
        assert connection.execute(*over).fetchall() == []


@pytest.mark.parametrize("steps", [6, 1])
async def test_the_deliveries_of_an_older_file_go_on(tmp_path: Path, now: float, steps: int) -> None:
    """One with rows for all deliveries: one is pending, one leased; the first step alone is the file of version 1.0."""
    first = event_id(now, "first")
    with closing(sqlite3.connect(tmp_path / "connector.db")) as connection:
        for statement in ";\n".join(STEPS[:steps]).split(";\n"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO events (id, site, type, registration_id, occurred_at, received_at, dedupe_key, payload)"
            " VALUES (?, 'acme', 't', 'r', ?, ?, '', x'7b7d')", (first, now, now))  # fmt: skip
        for flow, due_at, receipt in (("a", now, ""), ("b", now + LEASE, "receipt")):
            connection.execute(
                "INSERT INTO deliveries (id, event_id, subscription_id, site, state, attempt, due_at, receipt,"
                " created_at, reason) VALUES (?, ?, ?, 'acme', 'pending', 0, ?, ?, ?, '')",
                (f"{first}.{flow}", first, flow, due_at, receipt, now))  # fmt: skip
            connection.execute("INSERT INTO lanes VALUES (?, ?)", (flow, due_at))
        connection.execute(f"PRAGMA user_version = {steps}")
        connection.commit()
    store = opened(tmp_path)
    (due,) = await claim_all(store, now)
    leased = existing(await store.outbox.claim(f"{first}.b", now, LEASE, receipt="receipt"))
    await store.outbox.ack_all([(due, None), (leased, None)], now)
    deliveries = existing(await store.outbox.event(first))[1]
    assert {each.state for each in deliveries} == {DeliveryState.DELIVERED}
    assert len(deliveries) == 2
    await store.close()
