"""Subscriptions and the registrations that they share, against the simulated DeskDirector."""

import asyncio
from dataclasses import replace

import pytest

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import (
    BadRequest,
    Conflict,
    ConnectorError,
    Forbidden,
    NotFound,
    Unauthorized,
    Unavailable,
)
from connector.relay import portal_webhooks
from connector.relay.registrations import TRUSTED_SECONDS
from connector.relay.subscriptions import SubscriptionRequest, end, subscribe, unsubscribe
from connector.storage.records import RegistrationState, Subscription, SubscriptionSecrets
from tests.relay.conftest import BASE, BOTH_STORES, STATUS_CHANGED, World, ticket_event
from workbench.simulator import Simulator
from workbench.simulator.faults import Fault


async def subscribe_as_agent(world: World, flow: str) -> Subscription:
    """With the same key for a certain member: for the app another connection, with rights of its own."""
    headers = {"dd-host": world.simulator.site, "dd-api-key": world.simulator.tokity_key, "dd-agent": "7"}
    dd = DeskDirector(Connection.from_headers(headers, world.relay.settings), world.relay.settings)
    return await subscribe(world.relay, dd, SubscriptionRequest(ticket_event(), world.flows.url(flow), BASE))


@BOTH_STORES
async def test_the_same_request_again_is_the_same_subscription(world: World) -> None:
    first = await world.subscribe()
    again = await world.subscribe()
    assert again.id == first.id
    assert again.secrets.token == first.secrets.token
    assert len(await world.relay.store.subscriptions.list()) == 1
    assert len(world.workflows()) == 1


@BOTH_STORES
async def test_flows_that_want_the_same_share_one_registration(world: World) -> None:
    subscriptions = [await world.subscribe(f"flow-{number}", tag=f"tag-{number}") for number in range(5)]
    assert len({one.id for one in subscriptions}) == 5
    assert list(world.workflows().values()) == [STATUS_CHANGED]

    for one in subscriptions[:-1]:
        await unsubscribe(world.relay, one.id, one.secrets.token)
    assert len(world.workflows()) == 1

    await unsubscribe(world.relay, subscriptions[-1].id, subscriptions[-1].secrets.token)
    assert world.workflows() == {}
    assert (await world.registration(subscriptions[0])).state is RegistrationState.ENDED


@BOTH_STORES
async def test_flows_that_begin_at_the_same_moment_make_one_registration(world: World) -> None:
    await asyncio.gather(*(world.subscribe(f"flow-{number}") for number in range(8)))
    assert len(world.workflows()) == 1
    (registration,) = await world.relay.store.registrations.list()
    assert len(registration.subscription_ids) == 8


async def test_one_flow_that_asks_twice_at_the_same_moment(world: World) -> None:
    first, second = await asyncio.gather(world.subscribe(), world.subscribe())
    assert first.id == second.id
    (registration,) = await world.relay.store.registrations.list()
    assert registration.subscription_ids == (first.id,)


@BOTH_STORES
async def test_an_edited_flow_keeps_its_subscription_and_its_old_end_ends_nothing(world: World) -> None:
    before = await world.subscribe(event=STATUS_CHANGED)
    after = await world.subscribe(event="ticket.new", tag="vip")
    assert after.id == before.id
    assert after.event_type == "ticket.new"
    assert list(world.workflows().values()) == ["ticket.new"]

    await unsubscribe(world.relay, before.id, before.secrets.token)
    assert (await world.relay.store.subscriptions.list())[0].ended_at is None

    await unsubscribe(world.relay, after.id, after.secrets.token)
    assert await world.relay.store.subscriptions.list() == []
    assert world.workflows() == {}


async def test_ending_is_idempotent_and_tells_nothing(world: World) -> None:
    subscription = await world.subscribe()
    await unsubscribe(world.relay, "unknown", "x")
    await unsubscribe(world.relay, subscription.id, "wrong")
    await unsubscribe(world.relay, subscription.id, "")
    assert len(await world.relay.store.subscriptions.list()) == 1
    for _ in range(2):
        await unsubscribe(world.relay, subscription.id, subscription.secrets.token)
    ended = await world.relay.store.subscriptions.get(subscription.id)
    assert ended is not None
    assert ended.ended_because
    assert ended.secrets == SubscriptionSecrets()


