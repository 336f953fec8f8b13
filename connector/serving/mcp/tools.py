"""An operation as an MCP tool: a flat input of single types, a described output, hints about what it does.

Clients differ in how much JSON Schema they bear: Copilot Studio drops tools with a `$ref`, cuts schemas off at a list
of types and forgets enums, others break on arrays without items. What is written here, all of them understand. An input
whose fields only the tenant knows is a text of JSON; such an output is answered, but not described.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from connector.catalog import operations
from connector.operations.answers import answered_fields
from connector.operations.field_model import Field
from connector.operations.operation import Kind, Operation
from connector.operations.prose import for_models
from connector.operations.signature import signature_of
from connector.serving.mcp.protocol import as_json

_OFFERED = (Kind.ACTION, Kind.LOOKUP)
_NESTED = ("object", "array")
_FOR_PLATFORMS = "nextLink"
_EXAMPLE = 'e.g. {"name": "value"}'

JsonObject = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Tool:
    """One tool. What is derived from the operation's signature is built at first use."""

    operation: Operation

    @cached_property
    def name(self) -> str:
        """`addTicketNote`."""
        return self.operation.id[0].lower() + self.operation.id[1:]

    @cached_property
    def listed(self) -> bytes:
        """Its entry in `tools/list`."""
        return as_json(self.described())

    @property
    def _inputs(self) -> list[Field]:
        return [field for _, field in signature_of(self.operation).fields(self.operation)]

    def described(self) -> JsonObject:
        """Everything that a model and its client learn about the tool."""
        operation, effects, prose = self.operation, self.operation.effects, _prose()
        answered = answered_fields(operation)
        more = (
            f"The answer also has {field.name}: {field.description}" for field in answered if field.type == "object"
        )
        return {
            "name": self.name,
            "title": operation.shown_title,
            "description": " ".join(part for part in (operation.description, prose(operation.guidance), *more) if part),
            "inputSchema": _input_schema(self._inputs),
            "outputSchema": _output_schema(answered),
            "annotations": {
                "title": operation.shown_title,
                "readOnlyHint": effects.read_only,
                "destructiveHint": effects.destructive,
                "idempotentHint": effects.idempotent,
                "openWorldHint": effects.open_world,
            },
        }


@lru_cache(maxsize=1)
def _prose() -> Callable[[str], str]:
    """What rewrites texts for makers into texts for models."""
    return for_models({tool.operation.title: tool.name for tool in all_tools().values()})


@lru_cache(maxsize=1)
def all_tools() -> Mapping[str, Tool]:
    """Every tool by name, in alphabetical order: models' caches live on an order that stays."""
    found = (Tool(operation) for operation in operations().values() if operation.kind in _OFFERED)
    return {tool.name: tool for tool in sorted(found, key=lambda tool: tool.name)}


def _input_schema(fields: Iterable[Field]) -> JsonObject:
    fields = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: _input(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _input(field: Field) -> JsonObject:
    description = _prose()(field.description)
    if _is_nested(field):
        return {"type": "string", "description": f"{description} As JSON text, {_EXAMPLE}."}
    choices = field.enum or (field.items.enum if field.items else ())
    if any(choice not in description for choice in choices):
        description = f"{description} One of: {', '.join(choices)}."
    node = {**_value(field), "description": description}
    return {**node, "default": field.default} if isinstance(field.default, bool | int | str) else node


def _output_schema(fields: Iterable[Field]) -> JsonObject:
    shown = [field for field in fields if field.type != "object" and field.name != _FOR_PLATFORMS]
    return {
        "type": "object",
        "properties": {field.name: _output(field) for field in shown},
        "required": [field.name for field in shown if field.required],
    }


def _output(field: Field) -> JsonObject:
    return {**_value(field), "description": _prose()(field.description)}


def _value(field: Field) -> JsonObject:
    node: JsonObject = {"type": field.type}
    if field.format == "date-time":
        node["format"] = field.format
    if field.enum:
        node["enum"] = field.enum
    if field.type == "array" and field.items:
        node["items"] = _item(field.items)
    return node


def _item(item: Field) -> JsonObject:
    if item.type != "object":
        return _value(item)
    # Nothing is required of a result: `fields` may have left it out.
    return {
        "type": "object",
        "properties": {field.name: _output(field) for field in item.fields if field.type != "object"},
    }


def _is_nested(field: Field) -> bool:
    return field.type == "object" or bool(field.items and field.items.type in _NESTED)
