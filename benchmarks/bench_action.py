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
from collections.abc import Callable
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


async def bare_client(port: int, concurrency: int, count: int) -> float:
    """CPU microseconds a call of the bare httpx client on our transport."""
    settings = Settings(development_sites=(f"127.0.0.1:{port}",))
    transport = AiohttpTransport(exempt=development_pairs(settings), max_answer=2**25, per_host=100)
    url = f"http://127.0.0.1:{port}/api/v2/automate/connector/tickets/10001"
    async with httpx.AsyncClient(transport=transport.for_httpx(), trust_env=False) as client:

        async def caller(calls: int) -> None:
            for _ in range(calls):
                (await client.get(url, headers={"Authorization": "DdApi x"})).raise_for_status()

        await asyncio.gather(*(caller(10) for _ in range(concurrency)))
        before = time.process_time()
        await asyncio.gather(*(caller(count // concurrency) for _ in range(concurrency)))
        return (time.process_time() - before) / (count // concurrency * concurrency) * 1e6


def next_poll(url: str, site: str) -> str:
    """Where a flow polls after its first poll: it reads the page of 50 again, and nothing is new."""
    headers = {"dd-host": site, "dd-api-key": "a-psa-key"}
    first = httpx.get(f"{url}{POLL}", headers=headers, trust_env=False).raise_for_status()
    return httpx.URL(first.headers["location"]).raw_path.decode()


def measured(stack: contextlib.ExitStack, old: Path | None) -> tuple[dict[str, Load], float]:
    """The best round of every kind of call, and the CPU of the bare client."""
    upstream, foreign, raw, common, before = (free_port() for _ in range(5))
    sites = {"usual": f"127.0.0.1:{upstream}", "foreign": f"127.0.0.1:{foreign}"}
    env = {
        **os.environ,
        "CONNECTOR_DEVELOPMENT_SITES": ",".join(sites.values()),
        "CONNECTOR_CONNECTION_RATE": "0",
        "CONNECTOR_ADDRESS_RATE": "0",
        "CONNECTOR_SCHEMAS": "off",
        "UPSTREAM": f"http://{sites['usual']}",
    }
    enter = stack.enter_context
    enter(process("benchmarks/upstream.py", str(upstream), port=upstream))
    enter(process("benchmarks/upstream.py", str(foreign), FOREIGN, port=foreign))
    passing = enter(process("benchmarks/passthrough.py", str(raw), str(upstream), port=raw))
    usual_style = enter(process("benchmarks/common_style.py", str(common), port=common, environment=env))
    ours, noop, naive = (enter(LocalHost(folder, env=env)) for folder in (ROOT, APPS / "noop", APPS / "naive"))

    def call(
        pid: int, url: str, path: str = TICKET, site: str = "usual", body: bytes = b"", count: int = COUNT, at: int = 32
    ) -> Callable[[], Load]:
        headers = {"dd-host": sites[site], "dd-api-key": "a-psa-key", **(JSON_OR_STREAM if body is TOOL else {})}
        load(url + path, min(count, 200), at, pid=pid, headers=headers, body=body)  # warms up
        return lambda: load(url + path, count, at, pid=pid, headers=headers, body=body)

    runs = {
        "action": call(ours.pid, ours.url),
        "no-op": call(noop.pid, noop.url),
        "raw": call(passing, f"http://127.0.0.1:{raw}"),
        "alone": call(ours.pid, ours.url, count=COUNT // 2, at=1),
        "crowd": call(ours.pid, ours.url, at=128),
        "naive": call(naive.pid, naive.url, count=100),
        "common": call(usual_style, f"http://127.0.0.1:{common}", count=COUNT // 3),
        "common mcp": call(usual_style, f"http://127.0.0.1:{common}", "/mcp", body=TOOL, count=COUNT // 5),
        "mcp": call(ours.pid, ours.url, "/mcp", body=TOOL),
        "page": call(ours.pid, ours.url, "/api/find/tickets", body=FIND, count=COUNT // 4),
        "foreign": call(ours.pid, ours.url, site="foreign"),
        "poll": call(ours.pid, ours.url, next_poll(ours.url, sites["usual"]), count=COUNT // 4),
        "foreign poll": call(
            ours.pid, ours.url, next_poll(ours.url, sites["foreign"]), site="foreign", count=COUNT // 4
        ),
        "foreign page": call(ours.pid, ours.url, "/api/find/tickets", site="foreign", body=FIND, count=COUNT // 4),
    }
    if old is not None:
        arguments = ("-m", "connector.localhost", str(old), "--port", str(before))
        pid = enter(process(*arguments, port=before, cwd=old, environment={**env, **environment(old)}))
        url = f"http://127.0.0.1:{before}"
        runs |= {
            "1.0.0": call(pid, url),
            "1.0.0 mcp": call(pid, url, "/mcp", body=TOOL),
            "1.0.0 page": call(pid, url, "/api/find/tickets", body=FIND, count=COUNT // 4),
        }
    best = best_of(ROUNDS, runs)
    return best, min(asyncio.run(bare_client(upstream, 32, COUNT)) for _ in range(ROUNDS))


def main() -> None:
    """Measure and print."""
    with baseline() as old, contextlib.ExitStack() as stack:
        best, client = measured(stack, old)
    cpu = {name: run.cpu for name, run in best.items()}
    print("CPU µs a call: " + ", ".join(f"{name} {spent:.0f}" for name, spent in {**cpu, "client": client}.items()))

    def added(name: str) -> float:
        return cpu[name] - cpu["no-op"]

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
