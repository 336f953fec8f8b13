"""Calls through the whole app, with a 4 KB ticket and a page of 50: CPU and latency beside what they are bounded by.

- `raw pass-through`: uvicorn and aiohttp, bytes in, bytes out, the same upstream.
- `naive app`: a Functions app on the same host that makes a client for every call.
- `no-op function`: the same host and worker library around nothing.
- `bare client`: an `httpx.AsyncClient` on our transport, called in a loop, nothing around it.
- `common style`: FastAPI with a shared httpx client, and the official SDK's MCP server.
- version 1.0.0, on its own local host; and tenants of a foreign shape.

CPU is compared, not time: a process that is busy all the time serves as many requests as its CPU allows, and other
work on the machine does not count. There is no package of Microsoft's worker process for this Python, so what a call
costs is measured on the local host, which is cheaper around it and so makes every ratio to a no-op harder.
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.baseline import baseline, environment
from benchmarks.harness import APPS, ROOT, Load, best_of, free_port, load, process, show
from connector.deskdirector.sites import development_pairs
from connector.deskdirector.transport import AiohttpTransport
from connector.settings import Settings
from workbench.localhost import LocalHost

ROUNDS = 3
COUNT = 1800
TICKET = "/api/tickets/10001"
FOREIGN = "PascalCase, ids as text, no zone"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
TOOL = json.dumps({**CALL, "params": {"name": "getTicket", "arguments": {"ticketId": 10001}}}).encode()
FIND = json.dumps({"take": 50}).encode()
POLL = "/api/triggers/created-tickets"
JSON_OR_STREAM = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True)
class Server:
    """A process, and where it listens."""

    pid: int
    url: str


@dataclass(frozen=True)
class Servers:
    """Two sites, by their addresses, and the apps that are compared."""

    usual: str
    foreign: str
    ours: Server
    noop: Server
    naive: Server
    raw: Server
    common: Server
    old: Server | None
    old_noop: Server | None


@dataclass(frozen=True)
class Call:
    """A kind of call: to which server, about which site, how often, and how many at a time."""

    server: Server
    site: str
    path: str = TICKET
    body: bytes = b""
    count: int = COUNT
    at: int = 32

    def load(self, most: int = COUNT) -> Load:
        """A round of it, of at most so many calls."""
        headers = {"dd-host": self.site, "dd-api-key": "a-psa-key", **(JSON_OR_STREAM if self.body is TOOL else {})}
        url, count = self.server.url + self.path, min(self.count, most)
        return load(url, count, self.at, pid=self.server.pid, headers=headers, body=self.body)


async def bare_client(site: str, concurrency: int, count: int) -> float:
    """CPU microseconds a call of the bare httpx client on our transport."""
    settings = Settings(development_sites=(site,))
    transport = AiohttpTransport(exempt=development_pairs(settings), max_answer=2**25, per_host=100)
    url = f"http://{site}/api/v2/automate/connector/tickets/10001"
    async with httpx.AsyncClient(transport=transport.for_httpx(), trust_env=False) as client:

        async def caller(calls: int) -> None:
            for _ in range(calls):
                (await client.get(url, headers={"Authorization": "DdApi x"})).raise_for_status()

        await asyncio.gather(*(caller(10) for _ in range(concurrency)))
        before = time.process_time()
        await asyncio.gather(*(caller(count // concurrency) for _ in range(concurrency)))
        return (time.process_time() - before) / (count // concurrency * concurrency) * 1e6


def next_poll(server: Server, site: str) -> str:
    """Where a flow polls after its first poll: it reads the page of 50 again, and nothing is new."""
    headers = {"dd-host": site, "dd-api-key": "a-psa-key"}
    first = httpx.get(server.url + POLL, headers=headers, trust_env=False).raise_for_status()
    return httpx.URL(first.headers["location"]).raw_path.decode()


def started(stack: contextlib.ExitStack, old: Path | None) -> Servers:
    """All servers, which end with `stack`."""
    upstream, foreign, raw, common = (free_port() for _ in range(4))
    sites = f"127.0.0.1:{upstream}", f"127.0.0.1:{foreign}"
    env = {
        **os.environ,
        "CONNECTOR_DEVELOPMENT_SITES": ",".join(sites),
        "CONNECTOR_CONNECTION_RATE": "0",
        "CONNECTOR_ADDRESS_RATE": "0",
        "CONNECTOR_SCHEMAS": "off",
        "UPSTREAM": f"http://{sites[0]}",
    }

    def python(*arguments: str, port: int, cwd: Path = ROOT, own: Mapping[str, str] | None = None) -> Server:
        pid = stack.enter_context(process(*arguments, port=port, cwd=cwd, environment={**env, **(own or {})}))
        return Server(pid, f"http://127.0.0.1:{port}")

    def host(folder: Path) -> Server:
        running = stack.enter_context(LocalHost(folder, env=env))
        return Server(running.pid, running.url)

    def released(app: Path, old: Path) -> Server:
        arguments = ("-m", "connector.localhost", str(app), "--port", str(port := free_port()))
        return python(*arguments, port=port, cwd=old, own=environment(old))

    python("benchmarks/upstream.py", str(upstream), port=upstream)
    python("benchmarks/upstream.py", str(foreign), FOREIGN, port=foreign)
    return Servers(
        *sites,
        ours=host(ROOT),
        noop=host(APPS / "noop"),
        naive=host(APPS / "naive"),
        raw=python("benchmarks/passthrough.py", str(raw), str(upstream), port=raw),
        common=python("benchmarks/common_style.py", str(common), port=common),
        old=released(old, old) if old else None,
        old_noop=released(APPS / "noop", old) if old else None,
    )


def calls(servers: Servers) -> dict[str, Call]:
    """What is measured, by name."""
    ours, usual, foreign = servers.ours, servers.usual, servers.foreign
    kinds = {
        "action": Call(ours, usual),
        "no-op": Call(servers.noop, usual),
        "raw": Call(servers.raw, usual),
        "alone": Call(ours, usual, count=COUNT // 2, at=1),
        "crowd": Call(ours, usual, at=128),
        "naive": Call(servers.naive, usual, count=100),
        "common": Call(servers.common, usual, count=COUNT // 3),
        "common mcp": Call(servers.common, usual, "/mcp", TOOL, count=COUNT // 5),
        "mcp": Call(ours, usual, "/mcp", TOOL),
        "page": Call(ours, usual, "/api/find/tickets", FIND, count=COUNT // 4),
        "foreign": Call(ours, foreign),
        "poll": Call(ours, usual, next_poll(ours, usual), count=COUNT // 4),
        "foreign poll": Call(ours, foreign, next_poll(ours, foreign), count=COUNT // 4),
        "foreign page": Call(ours, foreign, "/api/find/tickets", FIND, count=COUNT // 4),
    }
    if (old := servers.old) and servers.old_noop:
        kinds |= {
            "1.0.0 no-op": Call(servers.old_noop, usual),
            "1.0.0": Call(old, usual),
            "1.0.0 mcp": Call(old, usual, "/mcp", TOOL),
            "1.0.0 page": Call(old, usual, "/api/find/tickets", FIND, count=COUNT // 4),
        }
    return kinds


def measured(stack: contextlib.ExitStack, old: Path | None) -> tuple[dict[str, Load], float]:
    """The best round of every kind of call, and the CPU of the bare client."""
    servers = started(stack, old)
    kinds = calls(servers)
    for call in kinds.values():
        call.load(200)  # warms up
    best = best_of(ROUNDS, {name: call.load for name, call in kinds.items()})
    return best, min(asyncio.run(bare_client(servers.usual, 32, COUNT)) for _ in range(ROUNDS))


def main() -> None:
    """Measure and print."""
    with baseline() as old, contextlib.ExitStack() as stack:
        best, client = measured(stack, old)
    cpu = {name: run.cpu for name, run in best.items()}
    print("CPU µs a call: " + ", ".join(f"{name} {spent:.0f}" for name, spent in {**cpu, "client": client}.items()))

    def added(name: str) -> float:
        return cpu[name] - cpu["1.0.0 no-op" if name.startswith("1.0.0") else "no-op"]

    def to_old(name: str, old_name: str, ratio: Callable[[str], float]) -> float | None:
        return ratio(name) / ratio(old_name) if old_name in cpu else None

    show(
        "Calls",
        [
            ("requests a CPU second at 32 / raw pass-through", cpu["raw"] / cpu["action"], ">=", 0.40),
            ("requests a CPU second at 32 / naive app", cpu["naive"] / cpu["action"], ">=", 20),
            ("CPU / (no-op function + bare client)", cpu["action"] / (cpu["no-op"] + client), "<=", 1.25),
            ("CPU at 128 / CPU at 1", cpu["crowd"] / cpu["alone"], "<=", 1.1),
            ("p99 / p50 at 32", best["action"].p99 / best["action"].p50, "<=", 2),
            ("GetTicket CPU / FastAPI and shared httpx", cpu["action"] / cpu["common"], "<=", 0.22),
            ("MCP call CPU / the SDK's MCP server", cpu["mcp"] / cpu["common mcp"], "<=", 0.13),
            (f"GetTicket, foreign ({FOREIGN}) / usual", cpu["foreign"] / cpu["action"], "<=", 1.10),
            ("FindTickets of 50, foreign / usual", cpu["foreign page"] / cpu["page"], "<=", 1.25),
            ("poll of 50 tickets, foreign / usual", cpu["foreign poll"] / cpu["poll"], "<=", 1.25),
            # In Microsoft's worker process these were 1.83 and 2.15 of a no-op; the goals are 1.75 and 2.0.
            ("GetTicket, added to a no-op / 1.0.0", to_old("action", "1.0.0", added), "<=", 0.75 / 0.83),
            ("MCP call, added to a no-op / 1.0.0", to_old("mcp", "1.0.0 mcp", added), "<=", 1.0 / 1.15),
            ("FindTickets of 50, usual / 1.0.0", to_old("page", "1.0.0 page", cpu.__getitem__), "<=", 1.05),
        ],
    )


if __name__ == "__main__":
    main()
