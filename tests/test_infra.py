"""The templates, as far as a machine without Azure's compiler can check them."""

import base64
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pycep import BicepParser

from connector.settings import Settings
from tests.desk import ROOT

INFRA = ROOT / "infra"


@cache
def templates() -> dict[str, Any]:
    """Every template as it is read, by its file."""
    return {path.name: BicepParser().parse(file_path=path) for path in sorted(INFRA.glob("*.bicep"))}


PARAMETERS: dict[str, Any] = json.loads((INFRA / "main.parameters.json").read_bytes())["parameters"]
# Flex Consumption answers error 51021 when siteConfig has one of these.
REFUSED = ("linuxFxVersion", "windowsFxVersion", "ftpsState", "use32BitWorkerProcess", "alwaysOn", "preWarmedInstance")


def test_every_template_is_used_with_the_parameters_that_it_takes() -> None:
    used = {"main.bicep"}
    for template in templates().values():
        for module in template.get("modules", {}).values():
            path = module["detail"]["path"]
            config = module["config"]
            given = config.get("params", config.get("config", {}).get("params", {}))
            taken = templates()[path]["parameters"]
            assert given.keys() <= taken.keys(), path
            assert {name for name, it in taken.items() if it["default"] is None} <= given.keys(), path
            used.add(path)

    assert used == templates().keys()


def test_outputs_of_modules_that_are_read_exist() -> None:
    main = (INFRA / "main.bicep").read_text()
    for name, module in templates()["main.bicep"]["modules"].items():
        read = set(re.findall(rf"\b{name}!?\.outputs\.(\w+)", main))
        assert read <= templates()[module["detail"]["path"]].get("outputs", {}).keys()


def test_every_parameter_and_variable_is_used() -> None:
    unused = [
        f"{path}: {name}"
        for path, template in templates().items()
        for name in (*template.get("parameters", {}), *template.get("variables", {}))
        if len(re.findall(rf"\b{name}\b", (INFRA / path).read_text())) < 2
    ]

    assert unused == []


def test_azd_gives_every_parameter_that_has_no_default() -> None:
    taken = templates()["main.bicep"]["parameters"]

    assert PARAMETERS.keys() <= taken.keys()
    assert {name for name, it in taken.items() if it["default"] is None} <= PARAMETERS.keys()


def test_nothing_is_asked_of_flex_consumption_that_it_refuses() -> None:
    text = re.sub(r"//.*", "", (INFRA / "app.bicep").read_text())

    assert [name for name in REFUSED if name in text] == []
    assert "AzureWebJobsStorage:" not in text, "with an identity there is no connection string, not even an empty one"


def settings_hook() -> Any:
    found = importlib.util.spec_from_file_location("settings_hook", INFRA / "settings.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("value", ["60", 'a "quoted" \\ value', "ünïcode", "POST /api/v2/x/{ticketId}", "a\nb"])
def test_azd_hands_over_any_setting_and_never_the_sealing_key(value: str) -> None:
    environment = {"CONNECTOR_BUDGET_SECONDS": value, "CONNECTOR_SECRETS_KEY": "s3cret", "PATH": "/bin"}

    handed = json.loads(base64.b64decode(settings_hook().encoded(environment)))

    assert handed == {"CONNECTOR_BUDGET_SECONDS": value}
    assert "encodedSettings" in PARAMETERS
    assert settings_hook().VARIABLE in PARAMETERS["encodedSettings"]["value"]


def test_the_hook_of_azd_exists() -> None:
    named = set(re.findall(r"run: python3? (\S+)", (ROOT / "azure.yaml").read_text()))

    assert named == {"infra/settings.py"}
    assert all(Path(ROOT / path).is_file() for path in named)


def test_a_deployment_asks_for_a_key_unless_told_otherwise() -> None:
    default = re.search(r"CONNECTOR_AUTH_LEVEL: '(\w+)'", (INFRA / "main.bicep").read_text())

    assert default
    assert Settings.from_environment({"CONNECTOR_AUTH_LEVEL": default[1]}).auth_level == "function"
