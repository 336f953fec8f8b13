"""When events came last, and alarms about those that stopped coming or come late."""

import json
from dataclasses import replace

import pytest

from connector.relay import flow_health
from connector.relay.alert_views import list_alerts
from connector.relay.alerts import find_alerts
from connector.relay.arrivals import SHARDS, arrivals, keep_arrivals, lasting
from connector.relay.delivery import deliver, lease_seconds
from connector.relay.flow_changes import FlowChange, change_flow
from connector.storage.history import JournalEntry
from connector.storage.records import EventQuery, Subscription
from tests.relay.conftest import BOTH_STORES, World

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


async def codes(world: World) -> list[str]:
    return [alert.code async for alert in find_alerts(world.relay)]


async def last_event(world: World, flow: Subscription) -> str | None:
    listed = (await flow_health.list_registrations(world.relay))["results"]
    (mine,) = [one for one in listed if one["registrationId"] == flow.registration_id]
    at: str | None = mine.get("lastEventAt")
    return at


async def came(world: World, *flows: Subscription) -> None:
    """What fan-out counts, without the events."""
    for flow in flows:
        world.relay.series.accepted(world.clock(), flow.site, 1, flow.registration_id)
    await world.relay.series.save(world.relay.store.journal, world.clock())


async def two_flows(world: World) -> tuple[Subscription, Subscription]:
    return await world.subscribe("one"), await world.subscribe("other", "ticket.new")


@BOTH_STORES
async def test_a_registration_says_when_its_newest_event_came(world: World) -> None:
    one, other = await two_flows(world)
    assert await last_event(world, one) is None
    await world.post_ticket(one)

    at_once = await last_event(world, one)
    world.clock.ahead += 5 * MINUTE
    await keep_arrivals(world.relay)
    world.clock.ahead += 26 * HOUR
    for entry in await world.relay.store.journal.list("minutes"):
        await world.relay.store.journal.put(JournalEntry("minutes", entry.key, '{"sites":{},"flows":{}}', 0.0))

    assert at_once is not None
    assert (await last_event(world, one), await last_event(world, other)) == (at_once, None)


@BOTH_STORES
async def test_events_cost_no_write_of_their_own(world: World) -> None:
    one, other = await two_flows(world)
    for _ in range(3):
        await came(world, one, one, other)
    await keep_arrivals(world.relay)
    await keep_arrivals(world.relay)
    kept = await world.relay.store.journal.list("arrivals")
    assert 1 <= len(kept) <= min(2, SHARDS)
    assert sum(len(json.loads(entry.document)["registrations"]) for entry in kept) == 2


async def test_a_registration_that_falls_silent_at_an_active_site_raises_an_alert(world: World) -> None:
    one, other = await two_flows(world)
    for minute in range(40):
        await came(world, *((one, other) if minute % 2 else (other,)))
        world.clock.ahead += 2 * MINUTE
    assert await codes(world) == []
    for _ in range(55):
        await came(world, other)
        world.clock.ahead += 2 * MINUTE
    assert await codes(world) == [], "not for two hours yet"
    for _ in range(10):
        await came(world, other)
        world.clock.ahead += 2 * MINUTE
        await keep_arrivals(world.relay)

    (alert,) = (await list_alerts(world.relay))["results"]
    assert (alert["code"], alert["subject"], alert["subjectKind"]) == (
        "EventsMissing", one.registration_id, "registration",
    )  # fmt: skip
    assert "ticket.status.updated" in alert["text"]
    assert "although its site is active" in alert["text"]

    world.relay.settings = replace(world.relay.settings, alert_silent_minutes=0)
    assert await codes(world) == []
    world.relay.settings = replace(world.relay.settings, alert_silent_minutes=120)
    await came(world, one)
    assert await codes(world) == []


