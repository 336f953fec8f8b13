"""What may stand where in a definition: the keys of swagger 2.0 and the extensions that the platform knows.

Extensions: Microsoft's JSON schema for apiDefinition (2026), plus those that its certified connectors, the designer and
Power Fx read although that schema does not list them (`x-ms-require-user-confirmation`, `x-ms-agentic-protocol`, …).
"""

from collections.abc import Iterator
from typing import Any

from workbench.checks.json_reading import JsonObject, mapping, names, pointer, sequence
from workbench.checks.power_platform.definition import METHODS, Definition

ANY = ""
TYPES = ("string", "number", "integer", "boolean", "array", "object", "file")
PARAMETER_TYPES = ("string", "number", "integer", "boolean", "array", "file")
VISIBILITIES = ("important", "advanced", "internal")
STATUSES = ("Production", "Preview")

_LIMITS = dict.fromkeys(
    ("maximum", "minimum", "multipleOf", "maxLength", "minLength", "maxItems", "minItems"), "number"
) | {"exclusiveMaximum": "boolean", "exclusiveMinimum": "boolean", "uniqueItems": "boolean", "pattern": "string"}
_VALUE = {"type": "string", "format": "string", "default": ANY, "enum": "array", "items": "object", **_LIMITS}
_MODEL = {"x-ms-name-for-model": "string", "x-ms-description-for-model": "string"}
_LABEL = {"x-ms-summary": "string", "x-ms-visibility": "string", **_MODEL}
_PICK = {
    "x-ms-dynamic-values": "object",
    "x-ms-dynamic-list": "object",
    "x-ms-dynamic-tree": "object",
    "x-ms-enum": "object",
    "x-ms-enum-values": "array",
    "x-ms-localizeDefaultValue": "boolean",
    "x-ms-test-value": ANY,
    "x-ms-editor": "string",
    "x-ms-editor-options": "object",
    "x-ms-media-kind": "string",
    "x-ms-explicit-input": "boolean",
}

# kind of object -> key -> JSON type of its value (ANY when it varies)
KEYS: dict[str, dict[str, str]] = {
    "document": {
        "swagger": "string",
        "info": "object",
        "host": "string",
        "basePath": "string",
        "schemes": "array",
        "consumes": "array",
        "produces": "array",
        "paths": "object",
        "definitions": "object",
        "parameters": "object",
        "responses": "object",
        "securityDefinitions": "object",
        "security": "array",
        "tags": "array",
        "externalDocs": "object",
        "x-ms-capabilities": "object",
        "x-ms-connector-metadata": "array",
        "x-ms-docs": "array",
        "x-ms-openai-manifest": "object",
    },
    "info": {
        "title": "string",
        "version": "string",
        "description": "string",
        "termsOfService": "string",
        "contact": "object",
        "license": "object",
        "x-ms-api-annotation": "object",
        "x-ms-deployment-version": "string",
        "x-ms-keywords": "array",
    },
    "contact": {"name": "string", "url": "string", "email": "string"},
    "tag": {"name": "string", "description": "string", "externalDocs": "object"},
    "security scheme": {
        "type": "string",
        "description": "string",
        "name": "string",
        "in": "string",
        "flow": "string",
        "authorizationUrl": "string",
        "tokenUrl": "string",
        "scopes": "object",
    },
    "path": dict.fromkeys(METHODS, "object")
    | {"$ref": "string", "parameters": "array", "x-ms-notification-content": "object"},
    "operation": {
        "tags": "array",
        "summary": "string",
        "description": "string",
        "externalDocs": "object",
        "operationId": "string",
        "produces": "array",
        "consumes": "array",
        "parameters": "array",
        "responses": "object",
        "schemes": "array",
        "deprecated": "boolean",
        "security": "array",
        "x-ms-summary": "string",
        "x-ms-visibility": "string",
        "x-ms-api-annotation": "object",
        "x-ms-capabilities": "object",
        "x-ms-no-generic-test": "boolean",
        "x-ms-operation-context": "object",
        "x-ms-pageable": "object",
        "x-ms-safe-operation": "boolean",
        "x-ms-trigger": "string",
        "x-ms-trigger-hint": "string",
        "x-ms-trigger-metadata": "object",
        "x-ms-notification": "object",
        "x-ms-require-user-confirmation": "boolean",
        "x-ms-agentic-protocol": "string",
        "x-ms-ai-sensitivity": ANY,
        "x-ms-openai-data": "object",
        **_MODEL,
    },
    "parameter": {
        "$ref": "string",
        "name": "string",
        "in": "string",
        "description": "string",
        "required": "boolean",
        "schema": "object",
        "allowEmptyValue": "boolean",
        "collectionFormat": "string",
        **_VALUE,
        **_LABEL,
        **_PICK,
        "x-ms-url-encoding": "string",
        "x-ms-trigger-value": "object",
        "x-ms-parameter-location": "string",
        "x-bodyName": "string",
    },
    "response": {
        "$ref": "string",
        "description": "string",
        "schema": "object",
        "headers": "object",
        "examples": "object",
        "x-ms-summary": "string",
    },
    "header": {"description": "string", "collectionFormat": "string", **_VALUE, **_LABEL},
    "schema": {
        "$ref": "string",
        "title": "string",
        "description": "string",
        "required": "array",
        "properties": "object",
        "additionalProperties": ANY,
        "allOf": "array",
        "discriminator": "string",
        "readOnly": "boolean",
        "xml": "object",
        "externalDocs": "object",
        "example": ANY,
        "maxProperties": "number",
        "minProperties": "number",
        **_VALUE,
        **_LABEL,
        **_PICK,
        "x-ms-dynamic-schema": "object",
        "x-ms-dynamic-properties": "object",
        "x-ms-notification-url": "boolean",
        "x-nullable": "boolean",
    },
}

