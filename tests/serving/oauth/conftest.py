"""The app with OAuth on, and a person who signs in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, running_desk
from tests.serving.oauth.person import Person
from workbench.localhost import LocalHost
from workbench.simulator import Simulator


@pytest.fixture(scope="session")
def _oauth_app(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, LocalHost]]:
    data: Path = tmp_path_factory.mktemp("oauth")
    with running_desk(
        simulator, CONNECTOR_DATA_DIR=str(data), CONNECTOR_MCP_OAUTH="on", CONNECTOR_REFUSED_SECONDS="10"
    ) as running:
        yield running


@pytest.fixture
def oauth(_oauth_app: tuple[Desk, LocalHost]) -> Desk:
    """The app, with a freshly seeded site behind it."""
    _oauth_app[0].simulator.reset()
    return _oauth_app[0]


@pytest.fixture
def oauth_host(_oauth_app: tuple[Desk, LocalHost]) -> LocalHost:
    """The process that serves it."""
    return _oauth_app[1]


@pytest.fixture
def person(oauth: Desk) -> Iterator[Person]:
    """Somebody with a browser and a key."""
    with Person(oauth) as somebody:
        yield somebody
