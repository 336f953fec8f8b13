"""`python -m tests.load.blocking`: how long hostile requests and large answers keep other callers waiting.

While each is worked on, somebody else asks `/api/health` again and again. What counts is the CPU time that the app's
process spends within one of those waits, at the best of some times: unlike seconds it grows little with what else the
machine does. More than `MOST_MS` of it is exit 1.
"""

import argparse
import contextlib
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks.harness import free_port, process
from tests.load.answers import SHAPES
from tests.load.hostile import CREATE, FIND, HOSTILE
from workbench.localhost import LocalHost

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_MS: Final = 100.0
MEGABYTES: Final = (1, 7, 30)
_ASK: Final = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass
class Waits:
    """The longest wait of somebody else: CPU of the app's process within it and time that passed, in milliseconds."""

    cpu: float = 0.0
    passed: float = 0.0
    asked: int = 0


@dataclass
class SomebodyElse:
    """Asks for the app's health all the time, on a thread."""

    port: int
    pid: int
    waits: Waits = field(default_factory=Waits)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Ask meanwhile."""
        thread = threading.Thread(target=self._ask, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def since_last(self) -> Waits:
        """What was seen since the last call of this."""
        with self._lock:
            seen, self.waits = self.waits, Waits()
        return seen

    def once_asked(self) -> Waits:
        """The same, once somebody has asked and got an answer."""
        give_up_at = time.monotonic() + 30
        while not self.waits.asked and time.monotonic() < give_up_at:
            time.sleep(0.002)
        return self.since_last()

    def _ask(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._over.is_set():
                before, began = self._cpu(), time.perf_counter()
                connection.sendall(_ASK)
                answer = b""
                while b"}" not in answer:
                    answer += connection.recv(65_536) or b"} closed"
                passed, cpu = (time.perf_counter() - began) * 1000, self._cpu() - before
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError("the app is not alive")
                with self._lock:
                    self.waits.asked += 1
                    self.waits.cpu = max(self.waits.cpu, cpu)
                    self.waits.passed = max(self.waits.passed, passed)
                time.sleep(0.002)

    def _cpu(self) -> float:
        """Milliseconds that all threads of the process have run."""
        spent = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it has just ended
                spent += int((thread / "schedstat").read_text().split()[0])
        return spent / 1e6


@dataclass(frozen=True)
class Measured:
    """One case: what was answered, and how long somebody else waited."""

    name: str
    status: int
    size: int
    waits: Waits

    @property
    def is_held(self) -> bool:
        """Whether somebody asked, and nobody waited for long."""
        return self.waits.asked > 0 and self.waits.cpu <= MOST_MS

    def __str__(self) -> str:
        kept = "" if self.is_held else "  NOT HELD"
        waits = self.waits
        return f"{self.name:32} {self.status} {self.size:7} B {waits.cpu:6.0f} ms CPU {waits.passed:6.0f} ms{kept}"


def measured(times: int, sizes: tuple[int, ...]) -> Iterator[Measured]:
    """Every hostile request, then every shape of an answer in these sizes (in MB), each so many times."""
    port = free_port()
    site = f"127.0.0.1:{port}"
    connection = {"dd-host": site, "dd-api-key": "load:correct-horse-battery", "content-type": "application/json"}
    with tempfile.TemporaryDirectory() as folder:
        settings = {"CONNECTOR_DEVELOPMENT_SITES": site, "CONNECTOR_DATA_DIR": folder, "CONNECTOR_SCHEMAS": "off"}
        settings |= {"CONNECTOR_CONNECTION_RATE": "0", "CONNECTOR_RECOVER_CREATES": "off"}
        upstream = process("-m", "tests.load.answers", str(port), port=port)
        with upstream, LocalHost(ROOT, env=settings) as host, httpx.Client(trust_env=False, timeout=120) as client:
            somebody = SomebodyElse(int(host.url.rpartition(":")[2]), host.pid)
            with somebody.asking():

                def case(name: str, call: Callable[[], httpx.Response]) -> Measured:
                    call()  # what is imported and made at the first call is no part of it
                    seen = []
                    for _ in range(times):
                        somebody.since_last()
                        answer = call()
                        seen.append(somebody.once_asked())
                    return Measured(name, answer.status_code, len(answer.content), min(seen, key=lambda one: one.cpu))

                for name, sent in HOSTILE.items():
                    headers = {**connection, **sent.headers}
                    url = host.url + sent.path
                    yield case(name, lambda: client.post(url, content=sent.body, headers=headers))  # noqa: B023  at once
                for name in SHAPES:
                    for size in sizes:
                        client.get(f"http://{site}/shape/{name}/{size * 2**20}").raise_for_status()
                        for way, path, method in (("read", f"{CREATE}/7", "GET"), ("find", FIND, "POST")):
                            content = b"{}" if method == "POST" else None
                            url = host.url + path
                            yield case(
                                f"{name}, {size} MB, {way}",
                                lambda: client.request(method, url, content=content, headers=connection),  # noqa: B023
                            )


def main() -> int:
    """Print a line a case."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.blocking", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="how often each is sent")
    asked = parser.parse_args()
    cases = failed = 0
    for one in measured(asked.times, MEGABYTES):
        sys.stdout.write(f"{one}\n")
        cases += 1
        failed += not one.is_held
    sys.stdout.write(
        f"{cases} cases, {cases * asked.times} calls; {failed} kept others waiting for over {MOST_MS:.0f} ms\n"
    )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
