"""What every store promises about everything but deliveries (`test_store_outbox`), asked of each."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.storage.idempotency_state import BegunState, StoredAnswer
from connector.storage.protocol import Store
from connector.storage.records import (
    EventQuery,
    FlowHealth,
    Registration,
    RegistrationSecrets,
    RegistrationState,
    Retention,
    Rights,
    StaleRecord,
    SubscriptionSecrets,
    registration_id,
)
from connector.storage.sealed_answers import MARK, SealedAnswers
from connector.storage.sealing import Sealer
from tests.narrowing import existing
from tests.storage.conftest import AWKWARD, BUDGET_SECONDS, KEY, Making, claim_all, routed, subscription


class TestSubscriptions:
    async def test_reads_back_what_was_added(self, store: Store, second: Store) -> None:
        wanted = subscription(
            conditions={"board": [1, 2]}, secrets=SubscriptionSecrets("t0ken", Rights("Basic", "k3y"))
        )
        added, is_new = await store.subscriptions.add(wanted)
        assert is_new
        assert added == wanted
        assert await second.subscriptions.get("sub") == wanted
        assert await second.subscriptions.by_callback(wanted.site, wanted.callback_url) == wanted

    async def test_a_callback_url_has_one_live_subscription(self, store: Store) -> None:
        first = subscription("one")
        await store.subscriptions.add(first)
        again, is_new = await store.subscriptions.add(subscription("two", callback_url=first.callback_url))
        assert (again.id, is_new) == ("one", False)
        assert await store.subscriptions.get("two") is None

    async def test_the_same_callback_url_at_another_site_is_another_subscription(self, store: Store) -> None:
        first, _ = await store.subscriptions.add(subscription("one"))
        same_url = replace(subscription("two", callback_url=first.callback_url), site="elsewhere")
        added, is_new = await store.subscriptions.add(same_url)
        assert (added.id, is_new) == ("two", True)
        assert await store.subscriptions.by_callback(first.site, first.callback_url) == first
        assert await store.subscriptions.by_callback("elsewhere", first.callback_url) == added
        assert await store.subscriptions.by_callback("nowhere", first.callback_url) is None

    async def test_many_at_once_with_one_callback_url_make_one(self, store: Store, second: Store) -> None:
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

    async def test_a_callback_url_is_free_again_when_its_subscription_has_ended(self, store: Store, now: float) -> None:
        first, _ = await store.subscriptions.add(subscription("one"))
        await store.subscriptions.save(replace(first, ended_at=now, ended_because="gone"))
        assert await store.subscriptions.by_callback(first.site, first.callback_url) is None
        _, is_new = await store.subscriptions.add(subscription("two", callback_url=first.callback_url))
        assert is_new
        ended = await store.subscriptions.get("one")
        assert ended is not None
        assert ended.ended_because == "gone"

    async def test_lists_by_site_and_registration_oldest_first(self, store: Store, now: float) -> None:
        for name, site, registration, age in (("a", "x", "r1", 1), ("b", "x", "r2", 3), ("c", "y", "r1", 2)):
            added, _ = await store.subscriptions.add(
                subscription(name, site=site, registration_id=registration, created_at=now - age)
            )
        await store.subscriptions.save(replace(added, ended_at=now))

        async def names(**query: Any) -> str:
            return "".join(each.id for each in await store.subscriptions.list(**query))

        assert await names(site="x") == "ba"
        assert await names(registration_id="r1") == "a"
        assert await names(registration_id="r1", ended=True) == "ca"
        assert await names(site="x", registration_id="r2") == "b"
        assert await names(site="nobody") == ""

    async def test_only_one_of_two_changes_to_the_same_version_is_saved(self, store: Store, second: Store) -> None:
        added, _ = await store.subscriptions.add(subscription())
        saved = await store.subscriptions.save(replace(added, address="first"))
        with pytest.raises(StaleRecord):
            await second.subscriptions.save(replace(added, address="second"))
        there = await second.subscriptions.get("sub")
        assert there == saved
        assert there.version == saved.version

    async def test_saving_what_was_never_added_is_stale(self, store: Store) -> None:
        with pytest.raises(StaleRecord):
            await store.subscriptions.save(subscription())

    async def test_secrets_do_not_show(self, store: Store) -> None:
        added, _ = await store.subscriptions.add(subscription(secrets=SubscriptionSecrets("t0ken")))
        assert "s3cret" not in repr(added)
        assert "t0ken" not in repr(added)

    async def test_any_id_and_a_very_long_callback_url_are_fine(self, store: Store) -> None:
        wanted = subscription(AWKWARD, site=AWKWARD, callback_url="https://flow.example/" + "y" * 8_000)
        await store.subscriptions.add(wanted)
        assert await store.subscriptions.get(AWKWARD) == wanted
        assert await store.subscriptions.list(site=AWKWARD) == [wanted]


class TestRegistrations:
    def registration(self, **changes: Any) -> Registration:
        key = registration_id("acme", "tickets?board=1")
        values: dict[str, Any] = {
            "id": key,
            "site": "acme",
            "source_key": "tickets?board=1",
            "state": RegistrationState.ACTIVE,
            "since": 1.0,
            "secrets": RegistrationSecrets(webhook_secret="h00k"),
        }
        return Registration(**(values | changes))

    async def test_reads_back_what_was_saved(self, store: Store, second: Store) -> None:
        saved = await store.registrations.save(self.registration(subscription_ids=("a", "b"), trouble="n"))
        assert await second.registrations.get(saved.id) == saved
        assert await second.registrations.list(site="acme") == [saved]
        assert await second.registrations.list(site="other") == []
        assert "h00k" not in repr(saved)

    async def test_only_one_creates_it(self, store: Store, second: Store) -> None:
        outcomes = await asyncio.gather(
            *(each.registrations.save(self.registration()) for each in (store, second) * 4), return_exceptions=True
        )
        assert sum(isinstance(each, Registration) for each in outcomes) == 1
        assert all(isinstance(each, Registration | StaleRecord) for each in outcomes)

    async def test_counting_by_compare_and_set_loses_nobody(self, store: Store, second: Store) -> None:
        await store.registrations.save(self.registration())

        async def join(which: Store, name: str) -> None:
            while True:
                there = existing(await which.registrations.get(self.registration().id))
                try:
                    await which.registrations.save(replace(there, subscription_ids=(*there.subscription_ids, name)))
                except StaleRecord:
                    continue
                return

        names = [f"s{n}" for n in range(6)]
        await asyncio.gather(*(join((store, second)[n % 2], name) for n, name in enumerate(names)))
        there = existing(await store.registrations.get(self.registration().id))
        assert sorted(there.subscription_ids) == names

    async def test_removes_only_the_version_that_was_read(self, store: Store, second: Store) -> None:
        saved = await store.registrations.save(self.registration())
        newer = await second.registrations.save(replace(saved, subscription_ids=("late",)))
        with pytest.raises(StaleRecord):
            await store.registrations.remove(saved)
        await store.registrations.remove(newer)
        assert await store.registrations.get(saved.id) is None
        with pytest.raises(StaleRecord):
            await store.registrations.remove(newer)


class TestIdempotency:
    async def test_of_many_at_once_one_starts(self, store: Store, second: Store, now: float) -> None:
        begun = await asyncio.gather(*((store, second)[n % 2].idempotency.begin("k", "f", now) for n in range(20)))
        states = [each.state for each in begun]
        assert states.count(BegunState.STARTED) == 1
        assert states.count(BegunState.IN_PROGRESS) == 19

    async def test_a_repeat_gets_the_first_answer(self, store: Store, second: Store, now: float) -> None:
        await store.idempotency.begin(AWKWARD, "f", now)
        answer = StoredAnswer(201, b'{"id":1}' * 20_000)
        await store.idempotency.finish(AWKWARD, answer)
        begun = await second.idempotency.begin(AWKWARD, "f", now)
        assert (begun.state, begun.answer) == (BegunState.REPLAY, answer)

    async def test_a_damaged_answer_leaves_its_outcome_unknown(self, store: Store, now: float) -> None:
        kept = store.idempotency
        assert isinstance(kept, SealedAnswers)
        await kept.begin("k", "f", now)
        await kept._store.finish("k", StoredAnswer(200, MARK + Sealer([KEY]).seal("x").encode()[:-9]))
        assert (await kept.begin("k", "f", now)).state is BegunState.UNKNOWN

    async def test_an_answer_that_an_older_version_kept_is_still_given(self, store: Store, now: float) -> None:
        kept = store.idempotency
        assert isinstance(kept, SealedAnswers)
        await kept.begin("k", "f", now)
        await kept._store.finish("k", StoredAnswer(200, b'{"id": 7}'))
        assert (await kept.begin("k", "f", now)).answer == StoredAnswer(200, b'{"id": 7}')

    @pytest.mark.parametrize("times", [1, 20_000])
    async def test_a_kept_answer_is_sealed(self, store: Store, now: float, times: int) -> None:
        kept = store.idempotency
        assert isinstance(kept, SealedAnswers)
        await kept.begin("k", "f", now)
        await kept.finish("k", StoredAnswer(200, b'{"title": "Jane\'s salary"}' * times))
        at_rest = (await kept._store.begin("k", "f", now)).answer
        assert at_rest
        assert b"salary" not in at_rest.body

    async def test_a_key_used_for_another_request_does_not_match(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.MISMATCH
        await store.idempotency.finish("k", StoredAnswer(200, b""))
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.MISMATCH

    async def test_what_was_surely_not_done_may_be_begun_again(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.forget("k")
        assert (await store.idempotency.begin("k", "other", now)).state is BegunState.STARTED

    async def test_what_may_have_been_done_stays_unknown_until_its_answer_comes(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.mark_unknown("k")
        assert (await store.idempotency.begin("k", "f", now)).state is BegunState.UNKNOWN
        await store.idempotency.finish("k", StoredAnswer(200, b"late"))
        assert (await store.idempotency.begin("k", "f", now)).answer == StoredAnswer(200, b"late")

    async def test_work_is_begun_a_second_time_by_one_caller_only(
        self, store: Store, second: Store, now: float
    ) -> None:
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.mark_unknown("k")
        won = await asyncio.gather(*((store, second)[n % 2].idempotency.mark_repeated("k") for n in range(10)))
        assert won.count(True) == 1
        await store.idempotency.mark_unknown("k")
        begun = await second.idempotency.begin("k", "f", now + BUDGET_SECONDS + 1)
        assert (begun.state, begun.begun_at, begun.is_repeated) == (BegunState.UNKNOWN, now, True)
        assert not await store.idempotency.mark_repeated("k")
        await store.idempotency.finish("k", StoredAnswer(200, b"second"))
        assert not await store.idempotency.mark_repeated("k")
        assert (await store.idempotency.begin("k", "f", now)).answer == StoredAnswer(200, b"second")

    async def test_what_never_ended_is_unknown(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        later = await store.idempotency.begin("k", "f", now + BUDGET_SECONDS + 1)
        assert later.state is BegunState.UNKNOWN

    async def test_a_finished_key_is_neither_forgotten_nor_doubted(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now)
        await store.idempotency.finish("k", StoredAnswer(200, b"done"))
        await store.idempotency.forget("k")
        await store.idempotency.mark_unknown("k")
        assert (await store.idempotency.begin("k", "f", now)).state is BegunState.REPLAY

    async def test_a_key_counts_for_its_time_only(self, store: Store, now: float) -> None:
        await store.idempotency.begin("k", "f", now, ttl_seconds=60)
        await store.idempotency.finish("k", StoredAnswer(200, b"old"))
        assert (await store.idempotency.begin("k", "other", now + 61)).state is BegunState.STARTED
        assert (await store.idempotency.begin("k", "other", now + 62)).answer is None

    async def test_ending_an_unknown_key_does_nothing(self, store: Store, now: float) -> None:
        for end in (store.idempotency.forget, store.idempotency.mark_unknown):
            await end("nobody's")
        await store.idempotency.finish("nobody's", StoredAnswer(200, b""))
        assert (await store.idempotency.begin("nobody's", "f", now)).state is BegunState.STARTED


class TestHousekeeping:
    async def test_payloads(self, store: Store, second: Store) -> None:
        name = await store.payloads.put(b"x" * 200_000)
        assert await second.payloads.get(name) == b"x" * 200_000
        await store.payloads.delete(name)
        await store.payloads.delete(name)
        assert await store.payloads.get(name) is None

    async def test_what_was_quarantined_is_kept_once(self, store: Store, now: float) -> None:
        for age in (2, 1, 0):
            await store.quarantine.put("message", f"m{age}", "raw \udcff", "poison", now - age)
        await store.quarantine.put("message", "m0", "raw \udcff", "poison", now)
        found = await store.quarantine.list(take=2)
        assert [(each.key, each.reason) for each in found] == [("m0", "poison"), ("m1", "poison")]

    async def test_expires_what_is_over_and_nothing_else(self, store: Store, now: float) -> None:
        old, day = now - 10 * 86_400, 86_400.0
        kept_event, old_event = routed(now=now), routed("done", now=old, key="old")
        waiting, dead, long_dead = (
            routed("waits", now=old),
            routed("dead", now=old),
            routed("dead", now=now - 40 * day),
        )
        await store.outbox.accept([kept_event, old_event, waiting, dead, long_dead], now)
        for claim in await claim_all(store, now):
            if claim.delivery.subscription_id == "done":
                await store.outbox.ack(claim, now)
            elif claim.delivery.subscription_id == "dead":
                await store.outbox.bury(claim, now, reason="")
        await store.idempotency.begin("over", "f", now - 2 * day)
        await store.idempotency.begin("counts", "f", now)
        await store.quarantine.put("message", "old", "", "", now - 100 * day)
        ended, _ = await store.subscriptions.add(subscription("ended"))
        await store.subscriptions.save(replace(ended, ended_at=now - 40 * day))
        await store.subscriptions.add(subscription("live"))
        await store.payloads.put(b"fresh")

        counts = await store.expire(now)

        assert (counts["events"], counts["idempotency"], counts["subscriptions"], counts["quarantine"]) == (2, 1, 1, 1)
        assert counts["payloads"] == 0
        left = {each.id for each in (await store.outbox.events(EventQuery())).items}
        assert left == {kept_event.event.id, waiting.event.id, dead.event.id}
        assert [each.event_id for each in (await store.outbox.dead_letters(EventQuery())).items] == [dead.event.id]
        assert [each.id for each in await store.subscriptions.list(ended=True)] == ["live"]
        assert (await store.idempotency.begin("counts", "f", now)).state is BegunState.IN_PROGRESS
        assert (await store.outbox.accept([routed("done", key="old")], now)).new

    async def test_what_a_wrong_clock_put_into_the_far_future_comes_up(self, store: Store, now: float) -> None:
        ahead = now + 400 * 86_400
        await store.outbox.accept([routed("a", now=ahead)], ahead)
        assert await claim_all(store, now) == []
        assert (await store.expire(now))["woken"] == 1
        assert len(await claim_all(store, now)) == 1

    async def test_payloads_expire(self, store: Store, now: float) -> None:
        await store.payloads.put(b"forgotten")
        assert (await store.expire(now + 60, Retention(payloads=30)))["payloads"] == 1

    async def test_everything_survives_a_restart(self, another: Making, now: float) -> None:
        first = another()
        await first.outbox.accept([wanted := routed("a")], now)
        await first.subscriptions.add(subscription())
        await first.close()
        again = another()
        (claim,) = await claim_all(again, now)
        assert claim.event == wanted.event
        assert await again.subscriptions.get("sub")
        await again.close()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(key=st.text(), fingerprint=st.text(), body=st.binary(max_size=200))
async def test_any_key_works(store: Store, now: float, key: str, fingerprint: str, body: bytes) -> None:
    await store.idempotency.begin(key, fingerprint, now)
    await store.idempotency.finish(key, StoredAnswer(200, body))
    begun = await store.idempotency.begin(key, fingerprint, now)
    assert begun.state in {BegunState.REPLAY, BegunState.MISMATCH}


class TestMarks:
    async def test_one_of_many_sets_a_mark_until_it_expires(self, store: Store, second: Store, now: float) -> None:
        async with asyncio.TaskGroup() as group:
            adding = [group.create_task(each.marks.add(AWKWARD, now, 60)) for each in (store, second) * 3]
        assert sum(task.result() for task in adding) == 1
        assert await second.marks.has(AWKWARD, now + 59)
        assert not await second.marks.has(AWKWARD, now + 61)
        assert not await second.marks.has("other", now)
        assert await second.marks.add(AWKWARD, now + 61, 60)
        assert await store.marks.has(AWKWARD, now + 100)

    async def test_expired_marks_are_deleted(self, store: Store, now: float) -> None:
        await store.marks.add("old", now - 100, 60)
        await store.marks.add("new", now, 60)
        assert (await store.expire(now))["marks"] == 1


class TestHealth:
    async def test_the_latest_is_kept(self, store: Store, second: Store, now: float) -> None:
        await store.health.save([FlowHealth("a", now), FlowHealth(AWKWARD, now, now, now, "status 500", 2.5)])
        await second.health.save([FlowHealth("a", now + 1)])
        assert await store.health.list() == sorted(
            [FlowHealth("a", now + 1), FlowHealth(AWKWARD, now, now, now, "status 500", 2.5)],
            key=lambda health: health.subscription_id,
        )


class TestQuarantine:
    async def test_a_record_is_read_by_its_id_and_removed_once(self, store: Store, second: Store, now: float) -> None:
        await store.quarantine.put("message", "m1", "raw", "poison", now)
        (quarantined,) = await second.quarantine.list()
        assert await second.quarantine.get(quarantined.id) == quarantined
        assert await second.quarantine.remove(quarantined.id)
        assert not await store.quarantine.remove(quarantined.id)
        assert await store.quarantine.get(quarantined.id) is None
        assert await store.quarantine.get(AWKWARD) is None
