"""What breaks flows, apps and agents from one version of a connector to the next."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.checks import sample
from tests.workbench.checks.breaking_document import FIND, GET, HOOK, POLL, SUBSCRIBE, TITLE, UPDATE
from tests.workbench.checks.breaking_inputs import BOARD, BODY, ESTIMATE, MODE, STATUS, TAGS, parameter
from tests.workbench.checks.edits import Edit, append, clone, drop, edited, put, rename
from workbench.checks.diff import breaking_changes, changes, changes_between, changes_to_json, changes_to_text
from workbench.checks.json_reading import nodes

ROOT = "/properties/connectionParameters"
SETS = "/properties/connectionParameterSets/values"

BREAKING: dict[str, tuple[Edit, ...]] = {
    "operation-removed": (drop(FIND),),
    "path-changed": (rename("/paths", "/find/tickets", "/tickets/find"),),
    "method-changed": (rename("/paths/~1polling~1tickets", "get", "post"),),
    "trigger-changed": (put(f"{POLL}/x-ms-trigger", "single"),),
    "paging-removed": (drop(f"{FIND}/x-ms-pageable"),),
    "authentication-changed": (put("/securityDefinitions/apiKey", {"type": "basic"}),),
    "input-removed": (drop(TAGS),),
    "required-input-added": (append(f"{FIND}/parameters", parameter("board", "query", required=True)),),
    "input-moved": (put(f"{TAGS}/in", "header"),),
    "input-made-required": (put(f"{TAGS}/required", True),),
    "input-type-changed": (put(f"{ESTIMATE}/type", "integer"),),
    "enum-added": (put(f"{STATUS}/enum", ["open"]),),
    "enum-value-removed": (put(f"{MODE}/enum", ["quiet"]),),
    "input-narrowed": (put(f"{ESTIMATE}/maximum", 10),),
    "output-removed": (drop(TITLE),),
    "output-type-changed": (put("/definitions/Ticket/properties/id/format", "int64"),),
    "output-hidden": (put(f"{TITLE}/x-ms-visibility", "internal"),),
}
HARMLESS: dict[str, tuple[Edit, ...]] = {
    "operation-added": (clone("/connection", "/connection/again", "TestAgain"),),
    "operation-deprecated": (put(f"{FIND}/deprecated", True),),
    "operation-hidden": (put(f"{FIND}/x-ms-visibility", "internal"),),
    "host-changed": (put("/host", "desk.example.com"),),
    "input-added": (append(f"{FIND}/parameters", parameter("board", "query")),),
    "input-made-optional": (drop(f"{BODY}/required"),),
    "input-hidden": (put(f"{TAGS}/x-ms-visibility", "internal"),),
    "input-widened": (put(f"{ESTIMATE}/maximum", 1000),),
    "default-changed": (put(f"{MODE}/default", "loud"),),
    "enum-removed": (drop(f"{MODE}/enum"),),
    "enum-value-added": (append(f"{MODE}/enum", "silent"),),
    "output-added": (put("/definitions/Ticket/properties/url", {"type": "string"}),),
}
CONNECTION_BREAKING: dict[str, tuple[Edit, ...]] = {
    "connection-parameter-removed": (drop(f"{ROOT}/apiKey"),),
    "required-connection-parameter-added": (put(f"{ROOT}/siteHost", sample.key_parameter()),),
    "authentication-changed": (put(f"{ROOT}/apiKey/type", "oauthSetting"),),
}


def test_a_definition_does_not_differ_from_itself() -> None:
    assert changes(sample.definition(), sample.definition()) == []


@pytest.mark.parametrize("kind", BREAKING)
def test_what_breaks_flows_is_breaking(kind: str) -> None:
    found = changes(sample.definition(), edited(sample.definition(), *BREAKING[kind]))
    assert {(change.kind, change.breaking) for change in found} == {(kind, True)}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_breaks_nothing_is_listed_too(kind: str) -> None:
    new = edited(sample.definition(), *HARMLESS[kind])
    assert {(change.kind, change.breaking) for change in changes(sample.definition(), new)} == {(kind, False)}
    assert breaking_changes(sample.definition(), new) == []


@pytest.mark.parametrize(
    ("kind", "edits"),
    [
        ("path-changed", (put("/basePath", "/api"),)),
        ("trigger-changed", (drop(f"{HOOK}/x-ms-notification-content"), put(f"{SUBSCRIBE}/x-ms-trigger", "batch"))),
        ("input-removed", (drop(f"{BODY}/properties/status"),)),
        ("input-removed", (put(f"{UPDATE}/parameters/2/name", "ticket"),)),
        (
            "required-input-added",
            (
                put(f"{BODY}/properties/note", sample.text("Note", "What to say.")),
                put(f"{BODY}/required", ["board", "note"]),
            ),
        ),
        ("input-made-required", (put(f"{BODY}/required", ["board", "status"]),)),
        ("input-narrowed", (put(f"{BOARD}/maxLength", 10),)),
        ("input-narrowed", (put(f"{BOARD}/pattern", "[a-z]+"),)),
        ("output-removed", (drop(f"{GET}/responses/200/schema"),)),
        ("output-removed", (drop(f"{HOOK}/x-ms-notification-content/schema/properties/ticketId"),)),
    ],
)
def test_other_ways_to_break_flows(kind: str, edits: tuple[Edit, ...]) -> None:
    assert kind in {
        change.kind for change in breaking_changes(sample.definition(), edited(sample.definition(), *edits))
    }


def test_a_new_optional_object_may_require_what_is_inside_it() -> None:
    inner = {"type": "object", "required": ["day"], "properties": {"day": {"type": "string"}}}
    new = edited(sample.definition(), put(f"{BODY}/properties/due", inner))
    assert breaking_changes(sample.definition(), new) == []


@pytest.mark.parametrize("kind", CONNECTION_BREAKING)
def test_what_breaks_connections_is_breaking(kind: str) -> None:
    found = breaking_changes(sample.properties(), edited(sample.properties(), *CONNECTION_BREAKING[kind]))
    assert {change.kind for change in found} == {kind}


def test_a_way_to_connect_may_be_added_but_not_removed() -> None:
    fewer = edited(sample.multi_auth(), drop(f"{SETS}/1"))
    assert [change.kind for change in breaking_changes(sample.multi_auth(), fewer)] == ["connection-set-removed"]
    assert [(one.kind, one.breaking) for one in changes(fewer, sample.multi_auth())] == [
        ("connection-set-added", False)
    ]
    assert [one.kind for one in breaking_changes(sample.properties(), sample.multi_auth())] == [
        "authentication-changed"
    ]


def test_an_optional_connection_parameter_may_be_added() -> None:
    optional = edited(sample.key_parameter(), put("/uiDefinition/constraints/required", "false"))
    found = changes(sample.properties(), edited(sample.properties(), put(f"{ROOT}/agent", optional)))
    assert [(change.kind, change.breaking) for change in found] == [("connection-parameter-added", False)]


def test_two_package_folders_are_compared_file_by_file(tmp_path: Path) -> None:
    old, new = sample.write(tmp_path / "old"), sample.write(tmp_path / "new")
    assert changes_between(old, new) == []
    (new / "apiDefinition.swagger.json").write_text(json.dumps(edited(sample.definition(), drop(FIND))))
    (new / "apiProperties.json").write_text(json.dumps(edited(sample.properties(), drop(f"{ROOT}/apiKey"))))
    kinds = [change.kind for change in changes_between(old, new)]
    assert kinds == ["operation-removed", "connection-parameter-removed"]
    assert [
        one.kind for one in changes_between(old / "apiDefinition.swagger.json", new / "apiDefinition.swagger.json")
    ] == ["operation-removed"]


def test_a_file_that_cannot_be_compared_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match=r"list\.json cannot be compared\. It is JSON, but not an object"):
        changes_between(tmp_path / "list.json", tmp_path / "list.json")
    with pytest.raises(ValueError, match=r"none\.json cannot be compared\. It does not exist"):
        changes_between(tmp_path / "none.json", tmp_path / "none.json")


def test_a_folder_without_a_definition_is_not_taken_for_one_without_changes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        changes_between(tmp_path, sample.write(tmp_path / "new"))


@pytest.mark.parametrize(
    ("file", "pointer", "kind"),
    [
        ("apiDefinition.swagger.json", FIND, "operation-removed"),
        ("apiProperties.json", f"{ROOT}/apiKey", "connection-parameter-removed"),
        ("released-last-year.json", FIND, "operation-removed"),
    ],
)
def test_a_file_is_compared_with_what_corresponds_to_it_in_a_folder(
    file: str, pointer: str, kind: str, tmp_path: Path
) -> None:
    old, new = sample.write(tmp_path / "old"), sample.write(tmp_path / "new")
    of_folder = file if (old / file).exists() else "apiDefinition.swagger.json"
    (old / of_folder).rename(tmp_path / file)
    document = json.loads((new / of_folder).read_text())
    (new / of_folder).write_text(json.dumps(edited(document, drop(pointer))))

    assert [change.kind for change in changes_between(tmp_path / file, new)] == [kind]


def test_breaking_changes_are_printed_first_and_counted() -> None:
    new = edited(sample.definition(), put("/host", "desk.example.com"), drop(FIND))
    found = changes(sample.definition(), new)
    lines = changes_to_text(found).splitlines()
    assert lines[0] == "BREAKING operation-removed: 'FindTickets' was removed."
    assert lines[-1] == "2 change(s), 1 of them breaking."
    document = changes_to_json(found)
    assert document["breaking"] == 1
    assert {change["kind"] for change in document["changes"]} == {"host-changed", "operation-removed"}


@given(
    pointer=st.sampled_from([at for at, _ in nodes(sample.definition()) if at]),
    value=st.sampled_from([None, [], {}, 1, "x", [{}], {"x": []}, True]),
)
@settings(max_examples=200, deadline=None)
def test_no_nonsense_in_a_definition_makes_the_comparison_fall_over(pointer: str, value: Any) -> None:
    broken = edited(sample.definition(), put(pointer, value))
    changes(sample.definition(), broken)
    changes(broken, sample.definition())
