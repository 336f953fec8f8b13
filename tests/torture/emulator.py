"""An Azurite that keeps its data on disk and can be restarted on the same ports."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.azurite import PROGRAM, SERVICES, connection_string, listening


class Emulator:
    """Started on entering the block, ended on leaving it."""

    def __init__(self, data: Path) -> None:
        node = shutil.which("node")
        assert node is not None
        self._command = [
            node,
            str(PROGRAM),
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--location",
            str(data),
        ]
        for service in SERVICES:
            name = service.lower()
            self._command += [f"--{name}Host", "127.0.0.1", f"--{name}Port", str(_free_port())]
        self.connection_string = ""
        self._process: subprocess.Popen[str] | None = None

    def restart(self) -> None:
        """End it as an operator would (killed, it may forget its last seconds), and start it again."""
        self._stop()
        self._start()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.connection_string = connection_string(listening(self._process))

    def _stop(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=20)
        assert self._process.stdout is not None
        self._process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
