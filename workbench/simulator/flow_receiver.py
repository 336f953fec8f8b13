"""A Power Automate stand-in: addresses that flows listen at, and every way in which they may not.

The addresses have the form and length of real ones (over 300 characters, a `sig` that must be right). How a flow
answers is set in process (`receiver.behave("orders", "failing")`) or by `POST /_control/mode`:

- `accepting`: 202, as a flow that takes the event (`status` changes the number)
- `slow` (`seconds`): 202 after a while
- `throttled` (`retry_after`): 429 with `Retry-After`
- `failing` (`status`, 502 by default): the platform has an outage
- `gone` (`status`, 404 by default; 410): the flow was deleted

`times` counts a mode down; after that the flow accepts again.
"""

import asyncio
import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args
from urllib.parse import quote

from aiohttp import web

Mode = Literal["accepting", "slow", "throttled", "failing", "gone"]
MODES: tuple[Mode, ...] = get_args(Mode)
KEPT = 5_000
"""At least this many of the newest requests are kept, at most twice as many."""
LISTED = 500
"""What was received and is listed at once; the newest."""
_STATUS = {"accepting": 202, "slow": 202, "throttled": 429, "failing": 502, "gone": 404}


@dataclass(frozen=True, slots=True)
class Received:
    """One request: `headers` with lower-case names, `status` what was answered, `body` the parsed JSON."""

    flow: str
    headers: dict[str, str]
    content: bytes
    status: int
    number: int = 0
    at: float = 0.0

    @property
    def body(self) -> Any:
        """The parsed JSON."""
        return json.loads(self.content)

    def describe(self) -> dict[str, Any]:
        """As JSON; the body as it came, in text."""
        text = self.content.decode(errors="replace")
        told = {"number": self.number, "at": self.at, "flow": self.flow, "status": self.status}
        return {**told, "headers": self.headers, "body": text}


@dataclass(slots=True)
class _Behaviour:
    mode: Mode = "accepting"
    status: int = 202
    seconds: float = 0.0
    retry_after: int = 1
    left: int | None = None

    def describe(self) -> dict[str, Any]:
        """As JSON: what the next call meets."""
        return {"mode": "accepting" if self.left == 0 else self.mode, "left": self.left}


class FlowReceiver:
    """Receives what would start flows.

    async with FlowReceiver() as receiver:
        url = receiver.url("orders")
        ...
        await receiver.wait_for(1, flow="orders")
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, kept: int = KEPT) -> None:
        self.host = host
        self.port = port
        self.kept = kept
        self.received: list[Received] = []
        self._behaviours: dict[str, _Behaviour] = {}
        self._arrived = asyncio.Condition()
        self._count = 0
        self._runner: web.AppRunner | None = None

    def url(self, flow: str = "flow") -> str:
        """The callback URL of a flow, a secret like the real ones."""
        path = f"/workflows/{_digest(flow)[:32]}/triggers/manual/paths/invoke"
        permissions = quote("/triggers/manual/run", safe="")
        return (
            f"http://{self.host}:{self.port}{path}?api-version=2016-06-01&sp={permissions}&sv=1.0"
            f"&flow={quote(flow, safe='')}&tenant={_digest('tenant')}&environment={_digest('environment')}"
            f"&sig={_signature(flow)}"
        )

    def behave(
        self,
        flow: str,
        mode: Mode,
        *,
        status: int | None = None,
        seconds: float = 1.0,
        retry_after: int = 1,
        times: int | None = None,
    ) -> None:
        """How a flow answers from now on, or `times` times."""
        self._behaviours[flow] = _Behaviour(mode, status or _STATUS[mode], seconds, retry_after, times)

    def accepted(self, flow: str | None = None) -> list[Received]:
        """What was answered with 2xx, oldest first."""
        return [event for event in self.received if event.status < 300 and flow in {None, event.flow}]

    async def wait_for(self, count: int, *, flow: str | None = None, timeout: float = 10) -> list[Received]:  # noqa: ASYNC109
        """Wait until this many were accepted; `TimeoutError` when they do not come."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: len(self.accepted(flow)) >= count)
        return self.accepted(flow)

    async def start(self) -> None:
        """Listen."""
        application = web.Application(client_max_size=32 * 1024 * 1024)
        application.router.add_post("/workflows/{flow}/triggers/manual/paths/invoke", self._invoke)
        application.router.add_post("/_control/mode", self._set_mode)
        application.router.add_get("/_control/flows", self._list_flows)
        application.router.add_get("/_control/received", self._list_received)
        application.router.add_get("/_control/url/{flow}", self._tell_url)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and the port; the port is kept for a new start."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _invoke(self, request: web.Request) -> web.Response:
        flow = request.query.get("flow", "")
        if request.match_info["flow"] != _digest(flow)[:32] or request.query.get("sig") != _signature(flow):
            return web.json_response({"error": {"code": "DirectApiAuthorizationRequired"}}, status=401)
        content = await request.read()
        behaviour = self._next_behaviour(flow)
        if behaviour.mode == "slow":
            await asyncio.sleep(behaviour.seconds)
        headers = {"Retry-After": str(behaviour.retry_after)} if behaviour.mode == "throttled" else {}
        async with self._arrived:
            lowered = {name.lower(): value for name, value in request.headers.items()}
            self._count += 1
            self.received.append(Received(flow, lowered, content, behaviour.status, self._count, time.time()))
            if len(self.received) > 2 * self.kept:
                del self.received[: -self.kept]
            self._arrived.notify_all()
        return web.Response(status=behaviour.status, headers=headers)

    def _next_behaviour(self, flow: str) -> _Behaviour:
        behaviour = self._behaviours.get(flow)
        if behaviour is None or behaviour.left == 0:
            return _Behaviour()
        if behaviour.left is not None:
            behaviour.left -= 1
        return behaviour

    async def _set_mode(self, request: web.Request) -> web.Response:
        values = await request.json()
        if not isinstance(values, dict) or values.get("mode") not in MODES:
            return web.json_response({"message": f"The mode must be one of {', '.join(MODES)}."}, status=400)
        self.behave(
            str(values.get("flow", "flow")),
            values["mode"],
            status=values.get("status"),
            seconds=values.get("seconds", 1.0),
            retry_after=values.get("retryAfter", 1),
            times=values.get("times"),
        )
        return web.json_response({})

    async def _list_received(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        since = int(after) if after.isdecimal() else 0
        newer = [event.describe() for event in self.received if event.number > since]
        return web.json_response({"results": newer[-LISTED:], "latest": self._count})

    async def _list_flows(self, _: web.Request) -> web.Response:
        names = sorted({*self._behaviours, *(event.flow for event in self.received)})
        flows = [{"flow": name, **self._behaviours.get(name, _Behaviour()).describe()} for name in names]
        counts = Counter(event.flow for event in self.received)
        return web.json_response({"results": [{**flow, "received": counts[str(flow["flow"])]} for flow in flows]})

    async def _tell_url(self, request: web.Request) -> web.Response:
        return web.json_response({"url": self.url(request.match_info["flow"])})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(flow: str) -> str:
    return _digest(f"sig {flow}") + _digest(f"nature {flow}")[:16]
