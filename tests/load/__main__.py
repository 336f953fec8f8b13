"""`python -m tests.load --calls 200000`: up to twice the capacity and back; a promise that does not hold is exit 1.

Twice: once with the app's limit on calls of a connection as the capacity, once with its limit on calls under way to one
site, whose DeskDirector is slow. App and DeskDirector are processes of their own.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.harness import free_port, load, process
from tests.load.plot import plot
from tests.load.ramp import AREA, RECOVERY_SECONDS, Run, Target, ramp, report
from workbench.localhost import LocalHost

ROOT = Path(__file__).resolve().parents[2]
KEY = "load:correct-horse-battery"
MOST_MEMORY = 32.0
"""MiB by which the process may grow: caches and the allocator's own room."""
LEAST_SECONDS = 8.0
"""A shorter rise above the capacity is waited through, and nothing is shed."""
MOST_FILES, MOST_TASKS = 40, 40
"""Beyond the connections to DeskDirector that are kept for the next calls."""


@dataclass(frozen=True)
class Stage:
    """One ramp: which limit is the capacity, in calls a second, and how slow DeskDirector is."""

    name: str
    environment: dict[str, str]
    capacity: float
    upstream_seconds: float
    most_upstream: int
    most_accepted: float
    """Calls beyond `capacity` times the time that may be accepted."""
    is_drained: bool = False
    """Whether what the limit lets in at once is used up first."""


def by_rate(capacity: float) -> Stage:
    """The limit on calls of one connection, as a setting counts it: a minute, a sixth of it at once."""
    minute = {"CONNECTOR_CONNECTION_RATE": str(round(capacity * 60))}
    return Stage("calls of a connection", minute, capacity, 0.01, 50, capacity * 2, is_drained=True)


def by_connections(capacity: float) -> Stage:
    """The limit on calls under way to one site; one key has half of it, so that many calls in the time of one."""
    seconds = 0.1
    places = max(4, round(capacity * seconds * 2))
    limit = {"CONNECTOR_CONNECTION_RATE": "0", "CONNECTOR_SITE_CONNECTIONS": str(places)}
    return Stage("calls under way to a site", limit, places / 2 / seconds, seconds, places // 2, places * 5)


@contextmanager
def app(folder: Path, upstream_seconds: float, environment: dict[str, str]) -> Iterator[tuple[LocalHost, str]]:
    """The app, with a DeskDirector behind it; the site's address."""
    port = free_port()
    site = f"127.0.0.1:{port}"
    settings = {"CONNECTOR_DEVELOPMENT_SITES": site, "CONNECTOR_DATA_DIR": str(folder), "CONNECTOR_SCHEMAS": "off"}
    settings |= {"CONNECTOR_ADDRESS_RATE": "0", **environment}
    slow = process("-m", "tests.load.upstream", str(port), str(upstream_seconds), port=port)
    with slow, LocalHost(ROOT, env=settings) as host:
        yield host, site


def measured(folder: Path) -> float:
    """Calls a second that this machine does, both processes and their caller together; a third of it is capacity."""
    with app(folder, 0.0, {"CONNECTOR_CONNECTION_RATE": "0", "CONNECTOR_SITE_CONNECTIONS": "100"}) as (host, site):
        headers = {"dd-host": site, "dd-api-key": KEY}
        return load(f"{host.url}/api/tickets/7", 1500, 8, pid=host.pid, headers=headers).rate


def play(stage: Stage, folder: Path, calls: int) -> tuple[Run, list[str], str]:
    """The run, what was promised and not held, and the counts."""
    with app(folder, stage.upstream_seconds, stage.environment) as (host, site):
        headers = {"dd-host": site, "dd-api-key": KEY}
        target = Target(f"{host.url}/api/tickets/7", headers, f"{host.url}/api/operator/metrics", host.pid)
        load(target.url, 20, 4, pid=host.pid, headers=headers)
        run = asyncio.run(ramp(target, calls, stage.capacity, is_drained=stage.is_drained))
        most = int(httpx.get(f"http://{site}/counts", trust_env=False).json()["most"])
    return run, broken(stage, run, most), report(run, most)


def broken(stage: Stage, run: Run, most: int) -> list[str]:
    """What does not hold."""
    grown = run.grown()
    room = stage.capacity * run.seconds + stage.most_accepted
    checks = {
        "every call is answered": len(run.answered) == run.made and set(run.counts) <= {200, 429, 503},
        "accepted calls are bounded": len(run.accepted) <= room * 1.02 and most <= stage.most_upstream,
        "the excess is shed": len(run.shed) > 0,
        "it is shed at once": run.is_shed_at_once,
        "recovery takes seconds": run.recovered_at < RECOVERY_SECONDS,
        "memory is flat": grown.memory < MOST_MEMORY,
        "sockets are flat": grown.files < MOST_FILES + stage.most_upstream,
        "tasks are flat": grown.tasks < MOST_TASKS,
    }
    return [promise for promise, is_held in checks.items() if not is_held]


def main() -> int:
    """Play both stages."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--capacity", type=float, help="calls a second; a third of what this machine does if left out")
    parser.add_argument("--plot", type=Path, help="write the latency under load as SVG there")
    asked = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        capacity = asked.capacity or measured(Path(folder) / "measured") / 3
        for stage, share in ((by_rate(capacity), 0.95), (by_connections(capacity), 0.05)):
            calls = round(max(asked.calls * share, LEAST_SECONDS * AREA * stage.capacity))
            run, problems, said = play(stage, Path(folder) / stage.name, calls)
            sys.stdout.write(f"Limit: {stage.name}, {stage.capacity:.0f} a second\n{said}\n")
            sys.stdout.write("".join(f"NOT HELD: {problem}\n" for problem in problems) + "\n")
            failed = failed or bool(problems)
            if asked.plot and share > 0.5:
                asked.plot.write_text(plot(run))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
