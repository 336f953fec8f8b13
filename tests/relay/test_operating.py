"""What operators do when something is wrong: search, replay, pause, look at the health, and hear of it."""

import json
from dataclasses import replace
from typing import Any, Literal

import pytest

from connector.deskdirector.errors import BadRequest, Forbidden, NotFound
from connector.relay import administration, event_views, flow_health, portal_webhooks, replaying
from connector.relay.alerts import Alert, message_for, raise_alerts
from connector.relay.fanout import fan_out
from connector.relay.inbound import receive
from connector.relay.registrations import change
from connector.relay.replaying import Choice
from connector.relay.subscriptions import end
from connector.storage.records import EventQuery
from tests.relay.conftest import BASE, BOTH_STORES, World
from tests.relay.test_inbound import signed


async def delivered(world: World, count: int = 3, flow: str = "orders") -> Any:
    subscription = await world.subscribe(flow)
    for number in range(count):
        await world.post_ticket(subscription, id=number + 1)
    await world.deliver_due()
    return subscription


@BOTH_STORES
async def test_what_was_delivered_is_replayed_by_filter_after_a_dry_run(world: World) -> None:
    subscription = await delivered(world)
    choice = Choice(query=EventQuery(subject="2"))
    assert await replaying.replay(world.relay, choice, dry_run=True) == {"found": 1, "dryRun": True}
    assert len(world.flows.accepted()) == 3
    assert await replaying.replay(world.relay, choice) == {"found": 1, "replayed": 1}
    await world.deliver_due()
    assert [received.body["id"] for received in world.flows.accepted()][3:] == [2]
    listed = await event_views.list_deliveries(world.relay, EventQuery(subscription_id=subscription.id))
    assert {delivery["state"] for delivery in listed["results"]} == {"delivered"}


@BOTH_STORES
async def test_events_are_replayed_to_another_flow(world: World) -> None:
    await delivered(world)
    other = await world.subscribe("other")
    answer = await replaying.replay(world.relay, Choice(query=EventQuery()), to=other.id)
    assert answer == {"found": 3, "replayed": 3}
    await world.deliver_due()
    assert sorted(received.body["id"] for received in world.flows.accepted("other")) == [1, 2, 3]
    (event,) = (await world.relay.store.outbox.events(EventQuery(subject="1"))).items
    assert await replaying.replay_event(world.relay, event.id, to=other.id) == {"replayed": 1}


async def test_replaying_to_an_ended_subscription_says_so_and_offers_the_newer_one(world: World) -> None:
    old = await delivered(world)
    await end(world.relay, old.id, "its flow is gone")
    newer = await world.subscribe("orders-2")
    answer = await replaying.replay(world.relay, Choice(query=EventQuery()))
    assert answer["replayed"] == 0
    assert answer["ended"] == [{"subscriptionId": old.id, "deliveries": 3, "newerSubscriptionId": newer.id}]
    assert "ended" in answer["notice"]
    with pytest.raises(BadRequest, match=newer.id):
        await replaying.replay(world.relay, Choice(query=EventQuery()), to=old.id)
    assert (await replaying.replay(world.relay, Choice(query=EventQuery()), to=newer.id))["replayed"] == 3


@BOTH_STORES
async def test_an_event_that_could_not_be_read_is_replayed_to_every_flow(world: World) -> None:
    subscription = await world.subscribe()
    await world.post(subscription, [{"id": 1}, "odd"])
    await world.deliver_due()
    (unreadable,) = [each for each in (await event_views.list_events(world.relay, EventQuery()))["results"]
                     if not each["readable"]]  # fmt: skip
    assert (await event_views.show_event(world.relay, unreadable["eventId"]))["payload"]["data"] == "odd"
    assert await replaying.replay_event(world.relay, unreadable["eventId"]) == {"replayed": 1}
    await world.deliver_due()
    assert [received.body.get("readable") for received in world.flows.accepted()] == [None, False]


