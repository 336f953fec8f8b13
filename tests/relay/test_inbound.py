"""Posts from outside: each kind of bad one gets its status, a good one becomes a message."""

import hashlib
import hmac
import json

import pytest

from connector.deskdirector.errors import BadRequest, Forbidden, Gone, NotFound, TooLarge, Unauthorized
from connector.relay import portal_webhooks
from connector.relay.inbound import INLINE_BYTES, read_message, receive
from connector.storage.records import Registration, registration_id
from tests.relay.conftest import BASE, BOTH_STORES, World


async def registered(world: World) -> tuple[Registration, str]:
    registration = await world.registration(await world.subscribe())
    return registration, registration.secrets.token


async def portal(world: World, secret: str = "s3cret-s3cret-s3cret") -> tuple[str, str]:
    site = world.simulator.site
    await portal_webhooks.add(world.relay, site, "forms", BASE, secret)
    identity = registration_id(site, portal_webhooks.source_of("forms").key)
    found = await world.relay.store.registrations.get(identity)
    assert found is not None
    return identity, found.secrets.token


def signed(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@BOTH_STORES
async def test_a_good_post_becomes_a_message_that_gives_it_back(world: World) -> None:
    registration, token = await registered(world)
    body = ' [{"id": 7, "name": "Caf\u00e9 \\u2603"}] '.encode()
    post = await read_message(world.relay, await receive(world.relay, registration.id, token, body, ""))
    assert post is not None
    assert post.content == [{"id": 7, "name": "Café ☃"}]
    assert post.registration_id == registration.id
    assert post.payload == ""


@BOTH_STORES
async def test_a_large_body_goes_by_claim_check(world: World) -> None:
    registration, token = await registered(world)
    content = {"id": 7, "description": "x" * INLINE_BYTES}
    message = await receive(world.relay, registration.id, token, json.dumps(content).encode(), "")
    assert len(message) < 1000
    post = await read_message(world.relay, message)
    assert post is not None
    assert post.content == content
    await world.relay.store.payloads.delete(post.payload)
    assert await read_message(world.relay, message) is None


async def test_unknown_addresses(world: World) -> None:
    registration, token = await registered(world)
    for identity, given in (("0" * 32, token), (registration.id, "x" * 43), (registration.id, ""), ("", "")):
        with pytest.raises(NotFound):
            await receive(world.relay, identity, given, b"{}", "")


async def test_an_address_that_has_ended(world: World) -> None:
    site = world.simulator.site
    identity, token = await portal(world)
    await portal_webhooks.remove(world.relay, site, "forms")
    with pytest.raises(Gone):
        await receive(world.relay, identity, token, b"{}", signed("s3cret-s3cret-s3cret", b"{}"))


async def test_signatures_are_asked_for_where_a_secret_is_known(world: World) -> None:
    identity, token = await portal(world)
    body = b'[{"id": 7}]'
    await receive(world.relay, identity, token, body, signed("s3cret-s3cret-s3cret", body))
    with pytest.raises(Unauthorized):
        await receive(world.relay, identity, token, body, "")
    for signature in (signed("other", body), signed("s3cret-s3cret-s3cret", body + b" "), "sha256=", "nonsense"):
        with pytest.raises(Forbidden):
            await receive(world.relay, identity, token, body, signature)


async def test_bodies_that_are_not_taken(world: World) -> None:
    registration, token = await registered(world)
    with pytest.raises(TooLarge):
        await receive(world.relay, registration.id, token, b" " * (world.relay.settings.max_body_kb * 1024 + 1), "")
    for body in (b"", b"{", b"5"):
        with pytest.raises(BadRequest):
            await receive(world.relay, registration.id, token, body, "")


async def test_nothing_of_a_refusal_repeats_a_secret(world: World) -> None:
    registration, token = await registered(world)
    with pytest.raises(NotFound) as refusal:
        await receive(world.relay, registration.id, token + "x", b"{}", "")
    assert token not in str(refusal.value)
    assert token not in repr(registration)


@pytest.mark.parametrize(
    "secret", ["short", "x" * 15, "x" * 257, "tab\tin a long enough secret", "line\nin a long enough secret"]
)
async def test_a_webhooks_secret_is_neither_guessable_nor_endless(world: World, secret: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await portal_webhooks.add(world.relay, "acme.deskdirector.com", "forms", BASE, secret)

    assert caught.value.code == "WebhookSecretInvalid"
    assert secret not in caught.value.message
