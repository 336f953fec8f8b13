"""Reading a generated swagger document in tests."""

import json
from collections.abc import Iterator
from typing import Any

from connector.catalog import operations
from connector.operations.operation import Operation
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.power_platform.definition import definition

Json = dict[str, Any]


def by_id(document: Json) -> dict[str, Json]:
    """Every operation by its id."""
    return {
        one["operationId"]: one for item in document["paths"].values() for key, one in item.items() if key[:2] != "x-"
    }


def resolved(document: Json, node: Json) -> Json:
    """The schema, a reference to a definition followed."""
    return document["definitions"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def nodes(value: Any) -> Iterator[Json]:
    """Every object inside a document."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def with_operations(*extra: Operation) -> Json:
    """The document of the catalog and some operations besides."""
    catalog = {**operations(), **{one.id: one for one in extra}}
    document: Json = json.loads(json.dumps(definition(catalog, PLACEHOLDER_HOST)))
    return document
