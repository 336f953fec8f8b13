"""Codes, rotation and ends of grants by the clock, in both stores; and documents of clients, and settings."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from connector.deskdirector.errors import NotFound
from connector.deskdirector.transport import Answer
from connector.serving.oauth import client_documents
from connector.serving.oauth import granted as granted_lines
from connector.serving.oauth.clients import client_of
from connector.serving.oauth.grants import (
    CODE_SECONDS,
    GRACE_SECONDS,
    IDLE_SECONDS,
    LIFE_SECONDS,
    Grant,
    Grants,
    end_grant,
)
from connector.serving.startup import checked_settings
from connector.settings import Settings, SettingsError
from connector.storage.protocol import Store
from connector.storage.sealing import Sealer
from tests.storage.conftest import KEY, Making, another, second, store

__all__ = ["Making", "another", "second", "store"]

NOON = 1_900_000_000.0
KEYS = ("acme.deskdirector.com", "the-api-key", "13")
DOCUMENT = "https://claude.ai/oauth/mcp-oauth-client-metadata"
CALLBACK = "https://claude.ai/api/mcp/auth_callback"


def grants(store: Store, now: float = NOON) -> Grants:
    return Grants(Settings(), Sealer([KEY]), lambda: store, lambda: now)


def granted(store: Store) -> Grant:
    return grants(store).new("client", KEYS, "read write", "https://app.example/mcp")


async def test_of_many_who_bring_a_code_one_gets_the_grant(store: Store, second: Store) -> None:
    code = await grants(store).code(granted(store), "challenge", "redirect")
    brought = await asyncio.gather(*(grants(one).redeem(code) for one in (store, second) * 3))

    found = [one for one in brought if one is not None]
    assert len(found) == 1
    assert (found[0].grant.key, found[0].challenge) == ("the-api-key", "challenge")
    assert await grants(store).is_ended(found[0].grant.id)


async def test_a_code_lives_a_minute(store: Store) -> None:
    code = await grants(store).code(granted(store), "challenge", "redirect")

    assert await grants(store, NOON + CODE_SECONDS + 1).redeem(code) is None


async def test_the_previous_refresh_token_is_good_until_the_new_one_is_used(store: Store, second: Store) -> None:
    grant = granted(store)
    tokens = [grants(store).tokens(grant, generation)["refresh_token"] for generation in range(3)]

    assert await grants(store).refreshed(tokens[0], "client") == (grant, 1)
    assert await grants(second, NOON + GRACE_SECONDS).refreshed(tokens[0], "client") == (grant, 1)
    assert await grants(store).refreshed(tokens[1], "client") == (grant, 2)
    assert await grants(second, NOON + 1).refreshed(tokens[0], "client") is None
    assert await grants(store, NOON + 1).refreshed(tokens[2], "client") is None


async def test_the_grace_ends(store: Store) -> None:
    grant = granted(store)
    token = grants(store).tokens(grant)["refresh_token"]
    await grants(store).refreshed(token, "client")

    assert await grants(store, NOON + GRACE_SECONDS + 1).refreshed(token, "client") is None
    assert await grants(store).is_ended(grant.id)


async def test_two_at_once_sign_nobody_out(store: Store, second: Store) -> None:
    grant = granted(store)
    token = grants(store).tokens(grant)["refresh_token"]
    both = await asyncio.gather(*(grants(one).refreshed(token, "client") for one in (store, second) * 2))

    assert both == [(grant, 1)] * 4


async def test_everything_ends_in_time(store: Store) -> None:
    grant = granted(store)
    tokens = grants(store).tokens(grant)

    assert grants(store, NOON + 3599).access(tokens["access_token"]) == grant
    assert grants(store, NOON + 3601).access(tokens["access_token"]) is None
    assert await grants(store, NOON + IDLE_SECONDS + 1).refreshed(tokens["refresh_token"], "client") is None
    late = grants(store, NOON + LIFE_SECONDS - 60).tokens(grant)
    assert await grants(store, NOON + LIFE_SECONDS + 1).refreshed(late["refresh_token"], "client") is None
    assert await grants(store).refreshed(tokens["refresh_token"], "another client") is None
    assert "the-api-key" not in repr(grant)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """What the hosts of clients answer, by address."""
    documents: dict[str, Answer] = {}

    async def fetched(origin: str, target: str, settings: Settings) -> Answer:
        del settings
        return documents[origin + target]

    monkeypatch.setattr(client_documents, "fetched", fetched)
    return documents


def document(**changes: Any) -> Mapping[str, Any]:
    return {"client_id": DOCUMENT, "client_name": "Claude", "redirect_uris": [CALLBACK], **changes}


async def test_a_client_may_be_an_address_with_a_document(served: dict[str, Answer]) -> None:
    content = document(redirect_uris=[CALLBACK, "https://evil.example/"])
    served[DOCUMENT] = Answer(200, {"cache-control": "max-age=600"}, json.dumps(content).encode())
    client = await client_of(DOCUMENT, Settings())
    served.clear()

    assert client is not None
    assert (client.name, client.redirects, client.secret) == ("Claude", (CALLBACK,), "")
    assert await client_of(DOCUMENT, Settings()) == client


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, {}, b"{}"),
        Answer(302, {"location": "https://evil.example/"}, b""),
        Answer(200, {}, b"no json"),
        Answer(200, {}, json.dumps(document(client_id="https://claude.ai/other")).encode()),
        Answer(200, {}, json.dumps({**document(), "more": "x" * 9000}).encode()),
    ],
)
async def test_a_document_that_is_none_makes_no_client(served: dict[str, Answer], answer: Answer) -> None:
    served[DOCUMENT] = answer

    assert await client_of(DOCUMENT, Settings()) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/client", "https://claude.ai", "https://claude.ai/", "http://claude.ai/client", "https://claude.ai:8443/x",
        "https://user@claude.ai/client", "https://claude.ai/a/../b", "https://claude.ai/x?y", "https://claude.ai/x#y",
        "https://claude.ai.evil.example/x", "https://127.0.0.1/x", "https://CLAUDE.ai/x", "https://claude.ai/%2e%2e/x",
    ],
)  # fmt: skip
async def test_only_known_hosts_are_asked(served: dict[str, Answer], address: str) -> None:
    """Nothing is fetched: the stub would raise for an address that it does not have."""
    assert await client_of(address, Settings()) is None
    assert served == {}


async def test_hosts_of_clients_are_not_asked_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def fetched(origin: str, target: str, settings: Settings) -> Answer:
        del settings
        asked.append(origin + target)
        return Answer(404, {}, b"")

    monkeypatch.setattr(client_documents, "fetched", fetched)
    for number in range(100):
        assert await client_of(f"https://claude.ai/{number}", Settings()) is None
    assert 0 < len(asked) < 50


def test_operators_add_hosts_of_clients() -> None:
    from connector.serving.oauth.redirects import is_permitted

    added = Settings(mcp_oauth_clients=("n8n.example.com",))

    assert is_permitted("https://n8n.example.com/rest/oauth2-credential/callback", added)
    assert not is_permitted("https://n8n.example.com.evil.example/x", added)
    assert not is_permitted("https://n8n.example.com/rest/oauth2-credential/callback", Settings())


def test_function_keys_and_signing_in_do_not_go_together() -> None:
    with pytest.raises(SettingsError, match="CONNECTOR_MCP_OAUTH must be off"):
        checked_settings({"CONNECTOR_MCP_OAUTH": "on", "CONNECTOR_AUTH_LEVEL": "function"})


async def test_operators_see_who_has_signed_in_and_end_it(store: Store, second: Store) -> None:
    one, other = granted(store), grants(store).new("client", KEYS, "read", "https://app.example/mcp/readonly")
    await granted_lines.began(store, asdict(one), "Claude", "claude.ai", NOON)
    await granted_lines.began(store, asdict(other), "ChatGPT", "chatgpt.com", NOON + 60)
    await granted_lines.used(second, one.id, NOON + 3600)

    listed = (await granted_lines.list_grants(second, NOON + 3600))["results"]
    text = json.dumps(listed)

    assert [(line["client"], line["access"], line["site"]) for line in listed] == [
        ("ChatGPT", "read", KEYS[0]),
        ("Claude", "write", KEYS[0]),
    ]
    assert listed[1]["usedAt"] > listed[1]["createdAt"]
    assert KEYS[1] not in text
    assert one.id not in text
    grant_id = await granted_lines.grant_of(second, listed[1]["id"])
    await end_grant(second, grant_id, "an operator", NOON + 7200)

    assert await grants(store).is_ended(one.id)
    assert not await grants(store).is_ended(other.id)
    left = (await granted_lines.list_grants(store, NOON + 7200))["results"]
    every = (await granted_lines.list_grants(store, NOON + 7200, with_ended=True))["results"]
    assert [line["client"] for line in left] == ["ChatGPT"]
    assert every[1]["endedBy"] == "an operator"
    assert (await granted_lines.list_grants(store, NOON, site="other.example"))["results"] == []
    assert (await granted_lines.list_grants(store, NOON + LIFE_SECONDS + 61, with_ended=True))["results"] == []


@pytest.mark.parametrize("wrong", ["", "nothing", "../x", "a" * 900, "'"])
async def test_an_id_that_is_none_is_a_sentence(store: Store, wrong: str) -> None:
    with pytest.raises(NotFound, match="no grant of this id"):
        await granted_lines.grant_of(store, wrong)
