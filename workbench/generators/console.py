"""The catalog as the console reads it: enough to draw a form for every operation, and to call it."""

from collections.abc import Mapping
from typing import Any

from connector.naming import snake
from connector.operations.field_model import Field
from connector.operations.operation import Kind, Operation
from connector.operations.signature import Location, signature_of
from workbench.generators.definitions import JsonObject
from workbench.generators.examples import example_of
from workbench.generators.json_text import as_json
from workbench.generators.power_platform.dynamic import Inputs

PATH = "console/catalog.json"
_LIMITS = ("minimum", "maximum", "maxLength", "maxItems")
_KINDS = {Kind.WEBHOOK_TRIGGER: "trigger", Kind.POLLING_TRIGGER: "trigger"}


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """One file: every operation, in the order of the catalog. It names no address, so `host` is not needed."""
    del host
    return {PATH: as_json({"operations": [_operation(operation, operations) for operation in operations.values()]})}


def _operation(operation: Operation, catalog: Mapping[str, Operation]) -> JsonObject:
    example, inputs = example_of(operation), Inputs.of(operation, catalog)
    described = {
        "id": operation.id,
        "title": operation.title,
        "group": operation.group,
        "kind": _KINDS.get(operation.kind, str(operation.kind)),
        "effects": str(operation.effects),
        "method": operation.method,
        "path": operation.path,
        "about": operation.description if operation.is_offered or operation.kind is Kind.LOOKUP else "",
        "hint": operation.hint,
        "preview": operation.is_preview,
        "pages": operation.pages,
        "connected": signature_of(operation).dd is not None,
        "tool": snake(operation.id) if operation.kind in (Kind.ACTION, Kind.LOOKUP) else "",
        "fields": [_field(at, field, inputs) for at, field in signature_of(operation).fields(operation)],
        "example": {**example.path, **example.query, **example.body},
    }
    return _without_blanks(described)


def _field(at: Location, field: Field, inputs: Inputs) -> JsonObject:
    shown = field.items or field
    described = {
        "name": field.name,
        "in": "" if at == "body" else at,
        "title": field.title,
        "about": field.description,
        "type": field.type,
        "items": field.items.type if field.items else "",
        "format": shown.format if shown.format == "date-time" else "",
        "choices": list(shown.enum),
        "required": field.required,
        "shown": "" if field.visibility == "none" else field.visibility,
        "default": field.default if isinstance(field.default, bool | int | float | str) else None,
        "limits": {name: value for name, value in field.limits.items() if name in _LIMITS and value < 2**31 - 1},
        "noun": field.reference.noun if field.reference else "",
        "lookup": _lookup(field, inputs),
        "schema": _schema(field, inputs),
    }
    kept = _without_blanks(described)
    return kept | ({"default": False} if field.default is False else {})


def _lookup(field: Field, inputs: Inputs) -> JsonObject:
    """The operation that lists the choices, and which input or, behind `=`, which literal each of its inputs gets."""
    reference = field.reference
    call = inputs.call(reference.lookup, reference.needs) if reference and reference.lookup else None
    return _without_blanks({"operation": call.operation_id, "needs": dict(call.given)}) if call else {}


def _schema(field: Field, inputs: Inputs) -> JsonObject:
    """The operation that answers the schema of an object which only the site knows."""
    dynamic = field.dynamic
    call = inputs.call(dynamic.operation, dynamic.needs) if dynamic else None
    if dynamic is None or call is None:
        return {}
    return _without_blanks({"operation": call.operation_id, "needs": dict(call.given), "at": dynamic.value_path})


def _without_blanks(node: Mapping[str, Any]) -> JsonObject:
    return {name: value for name, value in node.items() if value not in ("", None, False, [], {}, ())}
