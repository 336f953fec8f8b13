"""What stands on an assumed route is marked as a preview on every face, and nothing else is."""

import json
import re
from typing import Any

import pytest

from connector.catalog import operations
from connector.deskdirector.discovery.targets import SENT
from connector.deskdirector.endpoints import ENDPOINTS
from connector.serving.mcp.tools import all_tools
from tests.desk import ROOT, Desk, generous

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
    marked = {
        tool.operation.id for tool in all_tools().values() if "(preview)" in tool.described()["annotations"]["title"]
    }

    assert marked == {*PREVIEWS}


@pytest.mark.parametrize("name", PREVIEWS)
def test_readers_see_the_mark(name: str) -> None:
    operation = operations()[name]
    page = (ROOT / "docs" / "operations" / f"{operation.group.lower().replace(' ', '-')}.md").read_text()
    section = page.partition(f"## {operation.title}\n")[2].partition("\n## ")[0]

    assert "· preview" in section
    assert "RouteNotFound" in section


APPROVER, MEMBER = "user1103@lakeside.example", "niamh.walsh.13@msp.example"
WHOLE_INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "ADD_TICKET_NOTE": ("AddTicketNote", {"ticketId": 10026, "text": "x", "isInternal": True, "onBehalfOf": MEMBER}),
    "CREATE_TIME_ENTRY": (
        "AddTimeEntry",
        {"ticketId": 10026, "text": "x", "startedAt": "2026-07-01T08:00:00Z", "hours": 1, "onBehalfOf": MEMBER},
    ),
    "APPROVE_TICKET": ("ApproveTicket", {"ticketId": 10022, "onBehalfOf": APPROVER, "comment": "x"}),
    "DECLINE_TICKET": ("DeclineTicket", {"ticketId": 10052, "onBehalfOf": APPROVER, "comment": "x"}),
    "UPDATE_CONTACT": (
        "UpdateContact",
        {"contactId": 1004, "name": "A B", "firstName": "A", "lastName": "B", "email": "a@b.example", "phone": "1"}
        | {"tags": ["x"]},
    ),
    "SET_CONTACT_PERMISSIONS": (
        "SetContactPermissions",
        {"contactId": 1004, "isActive": True, "hasPortalAccess": True, "isManager": True, "isApprover": True}
        | {"isVip": True},
    ),
}


@generous
@pytest.mark.parametrize("name", SENT)
def test_discovery_looks_for_what_is_really_sent(desk: Desk, name: str) -> None:
    """Else it would take a route for ours that refuses our body."""
    operation, given = WHOLE_INPUTS[name]

    desk.call(operation, **given)

    endpoint = ENDPOINTS[name]
    path = re.compile(re.sub(r"\{\w+\}", "[^/]+", endpoint.path))
    sent = [call for call in desk.simulator.calls if call.method == endpoint.method and path.fullmatch(call.path)]
    assert sent[-1].body.keys() == {*SENT[name]}
