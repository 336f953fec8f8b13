"""Deliveries that the embedded store hands out in the commit that stores their event."""

import time
from dataclasses import replace
from pathlib import Path

from connector.storage.records import DeliveryState, delivery_id
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.narrowing import existing
from tests.storage.conftest import KEY, LEASE, claim_all, routed

EVERYONE = {"a": 9, "b": 9}


def opened(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "connector.db", Sealer([KEY]), 90.0)


async def test_it_is_the_callers_until_the_lease_ends_and_then_anybodys(tmp_path: Path) -> None:
    store, other, now = opened(tmp_path), opened(tmp_path), time.time()
    wanted = routed("a", "b", now=now)
    accepted = await store.outbox.accept([wanted], now, lease_seconds=LEASE, at_once={"a": 1})
    (mine,) = accepted.claims
    assert (mine.delivery.subscription_id, mine.event) == ("a", wanted.event)
    assert [each.delivery.subscription_id for each in await claim_all(other, now)] == ["b"]
    (again,) = [each for each in await claim_all(other, now + LEASE + 1) if each.delivery.subscription_id == "a"]
    await store.outbox.ack(mine, now + LEASE + 2)  # too late: it is the other's now
    assert (await store.outbox.accept([wanted], now + LEASE + 2, lease_seconds=LEASE, at_once=EVERYONE)).claims == ()
    await other.outbox.ack(again, now + LEASE + 3)
    deliveries = existing(await store.outbox.event(wanted.event.id))[1]
    assert next(each for each in deliveries if each.subscription_id == "a").finished_at == now + LEASE + 3
    await store.close()
    await other.close()


async def test_nothing_is_handed_out_past_older_ones_that_are_due(tmp_path: Path) -> None:
    store, now = opened(tmp_path), time.time()
    await store.outbox.accept([routed("a", now=now)], now)
    later = await store.outbox.accept([routed("a", "b", now=now)], now, lease_seconds=LEASE, at_once=EVERYONE)
    assert [each.delivery.subscription_id for each in later.claims] == ["b"]
    assert [each.delivery.subscription_id for each in await claim_all(store, now)] == ["a", "a"]
    await store.close()


async def test_no_more_is_handed_out_than_there_is_room_for_and_nothing_that_goes_in_order(tmp_path: Path) -> None:
    store, now = opened(tmp_path), time.time()
    batch = [routed("a", now=now) for _ in range(3)]
    ordered = replace(routed("b", now=now), ordered=frozenset("b"))
    accepted = await store.outbox.accept([*batch, ordered], now, lease_seconds=LEASE, at_once={"a": 2, "b": 2})
    assert [each.event.id for each in accepted.claims] == [each.event.id for each in batch[:2]]
    rest = {each.event.id for each in await claim_all(store, now + 2)}
    assert rest == {batch[2].event.id, ordered.event.id}
    await store.close()


async def test_several_end_together_and_those_whose_lease_was_lost_stay(tmp_path: Path) -> None:
    store, now = opened(tmp_path), time.time()
    batch = [routed("a", now=now) for _ in range(3)]
    claims = (await store.outbox.accept(batch, now, lease_seconds=LEASE, at_once={"a": 3})).claims
    lost = replace(claims[1], receipt="another's")
    await store.outbox.ack_all([(claims[0], None), (lost, None), (claims[2], None)], now)
    states = {each.delivery.id: each.delivery.state for each in await claim_all(store, now + LEASE + 1)}
    assert states == {delivery_id(batch[1].event.id, "a"): DeliveryState.PENDING}
    (counters,) = await store.counters()
    assert (counters.delivered, counters.pending) == (2, 1)
    await store.close()
