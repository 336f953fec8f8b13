"""What the tests of the Power Platform connector share."""

import json

import pytest

from connector.catalog import operations
from tests.workbench.generators.swagger import Json
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.power_platform import FOLDER, render


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The generated files by name."""
    return {path.removeprefix(f"{FOLDER}/"): data for path, data in render(operations(), PLACEHOLDER_HOST).items()}


@pytest.fixture(scope="module")
def document(files: dict[str, bytes]) -> Json:
    """The swagger document."""
    return dict(json.loads(files["apiDefinition.swagger.json"]))
