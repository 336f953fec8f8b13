"""The tenant's own schemas, made fit for the designers that ask for them.

A designer wants a whole object schema even when it is empty, and cannot follow `$ref`. The pickers in a tenant's schema
name the operations of the certified connector; those that we have under the same or another name are kept.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from connector.deskdirector.body_schemas import kind_of, read_schema
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.field_names import our_name
from connector.deskdirector.models import Entity
from connector.operations.operation import every_operation

_DEPTH = 8
_KEPT = ("format", "title", "description", "default", "example", "x-ms-summary", "x-ms-visibility")
_PICKERS = ("x-ms-dynamic-values", "x-ms-dynamic-list")
_OUR_OPERATIONS = {"ListFormFiledChoices": "ListFormFieldChoices"}


class SchemaAnswer(Entity):
    """The schema of an object whose properties only the tenant knows."""

    schema_: dict[str, Any] = Field(serialization_alias="schema", description="A JSON schema of type object.")


async def tenant_schema(
    dd: DeskDirector,
    wrapped: Endpoint,
    bare: Endpoint,
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> SchemaAnswer:
    """The schema behind `wrapped`, or `bare` where that does not exist."""
    return SchemaAnswer(schema_=object_schema(await read_schema(dd, wrapped, bare, path=path, query=query)))


def object_schema(data: Any) -> dict[str, Any]:
    """The object schema in `data` (as it is, or below `schema`), reduced to what designers understand."""
    content = data.get("schema", data) if isinstance(data, dict) else {}
    content = content if isinstance(content, dict) else {}
    definitions = content.get("definitions") if isinstance(content.get("definitions"), dict) else {}
    schema = _reduced(content, definitions or {}, _DEPTH)
    return {**schema, "type": "object", "properties": schema.get("properties", {})}


def _reduced(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rpartition("/")[2])
        schema = target if isinstance(target, Mapping) else {}
    kept = {key: schema[key] for key in _KEPT if key in schema}
    kind = kind_of(schema) or ("string" if schema else "object")
    if kind == "object":
        return {**kept, "type": kind, **_properties(schema, definitions, depth - 1)}
    if kind == "array":
        items = schema.get("items")
        inner = (
            _reduced(items, definitions, depth - 1) if isinstance(items, Mapping) and depth > 0 else {"type": "string"}
        )
        return {**kept, "type": kind, "items": inner}
    choices = (
        [choice for choice in schema.get("enum", ()) if choice is not None]
        if isinstance(schema.get("enum"), list)
        else []
    )
    return {**kept, "type": kind, **({"enum": choices} if choices else {}), **_pickers(schema)}


def _properties(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> dict[str, Any]:
    declared = schema.get("properties")
    if depth <= 0 or not isinstance(declared, Mapping):
        return {"properties": {}}
    properties = {
        str(name): _reduced(inner, definitions, depth) for name, inner in declared.items() if isinstance(inner, Mapping)
    }
    listed = schema.get("required")
    required = (
        [name for name in listed if isinstance(name, str) and name in properties] if isinstance(listed, list) else []
    )
    return {"properties": properties, **({"required": required} if required else {})}


def _pickers(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The drop-downs that work here; not those that depend on another field, because fields stand elsewhere with us."""
    kept = {}
    for key in _PICKERS:
        picker = schema.get(key)
        if not isinstance(picker, Mapping):
            continue
        operation = _OUR_OPERATIONS.get(str(picker.get("operationId")), str(picker.get("operationId")))
        parameters = picker.get("parameters") if isinstance(picker.get("parameters"), Mapping) else {}
        if operation in every_operation() and not any(_depends(value) for value in (parameters or {}).values()):
            renamed = {our_name(name): value for name, value in (parameters or {}).items()}
            kept[key] = {**picker, "operationId": operation, "parameters": renamed}
    return kept


def _depends(parameter: Any) -> bool:
    return isinstance(parameter, Mapping) and "value" not in parameter