async def test_a_flow_that_comes_back_starts_anew(world: World) -> None:
    first = await world.subscribe()
    token = (await world.registration(first)).secrets.token
    await unsubscribe(world.relay, first.id, first.secrets.token)
    second = await world.subscribe()
    assert second.id != first.id
    assert len(world.workflows()) == 1
    assert (await world.registration(second)).secrets.token != token


async def test_sharing_a_registration_takes_a_good_key(world: World) -> None:
    await world.subscribe("mine")
    with pytest.raises(Unauthorized):
        await world.subscribe("theirs", key="not-the-key")
    assert [one.event_type for one in await world.relay.store.subscriptions.list()] == [STATUS_CHANGED]


async def test_whoever_shares_a_registration_could_have_made_it(world: World) -> None:
    """The other keys pass the connection test; DeskDirector does not let them register."""
    first = await world.subscribe("mine")
    before = await world.registration(first)
    with pytest.raises(Forbidden):
        await world.subscribe("theirs", key=world.simulator.read_only_key)
    world.simulator.add_fault(kind="status", status=403, method="POST", path="/ticket-workflows")
    with pytest.raises(Forbidden):
        await subscribe_as_agent(world, "theirs")
    after = await world.registration(first)
    assert [one.id for one in await world.relay.store.subscriptions.list()] == [first.id]
    assert replace(after, since=before.since) == before, "members, state, trouble and the kept connection are as before"

    theirs = await subscribe_as_agent(world, "theirs")
    assert theirs.registration_id == first.registration_id
    assert len(world.workflows()) == 1, "the registration was replaced, not doubled"
    registration = await world.registration(first)
    assert registration.secrets.rights == theirs.secrets.rights
    assert registration.subscription_ids == (first.id, theirs.id)
    await world.post_ticket(first)
    assert await world.deliver_due() == 2


async def test_a_connection_is_kept_only_when_it_has_registered(world: World) -> None:
    first = await world.subscribe()
    kept = (await world.registration(first)).secrets.rights
    for code in (401, 403, 500):
        world.clock.ahead += TRUSTED_SECONDS + 1
        world.simulator.add_fault(kind="status", status=code, method="POST", path="/ticket-workflows", times=2)
        with pytest.raises(ConnectorError):
            await subscribe_as_agent(world, "theirs")
        world.simulator.faults.clear()
        registration = await world.registration(first)
        assert registration.state is RegistrationState.ACTIVE
        assert registration.secrets.rights == kept


async def test_a_callback_url_belongs_to_a_flow_of_one_site(world: World) -> None:
    """Who knows the URL and has a key of another site neither moves, nor changes, nor ends the subscription."""
    mine = await world.subscribe("orders")
    async with Simulator() as elsewhere:
        sites = (world.simulator.site, elsewhere.site)
        world.relay.settings = replace(world.relay.settings, development_sites=sites)
        theirs = await World(world.relay, elsewhere, world.flows, world.clock).subscribe("orders", event="ticket.new")
        assert theirs.id != mine.id
        assert await world.relay.store.subscriptions.get(mine.id) == mine
        await unsubscribe(world.relay, theirs.id, theirs.secrets.token)
    await world.post_ticket(mine)
    assert await world.deliver_due() == 1


async def test_what_deskdirector_refuses_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(BadRequest):
        await world.subscribe(event="ticket.imagined")
    assert await world.relay.store.subscriptions.list() == []
    (registration,) = await world.relay.store.registrations.list()
    assert registration.subscription_ids == ()
    assert registration.state is RegistrationState.ENDED


async def test_no_room_for_another_workflow_is_told_with_the_way_out(world: World) -> None:
    words = {"message": "At most 50 workflows can be made by flows."}
    world.simulator.add_fault(kind="status", status=409, method="POST", path="/ticket-workflows", body=words)

    with pytest.raises(Conflict, match=r"remove a workflow .* DeskDirector says: At most 50 workflows"):
        await world.subscribe()

    assert await world.relay.store.subscriptions.list() == []


