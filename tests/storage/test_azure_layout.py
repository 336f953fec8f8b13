"""The second layout in Azure: a table a day that is deleted as one, what outlives it, and rows of the first layout."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from connector.deskdirector.errors import Unavailable
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.database import Table, table_names
from connector.storage.azure.days import DAY, day_of
from connector.storage.azure.events import Events
from connector.storage.azure.rest import Rest
from connector.storage.azure.rows import delivery_entity, event_entity, event_place
from connector.storage.azure.store import AzureStore
from connector.storage.event_ids import event_id
from connector.storage.records import (
    Delivery,
    DeliveryState,
    Event,
    EventQuery,
    RoutedEvent,
    delivery_id,
    digest,
)
from connector.storage.sealing import Sealer
from tests.narrowing import existing
from tests.storage.conftest import KEY, LEASE, claim_all, routed

pytestmark = pytest.mark.npm("azurite")


@pytest.fixture
def prefix() -> str:
    return f"t{secrets.token_hex(6)}"


@pytest.fixture
async def rest(azurite: str) -> AsyncIterator[Rest]:
    opened = Rest(StorageAccount(azurite))
    yield opened
    await opened.close()


@pytest.fixture
async def store(azurite: str, prefix: str) -> AsyncIterator[AzureStore]:
    opened = AzureStore(StorageAccount(azurite), Sealer([KEY]), 90, prefix=prefix)
    yield opened
    await opened.close()


async def aged(store: AzureStore, rest: Rest, prefix: str, days: float, *events: RoutedEvent) -> list[RoutedEvent]:
    """Events as they lie in the table of their own day, received so many days ago."""
    old = []
    for each in events:
        at = each.event.received_at - days * DAY
        name = event_id(at, secrets.token_hex(8), each.event.site)
        event = replace(each.event, id=name, received_at=at, occurred_at=at)
        old.append(replace(each, event=event))
        made = old[-1].deliveries(at)
        table = Table(rest, f"{prefix}events{day_of(at)}")
        await table.put(event_entity(event) | {"Bulk0": event.payload})
        for delivery in made:
            await table.put(delivery_entity(delivery, event))
    return old


async def ended(store: AzureStore, routed_event: RoutedEvent, to: str, state: DeliveryState, now: float) -> None:
    claim = existing(await store.outbox.claim(delivery_id(routed_event.event.id, to), now, LEASE))
    if state is DeliveryState.DEAD:
        await store.outbox.bury(claim, now, reason="no answer")
    else:
        await store.outbox.ack(claim, now)


async def test_a_day_is_over_in_one_piece_and_what_outlives_it_stays(
    store: AzureStore, rest: Rest, prefix: str, now: float
) -> None:
    done, dead, pending = await aged(store, rest, prefix, 9, *(routed(to, now=now) for to in ("x", "y", "z")))
    await ended(store, done, "x", DeliveryState.DELIVERED, now)
    await ended(store, dead, "y", DeliveryState.DEAD, now)
    await store.outbox.accept([fresh := routed("w", now=now)], now)
    day = f"{prefix}events{day_of(now - 9 * DAY)}"
    assert day in await table_names(rest, prefix)

    await store.expire(now)

    assert day not in await table_names(rest, prefix)
    left = {each.id for each in (await store.outbox.events(EventQuery())).items}
    assert left == {fresh.event.id, dead.event.id, pending.event.id}
    assert await store.outbox.event(done.event.id) is None
    assert [each.event_id for each in (await store.outbox.dead_letters(EventQuery())).items] == [dead.event.id]
    assert await store.outbox.replay([delivery_id(dead.event.id, "y")], now) == 1
    assert (await store.expire(now))["woken"] == 1  # nobody had a message for the one that was pending
    claims = await claim_all(store, now)
    assert sorted(claim.delivery.subscription_id for claim in claims) == ["w", "y", "z"]
    for claim in claims:
        await store.outbox.ack(claim, now)
    await store.expire(now)
    assert [each.id for each in (await store.outbox.events(EventQuery())).items] == [fresh.event.id]
    assert await store.outbox.backlogs(now) == []


async def test_what_is_replayed_leaves_the_table_of_an_old_day_first(
    store: AzureStore, rest: Rest, prefix: str, now: float
) -> None:
    (old,) = await aged(store, rest, prefix, 4, routed("a", now=now))
    await ended(store, old, "a", DeliveryState.DELIVERED, now)
    assert await store.outbox.route(old.event.id, "b", now)
    assert await store.outbox.replay([delivery_id(old.event.id, "a")], now) == 1
    assert await Table(rest, f"{prefix}events{day_of(now - 4 * DAY)}").drop()
    claims = await claim_all(store, now)
    assert sorted(claim.delivery.subscription_id for claim in claims) == ["a", "b"]
    assert all(claim.event.payload == b"{}" for claim in claims)


async def test_events_of_a_site_are_in_one_range_and_those_of_many_in_many(
    store: AzureStore, rest: Rest, prefix: str, now: float
) -> None:
    sites = [f"site{n}" for n in range(40)]
    await store.outbox.accept([routed(site=site, now=now) for site in sites] + [routed(site="site7", now=now)], now)
    rows = await Table(rest, f"{prefix}events{day_of(now)}").query("Kind eq 'event'", {})
    ranges = {row["PartitionKey"][:2] for row in rows}
    assert 20 < len(ranges) <= 40
    assert len({row["PartitionKey"][:2] for row in rows if row["Site"] == "site7"}) == 1
    assert len((await store.outbox.events(EventQuery(site="site7"))).items) == 2


async def test_the_listing_of_a_large_day_reads_its_ranges_side_by_side(
    store: AzureStore, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.storage.azure.events.LARGEST_PAGE", 10)
    batch = [routed("a", now=now + n, site=f"site{n % 7}") for n in range(20)]
    await store.outbox.accept(batch, now)
    shown, continuation = list[str](), ""
    while not shown or continuation:
        page = await store.outbox.events(EventQuery(take=6, continuation=continuation))
        shown, continuation = [*shown, *(each.id for each in page.items)], page.continuation
    assert shown == [each.event.id for each in reversed(batch)]


class TestFirstAttempts:
    async def test_are_the_callers_and_settled_in_one_write(self, store: AzureStore, now: float) -> None:
        wanted = routed("a", "b", "c")
        accepted = await store.outbox.accept([wanted], now, lease_seconds=LEASE)
        assert sorted(claim.delivery.subscription_id for claim in accepted.claims) == ["a", "b", "c"]
        assert await claim_all(store, now) == []
        await store.outbox.ack_all([(claim, None) for claim in accepted.claims], now)
        _, deliveries = existing(await store.outbox.event(wanted.event.id))
        assert {each.state for each in deliveries} == {DeliveryState.DELIVERED}
        (counters,) = await store.counters()
        assert (counters.delivered, counters.pending) == (3, 0)

    async def test_that_nobody_settled_come_up_when_the_event_is_accepted_again(
        self, store: AzureStore, now: float
    ) -> None:
        wanted = routed("a", "b", key="k")
        first = await store.outbox.accept([wanted], now, lease_seconds=0.5)
        await store.outbox.ack(first.claims[0], now)
        again = await store.outbox.accept([wanted], now, lease_seconds=LEASE)
        assert (again.new, again.claims) == ((), ())
        later = now + 1.0
        claims = await claim_all(store, later)
        if not claims:  # the wake-up is hidden until the lease ends
            await asyncio.sleep(1.1)
            claims = await claim_all(store, later)
        assert [each.delivery.id for each in claims] == [first.claims[1].delivery.id]

    async def test_that_nobody_ever_comes_back_for_are_found(self, store: AzureStore, now: float) -> None:
        await store.outbox.accept([routed("a", now=now)], now, lease_seconds=LEASE)
        assert (await store.expire(now + 60))["woken"] == 0
        assert (await store.expire(now + 1_000))["woken"] == 1
        assert len(await claim_all(store, now + 1_000)) == 1

    async def test_are_put_off_like_any_other(self, store: AzureStore, now: float) -> None:
        accepted = await store.outbox.accept([routed("a")], now, lease_seconds=LEASE)
        await store.outbox.reschedule(accepted.claims[0], now, attempt=1, due_at=now, reason="503")
        (backlog,) = await store.outbox.backlogs(now)
        assert (backlog.subscription_id, backlog.waiting) == ("a", 1)
        (claim,) = await claim_all(store, now)
        await store.outbox.ack(claim, now)
        assert await store.outbox.backlogs(now) == []

    async def test_that_were_put_off_come_up_even_if_the_process_died_at_that(
        self, store: AzureStore, now: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accepted = await store.outbox.accept([routed("a")], now, lease_seconds=LEASE)
        whole = Events.change

        async def last(events: Events, *given: Any, **named: Any) -> str | None:
            await whole(events, *given, **named)
            raise Unavailable("StorageUnavailable", "as if the process died here")

        with monkeypatch.context() as dying:
            dying.setattr(Events, "change", last)
            with pytest.raises(Unavailable):
                await store.outbox.reschedule(accepted.claims[0], now, attempt=1, due_at=now)
        assert [each.delivery.attempt for each in await claim_all(store, now)] == [1]

    async def test_of_more_flows_than_a_transaction_takes(self, store: AzureStore, now: float) -> None:
        wanted = routed(*(f"s{n}" for n in range(150)))
        accepted = await store.outbox.accept([wanted], now, lease_seconds=LEASE)
        assert len(accepted.claims) == 150
        await store.outbox.ack_all([(claim, None) for claim in accepted.claims], now)
        _, deliveries = existing(await store.outbox.event(wanted.event.id))
        assert [each.state for each in deliveries] == [DeliveryState.DELIVERED] * 150


class TestVersionOne:
    """Rows as version 1.0 wrote them: one table of events, ids and partitions without a mark."""

    async def written(self, rest: Rest, prefix: str, at: float, state: str, key: str = "") -> Event:
        event = Event(event_id(at, secrets.token_hex(8)), "acme", "ticket.updated", "reg", at, at, b"{}", key)
        delivery = Delivery(
            delivery_id(event.id, "a"), event.id, "a", "acme", DeliveryState(state), 0, at, at, pending_since=at
        )
        table = Table(rest, f"{prefix}events")
        new = ("Guarded", "History", "Summary", "Verdicts")
        for row in (event_entity(event) | {"Bulk0": event.payload}, delivery_entity(delivery, event)):
            await table.put({name: value for name, value in row.items() if name not in new})
        if event.dedupe_key:
            name = digest(f"acme\n{event.dedupe_key}")
            keys = {"PartitionKey": f"dedupe-{name[:2]}", "RowKey": name}
            await Table(rest, f"{prefix}keys").put(keys | {"EventId": event.id, "At": at, "ReceivedAt": at})
        return event

    async def test_everything_is_read_delivered_and_in_the_end_deleted(
        self, store: AzureStore, rest: Rest, prefix: str, now: float
    ) -> None:
        waits = await self.written(rest, prefix, now - 2_000, "pending")
        done = await self.written(rest, prefix, now - 3_000, "delivered")
        dead = await self.written(rest, prefix, now - 4_000, "dead")
        over = await self.written(rest, prefix, now - 8 * DAY, "delivered")
        old_but_pending = await self.written(rest, prefix, now - 9 * DAY, "pending")
        assert existing(event_place(waits.id)).partition < "g"
        await store.outbox.accept([new := routed("b", now=now)], now)

        listed = [each.id for each in (await store.outbox.events(EventQuery())).items]
        assert listed == sorted((new.event.id, waits.id, done.id, dead.id, over.id, old_but_pending.id), reverse=True)
        assert [each.waiting for each in await store.outbox.backlogs(now)] == [2, 1]
        assert await store.outbox.replay([delivery_id(dead.id, "a")], now) == 1
        assert (await store.expire(now))["woken"] == 2
        claims = await claim_all(store, now)
        assert {claim.event.id for claim in claims} == {new.event.id, waits.id, dead.id, old_but_pending.id}
        for claim in claims:
            await store.outbox.ack(claim, now)
        await store.expire(now)
        left = {each.id for each in (await store.outbox.events(EventQuery())).items}
        assert left == {new.event.id, waits.id, done.id, dead.id}

    async def test_an_event_that_comes_again_is_still_known(
        self, store: AzureStore, rest: Rest, prefix: str, now: float
    ) -> None:
        await self.written(rest, prefix, now - 60, "delivered", key="k")
        again = await store.outbox.accept([routed("a", now=now, key="k")], now, lease_seconds=LEASE)
        assert (again.new, again.claims) == ((), ())

    async def test_what_an_old_instance_began_is_completed_under_its_id(
        self, store: AzureStore, rest: Rest, prefix: str, now: float
    ) -> None:
        began = await self.written(rest, prefix, now - 60, "delivered", key="k")
        await Table(rest, f"{prefix}events").sweep(await Table(rest, f"{prefix}events").query("Kind ne ''", {}))
        accepted = await store.outbox.accept([routed("a", now=now, key="k")], now, lease_seconds=LEASE)
        assert [claim.event.id for claim in accepted.claims] == [began.id]
        await store.outbox.ack_all([(claim, None) for claim in accepted.claims], now)
        _, (delivery,) = existing(await store.outbox.event(began.id))
        assert delivery.state is DeliveryState.DELIVERED


async def test_content_that_comes_again_after_midnight_is_the_same_event(store: AzureStore) -> None:
    midnight = (time.time() // DAY) * DAY
    moments = (midnight - 5, midnight + 5)
    undated = [routed("a", now=at, key="undated") for at in moments]
    undated = [replace(each, event=replace(each.event, dedupe_seconds=30.0)) for each in undated]
    assert (await store.outbox.accept(undated[:1], midnight - 5)).new
    assert (await store.outbox.accept(undated[1:], midnight + 5)).known
    dated = [routed("a", now=at, key="dated") for at in moments]
    dated = [replace(each, event=replace(each.event, occurred_at=midnight - 9)) for each in dated]
    assert (await store.outbox.accept(dated[:1], midnight - 5)).new
    assert (await store.outbox.accept(dated[1:], midnight + 5)).known


async def test_counters_of_processes_are_added_up_and_old_ones_folded_into_one_row(
    azurite: str, rest: Rest, prefix: str, now: float
) -> None:
    for _ in range(3):  # processes that came and went
        process = AzureStore(StorageAccount(azurite), Sealer([KEY]), 90, prefix=prefix)
        await process.outbox.accept([routed("a", now=now), routed("a", now=now, site="other")], now)
        await process.close()
    reader = AzureStore(StorageAccount(azurite), Sealer([KEY]), 90, prefix=prefix)
    table = Table(rest, f"{prefix}records")
    counts = [(each.site, each.accepted, each.queued) for each in await reader.counters()]
    assert counts == [("acme", 3, 3), ("other", 3, 3)]
    for later, rows in ((now, 6), (now + DAY, 2)):
        await reader.repair(later)
        assert len(await table.query("PartitionKey ge 'counters-' and PartitionKey lt 'counters-~'", {})) == rows
    await reader.outbox.accept([routed("a", now=now)], now)
    counts = [(each.site, each.accepted, each.queued) for each in await reader.counters()]
    assert counts == [("acme", 4, 4), ("other", 3, 3)]
    await reader.close()
