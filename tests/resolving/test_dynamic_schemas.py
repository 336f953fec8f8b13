"""The tenant's schemas, made fit for designers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.catalog import operations
from connector.resolving.dynamic_schemas import object_schema

EMPTY = {"type": "object", "properties": {}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schema", "type", "properties", "items", "$ref", "definitions", "required", "enum", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def picker(operation: str, **parameters: object) -> dict[str, object]:
    return {
        "type": "string",
        "x-ms-dynamic-values": {"operationId": operation, "value-path": "id", "parameters": parameters},
    }


@pytest.mark.parametrize("data", [None, [], {}, {"schema": None}, {"schema": {}}, {"type": "object"}, "text", 7])
def test_an_empty_schema_is_still_a_whole_object(data: object) -> None:
    assert object_schema(data) == EMPTY


def test_references_inside_are_put_in_place() -> None:
    schema = object_schema(
        {
            "schema": {
                "properties": {"who": {"$ref": "#/definitions/User"}, "gone": {"$ref": "#/definitions/None"}},
                "definitions": {"User": {"type": "object", "properties": {"boss": {"$ref": "#/definitions/User"}}}},
            }
        }
    )

    assert "$ref" not in str(schema)
    assert schema["properties"]["who"]["properties"]["boss"]["type"] == "object"
    assert schema["properties"]["gone"] == EMPTY


def test_types_are_single_and_what_is_required_exists() -> None:
    schema = object_schema(
        {"properties": {"n": {"type": ["null", "integer"], "format": "int32"}}, "required": ["n", "missing"]}
    )

    assert schema["properties"]["n"] == {"type": "integer", "format": "int32"}
    assert schema["required"] == ["n"]


def test_drop_downs_that_work_here_stay_under_our_names() -> None:
    operations()
    schema = object_schema(
        {
            "properties": {
                "board": picker("ListBoards"),
                "choice": picker("ListFormFiledChoices", formId=801, fieldId="systems"),
                "status": picker("ListStatuses", boardId={"parameter": "boardId"}),
                "other": picker("ListSomethingElse"),
            }
        }
    )["properties"]

    assert schema["board"]["x-ms-dynamic-values"]["operationId"] == "ListBoards"
    assert schema["choice"]["x-ms-dynamic-values"]["operationId"] == "ListFormFieldChoices"
    assert schema["choice"]["x-ms-dynamic-values"]["parameters"] == {"form": 801, "field": "systems"}
    assert "x-ms-dynamic-values" not in schema["status"]
    assert "x-ms-dynamic-values" not in schema["other"]


@given(JSON)
def test_whatever_a_site_answers_the_result_is_a_schema(data: object) -> None:
    schema = object_schema(data)

    assert schema["type"] == "object"
    assert isinstance(schema["properties"], dict)
    assert "$ref" not in _keys(schema)


def _keys(schema: object) -> set[str]:
    if isinstance(schema, dict):
        nested = [schema.get("items"), *schema.get("properties", {}).values()]
        return set(schema).union(*(_keys(one) for one in nested))
    return set()
