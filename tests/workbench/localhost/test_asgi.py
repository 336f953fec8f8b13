"""The HTTP side of the host alone, where a real store cannot be made to misbehave at will."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from workbench.localhost.asgi import Endpoint, HttpHost
from workbench.localhost.auth import Keys, Level
from workbench.localhost.routing import Route, RouteTable
from workbench.localhost.worker import Answer, Function, Outcome, Request, Worker


class Accepting(Worker):
    """An app with one function, which answers 202 and has a message to store."""

    async def call_http(self, function: Function, request: Request) -> Outcome:
        return Outcome(Answer(202, {}, (), b""), {"message": [b"x"]})


async def test_a_store_that_hangs_is_a_503() -> None:
    trigger: Mapping[str, Any] = {"type": "httpTrigger", "route": "accept"}
    function = Function("1", "accept", (trigger,), trigger, True)

    async def never(*_: object) -> Any:
        await asyncio.Event().wait()

    routes = RouteTable([Route("accept", "accept", None, Endpoint(function, Level.ANONYMOUS, False))])
    host = HttpHost(
        Accepting([function]), routes, Keys(), body_limit=1000, deliver=never, fallback=never, patience=0.05
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://host") as client:
        assert (await client.post("/accept", content=b"{}")).status_code == 503
