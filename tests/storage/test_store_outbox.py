"""What every store promises about events and their deliveries, asked of each."""

import asyncio
import time
from typing import Any

import pytest

from connector.storage.protocol import Store
from connector.storage.records import Claim, Delivery, DeliveryState, Event, EventQuery, delivery_id
from tests.narrowing import existing
from tests.storage.conftest import AWKWARD, LEASE, Later, claim_all, routed


class TestAccepting:
    async def test_an_event_is_due_for_each_of_its_subscriptions(self, store: Store, now: float) -> None:
        wanted = routed("a", "b", payload=b'{"id":1}')
        assert (await store.outbox.accept([wanted], now)).new == (wanted.event.id,)
        claims = await claim_all(store, now)
        assert {claim.delivery.id for claim in claims} == {delivery_id(wanted.event.id, to) for to in "ab"}
        assert all(claim.event == wanted.event for claim in claims)
        assert all(claim.event.payload == b'{"id":1}' for claim in claims)

    async def test_running_it_again_changes_nothing(self, store: Store, now: float) -> None:
        wanted = routed("a", key="k")
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        await store.outbox.ack(claim, now)
        again = await store.outbox.accept([wanted], now)
        assert (again.new, again.known) == ((), (wanted.event.id,))
        assert await claim_all(store, now) == []

    async def test_the_same_key_at_the_same_site_is_the_same_event(
        self, store: Store, second: Store, now: float
    ) -> None:
        batch = [routed("a", key="same"), routed("a", key="same"), routed("a", key="same", site="other")]
        first = await store.outbox.accept(batch, now)
        assert first.new == (batch[0].event.id, batch[2].event.id)
        later = routed("a", key="same")
        assert (await second.outbox.accept([later], now)).known == (later.event.id,)
        assert len(await claim_all(store, now)) == 2

    async def test_duplicates_that_race_make_one_event(self, store: Store, second: Store, now: float) -> None:
        rivals = [routed("a", key="raced") for _ in range(8)]
        outcomes = await asyncio.gather(
            *((store, second)[n % 2].outbox.accept([each], now) for n, each in enumerate(rivals))
        )
        assert sum(len(each.new) for each in outcomes) == 1
        assert len(await claim_all(store, now)) == 1

    async def test_an_event_that_nobody_wants_is_listed(self, store: Store, now: float) -> None:
        nobodys = routed()
        await store.outbox.accept([nobodys], now)
        assert await claim_all(store, now) == []
        event, deliveries = existing(await store.outbox.event(nobodys.event.id))
        assert (event, list(deliveries)) == (nobodys.event, [])

    @pytest.mark.parametrize("size", [0, 70_000, 800_000])
    async def test_payloads_of_any_size(self, store: Store, now: float, size: int) -> None:
        wanted = routed("a", payload=b"x" * size)
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        assert claim.event.payload == b"x" * size

    async def test_more_subscriptions_than_one_transaction_takes(self, store: Store, now: float) -> None:
        wanted = routed(*(f"s{n:03d}" for n in range(105)))
        await store.outbox.accept([wanted], now)
        assert (await store.outbox.accept([wanted], now)).new == ()
        _, deliveries = existing(await store.outbox.event(wanted.event.id))
        assert tuple(each.subscription_id for each in deliveries) == wanted.subscription_ids

    async def test_awkward_text_survives(self, store: Store, now: float) -> None:
        wanted = routed(AWKWARD, site=AWKWARD, key=AWKWARD)
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        assert (claim.delivery.subscription_id, claim.event.site, claim.event.dedupe_key) == (AWKWARD,) * 3
        await store.outbox.ack(claim, now)
        _, (delivery,) = existing(await store.outbox.event(wanted.event.id))
        assert delivery.state is DeliveryState.DELIVERED


