"""Azurite, Microsoft's storage emulator, as one fixture for the whole test run.

It is pinned in `tests/tools/azurite` and spoken to over real HTTP. Its data lives in memory and is shared by every
test of the run, so tests name their queues, tables and containers uniquely.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent / "tools" / "azurite"
PROGRAM = HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
SERVICES = ("Blob", "Queue", "Table")
NOT_INSTALLED = "Azurite is not installed here: `make test` installs it (npm ci in tests/tools/azurite, node 20)."

# The account that every Azurite has; documented by Microsoft, a secret to nobody.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """A connection string to a running Azurite with blobs, queues and tables."""
    node = shutil.which("node")
    if node is None or not PROGRAM.is_file():
        pytest.fail(NOT_INSTALLED)
    with start(node) as process:
        try:
            yield connection_string(listening(process))
        finally:
            os.kill(process.pid, signal.SIGTERM)


def start(node: str) -> "subprocess.Popen[str]":
    """Start it on ports that the system chooses, on the loopback only, keeping nothing on disk."""
    # Silent: without the access log, nothing but the addresses is written to the pipe, which nobody empties later.
    options = ["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    for service in SERVICES:
        options += [f"--{service.lower()}Host", "127.0.0.1", f"--{service.lower()}Port", "0"]
    return subprocess.Popen([node, str(PROGRAM), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def listening(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Service -> address, read from what Azurite prints once a service answers."""
    addresses: dict[str, str] = {}
    printed = []
    assert process.stdout is not None
    for line in process.stdout:
        printed.append(line)
        if found := re.search(r"Azurite (\w+) service is successfully listening at (http://\S+)", line):
            addresses[found[1]] = found[2]
        if len(addresses) == len(SERVICES):
            return addresses
    pytest.fail("Azurite did not start:\n" + "".join(printed))


def connection_string(addresses: dict[str, str]) -> str:
    """What `AzureWebJobsStorage` takes."""
    parts = ["DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={KEY}"]
    parts += [f"{service}Endpoint={address}/{ACCOUNT}" for service, address in addresses.items()]
    return ";".join(parts)
