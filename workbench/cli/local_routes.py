"""What the console's simulator panel asks of `serve`: a fixed list of calls, mapped to the simulator and the flows.

The page may speak to its own origin only, so its calls come through here. There is no more than this list.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from workbench.cli.simulated import DEMO, Json, Simulated, SimulatedError
from workbench.localhost.asgi import OwnRequest
from workbench.simulator import Simulator

Work = Callable[[Simulated, Json, Mapping[str, str]], Awaitable[Json]]
PREFIX: Final = "/console/local"


class LocalRoutes:
    """Answers what begins with `/console/local`; the host lets only programs on this machine come here."""

    def __init__(self, simulated: Simulated, console_key: str) -> None:
        self._simulated = simulated
        self._console_key = console_key

    async def __call__(self, request: OwnRequest) -> tuple[int, bytes]:
        """Status and JSON."""
        path = request.path.removeprefix(PREFIX).strip("/")
        if (request.method, path) == ("GET", ".json"):
            return 200, json.dumps(self._about()).encode()
        work = CALLS.get((request.method, path))
        if work is None:
            return _failed(404, f"There is no {request.method} {request.path}.")
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            return _failed(400, "The body is not valid JSON.")
        if not isinstance(body, dict):
            return _failed(400, "The body must be a JSON object.")
        try:
            done = await work(self._simulated, body, request.query)
        except SimulatedError as problem:
            return _failed(problem.status, str(problem))
        return 201 if path == "flows/subscribe" else 200, json.dumps(done).encode()

    def _about(self) -> Json:
        return {
            "simulator": True,
            "site": f"127.0.0.1:{self._simulated.simulator}",
            "apiKeys": {"psa": Simulator.psa_key, "tokity": Simulator.tokity_key},
            "consoleKey": self._console_key,
            "flows": True,
            "flowPort": self._simulated.flows,
        }


async def _choices(simulated: Simulated, _: Json, query: Mapping[str, str]) -> Json:
    edition = query.get("edition", "")
    return await simulated.control("GET", f"choices?edition={edition}" if edition.isalpha() else "choices")


async def _trigger(simulated: Simulated, body: Json, _: Mapping[str, str]) -> Json:
    return await simulated.happen(body)


async def _faults(simulated: Simulated, _: Json, __: Mapping[str, str]) -> Json:
    return {"planned": (await simulated.control("GET", "state"))["faults"]}


async def _add_fault(simulated: Simulated, body: Json, _: Mapping[str, str]) -> Json:
    return await simulated.control("POST", "faults", {"kind": "status", **body})


async def _clear_faults(simulated: Simulated, _: Json, __: Mapping[str, str]) -> Json:
    return await simulated.control("DELETE", "faults")


async def _clock(simulated: Simulated, _: Json, __: Mapping[str, str]) -> Json:
    return {"now": (await simulated.control("GET", "state"))["now"]}


async def _subscribe(simulated: Simulated, body: Json, _: Mapping[str, str]) -> Json:
    flow, event_type = str(body.get("flow") or DEMO), str(body.get("eventType") or "ticket.new")
    conditions = body.get("conditions") or {}
    if not flow.replace("-", "").isalnum() or len(flow) > 40 or not isinstance(conditions, dict):
        raise SimulatedError("'flow' must be a short name, and 'conditions' an object.", 400)
    return await simulated.subscribe(flow, event_type, conditions)


async def _received(simulated: Simulated, _: Json, query: Mapping[str, str]) -> Json:
    after = query.get("after", "0")
    listed = await simulated.flow_control("GET", f"received?after={after if after.isdecimal() else 0}")
    shown = ("number", "flow", "status")
    results = [
        {**{name: one[name] for name in shown}, "at": _moment(one["at"]), "body": _parsed(one["body"])}
        for one in listed["results"]
    ]
    return {"results": results, "latest": listed["latest"]}


async def _list_flows(simulated: Simulated, _: Json, __: Mapping[str, str]) -> Json:
    return await simulated.list_flows()


def _passed_on(call: str, *, to_flows: bool = False) -> Work:
    async def work(simulated: Simulated, body: Json, _: Mapping[str, str]) -> Json:
        ask = simulated.flow_control if to_flows else simulated.control
        return await ask("POST", call, body)

    return work


CALLS: Final[Mapping[tuple[str, str], Work]] = {
    ("GET", "sim/choices"): _choices,
    ("POST", "sim/trigger"): _trigger,
    ("GET", "sim/faults"): _faults,
    ("POST", "sim/faults"): _add_fault,
    ("DELETE", "sim/faults"): _clear_faults,
    ("GET", "sim/clock"): _clock,
    ("POST", "sim/clock"): _passed_on("clock"),
    ("POST", "sim/deliveries"): _passed_on("deliveries"),
    ("POST", "sim/reset"): _passed_on("reset"),
    ("GET", "flows"): _list_flows,
    ("POST", "flows/subscribe"): _subscribe,
    ("POST", "flows/mode"): _passed_on("mode", to_flows=True),
    ("GET", "flows/received"): _received,
}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _failed(status: int, message: str) -> tuple[int, bytes]:
    code = "InvalidInput" if status == 400 else "RouteNotFound" if status == 404 else "SimulatorRefused"
    return status, json.dumps({"error": {"code": code, "message": message}, "message": message}).encode()
