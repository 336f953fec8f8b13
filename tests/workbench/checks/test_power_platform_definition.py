"""The rules about a definition: silent on a good one, each of them loud on its own fault."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.checks import breaking_document, breaking_inputs, sample
from tests.workbench.checks.edits import drop, edited, put
from workbench.checks.json_reading import nodes
from workbench.checks.power_platform import check_definition
from workbench.checks.power_platform.rulebook import definition_rules

CASES = breaking_document.CASES | breaking_inputs.CASES
ALSO = breaking_document.ALSO | breaking_inputs.ALSO
POINTERS = [at for at, _ in nodes(sample.definition()) if at]


def test_a_good_definition_has_no_findings() -> None:
    assert check_definition(sample.definition()) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert definition_rules.rules.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(rule: str) -> None:
    findings = check_definition(edited(sample.definition(), *CASES[rule]))
    assert {finding.rule for finding in findings} == {rule} | ALSO.get(rule, set())
    assert all(finding.message and finding.remedy and finding.file for finding in findings)


def test_a_finding_points_at_the_fault() -> None:
    (finding,) = check_definition(edited(sample.definition(), *CASES["DefaultResponseHasSchema"]))
    assert finding.pointer == "/paths/~1tickets~1{ticketId}/get/responses/default/schema"
    assert finding.message == "The default response of 'GetTicket' has a schema."


def test_a_connector_for_mcp_needs_nothing_but_its_one_operation() -> None:
    invoke = {
        "operationId": "InvokeMCP",
        "summary": "Call the tools of a service desk",
        "description": "Lists and calls the tools, as an agent asks.",
        "responses": {"200": {"description": "What the server answers."}},
        "x-ms-agentic-protocol": "mcp-streamable-1.0",
    }
    document = edited(sample.definition(), put("/paths", {"/mcp": {"post": invoke}}), drop("/x-ms-capabilities"))
    assert check_definition(document) == []


def test_a_shared_schema_is_reported_once_however_many_operations_use_it() -> None:
    findings = check_definition(edited(sample.definition(), *CASES["NotificationUrlNotAllowedInThisPosition"]))
    assert len({finding.pointer for finding in findings}) == 1


@given(
    pointer=st.sampled_from(POINTERS),
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)
@settings(max_examples=200, deadline=None)
def test_no_nonsense_in_a_definition_makes_a_rule_fall_over(pointer: str, value: Any) -> None:
    check_definition(edited(sample.definition(), put(pointer, value)))


@given(
    st.dictionaries(st.sampled_from(["swagger", "info", "paths", "definitions", "parameters"]), st.none() | st.text())
)
def test_a_definition_of_other_types_is_reported(document: dict[str, Any]) -> None:
    assert check_definition(document)


def test_references_that_lead_in_circles_are_survived() -> None:
    circle = {
        "type": "object",
        "properties": {"self": {"$ref": "#/definitions/A"}, "other": {"$ref": "#/definitions/B"}},
    }
    edit = (put("/definitions/A", circle), put("/definitions/B", {"$ref": "#/definitions/B"}))
    assert check_definition(
        edited(sample.definition(), *edit, put("/definitions/Ticket/properties/a", {"$ref": "#/definitions/A"}))
    )
