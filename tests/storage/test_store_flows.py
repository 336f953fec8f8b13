"""What every store promises about order, sliding de-duplication, waking, searching and backlogs, asked of each."""

import secrets
from dataclasses import replace

import pytest

from connector.storage.event_ids import event_id
from connector.storage.protocol import Store
from connector.storage.records import (
    ORDER_HOLD_SECONDS,
    DeliveryState,
    Event,
    EventQuery,
    RoutedEvent,
    delivery_id,
)
from tests.narrowing import existing
from tests.storage.conftest import Later, claim_all

WINDOW = 600.0


def ticket_event(
    *to: str, at: float, ticket: str = "7", key: str = "", payload: bytes = b"{}", ordered: bool = False
) -> RoutedEvent:
    name = event_id(at, secrets.token_hex(8))
    event = Event(name, "acme", "ticket.new", "reg", at, at, payload, key, ticket, dedupe_seconds=WINDOW)
    return RoutedEvent(event, to, ordered=frozenset(to) if ordered else frozenset())


class TestSlidingDeduplication:
    @pytest.mark.parametrize(("apart", "is_same"), [(0, True), (WINDOW - 1, True), (WINDOW + 1, False), (7200, False)])
    async def test_equal_events_are_one_only_within_the_window(
        self, store: Store, now: float, apart: float, is_same: bool
    ) -> None:
        begin = now - apart
        await store.outbox.accept([ticket_event("a", at=begin, key="k")], begin)
        second = ticket_event("a", at=now, key="k")
        accepted = await store.outbox.accept([second], now)
        assert accepted.known == ((second.event.id,) if is_same else ())

    async def test_each_new_event_begins_a_window_of_its_own(self, store: Store, now: float) -> None:
        for age, is_new in ((1400, True), (790, True), (100, True), (99, False)):
            at = now - age
            accepted = await store.outbox.accept([ticket_event("a", at=at, key="k")], at)
            assert bool(accepted.new) is is_new


class TestOrder:
    async def test_events_of_one_ticket_are_claimed_one_after_the_other(
        self, store: Store, now: float, later: Later
    ) -> None:
        first, second = (ticket_event("a", at=now - 60 + n, ordered=True) for n in range(2))
        other = ticket_event("a", at=now - 30, ticket="8", ordered=True)
        await store.outbox.accept([second, other, first], now)
        claims = await claim_all(store, now)
        assert {claim.event.id for claim in claims} == {first.event.id, other.event.id}
        mine = next(claim for claim in claims if claim.event.id == first.event.id)
        await store.outbox.reschedule(mine, now, attempt=1, due_at=now)
        now = await later()
        (again,) = await claim_all(store, now)
        assert again.event.id == first.event.id
        await store.outbox.ack(again, now)
        now = await later()
        assert [claim.event.id for claim in await claim_all(store, now)] == [second.event.id]

    async def test_an_ordered_delivery_waits_for_earlier_ones_that_are_still_fanned_out(
        self, store: Store, now: float
    ) -> None:
        await store.outbox.accept([ticket_event("a", at=now, ordered=True)], now)
        assert await claim_all(store, now + ORDER_HOLD_SECONDS / 2) == []

    async def test_a_dead_letter_lets_the_next_one_through(self, store: Store, now: float, later: Later) -> None:
        first, second = (ticket_event("a", at=now - 60 + n, ordered=True) for n in range(2))
        await store.outbox.accept([first, second], now)
        (claim,) = await claim_all(store, now)
        await store.outbox.bury(claim, now, reason="refused")
        now = await later()
        assert [claim.event.id for claim in await claim_all(store, now)] == [second.event.id]


class TestWaking:
    async def test_deliveries_that_were_put_off_are_due_again(self, store: Store, now: float, later: Later) -> None:
        await store.outbox.accept([ticket_event("a", "b", at=now, ticket=str(n)) for n in range(3)], now)
        for claim in await claim_all(store, now):
            await store.outbox.reschedule(claim, now, attempt=0, due_at=now + 3000)
        assert await store.outbox.wake("a", now, since=now - 60) == 3
        now = await later()
        woken = await claim_all(store, now)
        assert {claim.delivery.subscription_id for claim in woken} == {"a"}
        assert len(woken) == 3

    async def test_backlogs_say_how_many_wait_and_since_when(self, store: Store, now: float) -> None:
        await store.outbox.accept([ticket_event("a", at=now - 500)], now - 500)
        await store.outbox.accept([ticket_event("a", "b", at=now)], now)
        backlogs = {each.subscription_id: each for each in await store.outbox.backlogs(now)}
        assert {name: each.waiting for name, each in backlogs.items()} == {"a": 2, "b": 1}
        assert backlogs["a"].oldest_at == pytest.approx(now - 500)


class TestSearch:
    async def test_events_by_ticket_flow_state_and_text(self, store: Store, now: float) -> None:
        printer = ticket_event("a", at=now - 2, payload=b'{"title":"Printer"}')
        screen = ticket_event("b", at=now - 1, ticket="8", payload=b'{"title":"Screen"}')
        await store.outbox.accept([printer, screen], now)
        (claim,) = [claim for claim in await claim_all(store, now) if claim.event.id == screen.event.id]
        await store.outbox.ack(claim, now)

        async def search(**filters: str) -> list[str]:
            return [event.id for event in (await store.outbox.events(EventQuery(**filters))).items]  # type: ignore[arg-type]

        assert await search() == [screen.event.id, printer.event.id]
        assert await search(subject="7") == [printer.event.id]
        assert await search(text="printer") == [printer.event.id]
        assert await search(subscription_id="b") == [screen.event.id]
        assert await search(state="delivered") == [screen.event.id]
        assert await search(state="pending", subscription_id="b") == []

    async def test_deliveries_page_by_page(self, store: Store, now: float) -> None:
        events = [ticket_event("a", "b", at=now - n, ticket=str(n)) for n in range(5)]
        await store.outbox.accept(events, now)
        query, shown = EventQuery(subscription_id="a", take=2), []
        while True:
            page = await store.outbox.deliveries(query)
            shown += [delivery.id for delivery in page.items]
            if not page.continuation:
                break
            query = replace(query, continuation=page.continuation)
        assert shown == [delivery_id(each.event.id, "a") for each in events]
        assert (await store.outbox.deliveries(EventQuery(state=DeliveryState.DEAD))).items == ()
        (of_ticket,) = (await store.outbox.deliveries(EventQuery(subject="3", subscription_id="b"))).items
        assert of_ticket.event_id == events[3].event.id

    async def test_what_is_stored_of_an_event_is_read_back(self, store: Store, now: float) -> None:
        routed = ticket_event("a", at=now)
        unreadable = replace(routed.event, is_readable=False)
        await store.outbox.accept([replace(routed, event=unreadable, unchecked=frozenset({"a"}))], now)
        event, (delivery,) = existing(await store.outbox.event(routed.event.id))
        assert (event.is_readable, event.subject) == (False, "7")
        assert delivery.is_unchecked
        assert delivery.pending_since == now
