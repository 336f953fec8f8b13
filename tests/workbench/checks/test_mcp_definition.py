"""The connectors for Copilot Studio: every defect is reported, and none stops the check."""

import json
from pathlib import Path

import pytest

from tests.workbench.checks.edits import Edit, drop, edited, put
from workbench.checks.mcp_definition import check_mcp_definitions
from workbench.generators import export
from workbench.generators import mcp_definition as face

DEFINITION, PROPERTIES = "apiDefinition.swagger.json", "apiProperties.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export.export(tmp_path, renders=[face.render])
    return tmp_path / "mcp"


def test_what_is_exported_has_no_findings(folder: Path) -> None:
    assert check_mcp_definitions(folder) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (DEFINITION, b'{"swagger": "2.0"', "It is not JSON"),
        (DEFINITION, b"[]", "not an object"),
        (DEFINITION, b'{"swagger": "2.0", "swagger": "2.0"}', "'swagger' stands twice"),
        (PROPERTIES, b"", "It is not JSON"),
        (PROPERTIES, b'{"properties": "\xf6"}', "It is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes, said: str, folder: Path) -> None:
    (folder / name).write_bytes(content)
    (finding,) = check_mcp_definitions(folder)
    assert (finding.file, finding.rule) == (name, "JsonNotValid")
    assert said in finding.message


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / PROPERTIES).unlink()
    assert [(one.file, one.message) for one in check_mcp_definitions(folder)] == [(PROPERTIES, "It does not exist.")]


@pytest.mark.parametrize(
    ("name", "rule", "edit"),
    [
        (DEFINITION, "AgenticProtocolMissing", drop("/paths/~1mcp/post/x-ms-agentic-protocol")),
        (DEFINITION, "JsonValueNotInEnum", put("/paths/~1mcp/post/x-ms-agentic-protocol", "mcp-sse-1.0")),
        (PROPERTIES, "PolicyTemplateNotRecognized", put("/properties/policyTemplateInstances/0/templateId", "pigeon")),
    ],
)
def test_a_fault_is_told_once_with_its_file(name: str, rule: str, edit: Edit, folder: Path) -> None:
    (folder / name).write_text(json.dumps(edited(json.loads((folder / name).read_bytes()), edit)))
    assert [one.rule for one in check_mcp_definitions(folder) if one.file == name].count(rule) == 1
