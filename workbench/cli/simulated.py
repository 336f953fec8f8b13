"""The simulated DeskDirector and the flows beside it, as `trigger` and the local console drive them over loopback."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

Json = dict[str, Any]

MOST_IN_A_BURST: Final = 500
SECONDS: Final = 20.0
DEMO: Final = "demo"
EVENTS: Final[Mapping[str, str]] = {
    "ticket": "ticket.new",
    "note": "ticket.notes.added",
    "status": "ticket.status.updated",
    "tag": "ticket.tags.updated",
    "chat": "chat.created",
}
"""The event that each happening raises for a flow that subscribed."""
WEBHOOKS: Final[Mapping[str, str]] = {"form": "form.submitted", "survey": "survey.received"}
"""The event that goes to webhooks of the portal, which an admin sets up by hand."""


class SimulatedError(Exception):
    """A call that was refused or not answered; the text is one sentence."""

    def __init__(self, message: str, status: int = 502) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Simulated:
    """Where the simulator, the flow receiver and the app listen, on loopback."""

    simulator: int
    flows: int
    app: int = 0
    api_key: str = field(default="", repr=False)
    _client: httpx.AsyncClient | None = field(default=None, repr=False)
    _burst: "asyncio.Task[None] | None" = field(default=None, repr=False)
    _subscriptions: dict[str, str] = field(default_factory=dict)

    async def control(self, method: str, call: str, body: Any = None) -> Json:
        """A control call of the simulator."""
        return await self._ask(self.simulator, method, f"/_control/{call}", body)

    async def flow_control(self, method: str, call: str, body: Any = None) -> Json:
        """A control call of the flow receiver."""
        return await self._ask(self.flows, method, f"/_control/{call}", body)

    async def happen(self, requested: Mapping[str, Any]) -> Json:
        """One thing, or with `what` "burst" many tickets, which come on their own from then on."""
        if requested.get("what") != "burst":
            return await self.control("POST", "happen", dict(requested))
        count, rate = _number(requested, "count", 20, MOST_IN_A_BURST), _number(requested, "perSecond", 20, 100)
        same = {name: value for name, value in requested.items() if name not in ("count", "perSecond")}
        self._burst = asyncio.get_running_loop().create_task(self.burst({**same, "what": "ticket"}, count, rate))
        return {"made": {"kind": "burst", "count": count}}

    async def burst(self, requested: Json, count: int, rate: float) -> None:
        """Make it happen again and again, evenly spread."""
        began = asyncio.get_running_loop().time()
        for number in range(count):
            title = f"{requested.get('title') or 'One of many'} ({number + 1} of {count})"
            await self.control("POST", "happen", {**requested, "title": title})
            await asyncio.sleep(max(0.0, began + (number + 1) / rate - asyncio.get_running_loop().time()))

    async def subscribe(self, flow: str, event_type: str, conditions: Mapping[str, Any]) -> Json:
        """Let a flow of the receiver wait for an event type, through the app, as Power Automate does."""
        url = (await self.flow_control("GET", f"url/{flow}"))["url"]
        kind = "chat" if event_type.startswith("chat.") else "ticket"
        body = {**conditions, "eventType": event_type, "callbackUrl": url, "description": flow}
        answer = await self._send(self.app, "POST", f"/api/triggers/{kind}-events", body, self._connection)
        path = httpx.URL(answer.headers.get("location", "")).path
        self._subscriptions[flow] = path.rpartition("/")[2]
        return {"flow": flow, "subscriptionId": self._subscriptions[flow]}

    async def set_up_webhook(self, what: str, console_key: str) -> str:
        """Do what an admin does: add a webhook to the app, paste it into the portal, and let a flow wait for it.

        Its name, which is the type of its events.
        """
        name, site = f"{DEMO}-{what}", f"127.0.0.1:{self.simulator}"
        headers = {"x-console-key": console_key}
        added = await self._send(self.app, "POST", "/api/console/webhooks", {"site": site, "name": name}, headers)
        pasted = {"url": added.json()["url"], "secret": added.json()["secret"], "events": [WEBHOOKS[what]]}
        await self.control("POST", "webhooks", pasted)
        url = (await self.flow_control("GET", f"url/{name}"))["url"]
        body = {"webhook": name, "callbackUrl": url, "description": name}
        await self._send(self.app, "POST", "/api/triggers/webhooks", body, self._connection)
        return name

    async def list_flows(self) -> Json:
        """The flows of the receiver, with the subscriptions that were made here."""
        listed = {flow["flow"]: flow for flow in (await self.flow_control("GET", "flows"))["results"]}
        for flow in self._subscriptions:
            listed.setdefault(flow, {"flow": flow, "mode": "accepting", "left": None, "received": 0})
        known = self._subscriptions
        return {
            "results": [
                {**flow, **({"subscriptionId": known[name]} if name in known else {})}
                for name, flow in sorted(listed.items())
            ]
        }

    @property
    def _connection(self) -> dict[str, str]:
        return {"dd-host": f"127.0.0.1:{self.simulator}", "dd-api-key": self.api_key}

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, port: int, method: str, path: str, body: Any) -> Json:
        answer = await self._send(port, method, path, body)
        content = answer.json() if answer.content else {}
        return content if isinstance(content, dict) else {"results": content}

    async def _send(
        self, port: int, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        self._client = self._client or httpx.AsyncClient(trust_env=False, timeout=SECONDS)
        url = f"http://127.0.0.1:{port}{path}"
        try:
            answer = await self._client.request(method, url, json=body, headers=headers)
        except httpx.HTTPError:
            raise SimulatedError(f"Nothing answers at 127.0.0.1:{port}; start it with `make run`.") from None
        if answer.status_code >= 300:
            raise SimulatedError(sentence_of(answer), answer.status_code)
        return answer


def sentence_of(answer: httpx.Response) -> str:
    """What a refusal says, in whatever form."""
    try:
        said = answer.json()
    except ValueError:
        return f"It was refused with status {answer.status_code}."
    errors = said.get("errors") if isinstance(said, dict) else None
    texts = [str(text) for messages in errors.values() for text in messages] if isinstance(errors, dict) else []
    message = said.get("message") or said.get("Message") if isinstance(said, dict) else None
    return " ".join(texts) or str(message or json.dumps(said)[:300])


def _number(requested: Mapping[str, Any], name: str, default: int, most: int) -> int:
    given = requested.get(name, default)
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise SimulatedError(f"'{name}' must be a whole number from 1 to {most}.", 400)
    return given
