"""From a message of the inbound queue to pending deliveries, however often it is read."""

import json
from typing import Any

import pytest

from connector.relay import administration
from connector.relay.fanout import fan_out
from connector.relay.inbound import INLINE_BYTES, receive
from connector.storage.records import EventQuery
from tests.relay.conftest import BOTH_STORES, World


async def message(world: World, body: Any) -> str:
    registration = await world.registration(await world.subscribe())
    return await receive(world.relay, registration.id, registration.secrets.token, json.dumps(body).encode(), "")


async def events(world: World) -> list[str]:
    return [item.id for item in (await world.relay.store.outbox.events(EventQuery())).items]


@BOTH_STORES
@pytest.mark.parametrize("size", [10, INLINE_BYTES])
async def test_a_message_that_is_read_again_changes_nothing(world: World, size: int) -> None:
    text = await message(world, [{"id": number, "description": "x" * size} for number in range(3)])
    await fan_out(world.relay, text)
    before = await events(world)
    assert len(before) == 3
    await fan_out(world.relay, text)
    assert await events(world) == before
    await world.deliver_due()
    assert len(world.flows.accepted()) == 3


async def test_an_event_that_nobody_wants_is_still_listed(world: World) -> None:
    subscription = await world.subscribe(tag="vip")
    await world.post_ticket(subscription, tags=["other"])
    assert len(await events(world)) == 1
    assert await world.deliver_due() == 0


@BOTH_STORES
async def test_a_post_whose_registration_is_gone_is_quarantined(world: World) -> None:
    text = await message(world, {"id": 7})
    (registration,) = await world.relay.store.registrations.list()
    await world.relay.store.registrations.remove(registration)
    await fan_out(world.relay, text)
    assert [one["kind"] for one in (await administration.list_quarantine(world.relay))["results"]] == [
        "inbound request"
    ]


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[]", '{"post": "p", "registration": "r", "at": "x"}'])
async def test_a_message_that_makes_no_sense_is_an_error_for_the_queue(world: World, text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        await fan_out(world.relay, text)