async def test_many_events_at_once_are_no_reason(world: World) -> None:
    one, other = await two_flows(world)
    for _ in range(20):
        await came(world, one, other)
        world.clock.ahead += 2 * MINUTE
    world.clock.ahead += 3 * HOUR
    for _ in range(500):
        world.relay.series.accepted(world.clock(), other.site, 1, other.registration_id)
    assert await codes(world) == []


async def test_nights_and_weekends_are_no_reason_but_longer_silence_is(world: World) -> None:
    one = await world.subscribe()
    for day in range(15):
        for _ in range(4 if day % 7 < 5 else 0):
            await came(world, one)
            world.clock.ahead += 2 * HOUR
            await keep_arrivals(world.relay)
            assert await codes(world) == []
        world.clock.ahead += 16 * HOUR if day % 7 < 5 else DAY
        await keep_arrivals(world.relay)
        assert await codes(world) == []
    world.clock.ahead += 7 * DAY
    assert await codes(world) == ["EventsMissing"]
    (text,) = [alert.text async for alert in find_alerts(world.relay)]
    assert "not usually silent for more than" in text


async def test_a_registration_that_never_had_an_event_is_not_missed(world: World) -> None:
    _, other = await two_flows(world)
    for _ in range(100):
        await came(world, other)
        world.clock.ahead += 2 * MINUTE
    assert await codes(world) == []


@BOTH_STORES
async def test_late_deliveries_raise_an_alert_until_they_are_in_time_again(world: World) -> None:
    world.flows.behave("orders", "failing")
    flow = await world.subscribe()
    for _ in range(6):
        await world.post_ticket(flow)
    await world.deliver_due()
    world.flows.behave("orders", "accepting")
    world.clock.ahead += 8 * MINUTE
    outbox = world.relay.store.outbox
    for each in (await outbox.deliveries(_all())).items:
        claim = await outbox.claim(each.id, world.clock(), lease_seconds(world.relay))
        assert claim is not None
        await deliver(world.relay, claim)
    found = {alert.code: alert async for alert in find_alerts(world.relay)}
    assert set(found) == {"DeliveriesLate"}
    assert found["DeliveriesLate"].subject == flow.site
    world.relay.settings = replace(world.relay.settings, alert_late_seconds=0)
    assert "DeliveriesLate" not in await codes(world)
    world.relay.settings = replace(world.relay.settings, alert_late_seconds=60)
    world.clock.ahead += 16 * MINUTE
    assert "DeliveriesLate" not in await codes(world)


async def test_what_an_operator_wanted_late_is_not_late(world: World) -> None:
    flow, other = await world.subscribe(), await world.subscribe("other", tag="nobody")
    await change_flow(world.relay, flow.id, FlowChange(paused=True, only_new=False, per_minute=None, label=None))
    for _ in range(6):
        await world.post_ticket(flow)
    await world.deliver_due()
    world.clock.ahead += 20 * MINUTE
    await change_flow(world.relay, flow.id, FlowChange(paused=False, only_new=False, per_minute=None, label=None))
    assert await world.deliver_due() == 6
    outbox = world.relay.store.outbox
    letters = [each for each in (await outbox.deliveries(_all())).items if each.subscription_id == flow.id]
    world.clock.ahead += 20 * MINUTE
    assert await outbox.replay([each.id for each in letters], world.clock()) == 6
    for each in letters:
        await outbox.route(each.event_id, other.id, world.clock())
    assert await world.deliver_due() == 12
    assert await codes(world) == []


def _all() -> EventQuery:
    return EventQuery(take=100)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 minutes"), (7199, "120 minutes"), (7200, "2 hours"), (172_799, "48 hours"), (172_800, "2 days")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


async def test_documents_of_earlier_versions_count_as_no_arrival(world: World) -> None:
    flow = await world.subscribe()
    number = int(world.clock() // 60)
    old = JournalEntry("minutes", f"{number:08d}-old", '{"sites":{},"flows":{}}', world.clock() + DAY)
    await world.relay.store.journal.put(old)
    assert (await arrivals(world.relay))[flow.registration_id].last_at == 0.0
