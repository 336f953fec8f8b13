"""One operation of the catalog -> its OpenAPI object."""

from http import HTTPStatus
from typing import Any

from connector.operations.field_model import fields_of
from connector.operations.operation import Kind, Operation
from connector.operations.signature import Signature, signature_of
from workbench.generators.definitions import Definitions, JsonObject
from workbench.generators.examples import example_of
from workbench.generators.openapi.dialect import Dialect
from workbench.generators.openapi.failures import FAILURES, failures_of
from workbench.generators.openapi.schemas import input_object, output_object, parameter

JSON = "application/json"
SITE_PARAMETER = "SiteHost"


def operation_object(operation: Operation, dialect: Dialect, definitions: Definitions) -> JsonObject:
    """The OpenAPI object; schemas of its body and answer go into `definitions`."""
    signature = signature_of(operation)
    node: JsonObject = {
        "operationId": dialect.name(operation),
        "summary": operation.shown_title,
        "description": "\n\n".join(part for part in (operation.description, operation.guidance) if part),
        "tags": [operation.group],
    }
    if dialect.for_models:
        node["x-openai-isConsequential"] = not operation.effects.read_only
    if parameters := _parameters(operation, dialect):
        node["parameters"] = parameters
    if body := _body(operation, signature, dialect, definitions):
        node["requestBody"] = body
    node["responses"] = _responses(operation, dialect, definitions)
    node.update(_notification(operation, dialect, definitions))
    return node if signature.dd else {**node, "security": []}


def _parameters(operation: Operation, dialect: Dialect) -> list[JsonObject]:
    signature, example = signature_of(operation), example_of(operation)
    values = {**example.path, **example.query}
    own = [
        parameter(location, field, dialect, values.get(field.name))
        for location, field in signature.fields(operation)
        if location != "body" and dialect.takes(field)
    ]
    site = {"$ref": f"#/components/parameters/{SITE_PARAMETER}"}
    return [site, *own] if signature.dd and not dialect.for_models else own


def _body(operation: Operation, signature: Signature, dialect: Dialect, definitions: Definitions) -> JsonObject:
    if not signature.body:
        return {}
    model = signature.body[1]
    schema = input_object(fields_of(model), dialect)
    shown = {name: value for name, value in example_of(operation).body.items() if name in schema["properties"]}
    content = {"schema": definitions.refer(model.__name__, schema, dialect.name(operation)), "example": shown}
    return {"required": "required" in schema, "content": {JSON: content}}


def _responses(operation: Operation, dialect: Dialect, definitions: Definitions) -> JsonObject:
    responses: JsonObject = {str(operation.status): _success(operation, dialect, definitions)}
    if operation.kind is Kind.POLLING_TRIGGER:
        responses["202"] = {"description": "Nothing new yet; the Location header is where to ask again."}
    for status in failures_of(operation):
        responses[str(status)] = {"$ref": f"#/components/responses/{FAILURES[status].name}"}
    return responses


def _success(operation: Operation, dialect: Dialect, definitions: Definitions) -> JsonObject:
    node: JsonObject = {"description": _outcome(operation)}
    model = operation.declared_output or signature_of(operation).output
    if model is None:
        return node
    schema = output_object(fields_of(model, output=True), dialect)
    content: dict[str, Any] = {"schema": definitions.refer(model.__name__, schema, dialect.name(operation))}
    example = example_of(operation)
    if example.status == operation.status and example.answer:
        content["example"] = example.answer
    return {**node, "content": {JSON: content}}


def _outcome(operation: Operation) -> str:
    if operation.kind is Kind.WEBHOOK_TRIGGER:
        return "Subscribed; the Location header is where to end it with DELETE."
    return HTTPStatus(operation.status).phrase


def _notification(operation: Operation, dialect: Dialect, definitions: Definitions) -> JsonObject:
    """What a webhook trigger sends to whoever subscribed."""
    model = operation.notification
    if model is None:
        return {}
    schema = output_object(fields_of(model, output=True), dialect)
    event = {
        "operationId": f"{operation.id}Notification",
        "summary": f"{operation.title}: the event",
        "description": "What is posted to the callback URL for each event; any answer in the 200s accepts it.",
        "tags": [operation.group],
        "security": [],
        "requestBody": {"content": {JSON: {"schema": definitions.refer(model.__name__, schema, operation.id)}}},
        "responses": {"2XX": {"description": "Accepted."}},
    }
    return {"callbacks": {"event": {"{$request.body#/callbackUrl}": {"post": event}}}}
