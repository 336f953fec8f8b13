"""What every store promises, asked of each."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.storage.base import Store
from connector.storage.records import (
    Answer,
    BegunState,
    DeliveryState,
    EventQuery,
    Registration,
    Retention,
    StaleRecord,
    delivery_id,
    registration_id,
)
from tests.storage.conftest import BUDGET_SECONDS, arrival, subscription

LEASE = 30.0
AWKWARD = "a/b\\c#d?e\x00\x1f\n é \U0001f3ab' \" ; ~." + "x" * 3000


async def claim_all(store: Store, now: float, **options: object):
    options = {"per_destination": 100} | options
    return list(await store.outbox.claim_due(now, 32, LEASE, **options))


class TestSubscriptions:
    async def test_reads_back_what_was_added(self, store, second):
        wanted = subscription(details={"filter": {"board": [1, 2]}}, secrets={"token": "t0ken"})
        added, is_new = await store.subscriptions.add(wanted)
        assert is_new
        assert added == wanted
        assert await second.subscriptions.get("sub") == wanted
        assert await second.subscriptions.by_callback(wanted.callback_url) == wanted

    async def test_a_callback_url_has_one_live_subscription(self, store):
        first = subscription("one")
        await store.subscriptions.add(first)
        again, is_new = await store.subscriptions.add(subscription("two", callback_url=first.callback_url))
        assert (again.id, is_new) == ("one", False)
        assert await store.subscriptions.get("two") is None

    async def test_many_at_once_with_one_callback_url_make_one(self, store, second):
        url = "https://flow.example/same"
        outcomes = await asyncio.gather(
            *(
                each.subscriptions.add(subscription(f"s{n}", callback_url=url))
                for n in range(8)
                for each in (store, second)
            )
        )
        assert sum(is_new for _, is_new in outcomes) == 1
        assert len({found.id for found, _ in outcomes}) == 1

    async def test_a_callback_url_is_free_again_when_its_subscription_has_ended(self, store, now):
        first, _ = await store.subscriptions.add(subscription("one"))
        await store.subscriptions.save(replace(first, ended_at=now, ended_because="gone"))
        assert await store.subscriptions.by_callback(first.callback_url) is None
        _, is_new = await store.subscriptions.add(subscription("two", callback_url=first.callback_url))
        assert is_new
        ended = await store.subscriptions.get("one")
        assert ended is not None
        assert ended.ended_because == "gone"

    async def test_lists_by_site_and_registration_oldest_first(self, store, now):
        for name, site, registration, age in (("a", "x", "r1", 1), ("b", "x", "r2", 3), ("c", "y", "r1", 2)):
            added, _ = await store.subscriptions.add(
                subscription(name, site=site, registration_id=registration, created_at=now - age)
            )
        await store.subscriptions.save(replace(added, ended_at=now))

        async def names(**query: object) -> str:
            return "".join(each.id for each in await store.subscriptions.list(**query))

        assert await names(site="x") == "ba"
        assert await names(registration_id="r1") == "a"
        assert await names(registration_id="r1", ended=True) == "ca"
        assert await names(site="x", registration_id="r2") == "b"
        assert await names(site="nobody") == ""

    async def test_only_one_of_two_changes_to_the_same_version_is_saved(self, store, second):
        added, _ = await store.subscriptions.add(subscription())
        saved = await store.subscriptions.save(replace(added, details={"by": "first"}))
        with pytest.raises(StaleRecord):
            await second.subscriptions.save(replace(added, details={"by": "second"}))
        there = await second.subscriptions.get("sub")
        assert there == saved
        assert there.version == saved.version

    async def test_saving_what_was_never_added_is_stale(self, store):
        with pytest.raises(StaleRecord):
            await store.subscriptions.save(subscription())

    async def test_secrets_do_not_show(self, store):
        added, _ = await store.subscriptions.add(subscription(secrets={"token": "t0ken"}))
        assert "s3cret" not in repr(added)
        assert "t0ken" not in repr(added)

    async def test_any_id_and_a_very_long_callback_url_are_fine(self, store):
        wanted = subscription(AWKWARD, site=AWKWARD, callback_url="https://flow.example/" + "y" * 8_000)
        await store.subscriptions.add(wanted)
        assert await store.subscriptions.get(AWKWARD) == wanted
        assert await store.subscriptions.list(site=AWKWARD) == [wanted]


class TestRegistrations:
    def registration(self, **changes: object) -> Registration:
        key = registration_id("acme", "tickets?board=1")
        values = {"id": key, "site": "acme", "filter_key": "tickets?board=1", "secrets": {"hook": "h00k"}}
        return Registration(**(values | changes))

    async def test_reads_back_what_was_saved(self, store, second):
        saved = await store.registrations.save(self.registration(subscription_ids=("a", "b"), details={"n": 1}))
        assert await second.registrations.get(saved.id) == saved
        assert await second.registrations.list(site="acme") == [saved]
        assert await second.registrations.list(site="other") == []
        assert "h00k" not in repr(saved)

    async def test_only_one_creates_it(self, store, second):
        outcomes = await asyncio.gather(
            *(each.registrations.save(self.registration()) for each in (store, second) * 4), return_exceptions=True
        )
        assert sum(isinstance(each, Registration) for each in outcomes) == 1
        assert all(isinstance(each, Registration | StaleRecord) for each in outcomes)

    async def test_counting_by_compare_and_set_loses_nobody(self, store, second):
        await store.registrations.save(self.registration())

        async def join(which: Store, name: str) -> None:
            while True:
                there = await which.registrations.get(self.registration().id)
                try:
                    await which.registrations.save(replace(there, subscription_ids=(*there.subscription_ids, name)))
                except StaleRecord:
                    continue
                return

        names = [f"s{n}" for n in range(6)]
        await asyncio.gather(*(join((store, second)[n % 2], name) for n, name in enumerate(names)))
        there = await store.registrations.get(self.registration().id)
        assert sorted(there.subscription_ids) == names

    async def test_removes_only_the_version_that_was_read(self, store, second):
        saved = await store.registrations.save(self.registration())
        newer = await second.registrations.save(replace(saved, subscription_ids=("late",)))
        with pytest.raises(StaleRecord):
            await store.registrations.remove(saved)
        await store.registrations.remove(newer)
        assert await store.registrations.get(saved.id) is None
        with pytest.raises(StaleRecord):
            await store.registrations.remove(newer)


class TestAccepting:
    async def test_an_event_is_due_for_each_of_its_subscriptions(self, store, now):
        wanted = arrival("a", "b", payload=b'{"id":1}')
        assert (await store.outbox.accept([wanted], now)).new == (wanted.event.id,)
        claims = await claim_all(store, now)
        assert {claim.delivery.id for claim in claims} == {delivery_id(wanted.event.id, to) for to in "ab"}
        assert all(claim.event == wanted.event for claim in claims)
        assert all(claim.event.payload == b'{"id":1}' for claim in claims)

    async def test_running_it_again_changes_nothing(self, store, now):
        wanted = arrival("a", key="k")
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        await store.outbox.ack(claim, now)
        again = await store.outbox.accept([wanted], now)
        assert (again.new, again.known) == ((), (wanted.event.id,))
        assert await claim_all(store, now) == []

    async def test_the_same_key_at_the_same_site_is_the_same_event(self, store, second, now):
        batch = [arrival("a", key="same"), arrival("a", key="same"), arrival("a", key="same", site="other")]
        first = await store.outbox.accept(batch, now)
        assert first.new == (batch[0].event.id, batch[2].event.id)
        later = arrival("a", key="same")
        assert (await second.outbox.accept([later], now)).known == (later.event.id,)
        assert len(await claim_all(store, now)) == 2

    async def test_duplicates_that_race_make_one_event(self, store, second, now):
        rivals = [arrival("a", key="raced") for _ in range(8)]
        outcomes = await asyncio.gather(
            *((store, second)[n % 2].outbox.accept([each], now) for n, each in enumerate(rivals))
        )
        assert sum(len(each.new) for each in outcomes) == 1
        assert len(await claim_all(store, now)) == 1

    async def test_an_event_that_nobody_wants_is_listed(self, store, now):
        nobodys = arrival()
        await store.outbox.accept([nobodys], now)
        assert await claim_all(store, now) == []
        event, deliveries = await store.outbox.event(nobodys.event.id)
        assert (event, list(deliveries)) == (nobodys.event, [])

    @pytest.mark.parametrize("size", [0, 70_000, 800_000])
    async def test_payloads_of_any_size(self, store, now, size):
        wanted = arrival("a", payload=b"x" * size)
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        assert claim.event.payload == b"x" * size

    async def test_more_subscriptions_than_one_transaction_takes(self, store, now):
        wanted = arrival(*(f"s{n:03d}" for n in range(105)))
        await store.outbox.accept([wanted], now)
        assert (await store.outbox.accept([wanted], now)).new == ()
        _, deliveries = await store.outbox.event(wanted.event.id)
        assert tuple(each.subscription_id for each in deliveries) == wanted.subscription_ids

    async def test_awkward_text_survives(self, store, now):
        wanted = arrival(AWKWARD, site=AWKWARD, key=AWKWARD)
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        assert (claim.delivery.subscription_id, claim.event.site, claim.event.dedupe_key) == (AWKWARD,) * 3
        await store.outbox.ack(claim, now)
        _, (delivery,) = await store.outbox.event(wanted.event.id)
        assert delivery.state is DeliveryState.DELIVERED


class TestClaiming:
    async def test_a_leased_delivery_is_not_given_twice(self, store, second, now):
        await store.outbox.accept([arrival("a") for _ in range(10)], now)
        both = await asyncio.gather(claim_all(store, now), claim_all(second, now))
        names = [claim.delivery.id for claims in both for claim in claims]
        assert len(names) == len(set(names)) == 10

    async def test_comes_up_again_when_the_lease_ends(self, store, now, later):
        await store.outbox.accept([arrival("a")], now)
        (lost,) = await store.outbox.claim_due(now, 32, 1.0, per_destination=4)
        (again,) = await claim_all(store, await later())
        assert again.delivery.id == lost.delivery.id
        await store.outbox.ack(lost, time.time())  # too late: it is somebody else's now
        _, (delivery,) = await store.outbox.event(lost.event.id)
        assert delivery.state is DeliveryState.PENDING
        await store.outbox.ack(again, time.time())
        _, (delivery,) = await store.outbox.event(lost.event.id)
        assert (delivery.state, delivery.attempt) == (DeliveryState.DELIVERED, 1)

    async def test_no_destination_takes_more_than_its_share(self, store, now, later):
        await store.outbox.accept([arrival("greedy", now=now) for _ in range(8)] + [arrival("modest", now=now)], now)
        claims = await claim_all(store, now, per_destination=2)
        assert sorted(claim.delivery.subscription_id for claim in claims) == ["greedy", "greedy", "modest"]
        assert await claim_all(store, now, per_destination=2) == []
        await store.outbox.ack(next(each for each in claims if each.delivery.subscription_id == "greedy"), now)
        (one_more,) = await claim_all(store, await later(), per_destination=2)
        assert one_more.delivery.subscription_id == "greedy"

    async def test_excluded_destinations_get_none_until_then(self, store, now, later):
        await store.outbox.accept([arrival("dead"), arrival("alive")], now)
        (claim,) = await claim_all(store, now, exclude={"dead": now + 1.0})
        assert claim.delivery.subscription_id == "alive"
        (claim,) = await claim_all(store, await later(), exclude={"dead": now + 1.0})
        assert claim.delivery.subscription_id == "dead"

    async def test_one_can_be_claimed_by_its_id(self, store, second, now):
        await store.outbox.accept([wanted := arrival("a")], now)
        name = delivery_id(wanted.event.id, "a")
        claim = await store.outbox.claim(name, now, LEASE)
        assert claim.event == wanted.event
        assert await second.outbox.claim(name, now, LEASE) is None
        resumed = await second.outbox.claim(name, now, LEASE, receipt=claim.receipt)
        assert resumed.delivery.id == name
        await second.outbox.ack(resumed, now)
        assert await store.outbox.claim(name, now, LEASE) is None
        assert await store.outbox.claim(name, now, LEASE, receipt=claim.receipt) is None
        assert await store.outbox.claim("no such delivery", now, LEASE) is None

    async def test_a_claim_by_id_that_is_dropped_comes_up_again(self, store, now, later):
        await store.outbox.accept([wanted := arrival("a")], now)
        name = delivery_id(wanted.event.id, "a")
        assert await store.outbox.claim(name, now, 1.0)
        assert await store.outbox.claim(name, now, 1.0) is None
        (claim,) = await claim_all(store, await later())
        assert claim.delivery.id == name


class TestEnding:
    async def claimed(self, store: Store, now: float):
        await store.outbox.accept([arrival("a", now=now - 5)], now)
        (claim,) = await claim_all(store, now)
        return claim

    async def fate(self, store: Store, claim):
        _, (delivery,) = await store.outbox.event(claim.event.id)
        return delivery

    async def test_ack(self, store, now):
        claim = await self.claimed(store, now)
        await store.outbox.ack(claim, now + 1)
        delivery = await self.fate(store, claim)
        assert (delivery.state, delivery.attempt, delivery.finished_at) == (DeliveryState.DELIVERED, 1, now + 1)

    async def test_reschedule_waits_and_counts_attempts(self, store, now, later):
        claim = await self.claimed(store, now)
        await store.outbox.reschedule(claim, now, attempt=1, due_at=now + 1.0, reason="503")
        assert await claim_all(store, now) == []
        (again,) = await claim_all(store, await later())
        assert (again.delivery.attempt, again.delivery.reason) == (1, "503")

    async def test_cancel(self, store, now):
        claim = await self.claimed(store, now)
        await store.outbox.cancel(claim, now, reason="unsubscribed")
        delivery = await self.fate(store, claim)
        assert (delivery.state, delivery.reason) == (DeliveryState.CANCELLED, "unsubscribed")
        assert await claim_all(store, now + 2 * LEASE) == []

    async def test_dead_letters_are_listed_replayed_and_purged(self, store, now):
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

    async def test_what_was_delivered_can_be_replayed(self, store, now):
        claim = await self.claimed(store, now)
        await store.outbox.ack(claim, now)
        assert await store.outbox.replay([claim.delivery.id], now) == 1
        (again,) = await claim_all(store, now)
        assert again.delivery.finished_at is None

    async def test_counters_tell_what_happened(self, store, second, now):
        await store.outbox.accept([arrival("a", "b", "c", "d", now=now - 7, key="k"), arrival(site="other")], now)
        await store.outbox.accept([arrival("a", key="k")], now)
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

    async def test_waiting_ends_when_something_is_due(self, store, now):
        waiting = asyncio.create_task(store.outbox.wait(30))
        await asyncio.sleep(0)
        await store.outbox.accept([arrival("a")], now)
        await asyncio.wait_for(waiting, 5)
        await store.outbox.wait(0.01)


class TestListing:
    async def test_pages_newest_first_through_everything_once(self, store, now):
        batch = [arrival(now=now + n, site=f"site{n % 2}") for n in range(9)]
        await store.outbox.accept(batch, now)
        shown, continuation = [], ""
        while True:
            page = await store.outbox.events(EventQuery(take=4, continuation=continuation))
            shown += page.items
            continuation = page.continuation
            if not continuation:
                break
        assert [each.id for each in shown] == [each.event.id for each in reversed(batch)]
        assert all(each.payload == b"" for each in shown)

    async def test_filters(self, store, now):
        batch = [arrival(now=now + n, site=f"site{n % 2}") for n in range(6)]
        await store.outbox.accept(batch, now)

        async def positions(**query: object) -> list[int]:
            page = await store.outbox.events(EventQuery(**query))
            ids = [each.event.id for each in batch]
            return [ids.index(each.id) for each in page.items]

        assert await positions(site="site1") == [5, 3, 1]
        assert await positions(since=now + 2, until=now + 5) == [4, 3, 2]
        assert await positions(type="ticket.updated", registration_id="reg", take=2) == [5, 4]
        assert await positions(type="other") == []

    async def test_dead_letters_page_too(self, store, now):
        await store.outbox.accept([arrival("a", "b", now=now + n) for n in range(3)], now)
        for claim in await claim_all(store, now + 10):
            await store.outbox.bury(claim, now, reason="")
        first = await store.outbox.dead_letters(EventQuery(take=4))
        rest = await store.outbox.dead_letters(EventQuery(take=4, continuation=first.continuation))
        ids = [each.id for each in (*first.items, *rest.items)]
        assert (len(first.items), len(set(ids)), rest.continuation) == (4, 6, "")
        assert [each.event_id for each in (*first.items, *rest.items)] == sorted(
            (each.event_id for each in (*first.items, *rest.items)), reverse=True
        )

    async def test_unknown_events_are_none(self, store):
        assert await store.outbox.event("no such event") is None


class TestIdempotency:
    async def test_of_many_at_once_one_starts(self, store, second, now):
        begun = await asyncio.gather(*((store, second)[n % 2].idempotency.begin("k", "f", now) for n in range(20)))
        states = [each.state for each in begun]
        assert states.count(BegunState.STARTED) == 1
        assert states.count(BegunState.IN_PROGRESS) == 19

    async def test_a_repeat_gets_the_first_answer(self, store, second, now):
        await store.idempotency.begin(AWKWARD, "f", now)
        answer = Answer(201, b'{"id":1}' * 20_000)
        await store.idempotency.finish(AWKWARD, answer)
        begun = await second.idempotency.begin(AWKWARD, "f", now)
        assert (begun.state, begun.answer) == (BegunState.REPLAY, answer)

    async def test_a_key_used_for_another_request_does_not_match(self, store, now):
        await store.idempotency.begin("k", "f", now)
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.MISMATCH
        await store.idempotency.finish("k", Answer(200, b""))
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.MISMATCH

    async def test_what_was_surely_not_done_may_be_begun_again(self, store, now):
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.forget("k")
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.STARTED

    async def test_what_may_have_been_done_stays_unknown_until_its_answer_comes(self, store, now):
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.mark_unknown("k")
        assert (await store.idempotency.begin("k", "f", now)).state is BegunState.UNKNOWN
        await store.idempotency.finish("k", Answer(200, b"late"))
        assert (await store.idempotency.begin("k", "f", now)).answer == Answer(200, b"late")

    async def test_what_never_ended_is_unknown(self, store, now):
        await store.idempotency.begin("k", "f", now)
        later = await store.idempotency.begin("k", "f", now + BUDGET_SECONDS + 1)
        assert later.state is BegunState.UNKNOWN

    async def test_a_finished_key_is_neither_forgotten_nor_doubted(self, store, now):
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.finish("k", Answer(200, b"done"))
        await store.idempotency.forget("k")
        await store.idempotency.mark_unknown("k")
        assert (await store.idempotency.begin("k", "f", now)).state is BegunState.REPLAY

    async def test_a_key_counts_for_its_time_only(self, store, now):
        await store.idempotency.begin("k", "f", now, ttl_seconds=60)
        await store.idempotency.finish("k", Answer(200, b"old"))
        assert (await store.idempotency.begin("k", "other", now + 61)).state is BegunState.STARTED
        assert (await store.idempotency.begin("k", "other", now + 62)).answer is None

    async def test_ending_an_unknown_key_does_nothing(self, store, now):
        for end in (store.idempotency.forget, store.idempotency.mark_unknown):
            await end("nobody's")
        await store.idempotency.finish("nobody's", Answer(200, b""))
        assert (await store.idempotency.begin("nobody's", "f", now)).state is BegunState.STARTED


class TestHousekeeping:
    async def test_payloads(self, store, second):
        name = await store.payloads.put(b"x" * 200_000)
        assert await second.payloads.get(name) == b"x" * 200_000
        await store.payloads.delete(name)
        await store.payloads.delete(name)
        assert await store.payloads.get(name) is None

    async def test_what_was_set_aside_is_kept_once(self, store, now):
        for age in (2, 1, 0):
            await store.set_aside("message", f"m{age}", "raw \udcff", "poison", now - age)
        await store.set_aside("message", "m0", "raw \udcff", "poison", now)
        found = await store.list_set_aside(take=2)
        assert [(each.key, each.reason) for each in found] == [("m0", "poison"), ("m1", "poison")]

    async def test_expires_what_is_over_and_nothing_else(self, store, now):
        old, day = now - 10 * 86_400, 86_400.0
        kept_event, old_event = arrival(now=now), arrival("done", now=old, key="old")
        waiting, dead, long_dead = (
            arrival("waits", now=old),
            arrival("dead", now=old),
            arrival("dead", now=now - 40 * day),
        )
        await store.outbox.accept([kept_event, old_event, waiting, dead, long_dead], now)
        for claim in await claim_all(store, now):
            if claim.delivery.subscription_id == "done":
                await store.outbox.ack(claim, now)
            elif claim.delivery.subscription_id == "dead":
                await store.outbox.bury(claim, now, reason="")
        await store.idempotency.begin("over", "f", now - 2 * day)
        await store.idempotency.begin("counts", "f", now)
        await store.set_aside("message", "old", "", "", now - 100 * day)
        ended, _ = await store.subscriptions.add(subscription("ended"))
        await store.subscriptions.save(replace(ended, ended_at=now - 40 * day))
        await store.subscriptions.add(subscription("live"))
        await store.payloads.put(b"fresh")

        counts = await store.expire(now)

        assert (counts["events"], counts["idempotency"], counts["subscriptions"], counts["set_aside"]) == (2, 1, 1, 1)
        assert counts["payloads"] == 0
        left = {each.id for each in (await store.outbox.events(EventQuery())).items}
        assert left == {kept_event.event.id, waiting.event.id, dead.event.id}
        assert [each.event_id for each in (await store.outbox.dead_letters(EventQuery())).items] == [dead.event.id]
        assert [each.id for each in await store.subscriptions.list(ended=True)] == ["live"]
        assert (await store.idempotency.begin("counts", "f", now)).state is BegunState.IN_PROGRESS
        assert (await store.outbox.accept([arrival("done", key="old")], now)).new

    async def test_what_a_wrong_clock_put_into_the_far_future_comes_up(self, store, now):
        ahead = now + 400 * 86_400
        await store.outbox.accept([arrival("a", now=ahead)], ahead)
        assert await claim_all(store, now) == []
        assert (await store.expire(now))["woken"] == 1
        assert len(await claim_all(store, now)) == 1

    async def test_payloads_expire(self, store, now):
        await store.payloads.put(b"forgotten")
        assert (await store.expire(now + 60, Retention(payloads=30)))["payloads"] == 1

    async def test_everything_survives_a_restart(self, another, now):
        first = another()
        await first.outbox.accept([wanted := arrival("a")], now)
        await first.subscriptions.add(subscription())
        await first.close()
        again = another()
        (claim,) = await claim_all(again, now)
        assert claim.event == wanted.event
        assert await again.subscriptions.get("sub")
        await again.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(), fingerprint=st.text(), body=st.binary(max_size=200))
async def test_any_key_works(store, now, key, fingerprint, body):
    await store.idempotency.begin(key, fingerprint, now)
    await store.idempotency.finish(key, Answer(200, body))
    begun = await store.idempotency.begin(key, fingerprint, now)
    assert begun.state in {BegunState.REPLAY, BegunState.MISMATCH}
