"""The catalog -> `apiDefinition.swagger.json`: swagger 2.0 with Microsoft's extensions."""

from collections.abc import Mapping
from typing import Any

from ...catalog.operation import Operation
from . import identity
from .operations import operation_object, path_item_extensions
from .schemas import Definitions, JsonObject


def definition(operations: Mapping[str, Operation], host: str) -> JsonObject:
    """The whole document; paths and definitions in alphabetical order, fields in the catalog's."""
    definitions = Definitions()
    paths: JsonObject = {}
    for operation in operations.values():
        item = paths.setdefault(f"/{operation.path}", {})
        item[operation.method.lower()] = operation_object(operation, operations, definitions)
        item.update(path_item_extensions(operation, operations, definitions))
    return {
        "swagger": "2.0",
        "info": _info(host),
        "host": host,
        "basePath": "/api",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [{"name": tag} for tag in sorted({_tag for one in operations.values() for _tag in [one.resource]})],
        "paths": {path: paths[path] for path in sorted(paths)},
        "definitions": definitions.document(),
        "securityDefinitions": _security(),
        "security": [{"apiKey": []}],
        "x-ms-capabilities": {"testConnection": {"operationId": "TestConnection", "parameters": {}}},
        "x-ms-connector-metadata": _metadata(),
    }
