"""One action, GetTicket with a 4 KB ticket: throughput, CPU and latency beside what they are bounded by.

- `raw pass-through`: uvicorn and aiohttp, bytes in, bytes out, the same upstream.
- `naive app`: a Functions app on the same host that makes a client for every call.
- `no-op function`: the same host and worker library around nothing.
- `bare client`: an `httpx.AsyncClient` on our transport, called in a loop, nothing around it.
"""

import asyncio
import os
import time

import httpx

from benchmarks.harness import APPS, ROOT, Load, free_port, load, process, show
from connector.deskdirector.sites import development_pairs
from connector.deskdirector.transport import AiohttpTransport
from connector.settings import Settings
from workbench.localhost import LocalHost

ROUNDS = 3
COUNT = 6000


def best(rounds: list[Load]) -> Load:
    """The round that the rest of the machine disturbed least."""
    return min(rounds, key=lambda one: one.cpu)


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


def main() -> None:
    """Measure and print."""
    upstream, raw = free_port(), free_port()
    site = f"127.0.0.1:{upstream}"
    headers = {"dd-host": site, "dd-api-key": "a-psa-key"}
    path = "/api/tickets/10001"
    env = {
        **os.environ,
        "CONNECTOR_DEVELOPMENT_SITES": site,
        "CONNECTOR_CONNECTION_RATE": "0",
        "UPSTREAM": f"http://{site}",
    }
    with (
        process("benchmarks/upstream.py", str(upstream), port=upstream),
        process("benchmarks/passthrough.py", str(raw), str(upstream), port=raw) as raw_pid,
        LocalHost(ROOT, env=env) as ours,
        LocalHost(APPS / "noop", env=env) as noop,
        LocalHost(APPS / "naive", env=env) as naive,
    ):

        def run(url: str, pid: int, concurrency: int = 32, count: int = COUNT) -> Load:
            load(url + path, 300, concurrency, pid=pid, headers=headers)
            return best([load(url + path, count, concurrency, pid=pid, headers=headers) for _ in range(ROUNDS)])

        action = run(ours.url, ours.pid)
        alone = run(ours.url, ours.pid, concurrency=1, count=COUNT // 2)
        crowd = run(ours.url, ours.pid, concurrency=128)
        nothing = run(noop.url, noop.pid)
        passing = run(f"http://127.0.0.1:{raw}", raw_pid)
        usual = run(naive.url, naive.pid, count=300)
        client = min(asyncio.run(bare_client(upstream, 32, COUNT)) for _ in range(ROUNDS))
    print(f"CPU µs a call: action {action.cpu:.0f}, no-op {nothing.cpu:.0f}, bare client {client:.0f}; "
          f"requests/s: action {action.rate:.0f}, raw {passing.rate:.0f}, naive {usual.rate:.0f}")  # fmt: skip
    show(
        "GetTicket, 4 KB",
        [
            ("throughput at 32 / raw pass-through", action.rate / passing.rate, ">=", 0.40),
            ("throughput at 32 / naive app", action.rate / usual.rate, ">=", 20),
            ("CPU / (no-op function + bare client)", action.cpu / (nothing.cpu + client), "<=", 1.25),
            ("CPU at 128 / CPU at 1", crowd.cpu / alone.cpu, "<=", 1.1),
            ("p99 / p50 at 32", action.p99 / action.p50, "<=", 2),
        ],
    )


if __name__ == "__main__":
    main()