async def test_an_edit_that_is_refused_leaves_the_flow_as_it_was(world: World) -> None:
    before = await world.subscribe()
    with pytest.raises(BadRequest):
        await world.subscribe(event="ticket.imagined")
    (kept,) = await world.relay.store.subscriptions.list()
    assert kept == before
    await world.post_ticket(before)
    assert await world.deliver_due() == 1


async def test_turning_a_flow_on_again_heals_what_was_lost_upstream(world: World) -> None:
    await world.subscribe("first")
    world.simulator.tenant("tokity").workflows.clear()
    await world.subscribe("second")  # too soon to suspect anything
    assert world.workflows() == {}
    world.clock.ahead += TRUSTED_SECONDS + 1
    subscription = await world.subscribe("second")
    assert list(world.workflows().values()) == [STATUS_CHANGED]
    assert len((await world.registration(subscription)).subscription_ids) == 2
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 2


async def test_healing_that_fails_leaves_everybody_where_they_were(world: World) -> None:
    first, second = await world.subscribe("first"), await world.subscribe("second")
    world.clock.ahead += TRUSTED_SECONDS + 1
    world.simulator.faults.append(Fault.parse({"path": "/ticket-workflows", "kind": "status", "status": 403}))
    with pytest.raises(Forbidden):
        await world.subscribe("second")
    registration = await world.registration(first)
    assert registration.state is RegistrationState.ACTIVE
    assert registration.subscription_ids == (first.id, second.id)


async def test_an_unclear_answer_can_be_retried_without_two_events(world: World) -> None:
    world.simulator.faults.append(
        Fault.parse({"path": "/ticket-workflows", "kind": "status", "status": 502, "times": 1})
    )
    with pytest.raises(Unavailable) as refusal:
        await world.subscribe()
    assert refusal.value.retry_after
    subscription = await world.subscribe()
    assert await world.relay.store.subscriptions.list() == [subscription]


async def test_deskdirector_may_be_away_when_a_flow_goes(world: World) -> None:
    subscription = await world.subscribe()
    world.simulator.faults.append(
        Fault.parse({"path": "/ticket-workflows", "kind": "status", "status": 500, "times": None})
    )
    await end(world.relay, subscription.id, "a test")
    registration = await world.registration(subscription)
    assert registration.state is RegistrationState.UNREGISTERING
    assert registration.trouble


async def test_callbacks_elsewhere_are_refused_before_anything_is_done(world: World) -> None:
    for url in ("https://evil.example/x", "http://127.0.0.1:1/x"):
        with pytest.raises((Forbidden, BadRequest)):
            await subscribe(world.relay, world.dd(), SubscriptionRequest(ticket_event(), url, BASE))
    assert world.workflows() == {}


async def test_a_portal_webhook_has_to_be_added_first(world: World) -> None:
    site = world.simulator.site
    ask = SubscriptionRequest(portal_webhooks.source_of("Forms"), world.flows.url("forms"), BASE)
    with pytest.raises(NotFound):
        await subscribe(world.relay, world.dd(), ask)

    added = await portal_webhooks.add(world.relay, site, "forms", BASE)
    again = await portal_webhooks.add(world.relay, site, " FORMS ", BASE, "from-the-admin-portal")
    assert again.url == added.url
    assert len(added.secret) == 32
    assert again.secret == "from-the-admin-portal"
    assert await portal_webhooks.names(world.relay, site) == ["forms"]
    with pytest.raises(Unauthorized):
        await subscribe(world.relay, world.dd("not-the-key"), ask)
    subscription = await subscribe(world.relay, world.dd(), ask)

    await portal_webhooks.remove(world.relay, site, "forms")
    ended = await world.relay.store.subscriptions.get(subscription.id)
    assert ended is not None
    assert ended.ended_because == "its webhook was removed"
    assert await portal_webhooks.names(world.relay, site) == []


@BOTH_STORES
async def test_the_callback_url_and_the_key_are_sealed_at_rest(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    for secret in (subscription.callback_url, world.simulator.tokity_password, subscription.secrets.token):
        assert secret not in repr(subscription)
        assert secret not in repr(registration)
    assert replace(subscription) == await world.relay.store.subscriptions.get(subscription.id)
