"""The other files of the Power Platform connector: connection, policies, readme, intro, icon and the packages."""

import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from connector.catalog import operations
from tests.workbench.generators.swagger import Json, by_id
from workbench.generators.identity import BRAND_COLOR, PLACEHOLDER_HOST, publisher
from workbench.generators.power_platform import FOLDER
from workbench.generators.power_platform.icon import icon
from workbench.generators.power_platform.package import package


@pytest.mark.parametrize("file", ["apiProperties.json", "apiProperties.multi-auth.json"])
def test_policies_send_the_connection_with_every_operation(files: dict[str, bytes], file: str) -> None:
    properties = json.loads(files[file])["properties"]
    policies = [policy["parameters"] for policy in properties["policyTemplateInstances"]]
    name, value = (f"x-ms-apimTemplateParameter.{key}" for key in ("name", "value"))

    assert {one[name]: one[value] for one in policies if name in one} == {
        "dd-host": "@connectionParameters('siteHost')",
        "dd-api-key": "@connectionParameters('apiKey')",
        "x-functions-key": "@connectionParameters('functionKey')",
    }
    assert not [one for one in policies if "x-ms-apimTemplate-operationName" in one]
    assert {"x-ms-apimTemplateParameter.statusCode": 401} in policies


def test_each_way_to_connect_fills_the_same_parameters(files: dict[str, bytes]) -> None:
    properties = json.loads(files["apiProperties.multi-auth.json"])["properties"]
    ways = properties["connectionParameterSets"]["values"]

    assert len({one["name"] for one in ways}) == len(ways) == 3
    assert {tuple(one["parameters"]) for one in ways} == {("siteHost", "apiKey", "functionKey")}
    assert len({one["parameters"]["apiKey"]["uiDefinition"]["description"] for one in ways}) == 3


def test_a_way_to_connect_explains_itself_where_makers_see_it(files: dict[str, bytes]) -> None:
    ways = json.loads(files["apiProperties.multi-auth.json"])["properties"]["connectionParameterSets"]["values"]
    parameters = [one["uiDefinition"] for way in ways for one in way["parameters"].values()]

    assert [parameter["schema"]["description"] for parameter in parameters] == [
        parameter["description"] for parameter in parameters
    ]
    assert [way["uiDefinition"]["description"] for way in ways] == [
        "Connect with a Tokity API key.",
        "Connect with a ConnectWise or Autotask API key.",
        "Connect with a personal token.",
    ]


def test_only_the_function_key_may_be_left_out(files: dict[str, bytes]) -> None:
    parameters = json.loads(files["apiProperties.json"])["properties"]["connectionParameters"]
    required = {name: one["uiDefinition"]["constraints"]["required"] for name, one in parameters.items()}

    assert required == {"siteHost": "true", "apiKey": "true", "functionKey": "false"}
    assert {name for name, one in parameters.items() if one["type"] == "securestring"} == {"apiKey", "functionKey"}


def test_the_readme_has_a_heading_for_each_operation_that_makers_see(files: dict[str, bytes]) -> None:
    headings = re.findall(r"^### (.+)$", files["readme.md"].decode(), re.MULTILINE)

    offered = [operation.title for operation in operations().values() if operation.visibility != "internal"]
    assert sorted(headings) == sorted(offered)


def test_the_intro_lists_no_operations(files: dict[str, bytes]) -> None:
    intro = files["intro.md"].decode()

    assert [
        operation.title
        for operation in operations().values()
        if f"{operation.title}\n" in intro or f"# {operation.title}" in intro
    ] == []
    opening = intro.partition("\n\n")[0]
    assert not opening.startswith("#")
    assert opening.count(". ") < 8


def test_the_icon_is_what_reviewers_ask_for() -> None:
    image = pytest.importorskip("PIL.Image")
    drawn = image.open(io.BytesIO(icon()))
    background = tuple(bytes.fromhex(BRAND_COLOR[1:]))
    logo = drawn.point(lambda part: 255 if part > max(background) else 0).getbbox()

    assert (drawn.size, drawn.mode) == ((230, 230), "RGB")
    assert {drawn.getpixel(corner) for corner in ((0, 0), (229, 0), (0, 229), (229, 229))} == {background}
    assert max(logo[2] - logo[0], logo[3] - logo[1]) <= 160


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_package_has_the_layout_that_the_package_validator_asks_for(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    package(operations(), tmp_path, "desk.azurewebsites.net")
    outer = unpacked((tmp_path / FOLDER / "DeskDirectorAutomation.zip").read_bytes())
    assets = unpacked(outer.pop("package.zip"))

    assert outer == {"intro.md": files["intro.md"]}
    assert assets.keys() == {"PkgAssets/ConnectorSolution.zip", "PkgAssets/FlowSolution.zip"}
    for name, data in assets.items():
        solution = unpacked(data)
        folders = {path.partition("/")[0] for path in solution if "/" in path}
        assert folders == ({"Connector"} if "Connector" in name else {"Connector", "Workflows"})
        assert {"[Content_Types].xml", "customizations.xml", "solution.xml"} <= solution.keys()
        assert ET.fromstring(solution["solution.xml"]).findtext(".//Managed") == "0"
        customizations = ET.fromstring(solution["customizations.xml"])
        named = [one.text.lstrip("/") for one in customizations.iter() if one.text and one.text.startswith("/C")]
        named += [one.text.lstrip("/") for one in customizations.iter("JsonFileName") if one.text]
        assert set(named) == {path for path in solution if "/" in path}
        swagger = next(data for path, data in solution.items() if path.endswith("_openapidefinition.json"))
        assert json.loads(swagger)["host"] == "desk.azurewebsites.net"


def test_the_packaged_flow_calls_an_operation_that_needs_nothing(tmp_path: Path, document: Json) -> None:
    package(operations(), tmp_path, PLACEHOLDER_HOST)
    outer = unpacked((tmp_path / FOLDER / "DeskDirectorAutomation.zip").read_bytes())
    solution = unpacked(unpacked(outer["package.zip"])["PkgAssets/FlowSolution.zip"])
    flow = next(json.loads(data) for path, data in solution.items() if path.startswith("Workflows/"))

    (action,) = flow["properties"]["definition"]["actions"].values()
    called = by_id(document)[action["inputs"]["host"]["operationId"]]
    assert called["x-ms-require-user-confirmation"] is False
    assert not [one for one in called.get("parameters", ()) if one["required"]]


def test_the_custom_connectors_properties_can_be_updated(tmp_path: Path) -> None:
    text = package(operations(), tmp_path, "desk.azurewebsites.net")
    folder = tmp_path / FOLDER / "custom-connector"

    for file in ("apiProperties.json", "apiProperties.multi-auth.json"):
        assert "stackOwner" not in json.loads((folder / file).read_text())["properties"]
    commands = [line for line in text.splitlines() if line.strip().startswith("paconn ")]
    mentioned = set(re.findall(r"\S+\.(?:json|png)", " ".join(commands)))
    assert mentioned == {"apiDefinition.swagger.json", "apiProperties.json", "icon.png"}
    assert all((folder / file).is_file() for file in mentioned)
    assert publisher().name not in text
