"""The tools of the MCP server: what models and their clients learn about the catalog."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.catalog import operations
from connector.operations.operation import Effects, Kind
from connector.operations.signature import signature_of
from connector.serving.mcp.selection import NAMED_SETS, select, toolsets
from connector.serving.mcp.texts import HIDDEN, INPUTS, TOOLS
from connector.serving.mcp.tools import all_tools
from tests.desk import ROOT
from tests.serving.mcp_messages import MODERN, message, modern, modern_headers, parsed, post
from workbench.checks.finding import to_text
from workbench.checks.mcp_tools import check_mcp_tools

LISTED: list[dict[str, Any]] = json.loads(b"{%b}" % select("all").listing)["tools"]
NAMED = {tool["name"]: tool for tool in LISTED}
EVERY = pytest.mark.parametrize("tool", LISTED, ids=lambda tool: tool["name"])


def operation_id(tool: dict[str, Any]) -> str:
    name: str = tool["name"]
    return name[0].upper() + name[1:]


def test_no_client_will_stumble_over_a_tool() -> None:
    findings = check_mcp_tools(LISTED)

    assert not findings, to_text(findings)


def test_every_action_and_lookup_is_a_tool_and_nothing_else_is() -> None:
    offered = {one.id for one in operations().values() if one.kind in (Kind.ACTION, Kind.LOOKUP)}

    assert {operation_id(tool) for tool in LISTED} == offered - {"CreateUserKey"}
    assert "testConnection" not in NAMED


@EVERY
def test_schemas_are_schemas(tool: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(tool["inputSchema"])
    Draft202012Validator.check_schema(tool["outputSchema"])


@EVERY
def test_path_query_and_body_are_one_input(tool: dict[str, Any]) -> None:
    operation = operations()[operation_id(tool)]
    fields = [field for _, field in signature_of(operation).fields(operation)]

    listed = [field.name for field in fields if field.name not in HIDDEN.get(tool["name"], ())]
    assert list(tool["inputSchema"]["properties"]) == listed
    assert tool["inputSchema"]["required"] == [field.name for field in fields if field.required]


@EVERY
def test_every_choice_is_named_since_some_clients_forget_enums(tool: dict[str, Any]) -> None:
    operation = operations()[operation_id(tool)]
    for _, field in signature_of(operation).fields(operation):
        said = tool["inputSchema"]["properties"].get(field.name, {}).get("description", "")
        for choice in field.enum or (field.items.enum if field.items else ()):
            assert not said or choice in said


@EVERY
def test_what_a_tool_takes_but_does_not_list_is_optional(tool: dict[str, Any]) -> None:
    operation = operations()[operation_id(tool)]
    optional = {field.name for _, field in signature_of(operation).fields(operation) if not field.required}

    assert {*HIDDEN.get(tool["name"], ())} <= optional


def test_every_text_belongs_to_something() -> None:
    inputs = {name for tool in all_tools().values() for field in tool.inputs for name in (field.name,)}
    of_tools = {f"{tool.name}.{field.name}" for tool in all_tools().values() for field in tool.inputs}

    assert {name for name in INPUTS if name not in inputs | of_tools} <= {"dueAfter", "dueBefore"}
    assert {*TOOLS, *HIDDEN} <= all_tools().keys()


def test_hints_say_what_a_tool_does() -> None:
    def hints(name: str) -> list[str]:
        return [hint for hint, holds in NAMED[name]["annotations"].items() if holds is True]

    assert hints("getTicket") == hints("listBoards") == ["readOnlyHint"]
    assert hints("updateTicket") == ["destructiveHint", "openWorldHint", "idempotentHint"]
    assert hints("assignTicket") == ["destructiveHint", "idempotentHint"]
    assert hints("addTicketTags") == ["idempotentHint"]
    assert hints("createTicket") == hints("createTicketTasks") == []
    assert hints("addTicketNote") == ["openWorldHint"]
    assert hints("closeTicket") == ["destructiveHint", "openWorldHint", "idempotentHint"]
    assert hints("createContactNotification") == ["openWorldHint"]
    assert hints("sendApiRequest") == ["destructiveHint", "openWorldHint"]
    assert NAMED["getTicket"]["annotations"]["title"] == "Get ticket"


def test_only_what_adds_is_not_destructive() -> None:
    """The specification: a tool that is not destructive performs only additive updates."""
    for tool in LISTED:
        effects, hints = operations()[operation_id(tool)].effects, tool["annotations"]
        adds = effects in (Effects.CREATES, Effects.SENDS) or tool["name"].startswith("add")
        assert hints["destructiveHint"] is not (effects.read_only or adds), tool["name"]


def test_fields_that_only_the_tenant_knows_are_taken_as_json_text() -> None:
    given = NAMED["generateEmailFromTemplate"]["inputSchema"]["properties"]["values"]

    assert given["type"] == "string"
    assert "JSON text" in given["description"]


def test_fields_that_only_the_tenant_knows_are_answered_though_no_schema_has_them() -> None:
    tool = NAMED["getFormResult"]

    assert "answers" not in tool["outputSchema"]["properties"]
    assert "The answer also has answers:" in tool["description"]
    assert tool["outputSchema"].get("additionalProperties", True)


def test_an_output_is_described_down_to_its_results() -> None:
    output = NAMED["findTickets"]["outputSchema"]
    ticket = output["properties"]["results"]["items"]

    assert ticket["properties"]["createdAt"] == {"type": "string"}
    assert "description" not in ticket["properties"]
    assert ticket["properties"]["assignedTo"]["items"] == {"type": "string"}
    # Callers may leave any field of a result out, and have no use for the address of a page.
    assert "required" not in ticket
    assert "nextLink" not in output["properties"]


def test_the_order_is_always_the_same() -> None:
    assert list(NAMED) == sorted(NAMED)


def test_the_list_leaves_room_in_an_answer_and_in_a_models_mind() -> None:
    assert len(select().listing) < 100_000


async def names(query: dict[str, str], *, read_only: bool = False) -> set[str]:
    answer = parsed(await post(message("tools/list"), query=query, read_only=read_only))
    return {tool["name"] for tool in answer["result"]["tools"]}


@pytest.mark.parametrize("asked", ["time_entries", "timeEntries", "time-entries", "TIMEENTRIES"])
async def test_a_url_may_ask_for_toolsets(asked: str) -> None:
    assert await names({"toolsets": f"notes,{asked}"}) == {
        "addTicketNote",
        "listTicketNotes",
        "addTimeEntry",
        "findTimeEntries",
    }


async def test_a_url_may_ask_for_single_tools_besides() -> None:
    assert await names({"tools": "getTicket,ListBoards"}) == {"getTicket", "listBoards"}
    assert await names({"toolsets": "notes", "tools": "getTicket"}) == {"addTicketNote", "listTicketNotes", "getTicket"}


async def test_all_is_every_tool_and_nothing_is_the_daily_ones() -> None:
    assert await names({"toolsets": "all"}) == set(NAMED)
    assert await names({"toolsets": "daily"}) == await names({}) == {*NAMED_SETS["daily"]}


async def test_a_read_only_url_holds_whatever_else_is_asked_for() -> None:
    every = await names({"toolsets": "all"}, read_only=True)

    assert every == {name for name, tool in NAMED.items() if tool["annotations"]["readOnlyHint"]}
    assert await names({"toolsets": "notes", "tools": "createTicket"}, read_only=True) == {"listTicketNotes"}


async def test_a_tool_that_is_not_offered_cannot_be_called() -> None:
    answer = parsed(await post(message("tools/call", {"name": "createTicket"}), read_only=True))

    assert answer["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"toolsets": "tickets,colours"}, "tickets, time_entries"),
        ({"tools": "paintTicket"}, "?toolsets=all lists every tool"),
    ],
)
async def test_an_unknown_name_in_the_url_is_told_with_those_that_exist(query: dict[str, str], told: str) -> None:
    response = await post(message("initialize", {"protocolVersion": "2025-06-18"}), query=query)

    assert response.status == 400
    assert parsed(response)["id"] == 1
    assert told in parsed(response)["error"]["message"]


def test_every_toolset_can_be_asked_for_and_people_can_read_of_it() -> None:
    page = (ROOT / "docs" / "operations" / "README.md").read_text() + (ROOT / "docs" / "mcp.md").read_text()
    for toolset in toolsets():
        assert select(toolset).tools
        assert f"`{toolset}`" in page


async def test_the_modern_list_says_how_long_it_may_be_kept() -> None:
    sent = modern("tools/list")
    result = parsed(await post(sent, modern_headers(sent), query={"toolsets": "all"}))["result"]

    assert result["resultType"] == "complete"
    assert result["ttlMs"] > 0
    assert result["cacheScope"] == "public"
    assert len(result["tools"]) == len(LISTED)
    assert MODERN not in json.dumps(parsed(await post(message("tools/list"))))


def test_the_default_is_small_and_safe() -> None:
    tools = select().tools

    assert len(tools) <= 30
    assert len(select(read_only=True).tools) <= 25
    assert not {"sendApiRequest", "setContactPermissions", "callAdvancedAction"} & tools.keys()


@pytest.mark.parametrize("persona", [*NAMED_SETS, "account-manager"])
def test_every_persona_has_tools(persona: str) -> None:
    assert 0 < len(select(persona).tools) <= 30


@pytest.mark.parametrize(
    "query", [{"toolset": "tickets"}, {"readonly": "true"}, {"toolsets": "nope"}, {"tools": "nope"}]
)
async def test_what_a_url_may_not_ask_for_is_refused_with_the_list(query: dict[str, str]) -> None:
    response = await post(message("tools/list"), query=query)

    assert response.status == 400
    assert "toolsets" in str(parsed(response)["error"]) or "there is" in str(parsed(response)["error"])


async def test_headers_choose_tools_too() -> None:
    listed = parsed(await post(message("tools/list"), {"x-mcp-toolsets": "notes", "x-mcp-readonly": "true"}))

    assert [tool["name"] for tool in listed["result"]["tools"]] == ["listTicketNotes"]
    assert (await post(message("tools/list"), {"x-mcp-readonly": "perhaps"})).status == 400


def test_texts_are_written_for_models() -> None:
    """Tools by the names that models call, true and false, nothing about flow runs."""
    titles = {tool.operation.title for tool in all_tools().values()}
    for tool in all_tools().values():
        described = tool.described()
        inputs = described["inputSchema"]["properties"].values()
        guidance = described["description"].removeprefix(tool.operation.description)
        if tool.name in TOOLS:
            guidance = ""
        for text in (guidance, *(node["description"] for node in inputs)):
            assert not re.search(r"\b([Yy]es|[Nn]o) (to|for|when|with)\b|\bis (yes|no)[.;,]", text), text
            assert not re.search(r"yes/no|flow run", text), text
            assert not [title for title in titles if re.search(rf"\b{title}\b", text)], text
