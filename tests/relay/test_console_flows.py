"""What an operator does to flows, replays, alerts and registrations through the console's API."""

from typing import Any

import pytest

from connector.relay import replay_jobs, replaying
from connector.relay.alerts import raise_alerts
from connector.relay.delivery import rate_of
from connector.storage.records import Subscription
from tests.relay.conftest import BOTH_STORES, Console, World


async def test_a_flow_is_limited_named_paused_and_resumed(console: Console) -> None:
    world = console.world
    flow = await world.subscribe(tag="vip")

    status, shown = await console("PATCH", f"flows/{flow.id}", {"perMinute": 30, "label": "VIP", "paused": True})

    assert (status, shown["name"], shown["operatorPerMinute"], shown["state"]) == (200, "VIP", 30, "paused")
    assert shown["conditionsText"] == ["tag is vip"]
    kept = await world.relay.store.subscriptions.get(flow.id)
    assert kept is not None
    assert rate_of(world.relay, kept) == 0.5
    assert (await console("PATCH", f"flows/{flow.id}", {"paused": False}))[1]["state"] == "new"
    lines = (await console("GET", "audit"))[1]["results"]
    assert [(line["role"], line["what"], line["subject"]) for line in lines] == [
        ("operator", "flow.change", flow.id)
    ] * 2


@BOTH_STORES
async def test_a_flow_may_go_on_with_new_events_only(console: Console) -> None:
    world = console.world
    flow = await world.subscribe()
    await console("PATCH", f"flows/{flow.id}", {"paused": True})
    await world.post_ticket(flow)
    await world.deliver_due()

    _, shown = await console("PATCH", f"flows/{flow.id}", {"paused": False, "resume": "new"})
    await world.deliver_due()

    assert (shown["waiting"], [one["state"] for one in shown["latest"]]) == (0, ["dead"])
    assert world.flows.accepted() == []


async def test_a_test_event_reaches_its_flow_past_its_conditions(console: Console) -> None:
    world = console.world
    flow = await world.subscribe("tested", tag="vip")
    other = await world.subscribe("other")
    await world.post_ticket(other, tags=["printer"])
    await world.deliver_due()

    status, sent = await console("POST", f"flows/{flow.id}/test", {})
    await world.deliver_due()

    (received,) = world.flows.accepted("tested")
    assert (status, received.body["eventId"], received.body["test"]) == (202, sent["eventId"], True)
    assert received.body["title"] == "Printer", "it has the form of the newest real one"
    assert (await console("GET", f"events/{sent['eventId']}"))[1]["test"] is True


async def with_dead_letters(world: World, count: int) -> Subscription:
    flow = await world.subscribe()
    for _ in range(count):
        await world.post_ticket(flow)
    now = world.clock()
    for claim in await world.relay.store.outbox.claim_due(now, count, 30, per_destination=count):
        await world.relay.store.outbox.bury(claim, now, reason="gone")
    return flow


async def test_a_replay_is_tried_confirmed_done_in_pieces_and_told(console: Console) -> None:
    flow = await with_dead_letters(console.world, 120)

    _, tried = await console("POST", "replays", {"all": True, "dryRun": True})
    refused, sentence = await console("POST", "replays", {"all": True})
    status, job = await console("POST", "replays", {"all": True, "confirm": tried["found"]})
    await console.world.post_ticket(flow)
    while job["state"] == "running":
        _, job = await console("POST", f"replays/{job['replayId']}/continue", {})

    assert (tried["found"], tried["flows"][0]["deliveries"], tried["flows"][0]["state"]) == (120, 120, "new")
    assert (refused, sentence["error"]["code"], status) == (400, "ConfirmationNeeded", 202)
    assert (job["state"], job["done"], job["replayed"], job["skipped"]) == ("done", 120, 120, 0)
    assert (await console("GET", f"replays/{job['replayId']}"))[1] == job
    lines = (await console("GET", "audit"))[1]["results"]
    assert ("replay.start", 120) in {(line["what"], line["count"]) for line in lines}, "and the dry run left no line"
    assert sum(line["what"] == "replay.start" for line in lines) == 1


async def test_a_replay_goes_to_some_flows_only_and_can_be_stopped(console: Console) -> None:
    world = console.world
    first = await with_dead_letters(world, 2)
    other = await world.subscribe("other")
    events = [one["eventId"] for one in (await console("GET", "events"))[1]["results"]]

    _, none = await console("POST", "replays", {"all": True, "subscriptionIds": [other.id], "dryRun": True})
    _, job = await console("POST", "replays", {"ids": events, "subscriptionIds": [other.id]})
    _, done = await console("POST", f"replays/{job['replayId']}/continue", {})
    await world.deliver_due()
    _, second = await console("POST", "replays", {"ids": events, "subscriptionIds": [first.id]})
    _, stopped = await console("DELETE", f"replays/{second['replayId']}")
    _, still = await console("POST", f"replays/{second['replayId']}/continue", {})

    assert (none["found"], done["replayed"]) == (0, 2)
    assert [one.flow for one in world.flows.accepted()] == ["other", "other"], "a flow that had none of them gets them"
    assert (stopped["state"], still["state"], still["replayed"]) == ("aborted", "aborted", 0)


async def test_a_replay_that_is_stopped_within_a_piece_tells_what_it_did(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_dead_letters(console.world, 3)
    _, job = await console("POST", "replays", {"all": True})
    replay_batch = replaying.replay_batch

    async def stopped_meanwhile(*given: Any) -> int:
        replayed = await replay_batch(*given)
        await console("DELETE", f"replays/{job['replayId']}")
        return replayed

    monkeypatch.setattr(replay_jobs, "replay_batch", stopped_meanwhile)
    await console("POST", f"replays/{job['replayId']}/continue", {})

    _, told = await console("GET", f"replays/{job['replayId']}")
    assert (told["state"], told["done"], told["replayed"]) == ("aborted", 3, 3)


async def test_alerts_are_acknowledged_until_they_are_over(console: Console) -> None:
    world = console.world
    await with_dead_letters(world, 1)
    _, listed = await console("GET", "alerts")
    (alert,) = listed["results"]

    _, seen = await console("POST", f"alerts/{alert['alertId']}/acknowledge", {})
    _, again = await console("GET", "alerts")
    (letter,) = (await console("GET", "dead-letters"))[1]["results"]
    await console("POST", "dead-letters/purge", {"ids": [letter["deliveryId"]]})
    _, over = await console("GET", "alerts")
    await with_dead_letters(world, 1)
    _, raised_again = await console("GET", "alerts")

    assert (alert["code"], alert["subjectKind"]) == ("DeadLetters", "site")
    assert again["results"] == [seen]
    assert (seen["acknowledgedBy"], over["results"]) == ("operator", [])
    assert "acknowledgedAt" not in raised_again["results"][0]
    assert await raise_alerts(world.relay) == [], "it is no message to the operator's webhook"


async def test_a_registration_is_renewed(console: Console) -> None:
    world = console.world
    flow = await world.subscribe()
    before = world.workflows()

    status, renewed = await console("POST", f"registrations/{flow.registration_id}/renew", {})

    assert (status, renewed["state"]) == (202, "active")
    assert world.workflows().keys() != before.keys()
