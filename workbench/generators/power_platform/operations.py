"""One operation of the catalog -> its swagger object."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from connector.naming import snake
from connector.operations.field_model import fields_of
from connector.operations.operation import Kind, Operation
from connector.operations.signature import signature_of
from workbench.generators.definitions import Definitions, JsonObject
from workbench.generators.power_platform.dynamic import BODY, Inputs
from workbench.generators.power_platform.schemas import input_object, output_object, parameter

NEXT_LINK = "nextLink"

_TRIGGERS: dict[Kind, JsonObject] = {
    Kind.WEBHOOK_TRIGGER: {"x-ms-trigger": "single"},
    Kind.POLLING_TRIGGER: {"x-ms-trigger": "batch", "x-ms-trigger-metadata": {"kind": "query", "mode": "polling"}},
}
_REVISION = re.compile(r"(\w+?)_V(\d+)")

# Short and few, because they are repeated in every operation; the message that comes with a failure says what to do.
_FAILURES = {
    "400": "Wrong or missing input.",
    "401": "The connection is refused.",
    "403": "This is not allowed.",
    "404": "There is nothing with this id.",
    "409": "The same request is still running.",
    "424": "The outcome is unknown.",
    "429": "Too many requests.",
    "503": "DeskDirector is out of reach.",
}
_ON_REPEATS = ("409", "424")
_FOR_THE_PLATFORM = ("401", "503")
_OTHER_FAILURE = "Any other failure."


def operation_object(operation: Operation, catalog: Mapping[str, Operation], definitions: Definitions) -> JsonObject:
    """The swagger object; schemas of its body and answer go into `definitions`."""
    inputs = Inputs.of(operation, catalog)
    node: JsonObject = {
        "operationId": operation.id,
        "summary": operation.title,
        "description": operation.description,
        "tags": [operation.group],
        **_prominence(operation),
        **_model_hints(operation),
        **_trigger(operation),
    }
    if operation.pages:
        node["x-ms-pageable"] = {"nextLinkName": NEXT_LINK}
    if parameters := _parameters(operation, inputs, definitions):
        node["parameters"] = parameters
    return {**node, "responses": _responses(operation, inputs, definitions)}


def notification_content(
    operation: Operation, catalog: Mapping[str, Operation], definitions: Definitions
) -> JsonObject:
    """What a webhook trigger adds to its path: the event that is posted to a flow."""
    model = operation.notification
    if model is None:
        return {}
    schema = output_object(fields_of(model, output=True), Inputs.of(operation, catalog))
    reference = definitions.refer(model.__name__, schema, operation.id)
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


def _model_hints(operation: Operation) -> JsonObject:
    if not operation.is_offered or operation.is_trigger:
        return {}
    return {
        "x-ms-name-for-model": snake(operation.id),
        "x-ms-description-for-model": f"{operation.description} {operation.guidance}".strip(),
        "x-ms-require-user-confirmation": not operation.effects.read_only,
    }


def _trigger(operation: Operation) -> JsonObject:
    if not operation.is_trigger:
        return {}
    return {**_TRIGGERS[operation.kind], "x-ms-trigger-hint": operation.hint}


def _parameters(operation: Operation, inputs: Inputs, definitions: Definitions) -> list[JsonObject]:
    signature = signature_of(operation)
    fields = signature.fields(operation)
    parameters = [parameter(location, field, inputs) for location, field in fields if location != BODY]
    if signature.body:
        schema = input_object([field for location, field in fields if location == BODY], inputs)
        reference = definitions.refer(signature.body[1].__name__, schema, operation.id)
        # A required body without required fields would make the designer demand an empty object.
        parameters.append({"name": BODY, "in": BODY, "required": "required" in schema, "schema": reference})
    return parameters


def _responses(operation: Operation, inputs: Inputs, definitions: Definitions) -> JsonObject:
    responses: JsonObject = {str(operation.status): _success(operation, inputs, definitions)}
    if operation.kind is Kind.POLLING_TRIGGER:
        responses["202"] = {"description": "Nothing new yet."}
    for status, description in _FAILURES.items():
        if _may_fail_with(operation, status):
            responses[status] = {"description": description}
    return {**responses, "default": {"description": _OTHER_FAILURE}}


def _may_fail_with(operation: Operation, status: str) -> bool:
    if not operation.is_offered:
        return status in _FOR_THE_PLATFORM
    if status in _ON_REPEATS:
        return not operation.effects.idempotent
    return status != "404" or bool(operation.path_names)


def _success(operation: Operation, inputs: Inputs, definitions: Definitions) -> JsonObject:
    node: JsonObject = {"description": HTTPStatus(operation.status).phrase}
    model = operation.declared_output or signature_of(operation).output
    if model is None:
        return node
    schema = output_object(fields_of(model, output=True), inputs)
    _hide_plumbing(operation, schema)
    return {**node, "schema": definitions.refer(model.__name__, schema, operation.id)}


def _hide_plumbing(operation: Operation, schema: JsonObject) -> None:
    """Take out of makers' sight what only the platform uses.

    The next link is followed by the pagination setting. The designer splits a batch of events by itself only when its
    list is the single visible property.
    """
    for name, node in schema["properties"].items():
        if name == NEXT_LINK or (operation.kind is Kind.POLLING_TRIGGER and node["type"] != "array"):
            node["x-ms-visibility"] = "internal"
