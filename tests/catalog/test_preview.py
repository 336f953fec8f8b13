"""What stands on an assumed route is marked as a preview on every face, and nothing else is."""

import json

import pytest

from connector.catalog import operations
from connector.serving.mcp.tools import all_tools
from tests.desk import ROOT

PREVIEWS = sorted(one.id for one in operations().values() if one.is_preview)
DEFINITION = ROOT / "connector" / "definition"


def test_what_no_proven_route_does_is_a_preview() -> None:
    assert {"ApproveTicket", "DeclineTicket", "UpdateContact", "SetContactPermissions", "AddTimeEntry"} <= {*PREVIEWS}
    assert not {"GetTicket", "UpdateTicket", "CloseTicket", "FindTimeEntries", "SendApiRequest"} & {*PREVIEWS}


def test_makers_see_the_mark() -> None:
    swagger = json.loads((DEFINITION / "power-platform" / "apiDefinition.swagger.json").read_text())
    nodes = [node for item in swagger["paths"].values() for node in item.values() if isinstance(node, dict)]
    marked = {node["operationId"] for node in nodes if node.get("x-ms-api-annotation", {}).get("status") == "Preview"}

    assert marked == {*PREVIEWS}


def test_models_see_the_mark() -> None:
    marked = {tool.operation.id for tool in all_tools().values() if "(preview)" in tool.described()["title"]}

    assert marked == {*PREVIEWS}


@pytest.mark.parametrize("name", PREVIEWS)
def test_readers_see_the_mark(name: str) -> None:
    operation = operations()[name]
    page = (ROOT / "docs" / "operations" / f"{operation.group.lower().replace(' ', '-')}.md").read_text()
    section = page.partition(f"## {operation.title}\n")[2].partition("\n## ")[0]

    assert "· preview" in section
    assert "RouteNotFound" in section
