"""What every benchmark needs: an upstream, servers in processes of their own, a load generator, CPU clocks, a table.

Everything listens on the loopback. Numbers are ratios measured in one run, best of several rounds, since absolute
numbers say more about a machine than about the code. Load is bounded by a count of requests.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
APPS = Path(__file__).resolve().parent / "apps"
console = Console(highlight=False, width=max(Console().width, 120))


@dataclass(frozen=True)
class Load:
    """What a load run saw: requests a second, latencies in milliseconds, and CPU microseconds a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


class _Caller(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as the last is answered."""

    def __init__(self, request: bytes, budget: "Budget") -> None:
        self.request, self.budget = request, budget
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        if not self.budget.take():
            self.transport.close()
            return
        self.buffer = b""
        self.started = time.perf_counter()
        self.transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        start = head.lower().find(b"content-length:")
        length = int(head[start + 15 :].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self.budget.latencies.append(time.perf_counter() - self.started)
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"the benchmark's request failed: {head[:60]!r} {body[:300]!r}")
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Budget:
    """How many requests are left, and how long those before took."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.latencies: list[float] = []

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def request_bytes(url: str, headers: dict[str, str] | None, body: bytes) -> bytes:
    """A whole HTTP request."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def load(
    url: str, count: int, concurrency: int, *, pid: int, headers: dict[str, str] | None = None, body: bytes = b""
) -> Load:
    """Send `count` requests over `concurrency` connections; CPU is that of the process `pid`."""

    async def run() -> Budget:
        budget, parts = Budget(count), urlsplit(url)
        loop = asyncio.get_running_loop()
        callers = []
        for _ in range(concurrency):
            _, caller = await loop.create_connection(
                lambda: _Caller(request_bytes(url, headers, body), budget), parts.hostname or "", parts.port or 80
            )
            callers.append(caller.done)
        await asyncio.gather(*callers)
        return budget

    before, started = cpu_of(pid), time.perf_counter()
    budget = asyncio.run(run())
    took = time.perf_counter() - started
    spent = cpu_of(pid) - before
    latencies = sorted(budget.latencies)
    done = len(latencies)
    return Load(
        done / took, latencies[done // 2] * 1000, latencies[min(done - 1, done * 99 // 100)] * 1000, spent / done * 1e6
    )


def best_of(rounds: int, runs: Mapping[str, Callable[[], Load]]) -> dict[str, Load]:
    """Each run's best round, by CPU; they take turns, so that a busy moment of the machine does not hit one only."""
    best: dict[str, Load] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            made = run()
            kept = best.get(name, made)
            best[name] = Load(
                max(kept.rate, made.rate),
                *min((kept.p99 / kept.p50, kept.p50, kept.p99), (made.p99 / made.p50, made.p50, made.p99))[1:],
                min(kept.cpu, made.cpu),
            )
    return best


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def process(
    *arguments: str, port: int, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A Python process that listens on `port`; yields its pid."""
    own = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    running = subprocess.Popen([sys.executable, *arguments], cwd=cwd, env=own)
    try:
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{arguments} did not start")
            time.sleep(0.05)
        yield running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


RESULTS = "BENCHMARK_RESULTS"
"""The environment variable that names the file to which rows are appended, for the table of all benchmarks."""


class Row(NamedTuple):
    """A ratio beside its goal; `sign` is `>=` or `<=`. The ratio is None where it cannot be measured here."""

    name: str
    ratio: float | None
    sign: str
    goal: float

    @property
    def is_missed(self) -> bool:
        """Whether the goal is not reached, as far as it was measured."""
        if self.ratio is None:
            return False
        return self.ratio < self.goal if self.sign == ">=" else self.ratio > self.goal


def table_of(title: str, rows: Iterable[Row]) -> Table:
    """The rows as a table."""
    table = Table(title=title, title_justify="left")
    for column in ("", "ratio", "goal", ""):
        table.add_column(column)
    for row in rows:
        met = "[red]missed[/red]" if row.is_missed else "[green]met[/green]"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.name, ratio, f"{row.sign} {row.goal:g}", "not measured" if row.ratio is None else met)
    return table


def show(title: str, rows: Sequence[tuple[str, float | None, str, float]]) -> None:
    """Print ratios: name, ratio, `>=` or `<=`, goal; or hand them to the run of all benchmarks."""
    if collected := os.environ.get(RESULTS):
        with Path(collected).open("a") as file:
            file.writelines(json.dumps([f"{title}: {row[0]}", *row[1:]]) + "\n" for row in rows)
    else:
        console.print(table_of(title, (Row(*row) for row in rows)))