class TestClaiming:
    async def test_a_leased_delivery_is_not_given_twice(self, store: Store, second: Store, now: float) -> None:
        await store.outbox.accept([routed("a") for _ in range(10)], now)
        both = await asyncio.gather(claim_all(store, now), claim_all(second, now))
        names = [claim.delivery.id for claims in both for claim in claims]
        assert len(names) == len(set(names)) == 10

    async def test_comes_up_again_when_the_lease_ends(self, store: Store, now: float, later: Later) -> None:
        await store.outbox.accept([routed("a")], now)
        (lost,) = await store.outbox.claim_due(now, 32, 1.0, per_destination=4)
        (again,) = await claim_all(store, await later())
        assert again.delivery.id == lost.delivery.id
        await store.outbox.ack(lost, time.time())  # too late: it is somebody else's now
        _, (delivery,) = existing(await store.outbox.event(lost.event.id))
        assert delivery.state is DeliveryState.PENDING
        await store.outbox.ack(again, time.time())
        _, (delivery,) = existing(await store.outbox.event(lost.event.id))
        assert (delivery.state, delivery.attempt) == (DeliveryState.DELIVERED, 1)

    async def test_no_destination_takes_more_than_its_share(self, store: Store, now: float, later: Later) -> None:
        await store.outbox.accept([routed("greedy", now=now) for _ in range(8)] + [routed("modest", now=now)], now)
        claims = await claim_all(store, now, per_destination=2)
        assert sorted(claim.delivery.subscription_id for claim in claims) == ["greedy", "greedy", "modest"]
        assert await claim_all(store, now, per_destination=2) == []
        await store.outbox.ack(next(each for each in claims if each.delivery.subscription_id == "greedy"), now)
        (one_more,) = await claim_all(store, await later(), per_destination=2)
        assert one_more.delivery.subscription_id == "greedy"

    async def test_excluded_destinations_get_none_until_then(self, store: Store, now: float, later: Later) -> None:
        await store.outbox.accept([routed("dead"), routed("alive")], now)
        (claim,) = await claim_all(store, now, exclude={"dead": now + 1.0})
        assert claim.delivery.subscription_id == "alive"
        (claim,) = await claim_all(store, await later(), exclude={"dead": now + 1.0})
        assert claim.delivery.subscription_id == "dead"

    async def test_one_can_be_claimed_by_its_id(self, store: Store, second: Store, now: float) -> None:
        await store.outbox.accept([wanted := routed("a")], now)
        name = delivery_id(wanted.event.id, "a")
        claim = existing(await store.outbox.claim(name, now, LEASE))
        assert claim.event == wanted.event
        assert await second.outbox.claim(name, now, LEASE) is None
        resumed = existing(await second.outbox.claim(name, now, LEASE, receipt=claim.receipt))
        assert resumed.delivery.id == name
        await second.outbox.ack(resumed, now)
        assert await store.outbox.claim(name, now, LEASE) is None
        assert await store.outbox.claim(name, now, LEASE, receipt=claim.receipt) is None
        assert await store.outbox.claim("no such delivery", now, LEASE) is None

    async def test_a_claim_by_id_that_is_dropped_comes_up_again(self, store: Store, now: float, later: Later) -> None:
        await store.outbox.accept([wanted := routed("a")], now)
        name = delivery_id(wanted.event.id, "a")
        assert await store.outbox.claim(name, now, 1.0)
        assert await store.outbox.claim(name, now, 1.0) is None
        (claim,) = await claim_all(store, await later())
        assert claim.delivery.id == name


