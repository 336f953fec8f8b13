"""Swagger 2.0 with Microsoft's extensions: the labels and hints that makers and designers see."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus

from connector.catalog import operations
from connector.naming import snake, title_case
from connector.operations.field_model import Field
from connector.operations.operation import Kind, Operation
from connector.operations.prose import description_for_models, for_models
from connector.operations.signature import Location
from workbench.generators.definitions import JsonObject
from workbench.generators.dialect import Dialect
from workbench.generators.failures import FAILURES, failures_of
from workbench.generators.power_platform.dynamic import BODY, Inputs, drop_down, dynamic_schema

NEXT_LINK = "nextLink"

_TRIGGERS: dict[Kind, JsonObject] = {
    Kind.WEBHOOK_TRIGGER: {"x-ms-trigger": "single"},
    Kind.POLLING_TRIGGER: {"x-ms-trigger": "batch", "x-ms-trigger-metadata": {"kind": "query", "mode": "polling"}},
}
_REVISION = re.compile(r"(\w+?)_V(\d+)")
_FOR_THE_PLATFORM = (401, 503)
"""The failures of what only the platform calls that it acts on; nobody reads the others."""


class SwaggerDialect(Dialect):
    """Swagger for the Power Platform; `catalog` holds the operations that drop-downs call."""

    NOTHING_NEW = "Nothing new yet."

    def __init__(self, catalog: Mapping[str, Operation]) -> None:
        self._catalog = catalog
        self._inputs: dict[str, Inputs] = {}

    def description(self, operation: Operation) -> str:
        """What makers read; what models read besides is an extension."""
        return operation.description

    def traits(self, operation: Operation) -> JsonObject:
        """Prominence, hints for models, what makes it a trigger, paging."""
        paging = {"x-ms-pageable": {"nextLinkName": NEXT_LINK}} if operation.pages else {}
        return {**_prominence(operation), **_model_hints(operation), **_trigger(operation), **paging}

    def is_required(self, field: Field) -> bool:
        """The platform sends the default of a hidden input only when the input is required."""
        return field.required or (field.visibility == "internal" and self.has_default(field))

    def labels(self, field: Field) -> JsonObject:
        """Description, title, prominence, and extensions that the model declares."""
        labels: JsonObject = {"description": field.description, "x-ms-summary": field.title}
        if field.visibility != "none":
            labels["x-ms-visibility"] = field.visibility
        return labels | {key: value for key, value in field.extra.items() if key.startswith("x-ms-")}

    def choices(self, field: Field) -> JsonObject:
        """The names of the choices."""
        return {"x-ms-enum-values": [{"value": value, "displayName": title_case(value)} for value in field.enum]}

    def hints(self, operation: Operation, field: Field) -> JsonObject:
        """The operations that a drop-down or a schema of the tenant's own comes from."""
        inputs = self._inputs.setdefault(operation.id, Inputs.of(operation, self._catalog))
        return {**drop_down(field, inputs), **dynamic_schema(field, inputs)}

    def parameters(self, operation: Operation, own: list[JsonObject]) -> list[JsonObject]:
        """Nothing is added: the connection's policies send the headers."""
        del operation
        return own

    def parameter(self, operation: Operation, location: Location, field: Field, value: JsonObject) -> JsonObject:
        """Schema and labels stand in the parameter itself."""
        del operation
        node = value | self.labels(field)
        return {**node, "x-ms-url-encoding": "single"} if location == "path" else node

    def add_body(self, operation: Operation, node: JsonObject, reference: JsonObject, schema: JsonObject) -> None:
        """A required body without required fields would make the designer demand an empty object."""
        del operation
        body = {"name": BODY, "in": BODY, "required": "required" in schema, "schema": reference}
        node["parameters"] = [*node.get("parameters", ()), body]

    def outcome(self, operation: Operation) -> str:
        """The phrase of the status."""
        return HTTPStatus(operation.status).phrase

    def finish_output(self, operation: Operation, schema: JsonObject) -> None:
        """Hide from makers what only the platform uses.

        The next link is followed by the pagination setting. The designer splits a batch of events by itself only when
        its list is the single visible property.
        """
        for name, node in schema["properties"].items():
            if name == NEXT_LINK or (operation.kind is Kind.POLLING_TRIGGER and node["type"] != "array"):
                node["x-ms-visibility"] = "internal"

    def content(self, operation: Operation, reference: JsonObject) -> JsonObject:
        """The schema of the answer."""
        del operation
        return {"schema": reference}

    def failures(self, operation: Operation) -> JsonObject:
        """A short sentence each: the message that comes with a failure says what to do."""
        statuses = [status for status in failures_of(operation) if operation.is_offered or status in _FOR_THE_PLATFORM]
        named = {str(status): {"description": FAILURES[status].short} for status in statuses}
        return {**named, "default": {"description": "Any other failure."}}

    def add_event(self, operation: Operation, node: JsonObject, reference: JsonObject) -> JsonObject:
        """The event stands beside the operation, in its path."""
        del operation, node
        return {"x-ms-notification-content": {"description": "The event that starts the flow.", "schema": reference}}


def _prominence(operation: Operation) -> JsonObject:
    """Where makers see it, and its place in a family of versions: `CreateTicket`, `CreateTicket_V2` …"""
    visible: JsonObject = {} if operation.visibility == "none" else {"x-ms-visibility": operation.visibility}
    if not operation.is_offered:
        return visible
    revised = _REVISION.fullmatch(operation.id)
    family, revision = (revised[1], int(revised[2])) if revised else (operation.id, 1)
    status = "Preview" if operation.is_preview else "Production"
    annotation = {"family": family, "revision": revision, "status": status}
    return {**visible, "x-ms-api-annotation": annotation}


@lru_cache(maxsize=1)
def _prose() -> Callable[[str], str]:
    """What rewrites texts for makers into texts for models that know the operations by `x-ms-name-for-model`."""
    return for_models(
        {operation.title: snake(operation.id) for operation in operations().values() if not operation.is_trigger}
    )


def _model_hints(operation: Operation) -> JsonObject:
    if not operation.is_offered or operation.is_trigger:
        return {}
    return {
        "x-ms-name-for-model": snake(operation.id),
        "x-ms-description-for-model": description_for_models(_prose(), operation.description, operation.guidance),
        "x-ms-require-user-confirmation": not operation.effects.read_only,
    }


def _trigger(operation: Operation) -> JsonObject:
    if not operation.is_trigger:
        return {}
    return {**_TRIGGERS[operation.kind], "x-ms-trigger-hint": operation.hint}
