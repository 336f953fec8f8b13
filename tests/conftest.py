"""Fixtures that many tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, running_desk, running_simulator
from tests.npm_tools import require
from tests.upstream_servers import Upstream, serving
from workbench.localhost import LocalHost
from workbench.simulator import Simulator

pytest_plugins = ["tests.azurite"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `npm` needs the tools of that folder below `tests/tools`."""
    for mark in item.iter_markers("npm"):
        require(mark.args[0])


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One simulator for the whole run; `desk` seeds it anew for each test."""
    with running_simulator(tickets=300) as running:
        yield running


@pytest.fixture(scope="session")
def _app(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, LocalHost]]:
    data: Path = tmp_path_factory.mktemp("data")
    with running_desk(simulator, CONNECTOR_DATA_DIR=str(data)) as running:
        yield running


@pytest.fixture
def desk(_app: tuple[Desk, LocalHost]) -> Desk:
    """The running app with a freshly seeded DeskDirector behind it."""
    _app[0].simulator.reset()
    return _app[0]


@pytest.fixture
def host(_app: tuple[Desk, LocalHost]) -> LocalHost:
    """The local host that `desk` calls."""
    return _app[1]


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """An upstream of which each test says what it answers."""
    async with serving() as server:
        yield server