async def test_a_quarantined_request_is_replayed_when_its_registration_is_back(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    text = await receive(world.relay, registration.id, registration.secrets.token, b'{"id": 7}', "")
    await world.relay.store.registrations.remove(registration)
    await fan_out(world.relay, text)
    (quarantined,) = (await administration.list_quarantine(world.relay))["results"]
    with pytest.raises(BadRequest, match="registration is gone"):
        await replaying.replay_quarantined(world.relay, quarantined["id"])
    await world.relay.store.registrations.save(replace(registration, version=""))
    assert await replaying.replay_quarantined(world.relay, quarantined["id"]) == {"replayed": True}
    await world.deliver_due()
    assert len(world.flows.accepted()) == 1
    assert (await administration.list_quarantine(world.relay))["results"] == []


async def test_what_is_malformed_is_only_purged(world: World) -> None:
    for raw in ("{", "[]", '{"registration": 5}'):
        await world.relay.store.quarantine.put("message", raw, raw, "poison", world.clock())
    listed = (await administration.list_quarantine(world.relay))["results"]
    for each in listed:
        with pytest.raises(BadRequest, match="cannot be replayed"):
            await replaying.replay_quarantined(world.relay, each["id"])
    ids = [each["id"] for each in listed]
    assert await replaying.purge_quarantined(world.relay, [*ids, "unknown"]) == {"purged": 3}
    with pytest.raises(NotFound):
        await replaying.replay_quarantined(world.relay, ids[0])


@BOTH_STORES
async def test_the_health_of_every_flow(world: World) -> None:
    healthy = await delivered(world)
    failing = await world.subscribe("failing")
    paused = await world.subscribe("paused")
    world.flows.behave("failing", "failing")
    await administration.set_paused(world.relay, paused.id, paused=True)
    await world.post_ticket(healthy)
    await world.deliver_due()
    await world.relay.store.health.save(world.relay.lanes.changed_health(world.relay.monotonic()))
    flows = {flow["subscriptionId"]: flow for flow in (await flow_health.list_flows(world.relay))["results"]}
    assert {name: flow["state"] for name, flow in flows.items()} == {
        healthy.id: "healthy", failing.id: "failing", paused.id: "paused",
    }  # fmt: skip
    assert "502" in flows[failing.id]["reason"]
    assert flows[failing.id]["waiting"] == flows[paused.id]["waiting"] == 1
    assert flows[healthy.id]["waiting"] == 0
    (counted,) = (await administration.metrics(world.relay))["results"]
    assert (counted["flows"], counted["flowsFailing"], counted["flowsPaused"]) == (3, 1, 1)


async def test_the_health_of_every_registration(world: World) -> None:
    subscription = await world.subscribe()
    await change(world.relay, subscription.registration_id, lambda each: replace(each, trouble="ApiKeyRefused"))
    (listed,) = (await flow_health.list_registrations(world.relay))["results"]
    assert (listed["state"], listed["trouble"], listed["subscriptions"]) == ("active", "ApiKeyRefused", 1)
    assert listed["sends"]


async def test_one_message_an_hour_for_one_cause(world: World) -> None:
    world.flows.behave("orders", "failing")
    world.relay.settings = replace(world.relay.settings, alert_webhook=world.flows.url("alerts"))
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.deliver_due()
    await world.relay.save_health()
    assert await raise_alerts(world.relay) == []
    world.clock.ahead += 16 * 60
    assert [alert.code for alert in await raise_alerts(world.relay)] == ["FlowFailing"]
    world.clock.ahead += 30 * 60
    assert [alert.code for alert in await raise_alerts(world.relay)] == ["BacklogOld"]
    world.clock.ahead += 31 * 60
    assert sorted(alert.code for alert in await raise_alerts(world.relay)) == ["FlowFailing"]
    assert [received.body["alert"]["code"] for received in world.flows.accepted("alerts")] == [
        "FlowFailing", "BacklogOld", "FlowFailing",
    ]  # fmt: skip


async def test_ends_that_nobody_wanted_and_registrations_in_trouble_raise_alerts(world: World) -> None:
    gone, removed, kept = [await world.subscribe(name) for name in ("gone", "removed", "kept")]
    await end(world.relay, gone.id, "its flow is gone")
    await administration.remove_subscription(world.relay, removed.id)
    await change(world.relay, kept.registration_id, lambda each: replace(each, trouble="ApiKeyRefused"))
    raised = await raise_alerts(world.relay)
    assert [(alert.code, alert.subject) for alert in raised] == [
        ("SubscriptionEnded", gone.id), ("RegistrationInTrouble", kept.registration_id),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", ["gone", "failing"])
async def test_a_webhook_for_alerts_that_is_down_changes_nothing(
    world: World, answer: Literal["gone", "failing"]
) -> None:
    world.relay.settings = replace(world.relay.settings, alert_webhook=world.flows.url("alerts"))
    world.flows.behave("alerts", answer)
    subscription = await world.subscribe()
    await end(world.relay, subscription.id, "its flow is gone")
    assert len(await raise_alerts(world.relay)) == 1


def test_messages_for_slack_teams_and_others() -> None:
    alert = Alert("FlowFailing", "s", "acme", "It fails.")
    assert message_for("hooks.slack.com", alert) == {"text": "FlowFailing: It fails."}
    other = message_for("acme.webhook.office.com", alert)
    assert other["type"] == "message"
    assert "It fails." in json.dumps(other["attachments"])


async def test_a_replaced_secret_is_valid_for_a_while(world: World) -> None:
    site = world.simulator.site
    first = await portal_webhooks.add(world.relay, site, "forms", BASE, "first-secret-0123456789")
    second = await portal_webhooks.add(world.relay, site, "forms", BASE, "second-secret-0123456789")
    assert first.url == second.url
    (listed,) = (await flow_health.list_registrations(world.relay))["results"]
    assert listed["previousSecretValidUntil"] > "2026"
    identity, _, token = first.url.rpartition("/")[2].partition("?token=")
    body = b'[{"id": 7}]'
    for secret in (first.secret, second.secret):
        await receive(world.relay, identity, token, body, signed(secret, body))
    world.clock.ahead += 25 * 3600
    await receive(world.relay, identity, token, body, signed(second.secret, body))
    with pytest.raises(Forbidden):
        await receive(world.relay, identity, token, body, signed(first.secret, body))
