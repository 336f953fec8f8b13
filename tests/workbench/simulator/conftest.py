"""A running simulator and a plain HTTP caller; nothing is mocked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from workbench.simulator import Simulator

CONNECTOR = "/api/v2/automate/connector"


@dataclass
class Reply:
    """An answer: `body` is the parsed JSON when it is JSON, else the text."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Desk:
    """Calls one simulator; as the Tokity API key unless told otherwise."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session

    async def call(self, method: str, path: str, body: Any = None, *, auth: str | None = None, **query: Any) -> Reply:
        """Call a path; one that does not start with a slash is below the connector's prefix."""
        headers = {"Accept": "application/json", "dd-host": "support.example.com"}
        headers["Authorization"] = f"Basic {self.simulator.tokity_key}" if auth is None else auth
        url = f"http://{self.simulator.site}" + (path if path.startswith("/") else f"{CONNECTOR}/{path}")
        async with self.session.request(method, url, json=body, headers=headers, params=query) as response:
            parsed = await response.json() if "json" in response.content_type else await response.text()
            return Reply(response.status, parsed, dict(response.headers))

    async def get(self, path: str, *, auth: str | None = None, **query: Any) -> Reply:
        return await self.call("GET", path, auth=auth, **query)

    async def post(self, path: str, body: Any = None, *, auth: str | None = None, **query: Any) -> Reply:
        return await self.call("POST", path, {} if body is None else body, auth=auth, **query)

    async def patch(self, path: str, body: Any, *, auth: str | None = None) -> Reply:
        return await self.call("PATCH", path, body, auth=auth)

    async def token(self, kind: str, user_id: int, minutes: int = 60) -> str:
        """The Authorization value of a fresh access token."""
        reply = await self.get(f"/api/v2/user/{kind}/{user_id}/userkey", expiresIn=minutes)
        assert reply.status == 200, reply.body
        return f"DdAccessToken {reply.body['userKey']}"

    async def ticket(self, **fields: Any) -> dict[str, Any]:
        """A new ticket."""
        reply = await self.post("tickets?requestTypeId=701", {"name": "A ticket", "companyId": 201} | fields)
        assert reply.status == 200, reply.body
        made: dict[str, Any] = reply.body
        return made


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(tickets=60) as running:
        yield running


@pytest.fixture
async def desk(simulator: Simulator) -> AsyncIterator[Desk]:
    # Without keep-alive the client has no stale connection to retry on, so every reset is seen by the test.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield Desk(simulator, session)
