"""Catalog fields -> swagger 2.0 schemas and parameters, with the labels and hints that makers see."""

from collections.abc import Iterable

from connector.naming import title_case
from connector.operations.field_model import Field
from connector.operations.signature import Location
from workbench.generators.definitions import JsonObject
from workbench.generators.power_platform.dynamic import Inputs, drop_down, dynamic_schema


def parameter(location: Location, field: Field, inputs: Inputs) -> JsonObject:
    """A path or query parameter."""
    node = {"name": field.name, "in": location, "required": _is_sent_always(field), **described(field, inputs)}
    return {**node, "x-ms-url-encoding": "single"} if location == "path" else node


def input_object(fields: Iterable[Field], inputs: Inputs) -> JsonObject:
    """The schema of a body."""
    fields = tuple(fields)
    return _object(fields, [field.name for field in fields if _is_sent_always(field)], inputs, output=False)


def output_object(fields: Iterable[Field], inputs: Inputs) -> JsonObject:
    """The schema of an answer; `required` lists what is never absent."""
    fields = tuple(fields)
    return _object(fields, [field.name for field in fields if field.required], inputs, output=True)


def described(field: Field, inputs: Inputs, *, output: bool = False) -> JsonObject:
    """A schema with its labels: title, description, prominence."""
    labels: JsonObject = {"description": field.description, "x-ms-summary": field.title}
    if field.visibility != "none":
        labels["x-ms-visibility"] = field.visibility
    extensions = {key: value for key, value in field.extra.items() if key.startswith("x-ms-")}
    return {**_value(field, inputs, output=output), **labels, **extensions}


def _value(field: Field, inputs: Inputs, *, output: bool) -> JsonObject:
    node: JsonObject = {"type": field.type}
    if field.format:
        node["format"] = field.format
    if field.enum:
        node["enum"] = list(field.enum)
        node["x-ms-enum-values"] = [{"value": one, "displayName": title_case(one)} for one in field.enum]
    if not output and _has_default(field):
        node["default"] = field.default
    if field.fields:
        node.update((output_object if output else input_object)(field.fields, inputs))
    hints = {**drop_down(field, inputs), **dynamic_schema(field, inputs)}
    if field.items:
        return {**node, "items": {**_value(field.items, inputs, output=output), **hints}}
    return {**node, **hints}


def _object(fields: Iterable[Field], required: list[str], inputs: Inputs, *, output: bool) -> JsonObject:
    node: JsonObject = {"type": "object"}
    if required:
        node["required"] = required
    node["properties"] = {field.name: described(field, inputs, output=output) for field in fields}
    return node


def _has_default(field: Field) -> bool:
    return isinstance(field.default, (bool, int, float)) or (isinstance(field.default, str) and bool(field.default))


def _is_sent_always(field: Field) -> bool:
    """The platform sends the default of a hidden input only when the input is required."""
    return field.required or (field.visibility == "internal" and _has_default(field))
