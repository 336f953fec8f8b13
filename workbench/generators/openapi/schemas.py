"""Catalog fields -> OpenAPI 3.0 schemas and parameters."""

from collections.abc import Iterable

from connector.operations.field_model import Field
from connector.operations.signature import Location
from workbench.generators.definitions import JsonObject
from workbench.generators.openapi.dialect import Dialect


def parameter(location: Location, field: Field, dialect: Dialect, example: object) -> JsonObject:
    """A path or query parameter, with the value of the worked example when there is one."""
    node: JsonObject = {
        "name": field.name,
        "in": location,
        "required": field.required,
        "description": told(field, dialect),
        "schema": _value(field, dialect, output=False),
    }
    return node if example is None else {**node, "example": example}


def input_object(fields: Iterable[Field], dialect: Dialect) -> JsonObject:
    """The schema of a body."""
    return _object(fields, dialect, output=False)


def output_object(fields: Iterable[Field], dialect: Dialect) -> JsonObject:
    """The schema of an answer; `required` lists what is never absent."""
    return _object(fields, dialect, output=True)


def told(field: Field, dialect: Dialect) -> str:
    """The description; models that lose an `enum` on the way find its values in the text."""
    choices = field.enum or (field.items.enum if field.items else ())
    if dialect.for_models and any(choice not in field.description for choice in choices):
        return f"{field.description} One of: {', '.join(choices)}."
    return field.description


def _object(fields: Iterable[Field], dialect: Dialect, *, output: bool) -> JsonObject:
    fields = tuple(field for field in fields if dialect.takes(field))
    node: JsonObject = {"type": "object"}
    if required := [field.name for field in fields if field.required]:
        node["required"] = required
    node["properties"] = {
        field.name: {**_value(field, dialect, output=output), "description": told(field, dialect)} for field in fields
    }
    return node


def _value(field: Field, dialect: Dialect, *, output: bool) -> JsonObject:
    if field.type == "object":
        known = _object(field.fields, dialect, output=output) if field.fields else {"type": "object"}
        return known if field.fields else {**known, "additionalProperties": True}
    node: JsonObject = {"type": field.type}
    if field.format:
        node["format"] = field.format
    if field.enum:
        node["enum"] = list(field.enum)
    if not output and isinstance(field.default, bool | int | float | str):
        node["default"] = field.default
    return {**node, "items": _value(field.items, dialect, output=output)} if field.items else node
