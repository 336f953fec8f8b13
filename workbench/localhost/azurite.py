"""Azurite, Microsoft's storage emulator, as `make tools` installs it: for tests and benchmarks."""

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

from workbench.localhost.config import HostError

HOME = Path(__file__).resolve().parent.parent.parent / "tests" / "tools" / "azurite"
PROGRAM = HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
SERVICES = ("Blob", "Queue", "Table")
NOT_INSTALLED = "Azurite is not installed: run `make tools` (npm ci in tests/tools/azurite, Node 20)."

# The account that every Azurite has; documented by Microsoft, not a secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def is_installed() -> bool:
    """Whether Node and Azurite are there."""
    return shutil.which("node") is not None and PROGRAM.is_file()


class Azurite:
    """A running Azurite with blobs, queues and tables, on loopback ports; kept over restarts if it has a folder.

    Started on entering the block, ended on leaving it. Its data lives in the folder `data`, or in memory without one.
    Raises `HostError` when it is not installed or does not start.
    """

    def __init__(self, data: Path | None = None) -> None:
        node = shutil.which("node")
        if node is None or not is_installed():
            raise HostError(NOT_INSTALLED)
        # Silent: without the access log, only the addresses are written to the pipe, which nobody empties later.
        self._command = [node, str(PROGRAM), "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        self._command += ["--location", str(data)] if data else ["--inMemoryPersistence"]
        for service in SERVICES:
            name = service.lower()
            self._command += [f"--{name}Host", "127.0.0.1", f"--{name}Port", str(_free_port() if data else 0)]
        self.connection_string = ""
        self._process: subprocess.Popen[str] | None = None

    def restart(self) -> None:
        """End it as an operator would (killed, it may lose its last seconds), and start it again."""
        self._stop()
        self._start()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  a pinned program with our own arguments
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.connection_string = _connection_string(_addresses(self._process))

    def _stop(self) -> None:
        if self._process is None:
            return
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=120)
        if self._process.stdout is not None:
            self._process.stdout.close()


def _addresses(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Service -> address, read from what Azurite prints once a service answers."""
    addresses: dict[str, str] = {}
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if listening := re.search(r"Azurite (\w+) service is successfully listening at (http://\S+)", line):
            addresses[listening[1]] = listening[2]
        if len(addresses) == len(SERVICES):
            return addresses
    raise HostError("Azurite did not start:\n" + "".join(printed))


def _connection_string(addresses: dict[str, str]) -> str:
    """What `AzureWebJobsStorage` takes."""
    parts = ["DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={KEY}"]
    parts += [f"{service}Endpoint={address}/{ACCOUNT}" for service, address in addresses.items()]
    return ";".join(parts)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
