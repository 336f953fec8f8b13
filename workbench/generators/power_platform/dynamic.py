"""Drop-downs and the tenant's own fields: the extensions that make the designer ask another operation.

Each comes in a pair, because designers differ in what they read: `x-ms-dynamic-values` and `x-ms-dynamic-schema` (Logic
Apps, the older designer), `x-ms-dynamic-list` and `x-ms-dynamic-properties` (the newer, Power Apps, Copilot Studio).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.operations.field_model import Field
from connector.operations.operation import Operation
from connector.operations.signature import signature_of

BODY = "body"
"""The name of every body parameter; references into a body begin with it."""

_LITERAL = "="
_ITEMS, _TITLE, _VALUE = "results", "name", "id"


@dataclass(frozen=True)
class Inputs:
    """What a dynamic extension of one operation can refer to: its inputs by name, as `board` or `body/board`."""

    catalog: Mapping[str, Operation]
    references: Mapping[str, str]

    @classmethod
    def of(cls, operation: Operation, catalog: Mapping[str, Operation]) -> "Inputs":
        """The inputs of `operation`."""
        fields = signature_of(operation).fields(operation)
        names = [(at, field.name) for at, field in fields]
        names += [(at, f"{field.name}/{inner.name}") for at, field in fields for inner in field.fields]
        return cls(catalog, {name: f"{BODY}/{name}" if at == BODY else name for at, name in names})

    def call(self, operation_id: str, needs: Iterable[tuple[str, str]]) -> "Call | None":
        """A call of another operation with these inputs; None when something that it requires is not among them."""
        target = self.catalog[operation_id]
        given = {name: source for name, source in needs if source.startswith(_LITERAL) or source in self.references}
        required = {field.name for _, field in signature_of(target).fields(target) if field.required}
        return Call(operation_id, given, self.references) if required <= given.keys() else None


@dataclass(frozen=True)
class Call:
    """An operation called by a designer: which parameter gets which input or, with a leading `=`, which literal."""

    operation_id: str
    given: Mapping[str, str]
    references: Mapping[str, str]

    def by_name(self) -> dict[str, Any]:
        """In the older spelling: the name of the input, or the literal itself."""
        return {
            name: source[1:] if source.startswith(_LITERAL) else {"parameter": source}
            for name, source in self.given.items()
        }

    def by_reference(self) -> dict[str, Any]:
        """In the newer spelling: the path of the input as `parameterReference`, or the literal as `value`."""
        return {
            name: {"value": source[1:]}
            if source.startswith(_LITERAL)
            else {"parameterReference": self.references[source]}
            for name, source in self.given.items()
        }


def drop_down(field: Field, inputs: Inputs) -> dict[str, Any]:
    """The choices of a reference; none when it has no lookup or the lookup cannot be called from here."""
    reference = field.reference
    call = inputs.call(reference.lookup, reference.needs) if reference and reference.lookup else None
    if call is None:
        return {}
    return {
        "x-ms-dynamic-values": {
            "operationId": call.operation_id,
            "parameters": call.by_name(),
            "value-collection": _ITEMS,
            "value-path": _VALUE,
            "value-title": _TITLE,
        },
        "x-ms-dynamic-list": {
            "operationId": call.operation_id,
            "parameters": call.by_reference(),
            "itemsPath": _ITEMS,
            "itemValuePath": _VALUE,
            "itemTitlePath": _TITLE,
        },
    }


def dynamic_schema(field: Field, inputs: Inputs) -> dict[str, Any]:
    """Where the tenant's own properties of an object come from."""
    dynamic = field.dynamic
    call = inputs.call(dynamic.operation, dynamic.needs) if dynamic else None
    if dynamic is None or call is None:
        return {}
    return {
        "x-ms-dynamic-schema": {
            "operationId": call.operation_id,
            "parameters": call.by_name(),
            "value-path": dynamic.value_path,
        },
        "x-ms-dynamic-properties": {
            "operationId": call.operation_id,
            "parameters": call.by_reference(),
            "itemValuePath": dynamic.value_path,
        },
    }
