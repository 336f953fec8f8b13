"""How many calls one instance should take at once: `perInstanceConcurrency` of `infra/app.bicep`, under load.

Calls wait for DeskDirector nearly all the time, here 200 ms each. An instance that takes more of them at once serves
more calls a second and costs less, until its core is busy: then each call takes longer. Tickets are the usual call,
pages of 50 the heaviest of the frequent ones.
"""

import contextlib
import json
import os
import re
from functools import partial
from pathlib import Path

from benchmarks.harness import ROOT, Load, best_of, free_port, load, process, show
from workbench.localhost import LocalHost

WAIT_SECONDS = 0.2
BEFORE = 32
"""What the templates of the first release said."""
LEVELS = (BEFORE, 64, 100, 150)
ROUNDS, WAVES = 2, 6
PATHS = {"tickets": ("/api/tickets/10001", b""), "pages": ("/api/find/tickets", json.dumps({"take": 50}).encode())}


def deployed() -> int:
    """What the templates set."""
    text = (ROOT / "infra" / "app.bicep").read_text()
    (found,) = re.findall(r"perInstanceConcurrency: (\d+)", text)
    return int(found)


def memory_of(pid: int) -> float:
    """The most memory that a process has had, in MiB."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(line) / 1024


def measured() -> tuple[dict[tuple[str, int], Load], float]:
    """The best round of each kind and level, and the most memory that the app has had."""
    port = free_port()
    site = f"127.0.0.1:{port}"
    unlimited = {"CONNECTOR_CONNECTION_RATE": "0", "CONNECTOR_ADDRESS_RATE": "0", "CONNECTOR_SITE_CONNECTIONS": "1000"}
    env = {**os.environ, "CONNECTOR_DEVELOPMENT_SITES": site, "CONNECTOR_SCHEMAS": "off", **unlimited}
    headers = {"dd-host": site, "dd-api-key": "a-psa-key"}
    with contextlib.ExitStack() as stack:
        stack.enter_context(process("benchmarks/upstream.py", str(port), "", str(WAIT_SECONDS), port=port))
        app = stack.enter_context(LocalHost(ROOT, env=env))

        def run(kind: str, level: int, waves: int = WAVES) -> Load:
            path, body = PATHS[kind]
            return load(app.url + path, level * waves, level, pid=app.pid, headers=headers, body=body)

        best = {}
        for kind in PATHS:
            run(kind, max(LEVELS), 1)  # imports and connections
            for level in LEVELS:
                best[kind, level] = best_of(ROUNDS, {"": partial(run, kind, level)})[""]
        return best, memory_of(app.pid)


def main() -> None:
    """Measure and print."""
    best, memory = measured()
    print(f"At most {memory:.0f} MiB. At once: calls a second, ms at the median and at p99, CPU µs a call")
    for (kind, level), run in best.items():
        print(f"{kind:8} {level:4}: {run.rate:6.0f} {run.p50:6.0f} {run.p99:6.0f} {run.cpu:6.0f}")
    chosen = deployed()
    tickets, pages = best["tickets", chosen], best["pages", chosen]
    show(
        f"{chosen} calls at once in an instance",
        [
            (
                f"tickets a second / at {BEFORE}",
                tickets.rate / best["tickets", BEFORE].rate,
                ">=",
                0.85 * chosen / BEFORE,
            ),
            ("the median of a ticket / DeskDirector's time", tickets.p50 / WAIT_SECONDS / 1e3, "<=", 1.15),
            ("the median of a page of 50 / DeskDirector's time", pages.p50 / WAIT_SECONDS / 1e3, "<=", 2),
            (f"CPU of a ticket / at {BEFORE}", tickets.cpu / best["tickets", BEFORE].cpu, "<=", 1.15),
        ],
    )


if __name__ == "__main__":
    main()
