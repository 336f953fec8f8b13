"""The official Python client signs in by itself: discovery, registration, the page, tokens, refresh, step-up."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from tests.desk import Desk
from tests.serving.oauth.person import REDIRECT, Person, answer_in

MODES = pytest.mark.parametrize("mode", ["auto", "legacy"])


class Storage:
    """What a client keeps between its runs."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.info: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.info

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.info = client_info


class Agent:
    """A client whose person fills the page in whenever it is sent there."""

    def __init__(self, person: Person, access: str = "write") -> None:
        self.person, self.access, self.storage = person, access, Storage()
        self.asked = 0
        self._answer: Any = None

    async def _sent_to(self, url: str) -> None:
        self.asked += 1
        self._answer = answer_in(self.person.decide(self.person.browser.get(url), access=self.access))

    async def _came_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**self._answer)

    @asynccontextmanager
    async def connected(self, mode: str, path: str = "/mcp") -> AsyncIterator[Client]:
        """A client that knows nothing but the address."""
        url = self.person.desk.url + path
        metadata = OAuthClientMetadata(client_name="An agent", redirect_uris=[AnyUrl(REDIRECT)])
        provider = OAuthClientProvider(url, metadata, self.storage, self._sent_to, self._came_back)
        async with (
            httpx2.AsyncClient(auth=provider, trust_env=False, timeout=300) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            yield client


@MODES
async def test_it_signs_in_and_works(person: Person, mode: str) -> None:
    agent = Agent(person)
    async with agent.connected(mode) as client:
        tools = (await client.list_tools()).tools
        found = await client.call_tool("findTickets", {"take": 1})
    async with agent.connected(mode) as client:
        await client.list_tools()

    assert len(tools) > 20
    assert found.is_error is not True
    assert agent.asked == 1
    assert agent.storage.tokens is not None
    assert agent.storage.tokens.scope == "read write"


async def test_it_renews_by_itself(person: Person) -> None:
    agent = Agent(person)
    async with agent.connected("legacy"):
        pass
    first = agent.storage.tokens
    assert first is not None
    agent.storage.tokens = first.model_copy(update={"access_token": "ddmat_expired", "expires_at": time.time() - 1})
    async with agent.connected("legacy") as client:
        await client.list_tools()

    second = agent.storage.tokens
    assert second is not None
    assert (second.refresh_token == first.refresh_token, second.access_token == "ddmat_expired") == (False, False)


async def test_a_read_only_address_gets_a_token_that_reads(person: Person) -> None:
    agent = Agent(person, access="read")
    async with agent.connected("legacy", "/mcp/readonly") as client:
        tools = (await client.list_tools()).tools

    assert agent.storage.tokens is not None
    assert agent.storage.tokens.scope == "read"
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)


async def test_a_writing_tool_has_it_ask_for_more(person: Person) -> None:
    agent = Agent(person, access="read")
    async with agent.connected("legacy") as client:
        await client.list_tools()
        agent.access = "write"
        ticket = next(iter(person.desk.tenant.tickets))
        answer = await client.call_tool("updateTicket", {"ticketId": ticket, "title": "With more scope"})

    assert agent.asked == 2
    assert answer.is_error is not True, json.dumps(str(answer))
    assert person.desk.tenant.tickets[ticket].name == "With more scope"


async def test_a_key_that_was_withdrawn_leads_back_to_the_page(oauth: Desk, person: Person) -> None:
    """DeskDirector refuses the key: the refresh notices, the grant ends, the person signs in again."""
    client_id, tokens = person.sign_in(key=oauth.simulator.psa_key)  # a refusal of the usual key would be remembered
    oauth.simulator.add_fault(kind="status", path="/", status=401, times=None)
    called = person.mcp(tokens["access_token"], "tools/call", name="findTickets", arguments={})

    assert called.status_code == 401
    assert 'error="invalid_token"' in called.headers["www-authenticate"]
    renewed = person.renew(client_id, tokens["refresh_token"])
    assert (renewed.status_code, renewed.json()["error"]) == (400, "invalid_grant")
    oauth.simulator.faults.clear()
    assert person.mcp(tokens["access_token"]).status_code == 401
