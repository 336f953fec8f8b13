"""The HTTP side of the host alone, where a real store cannot be made to misbehave at will."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from workbench.localhost.asgi import MOST_HEADERS, Endpoint, HttpHost
from workbench.localhost.auth import Keys, Level
from workbench.localhost.routing import Route, RouteTable
from workbench.localhost.worker import Function, HttpAnswer, Outcome, Request, Worker


class Accepting(Worker):
    """An app with one function, which answers 202 and has a message to store."""

    async def call_http(self, function: Function, request: Request) -> Outcome:
        return Outcome(HttpAnswer(202, {}, (), b""), {"message": [b"x"]})


async def never(*_: object) -> Any:
    await asyncio.Event().wait()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    trigger: Mapping[str, Any] = {"type": "httpTrigger", "route": "accept"}
    function = Function("1", "accept", (trigger,), trigger, True)
    routes = RouteTable([Route("accept", "accept", None, Endpoint(function, Level.ANONYMOUS, False))])
    host = HttpHost(
        Accepting([function]), routes, Keys(), body_limit=1000, deliver=never, fallback=never, patience=0.05
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://host") as one:
        yield one


async def test_a_store_that_hangs_is_a_503(client: httpx.AsyncClient) -> None:
    assert (await client.post("/accept", content=b"{}")).status_code == 503


@pytest.mark.parametrize("headers", [{"x": "v" * MOST_HEADERS}, {f"x{number}": "v" * 400 for number in range(90)}])
async def test_more_headers_than_azure_takes_are_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.post("/accept", content=b"{}", headers=headers)).status_code == 431