# kind of object -> key -> the only values it may have
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "operation": {
        "x-ms-visibility": VISIBILITIES,
        "x-ms-trigger": ("single", "batch"),
        "x-ms-agentic-protocol": ("mcp-streamable-1.0",),
    },
    "parameter": {
        "in": ("path", "query", "header", "body", "formData"),
        "type": PARAMETER_TYPES,
        "x-ms-visibility": VISIBILITIES,
        "x-ms-media-kind": ("image", "audio"),
    },
    "header": {"type": PARAMETER_TYPES[:-1], "x-ms-visibility": VISIBILITIES},
    "schema": {"type": TYPES, "x-ms-visibility": VISIBILITIES, "x-ms-media-kind": ("image", "audio")},
    "security scheme": {"type": ("basic", "apiKey", "oauth2")},
    "annotation": {"status": STATUSES},
    "trigger metadata": {"kind": ("query",), "mode": ("polling",)},
}

# JSON Schema and OpenAPI 3 keywords that swagger 2.0 does not have.
FOREIGN_KEYWORDS = names(
    "oneOf anyOf not if then else const nullable $defs examples patternProperties propertyNames contains "
    "prefixItems additionalItems dependentRequired unevaluatedProperties writeOnly deprecated contentMediaType"
)


def objects(definition: Definition) -> Iterator[tuple[str, str, JsonObject]]:
    """Every object whose keys are fixed: its kind (a key of `KEYS`), pointer and node."""
    document = definition.document
    yield "document", "", document
    yield "info", "/info", definition.info
    yield "contact", "/info/contact", mapping(definition.info.get("contact"))
    for index, tag in enumerate(sequence(document.get("tags"))):
        yield "tag", f"/tags/{index}", mapping(tag)
    for name, scheme in mapping(document.get("securityDefinitions")).items():
        yield "security scheme", pointer("securityDefinitions", name), mapping(scheme)
    for path, item in definition.paths.items():
        yield "path", pointer("paths", path), mapping(item)
    for operation in definition.operations:
        yield "operation", operation.pointer, operation.node
    for at, node in definition.parameter_nodes():
        yield "parameter", at, node
    for at, node in definition.response_nodes():
        yield "response", at, node
        for name, header in mapping(node.get("headers")).items():
            yield "header", at + pointer("headers", name), mapping(header)
    for schema in definition.schemas:
        yield "schema", schema.pointer, schema.node


def enumerated(definition: Definition) -> Iterator[tuple[str, JsonObject, dict[str, tuple[str, ...]]]]:
    """Every object that has keys with a closed list of values: pointer, node, and those lists."""
    annotations: list[tuple[str, str, Any]] = [
        ("annotation", "/info/x-ms-api-annotation", definition.info.get("x-ms-api-annotation"))
    ]
    for operation in definition.operations:
        annotations.append(("annotation", f"{operation.pointer}/x-ms-api-annotation", operation.annotation))
        metadata = operation.node.get("x-ms-trigger-metadata")
        annotations.append(("trigger metadata", f"{operation.pointer}/x-ms-trigger-metadata", metadata))
    for kind, at, node in (*objects(definition), *annotations):
        if kind in VALUES:
            yield at, mapping(node), VALUES[kind]
