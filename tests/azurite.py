"""Azurite, Microsoft's storage emulator, as one fixture for the whole test run.

It is pinned in `tests/tools/azurite` and spoken to over real HTTP. Its data lives in memory and is shared by every
test of the run, so tests name their queues, tables and containers uniquely.
"""

from collections.abc import Iterator

import pytest

from workbench.localhost.azurite import Azurite


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """A connection string to a running Azurite with blobs, queues and tables."""
    with Azurite() as running:
        yield running.connection_string
