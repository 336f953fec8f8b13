"""The catalog -> `apiDefinition.swagger.json`: swagger 2.0 with Microsoft's extensions."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from workbench.generators import identity
from workbench.generators.definitions import Definitions, JsonObject
from workbench.generators.describing import paths_of
from workbench.generators.power_platform.dialect import SwaggerDialect

KEY_HEADER = "dd-api-key"


def definition(operations: Mapping[str, Operation], host: str) -> JsonObject:
    """The whole document: paths and shared schemas in alphabetical order, fields in the order that makers see."""
    definitions = Definitions("#/definitions/")
    paths = paths_of(operations.values(), SwaggerDialect(operations), definitions)
    return {
        "swagger": "2.0",
        "info": {
            "title": identity.TITLE,
            "description": identity.DESCRIPTION,
            "version": identity.version(),
            "contact": {
                "name": identity.publisher().name,
                "url": f"https://{host}/api/docs",
                "email": identity.publisher().email,
            },
        },
        "host": host,
        "basePath": "/api",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [{"name": name} for name in sorted({operation.group for operation in operations.values()})],
        "paths": {path: paths[path] for path in sorted(paths)},
        "definitions": definitions.document(),
        "securityDefinitions": {"apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER}},
        "security": [{"apiKey": []}],
        "x-ms-capabilities": {"testConnection": {"operationId": "TestConnection", "parameters": {}}},
        "x-ms-connector-metadata": _metadata(),
    }


def _metadata() -> list[JsonObject]:
    values = {
        "Website": identity.SERVICE_WEBSITE,
        "Privacy policy": identity.SERVICE_PRIVACY_POLICY,
        "Categories": identity.CATEGORIES,
    }
    return [{"propertyName": name, "propertyValue": value} for name, value in values.items()]
