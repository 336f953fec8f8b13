"""Fixtures that many tests share."""

import gc
import os
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

from tests.desk import Desk, running_desk, running_simulator
from tests.npm_tools import require
from tests.short_form import short
from tests.upstream_servers import Upstream, serving
from workbench.localhost import LocalHost
from workbench.simulator import Simulator

pytest_plugins = ["tests.azurite"]
EVERYTHING = 5_000
"""A run of this many tests is a run of the whole suite, and takes the short form. A run that names a file does not."""

# How fast a machine is fails no test: neither hypothesis's deadline, nor the five seconds that httpx waits by default.
settings.register_profile("suite", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
DEFAULT_TIMEOUT_CONFIG.connect = DEFAULT_TIMEOUT_CONFIG.read = DEFAULT_TIMEOUT_CONFIG.write = 120.0


# An extra of jsonschema that another tool asks for: it compiles a grammar on import, for three seconds in each worker.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: it is never looked through for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: some tests mostly wait, for a process, a lease or a deadline."""
    return 1 + (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run of everything takes the short form (`short_form.py`), unless `PROOFS=whole` asks for all."""
    if os.environ.get("PROOFS") == "whole" or len(items) < EVERYTHING:
        return
    taken = list(short(item.nodeid for item in items))
    config.hook.pytest_deselected(items=[item for item, is_taken in zip(items, taken, strict=True) if not is_taken])
    items[:] = [item for item, is_taken in zip(items, taken, strict=True) if is_taken]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `npm` needs the tools of that folder below `tests/tools`."""
    for mark in item.iter_markers("npm"):
        require(mark.args[0])


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One simulator for the whole run; `desk` seeds it again for each test."""
    with running_simulator(tickets=300) as running:
        yield running


@pytest.fixture(scope="session")
def proven_simulator() -> Iterator[Simulator]:
    """A second one, a site that has only what is proven."""
    with running_simulator(tickets=300, profile="proven") as running:
        yield running


@pytest.fixture(scope="session")
def mutated_simulator() -> Iterator[Simulator]:
    """A third one, for tests of mutations: its traits change from test to test, those of the others never do."""
    with running_simulator(tickets=60, profile="proven") as running:
        yield running


@pytest.fixture(scope="session")
def _app(
    simulator: Simulator,
    proven_simulator: Simulator,
    mutated_simulator: Simulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Desk, LocalHost]]:
    data: Path = tmp_path_factory.mktemp("data")
    sites = f"{simulator.site} {proven_simulator.site} {mutated_simulator.site}"
    with running_desk(simulator, CONNECTOR_DATA_DIR=str(data), CONNECTOR_DEVELOPMENT_SITES=sites) as running:
        yield running


@pytest.fixture(scope="session")
def _proven_desk(_app: tuple[Desk, LocalHost], proven_simulator: Simulator) -> Iterator[Desk]:
    desk = Desk(proven_simulator, _app[0].url)
    yield desk
    desk.client.close()


@pytest.fixture(scope="session")
def _mutated_desk(_app: tuple[Desk, LocalHost], mutated_simulator: Simulator) -> Iterator[Desk]:
    desk = Desk(mutated_simulator, _app[0].url)
    yield desk
    desk.client.close()


@pytest.fixture
def mutated(request: pytest.FixtureRequest, _mutated_desk: Desk) -> Desk:
    """The app with a site of some mutations behind it: `parametrize("mutated", ["text_ids gzip"], indirect=True)`."""
    _mutated_desk.simulator.become("proven", str(getattr(request, "param", "")).split())
    return _mutated_desk


@pytest.fixture
def default_profile() -> str:
    """The profile of `desk` where a test names none; a folder of tests may have another."""
    return "generous"


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, default_profile: str, _app: tuple[Desk, LocalHost], _proven_desk: Desk
) -> Desk:
    """The running app with a freshly seeded DeskDirector behind it.

    A test names another profile, or several: `parametrize("desk", ["proven", "generous"], indirect=True)`; those that
    need what nobody has published are marked `generous` (from `tests.desk`).
    """
    profile = getattr(request, "param", default_profile)
    chosen = _proven_desk if profile == "proven" else _app[0]
    chosen.simulator.become(profile)
    return chosen


@pytest.fixture
def host(_app: tuple[Desk, LocalHost]) -> LocalHost:
    """The local host that `desk` calls."""
    return _app[1]


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """An upstream of which each test says what it answers."""
    async with serving() as server:
        yield server
