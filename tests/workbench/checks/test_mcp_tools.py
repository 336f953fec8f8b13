"""The rules about MCP tools."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.checks.edits import Edit, append, drop, edited, put
from workbench.checks.json_reading import nodes
from workbench.checks.mcp_tools import check_mcp_tools, tool_rules

INPUT, OUTPUT = "/tools/0/inputSchema", "/tools/0/outputSchema"
STATUS, TAGS = f"{INPUT}/properties/status", f"{INPUT}/properties/tags"
RESULTS = f"{OUTPUT}/properties/results"


def listing() -> dict[str, Any]:
    """The result of `tools/list`, with two tools that no rule objects to."""
    results = {"type": "array", "items": {"type": "object", "properties": {"title": {"type": "string"}}}}
    return {
        "tools": [
            {
                "name": "findTickets",
                "title": "Find tickets",
                "description": "Find tickets by words and filters.",
                "inputSchema": {
                    "type": "object",
                    "required": [],
                    "properties": {
                        "status": {
                            "type": "string",
                            "enum": ["open", "closed"],
                            "description": "Either open or closed.",
                        },
                        "tags": {"type": "array", "items": {"type": "string"}, "description": "With all of these."},
                    },
                },
                "outputSchema": {"type": "object", "properties": {"results": results, "total": {"type": "integer"}}},
                "annotations": hints(read_only=True),
            },
            {
                "name": "testConnection",
                "title": "Test the connection",
                "description": "Find out whether the credentials are good.",
                "inputSchema": {"type": "object", "required": [], "properties": {}},
                "outputSchema": {"type": "object", "properties": {}},
                "annotations": hints(read_only=True),
            },
        ]
    }


def hints(*, read_only: bool) -> dict[str, bool]:
    """Annotations of a harmless tool."""
    return {"readOnlyHint": read_only, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}


CASES: dict[str, tuple[Edit, ...]] = {
    "ToolNameNotCamelCase": (put("/tools/0/name", "find_tickets_v2"),),
    "ToolNameTooLong": (put("/tools/0/name", "find" + "Tickets" * 10),),
    "ToolNameNotUnique": (put("/tools/0/name", "testconnection"),),
    "ToolDescriptionMissing": (drop("/tools/0/description"),),
    "ToolTitleMissing": (drop("/tools/0/title"),),
    "ToolAnnotationsMissing": (drop("/tools/0/annotations/openWorldHint"),),
    "ToolAnnotationsContradict": (put("/tools/0/annotations/destructiveHint", True),),
    "InputSchemaNotObject": (drop("/tools/1/inputSchema/properties"),),
    "InputRequiredNotExplicit": (drop(f"{INPUT}/required"),),
    "InputNotFlat": (put(f"{TAGS}/items", {"type": "object", "properties": {}}),),
    "InputDescriptionMissing": (drop(f"{TAGS}/description"),),
    "EnumNotInDescription": (append(f"{STATUS}/enum", "waiting"),),
    "TypeNotSingle": (put(f"{STATUS}/type", ["string", "null"]),),
    "KeywordNotSupported": (put(f"{STATUS}/anyOf", [{"type": "string"}]),),
    "ArrayItemsMissing": (drop(f"{TAGS}/items"),),
    "ObjectPropertiesMissing": (drop(f"{RESULTS}/items/properties"),),
    "OutputSchemaNotObject": (put("/tools/1/outputSchema", {"type": "array", "items": {"type": "string"}}),),
    "OutputNotFlat": (put(f"{OUTPUT}/properties/owner", {"type": "object", "properties": {}}),),
}


def test_good_tools_have_no_findings() -> None:
    assert check_mcp_tools(listing()["tools"]) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert tool_rules.rules.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(rule: str) -> None:
    findings = check_mcp_tools(edited(listing(), *CASES[rule])["tools"])
    assert {finding.rule for finding in findings} == {rule}
    assert all(finding.file == "tools/list" for finding in findings)


def test_a_pointer_runs_from_the_result_of_the_listing() -> None:
    (finding,) = check_mcp_tools(edited(listing(), *CASES["KeywordNotSupported"])["tools"])
    assert finding.pointer == "/tools/0/inputSchema/properties/status/anyOf"


def test_a_property_may_be_called_like_a_keyword() -> None:
    document = edited(
        listing(), put(f"{INPUT}/properties/not", {"type": "string", "description": "Words to leave out."})
    )
    assert check_mcp_tools(document["tools"]) == []


@given(
    pointer=st.sampled_from([at for at, _ in nodes(listing()) if at.count("/") > 1]),
    value=st.sampled_from([None, [], {}, 1, "x", [{}], {"x": []}, True]),
)
@settings(deadline=None)
def test_no_nonsense_in_a_tool_makes_a_rule_fall_over(pointer: str, value: Any) -> None:
    check_mcp_tools(edited(listing(), put(pointer, value))["tools"])
