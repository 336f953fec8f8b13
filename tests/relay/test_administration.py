"""What an operator sees and does, without ever seeing a secret."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from connector.deskdirector.errors import NotFound
from connector.relay import administration, event_views, replaying
from connector.relay.replaying import Choice
from connector.storage.records import EventQuery
from tests.relay.conftest import BOTH_STORES, World

EVERYTHING = EventQuery()
DEAD = EventQuery(state="dead")


def texts(value: Any) -> Iterator[str]:
    """All texts in a nested mapping."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


async def with_dead_letters(world: World, count: int) -> list[str]:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing")
    for _ in range(count):
        await world.post_ticket(subscription)
    for _ in range(30):
        await world.deliver_due()
        world.clock.ahead += 4000
    world.flows.behave("orders", "accepting")
    listed = await event_views.list_deliveries(world.relay, DEAD)
    return [one["deliveryId"] for one in listed["results"]]


@BOTH_STORES
async def test_events_and_what_became_of_them(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.deliver_due()
    (listed,) = (await event_views.list_events(world.relay, EVERYTHING))["results"]
    shown = await event_views.show_event(world.relay, listed["eventId"])
    assert shown["payload"]["title"] == "Printer"
    assert [(one["state"], one["attempts"]) for one in shown["deliveries"]] == [("delivered", 1)]
    with pytest.raises(NotFound):
        await event_views.show_event(world.relay, "unknown")


@BOTH_STORES
async def test_a_replayed_event_comes_again_under_the_same_id(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.deliver_due()
    (listed,) = (await event_views.list_events(world.relay, EVERYTHING))["results"]
    assert await replaying.replay_event(world.relay, listed["eventId"]) == {"replayed": 1}
    await world.deliver_due()
    assert [one.body["eventId"] for one in world.flows.accepted()] == [listed["eventId"]] * 2


async def test_dead_letters_are_replayed_one_by_one_or_all(world: World) -> None:
    dead = await with_dead_letters(world, 3)
    assert len(dead) == 3
    assert await replaying.replay(world.relay, Choice(ids=[dead[0], "unknown"])) == {"found": 1, "replayed": 1}
    seen: list[int] = []
    replayed = await replaying.replay(world.relay, Choice(query=DEAD), progress=seen.append)
    assert replayed == {"found": 2, "replayed": 2}
    assert sum(seen) == 2
    world.clock.ahead += 4000
    await world.deliver_due()
    assert len(world.flows.accepted()) == 3
    assert (await event_views.list_deliveries(world.relay, DEAD))["results"] == []


async def test_dead_letters_are_purged(world: World) -> None:
    dead = await with_dead_letters(world, 3)
    assert await replaying.purge(world.relay, Choice(query=EVERYTHING, limit=1)) == {"found": 1, "purged": 1}
    assert (await replaying.purge(world.relay, Choice(ids=dead)))["purged"] == 2
    assert (await event_views.list_deliveries(world.relay, DEAD))["results"] == []
    (counted,) = (await administration.metrics(world.relay))["results"]
    assert (counted["pending"], counted["accepted"], counted["delivered"]) == (0, 3, 0)


@BOTH_STORES
async def test_metrics(world: World) -> None:
    subscription = await world.subscribe()
    await world.subscribe("other")
    world.flows.behave("other", "failing")
    await world.post_ticket(subscription)
    await world.post(subscription, {"id": 7, "triggeredOn": "2026-07-01T12:00:00.0000001Z"})
    await world.deliver_due()
    (counted,) = (await administration.metrics(world.relay, site=world.simulator.site))["results"]
    assert (counted["accepted"], counted["delivered"], counted["retried"], counted["dead"]) == (2, 2, 2, 0)
    assert counted["pending"] == 2
    assert counted["lagSeconds"] >= 0
    assert (await administration.metrics(world.relay, site="elsewhere"))["results"] == []


async def test_subscriptions_are_listed_and_removed(world: World) -> None:
    subscription = await world.subscribe(tag="vip")
    (listed,) = (await administration.list_subscriptions(world.relay))["results"]
    assert listed["subscriptionId"] == subscription.id
    assert (listed["family"], listed["registration"], listed["flowHost"]) == ("ticket", "active", "127.0.0.1")
    assert listed["conditions"] == {"tag": "vip"}
    assert await administration.remove_subscription(world.relay, subscription.id) == {"removed": True}
    assert await administration.remove_subscription(world.relay, subscription.id) == {"removed": False}
    assert (await administration.list_subscriptions(world.relay))["results"] == []
    (ended,) = (await administration.list_subscriptions(world.relay, ended=True))["results"]
    assert ended["endedBecause"] == administration.REMOVED
    assert world.workflows() == {}
    with pytest.raises(NotFound):
        await administration.remove_subscription(world.relay, "unknown")


async def test_what_was_quarantined_is_listed_without_its_content(world: World) -> None:
    await world.relay.store.quarantine.put(
        "message", "m1", '{"token": "s3cret"}', "it failed every time", world.clock()
    )
    listed = await administration.list_quarantine(world.relay)
    assert listed["results"][0]["key"] == "m1"
    assert "s3cret" not in json.dumps(listed)


async def test_no_secret_in_any_output(world: World) -> None:
    subscription = await world.subscribe()
    await with_dead_letters(world, 1)
    registration = await world.registration(subscription)
    relay = world.relay
    (event,) = (await event_views.list_events(relay, EVERYTHING))["results"]
    outputs: list[Any] = [
        await event_views.list_events(relay, EVERYTHING),
        await event_views.show_event(relay, event["eventId"]),
        await administration.list_subscriptions(relay, ended=True),
        await event_views.list_deliveries(relay, DEAD),
        await administration.metrics(relay),
        await administration.list_quarantine(relay),
    ]
    text = json.dumps(outputs)
    secrets = [subscription.callback_url, *texts(asdict(subscription.secrets)), *texts(asdict(registration.secrets))]
    for secret in [each for each in secrets if len(each) > 8] + ["sig="]:
        assert secret not in text