class TestEnding:
    async def claimed(self, store: Store, now: float) -> Claim:
        await store.outbox.accept([routed("a", now=now - 5)], now)
        (claim,) = await claim_all(store, now)
        return claim

    async def fate(self, store: Store, claim: Claim) -> Delivery:
        _, (delivery,) = existing(await store.outbox.event(claim.event.id))
        return delivery

    async def test_ack(self, store: Store, now: float) -> None:
        claim = await self.claimed(store, now)
        await store.outbox.ack(claim, now + 1)
        delivery = await self.fate(store, claim)
        assert (delivery.state, delivery.attempt, delivery.finished_at) == (DeliveryState.DELIVERED, 1, now + 1)

    async def test_reschedule_waits_and_counts_attempts(self, store: Store, now: float, later: Later) -> None:
        claim = await self.claimed(store, now)
        await store.outbox.reschedule(claim, now, attempt=1, due_at=now + 1.0, reason="503")
        assert await claim_all(store, now) == []
        (again,) = await claim_all(store, await later())
        assert (again.delivery.attempt, again.delivery.reason) == (1, "503")

    async def test_cancel(self, store: Store, now: float) -> None:
        claim = await self.claimed(store, now)
        await store.outbox.cancel(claim, now, reason="unsubscribed")
        delivery = await self.fate(store, claim)
        assert (delivery.state, delivery.reason) == (DeliveryState.CANCELLED, "unsubscribed")
        assert await claim_all(store, now + 2 * LEASE) == []

    async def test_dead_letters_are_listed_replayed_and_purged(self, store: Store, now: float) -> None:
        claim = await self.claimed(store, now)
        await store.outbox.bury(claim, now, reason="no answer for a day")
        (letter,) = (await store.outbox.dead_letters(EventQuery(site="acme"))).items
        assert (letter.id, letter.state, letter.reason) == (
            claim.delivery.id,
            DeliveryState.DEAD,
            "no answer for a day",
        )
        assert (await store.outbox.dead_letters(EventQuery(site="other"))).items == ()

        assert await store.outbox.replay([letter.id, "no such delivery"], now) == 1
        assert await store.outbox.replay([letter.id], now) == 0
        assert (await store.outbox.dead_letters(EventQuery())).items == ()
        (again,) = await claim_all(store, now)
        assert (again.delivery.id, again.delivery.attempt) == (letter.id, 0)

        await store.outbox.bury(again, now, reason="still none")
        assert await store.outbox.purge([letter.id], now) == 1
        assert await store.outbox.purge([letter.id], now) == 0
        assert (await store.outbox.dead_letters(EventQuery())).items == ()
        assert (await self.fate(store, claim)).state is DeliveryState.CANCELLED

    async def test_what_was_delivered_can_be_replayed(self, store: Store, now: float) -> None:
        claim = await self.claimed(store, now)
        await store.outbox.ack(claim, now)
        assert await store.outbox.replay([claim.delivery.id], now) == 1
        (again,) = await claim_all(store, now)
        assert again.delivery.finished_at is None

    async def test_counters_tell_what_happened(self, store: Store, second: Store, now: float) -> None:
        await store.outbox.accept([routed("a", "b", "c", "d", now=now - 7, key="k"), routed(site="other")], now)
        await store.outbox.accept([routed("a", key="k")], now)
        ends = {claim.delivery.subscription_id: claim for claim in await claim_all(store, now)}
        await store.outbox.ack(ends["a"], now)
        await store.outbox.bury(ends["b"], now, reason="")
        await store.outbox.cancel(ends["c"], now, reason="")
        await store.outbox.reschedule(ends["d"], now, attempt=1, due_at=now + 99)
        assert [each.site for each in await store.counters()] == ["acme", "other"]
        (acme,) = await store.counters(site="acme")
        assert (acme.accepted, acme.duplicates, acme.queued) == (1, 1, 4)
        assert (acme.delivered, acme.dead, acme.cancelled, acme.retried, acme.pending) == (1, 1, 1, 1, 1)
        assert acme.lag_seconds == pytest.approx(7, abs=0.1)

    async def test_waiting_ends_when_something_is_due(self, store: Store, now: float) -> None:
        waiting = asyncio.create_task(store.outbox.wait(30))
        await asyncio.sleep(0)
        await store.outbox.accept([routed("a")], now)
        await asyncio.wait_for(waiting, 5)
        await store.outbox.wait(0.01)


class TestListing:
    async def test_pages_newest_first_through_everything_once(self, store: Store, now: float) -> None:
        batch = [routed(now=now + n, site=f"site{n % 2}") for n in range(9)]
        await store.outbox.accept(batch, now)
        shown: list[Event] = []
        continuation = ""
        while True:
            page = await store.outbox.events(EventQuery(take=4, continuation=continuation))
            shown += page.items
            continuation = page.continuation
            if not continuation:
                break
        assert [each.id for each in shown] == [each.event.id for each in reversed(batch)]
        assert all(each.payload == b"" for each in shown)

    async def test_filters(self, store: Store, now: float) -> None:
        batch = [routed(now=now + n, site=f"site{n % 2}") for n in range(6)]
        await store.outbox.accept(batch, now)

        async def positions(**query: Any) -> list[int]:
            page = await store.outbox.events(EventQuery(**query))
            ids = [each.event.id for each in batch]
            return [ids.index(each.id) for each in page.items]

        assert await positions(site="site1") == [5, 3, 1]
        assert await positions(since=now + 2, until=now + 5) == [4, 3, 2]
        assert await positions(type="ticket.updated", registration_id="reg", take=2) == [5, 4]
        assert await positions(type="other") == []

    async def test_dead_letters_page_too(self, store: Store, now: float) -> None:
        await store.outbox.accept([routed("a", "b", now=now + n) for n in range(3)], now)
        for claim in await claim_all(store, now + 10):
            await store.outbox.bury(claim, now, reason="")
        first = await store.outbox.dead_letters(EventQuery(take=4))
        rest = await store.outbox.dead_letters(EventQuery(take=4, continuation=first.continuation))
        ids = [each.id for each in (*first.items, *rest.items)]
        assert (len(first.items), len(set(ids)), rest.continuation) == (4, 6, "")
        assert [each.event_id for each in (*first.items, *rest.items)] == sorted(
            (each.event_id for each in (*first.items, *rest.items)), reverse=True
        )

    async def test_unknown_events_are_none(self, store: Store) -> None:
        assert await store.outbox.event("no such event") is None
