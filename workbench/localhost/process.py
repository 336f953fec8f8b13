"""A host in a process of its own, for tests, demonstrations and benchmarks."""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

# The folder that `connector` is imported from; the child process needs it too.
ROOT = Path(__file__).resolve().parents[2]


class LocalHost:
    """Serves an app folder from a child process on the loopback.

        with LocalHost(app_dir, env={"CONNECTOR_AUTH_LEVEL": "function"}) as host:
            httpx.get(host.url + "/api/health")

    `async with` works too. Starting waits until the host answers and raises `RuntimeError` with its log when it does
    not; stopping lets running calls end. With `port=0` the system chooses the port, which stays the same over
    `stop()` or `kill()` and `start()`.
    """

    def __init__(self, app_dir: Path, env: Mapping[str, str] | None = None, *, port: int = 0) -> None:
        self._app_dir = app_dir
        self._env = dict(env or {})
        self._port = port
        self._output: IO[bytes] | None = None
        self._last_output = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address without a trailing slash, e.g. `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """Everything the host and the app have written to stdout and stderr so far, also after they have ended."""
        if self._output is None:
            return self._last_output
        size = os.fstat(self._output.fileno()).st_size
        return self._last_output + os.pread(self._output.fileno(), size, 0).decode("utf-8", "replace")

    @property
    def pid(self) -> int:
        """The process id of the running host."""
        return self._running().pid

    def start(self) -> None:
        """Start the process and return once it answers."""
        # Bound here and inherited by the child, so that no other process can take the port in between; requests wait
        # in its backlog until the child serves, and are reset if it dies.
        with socket.create_server(("127.0.0.1", self._port), backlog=1024) as listener:
            self._port = listener.getsockname()[1]
            command = [sys.executable, "-m", "workbench.localhost", str(self._app_dir), "--fd", str(listener.fileno())]
            self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed by _ended
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command, env=self._environment(), stdout=self._output, stderr=self._output, pass_fds=[listener.fileno()]
            )
        try:
            self._wait_until_it_answers()
        except (OSError, http.client.HTTPException) as problem:
            self.kill()
            raise RuntimeError(f"The host did not start ({problem!r}):\n{self.log}") from problem

    def stop(self) -> None:
        """Ask it to end, and wait; running calls finish first."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"The host did not end when asked to:\n{self.log}") from None
        self._ended()

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        process = self._running()
        process.kill()
        process.wait()
        self._ended()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    def _ended(self) -> None:
        self._process = None
        self._last_output = self.log
        if self._output is not None:
            self._output.close()
            self._output = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("The host is not running.")
        return self._process

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
        return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **self._env}

    def _wait_until_it_answers(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            # Any answer means that it serves; where keys are asked for, it is a 401.
            connection.request("GET", "/admin/host/status")
            connection.getresponse().read()
        finally:
            connection.close()
