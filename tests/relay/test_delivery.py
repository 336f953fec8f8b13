"""From a post to the flow: at least once, in order of the schedule, and never stopped by another flow."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from connector.relay.attempts import Result, judge
from connector.relay.circuit_breaker import FAILURES_TO_OPEN
from connector.relay.delivery import deliver_message, lease_seconds, put_off_message
from connector.relay.fanout import fan_out
from connector.relay.inbound import receive
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.relay.subscriptions import end
from connector.storage.records import EventQuery, wake_up
from tests.relay.conftest import BOTH_STORES, World


async def only_event(world: World) -> str:
    (event,) = (await world.relay.store.outbox.events(EventQuery())).items
    return event.id


@BOTH_STORES
async def test_an_event_reaches_every_flow_that_wants_it(world: World) -> None:
    every = await world.subscribe("every")
    await world.subscribe("vip", tag="vip")
    await world.subscribe("elsewhere", board={"id": 99, "name": "Other"})
    await world.post_ticket(every, tags=["VIP"], board={"id": 4, "name": "Support"})
    await world.deliver_due()

    event_id = await only_event(world)
    assert {one.flow for one in world.flows.accepted()} == {"every", "vip"}
    for one in world.flows.accepted():
        assert one.headers["x-dd-event-id"] == event_id
        assert one.headers["content-type"] == "application/json"
        assert one.body["eventId"] == event_id
        assert one.body["title"] == "Printer"
    assert (await world.state(event_id, every))[:2] == ("delivered", 1)


@BOTH_STORES
async def test_repeats_of_a_post_are_one_event(world: World) -> None:
    subscription = await world.subscribe()
    body = {"id": 7, "triggeredOn": "2026-07-01T12:00:00Z"}
    for _ in range(3):
        await world.post(subscription, body)
    await world.post(subscription, [body, {**body, "id": 8}])
    await world.deliver_due()
    assert [one.body["id"] for one in world.flows.accepted()] == [7, 8]


async def test_a_condition_on_what_the_notification_leaves_out_is_looked_up(world: World) -> None:
    ticket = next(iter(world.simulator.tenant("tokity").tickets.values()))
    here = await world.subscribe("here", priority={"id": ticket.priority_id, "name": "?"})
    await world.subscribe("not here", priority={"id": ticket.priority_id + 1, "name": "?"})
    await world.post_ticket(here, id=ticket.id)
    await world.deliver_due()
    assert [one.flow for one in world.flows.accepted()] == ["here"]


@BOTH_STORES
async def test_a_failing_flow_gets_it_again_by_the_schedule(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing", times=1)
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 1
    event_id = await only_event(world)
    state, attempt, reason = await world.state(event_id, subscription)
    assert (state, attempt) == ("pending", 1)
    assert "502" in reason

    found = await world.relay.store.outbox.event(event_id)
    assert found is not None
    assert 4 < found[1][0].due_at - world.clock() < 6


async def test_it_arrives_as_soon_as_the_flow_is_back(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing", times=3)
    await world.post_ticket(subscription)
    for wait in (0, 6, 33, 133):
        world.clock.ahead += wait
        assert await world.deliver_due() == 1
    assert len(world.flows.accepted()) == 1
    assert (await world.state(await only_event(world), subscription))[:2] == ("delivered", 4)


async def test_the_wait_that_a_flow_asks_for_is_honoured(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "throttled", retry_after=120, times=1)
    await world.post_ticket(subscription)
    await world.deliver_due()
    await world.post_ticket(subscription)
    world.clock.ahead += 60
    await world.deliver_due()
    assert len(world.flows.received) == 1  # nothing more was sent to it meanwhile
    for _ in range(4):
        world.clock.ahead += 20
        await world.deliver_due()
    assert len(world.flows.accepted()) == 2


async def test_a_day_without_success_makes_a_dead_letter(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing", status=400)
    await world.post_ticket(subscription)
    began = world.clock()
    for _ in range(24):
        await world.deliver_due()
        world.clock.ahead += 4000
    (dead,) = (await world.relay.store.outbox.dead_letters(EventQuery())).items
    assert dead.attempt == len(world.flows.received)
    assert "400" in dead.reason
    assert world.clock() - began > GIVE_UP_AFTER
    assert (await world.relay.store.subscriptions.list())[0].ended_at is None


@BOTH_STORES
async def test_a_flow_that_is_gone_ends_its_subscription_here_and_upstream(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    posts = [
        await receive(world.relay, registration.id, registration.secrets.token, b'{"id": %d}' % number, "")
        for number in range(2)
    ]
    world.flows.behave("orders", "gone", status=410)
    for post in posts:
        await fan_out(world.relay, post)
    await world.deliver_due()
    assert len(world.flows.received) == 1
    assert await world.relay.store.subscriptions.list() == []
    assert world.workflows() == {}
    (counters,) = await world.relay.store.counters()
    # In Azure the first event was tried before the second was fanned out, for which nobody waited any more.
    assert (counters.dead, counters.pending) == (1 if world.relay.store.has_wake_ups else 2, 0)


async def test_a_flow_that_refuses_everything_for_a_day_is_gone_too(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing", status=403)
    await world.post_ticket(subscription)
    for _ in range(24):
        await world.deliver_due()
        world.clock.ahead += 4000
    assert await world.relay.store.subscriptions.list() == []
    assert len((await world.relay.store.outbox.dead_letters(EventQuery())).items) == 1


async def test_an_ended_subscription_gets_nothing_more(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await end(world.relay, subscription.id, "a test")
    await world.deliver_due()
    assert world.flows.received == []


async def test_an_edited_flow_still_gets_what_was_on_its_way(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.subscribe(event="ticket.new")
    await world.deliver_due()
    assert len(world.flows.accepted()) == 1


async def test_a_flow_that_keeps_failing_is_not_bothered_for_a_while(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing")
    for _ in range(FAILURES_TO_OPEN + 10):
        await world.post_ticket(subscription)
    await world.deliver_due()
    assert len(world.flows.received) == FAILURES_TO_OPEN


async def test_redirects_are_not_followed(world: World) -> None:
    asked = []

    async def move(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", move)
    runner = web.AppRunner(app, access_log=None)
    await world.flows.stop()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", world.flows.port).start()
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.deliver_due()
    await runner.cleanup()
    assert len(asked) == 1
    assert (await world.state(await only_event(world), subscription))[0] == "pending"


async def test_settings_that_forbid_a_callback_later_stop_it(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    world.relay.settings = type(world.relay.settings)(development_sites=(world.simulator.site,), delivery_seconds=1)
    await world.deliver_due()
    assert world.flows.received == []
    assert "must begin with https" in (await world.state(await only_event(world), subscription))[2]


async def test_a_flow_that_never_answers_is_given_up_in_time(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "slow", seconds=5)
    await world.post_ticket(subscription)
    await world.deliver_due()
    assert "did not answer" in (await world.state(await only_event(world), subscription))[2]


async def test_nothing_listens_at_the_callback(world: World) -> None:
    subscription = await world.subscribe()
    await world.flows.stop()
    await world.post_ticket(subscription)
    await world.deliver_due()
    state, _, reason = await world.state(await only_event(world), subscription)
    assert state == "pending"
    assert "sig=" not in reason


@BOTH_STORES
async def test_a_wake_up_message_delivers_its_delivery_once(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    found = await world.relay.store.outbox.event(await only_event(world))
    assert found is not None
    message = wake_up(found[1][0].id)
    await asyncio.gather(*(deliver_message(world.relay, message) for _ in range(4)))
    await deliver_message(world.relay, message)
    await put_off_message(world.relay, message)
    assert len(world.flows.accepted()) == 1
    with pytest.raises(ValueError, match="Expecting value"):
        await deliver_message(world.relay, "nonsense")


async def test_a_message_that_failed_again_and_again_is_put_off(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    event_id = await only_event(world)
    found = await world.relay.store.outbox.event(event_id)
    assert found is not None
    await put_off_message(world.relay, wake_up(found[1][0].id))
    assert await world.deliver_due() == 0
    world.clock.ahead += 61
    assert await world.deliver_due() == 1


async def test_the_dispatcher_delivers_what_comes_and_what_was_left_behind(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    claims = await world.relay.store.outbox.claim_due(
        world.clock(), 1, lease_seconds(world.relay), per_destination=1
    )  # the process that holds it dies
    assert len(claims) == 1
    dispatcher = LocalDispatcher(world.relay)
    dispatcher.start()
    dispatcher.start()
    for _ in range(50):
        await world.post_ticket(subscription)
    await world.flows.wait_for(50)
    world.clock.ahead += lease_seconds(world.relay) + 1
    await world.flows.wait_for(51)
    await dispatcher.stop()


async def test_a_slow_flow_does_not_delay_another(world: World) -> None:
    slow = await world.subscribe("slow")
    await world.subscribe("quick", tag="quick")
    world.flows.behave("slow", "slow", seconds=0.8)
    dispatcher = LocalDispatcher(world.relay)
    dispatcher.start()
    for _ in range(60):
        await world.post_ticket(slow, tags=["quick"])
    await world.flows.wait_for(60, flow="quick")
    assert len(world.flows.accepted("slow")) < 60
    await dispatcher.stop()


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, Result.ACCEPTED), (202, Result.ACCEPTED), (204, Result.ACCEPTED), (302, Result.FAILED), (400, Result.FAILED),
     (401, Result.FAILED), (404, Result.MISSING), (408, Result.FAILED), (410, Result.GONE), (429, Result.THROTTLED),
     (500, Result.FAILED), (503, Result.FAILED)],
)  # fmt: skip
def test_what_an_answer_means(status: int, result: Result) -> None:
    assert judge(status, {}).result is result


@pytest.mark.parametrize(
    ("header", "wait"),
    [("30", 30.0), ("0", 0.0), ("7200", 7200.0), ("soon", 0.0), (None, 0.0), ("-5", 0.0), ("inf", 0.0), ("1e999", 0.0)],
)
def test_how_long_a_flow_asks_to_wait(header: str | None, wait: float) -> None:
    headers: dict[str, Any] = {} if header is None else {"retry-after": header}
    assert judge(429, headers).retry_after == wait
