"""The connectors through which Copilot Studio finds the MCP server."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector.catalog import operations
from workbench.checks.power_platform import check_definition, check_properties
from workbench.generators.mcp_definition import DEFINITION, FOLDER, PROPERTIES, READ_ONLY, package, render

HOST = "desk.azurewebsites.net"
FILES = {path.removeprefix(f"{FOLDER}/"): content for path, content in render(operations(), HOST).items()}


def document(name: str) -> dict[str, Any]:
    return dict(json.loads(FILES[name]))


@pytest.mark.parametrize(("name", "path"), [(DEFINITION, "/mcp"), (READ_ONLY, "/mcp/readonly")])
def test_one_operation_without_parameters_speaks_mcp(name: str, path: str) -> None:
    swagger = document(name)

    assert swagger["swagger"] == "2.0"
    assert (swagger["host"], swagger["basePath"], swagger["schemes"]) == (HOST, "/", ["https"])
    assert list(swagger["paths"]) == [path]
    (operation,) = swagger["paths"][path].values()
    assert operation["x-ms-agentic-protocol"] == "mcp-streamable-1.0"
    assert operation["operationId"] == "InvokeMCP"
    assert "parameters" not in operation
    assert list(operation["responses"]) == ["200"]


@pytest.mark.parametrize("name", [DEFINITION, READ_ONLY])
def test_the_definitions_pass_every_rule(name: str) -> None:
    assert check_definition(document(name)) == []


def test_the_properties_pass_every_rule() -> None:
    assert check_properties(document(PROPERTIES), document(DEFINITION)) == []


def test_what_is_packaged_lacks_the_owner_which_uploads_refuse(tmp_path: Path) -> None:
    told = package(operations(), tmp_path, HOST)
    packaged = {one.name: one.read_bytes() for one in (tmp_path / FOLDER).iterdir()}

    assert packaged.keys() == {*FILES, "INSTALL.md"}
    assert {name for name in FILES if packaged[name] != FILES[name]} == {PROPERTIES}
    assert b"stackOwner" not in packaged[PROPERTIES]
    assert "paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json" in told


def test_the_connection_becomes_headers_and_the_toolsets_a_part_of_the_query() -> None:
    properties = document(PROPERTIES)["properties"]
    policies = [one["parameters"] for one in properties["policyTemplateInstances"]]
    prefix = "x-ms-apimTemplateParameter"
    sent = {one[f"{prefix}.name"]: one[f"{prefix}.value"] for one in policies}

    assert sent == {
        "dd-host": "@connectionParameters('siteHost')",
        "dd-api-key": "@connectionParameters('apiKey')",
        "x-functions-key": "@connectionParameters('functionKey')",
        "toolsets": "@connectionParameters('toolsets')",
    }
    assert properties["connectionParameters"]["toolsets"]["defaultValue"] == "daily"
    assert properties["connectionParameters"]["apiKey"]["type"] == "securestring"
