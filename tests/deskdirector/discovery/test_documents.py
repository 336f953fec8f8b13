"""Documents are read whatever they hold, and never cost more than their limits."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.deskdirector.discovery.documents import (
    MOST_DEPTH,
    MOST_OPERATIONS,
    MOST_TEXT,
    Document,
    DocumentRefusedError,
    plain_text,
    properties_of,
)
from connector.deskdirector.discovery.matching import candidates
from connector.deskdirector.discovery.targets import targets
from tests.deskdirector.discovery.openapi import NOTE_ANSWER, NOTE_BODY, Made, openapi3, raw

NOTES = "/api/v2/tickets/{id}/notes"
NOTE = Made("POST", NOTES, NOTE_BODY, NOTE_ANSWER)


def nested(depth: int) -> bytes:
    return b'{"openapi":"3.0.1","paths":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"<html></html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"null", "no OpenAPI document"),
        (b"[]", "no OpenAPI document"),
        (b"{}", "no OpenAPI document"),
        (b'{"swagger":"1.2"}', "no OpenAPI document"),
        (b'{"openapi":"4.0.0"}', "no OpenAPI document"),
        (b'{"openapi":{}}', "no OpenAPI document"),
        (nested(MOST_DEPTH + 1), "deep"),
        (nested(200_000), "deep"),
        (b'{"openapi":"3.0.1","x":[' + b"1," * 600_000 + b"1]}", "values"),
        (raw({"openapi": "3.0.1", "components": {"schemas": {f"S{n}": {} for n in range(10_001)}}}), "schemas"),
        (raw({"swagger": "2.0", "definitions": {f"S{n}": {} for n in range(10_001)}}), "schemas"),
        (raw({"openapi": "3.0.1", "paths": {f"/p{n}": {"get": {}} for n in range(MOST_OPERATIONS + 1)}}), "operations"),
    ],
)
def test_what_is_no_document_or_too_much_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentRefusedError, match=reason):
        Document.read(content, "v2")


@pytest.mark.parametrize("version", ["3.0.1", "3.1.0", "3.2.0"])
def test_documents_of_any_3_are_read(version: str) -> None:
    assert Document.read(raw(openapi3([NOTE]) | {"openapi": version}), "v2").count() == 1


def test_a_document_without_paths_is_one_without_routes() -> None:
    document = Document.read(b'{"openapi":"3.1.0","webhooks":{"/api/v2/tickets/{id}/notes":{"post":{}}}}', "v2")

    assert list(document.routes()) == []


def test_a_thousand_paths_are_read() -> None:
    many = [Made("GET", f"/api/v2/things{n}/{{id}}", answer=("Id",)) for n in range(1_000)]

    document = Document.read(raw(openapi3([*many, NOTE])), "v2")

    assert document.count() == 1_001
    assert len(list(candidates(document, targets()))) == 2


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"id": {}}}},
        {"A": {"properties": {"id": {}, "parent": {"$ref": "#/components/schemas/A"}}}},
        {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}},
        {"A": {"$ref": "https://evil.example/schema.json"}},
        {"A": {"$ref": "#/components/schemas/Nowhere"}},
        {"A": {"$ref": "#/paths/~1api~1v2"}},
        {"A": {"$ref": 7}},
        {"A": None},
    ],
)
def test_references_that_lead_in_a_circle_or_nowhere_come_to_an_end(schemas: dict[str, Any]) -> None:
    content = openapi3([]) | {"components": {"schemas": schemas}}

    found = properties_of(Document.read(raw(content), "v2"), {"$ref": "#/components/schemas/A"})

    assert found.names <= {"id", "parent"}


def test_a_wide_circle_of_references_comes_to_an_end() -> None:
    names = [f"S{n}" for n in range(300)]
    every = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    content = openapi3([]) | {"components": {"schemas": {name: {"allOf": every} for name in names}}}

    assert properties_of(Document.read(raw(content), "v2"), every[0]).names == frozenset()


def test_properties_are_found_through_every_wrapper() -> None:
    content = openapi3([]) | {
        "components": {
            "schemas": {
                "Base": {"properties": {"Id": {}}},
                "Note": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"Text": {}}}]},
                "Page": {"properties": {"Results": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}}},
                "Maybe": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Note"}]},
            }
        }
    }
    document = Document.read(raw(content), "v2")

    def of(name: str) -> tuple[set[str], set[str]]:
        found = properties_of(document, {"$ref": f"#/components/schemas/{name}"})
        return {*found.names}, {*found.inner}

    assert of("Note") == ({"id", "text"}, set())
    assert of("Maybe") == ({"id", "text"}, set())
    assert of("Page") == ({"results"}, {"id", "text"})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("servers", "components", "info", "basePath", "definitions", "paths", "tags")


@settings(max_examples=200, deadline=None)
@given(document=st.dictionaries(st.sampled_from(KEYS), JUNK), swagger2=st.booleans())
def test_junk_at_the_root_is_read_without_a_fault(document: dict[str, Any], swagger2: bool) -> None:
    read = Document.read(json.dumps(document | ({"swagger": "2.0"} if swagger2 else {"openapi": "3.0"})).encode(), "v2")

    list(candidates(read, targets()))


@settings(max_examples=300, deadline=None)
@given(
    item=st.dictionaries(st.sampled_from(("parameters", "servers", "summary")), JUNK),
    node=st.dictionaries(
        st.sampled_from(("parameters", "requestBody", "responses", "servers", "deprecated", "security")), JUNK
    ),
    schema=JUNK,
    swagger2=st.booleans(),
)
def test_junk_in_a_route_is_read_without_a_fault(
    item: dict[str, Any], node: dict[str, Any], schema: Any, swagger2: bool
) -> None:
    content = {"content": {"application/json": {"schema": schema}}}
    whole = {"requestBody": content, "responses": {"200": content}, **node}
    document = {"paths": {NOTES: {**item, "post": whole}}, "info": {"version": "v2"}}
    kind = {"swagger": "2.0"} if swagger2 else {"openapi": "3.0.1"}

    list(candidates(Document.read(json.dumps(document | kind).encode(), "v2"), targets()))


@settings(deadline=None)
@given(st.text(max_size=400))
def test_text_of_a_document_is_one_short_plain_line(text: str) -> None:
    line = plain_text(text)

    assert len(line) <= MOST_TEXT
    assert not {"\n", "\x1b", "\u202e", "\u2028", "\x00"} & {*line}
