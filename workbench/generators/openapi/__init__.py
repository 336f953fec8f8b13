"""The catalog as OpenAPI 3.0.3: for people and their tools, and for the Foundry OpenAPI tool."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.json_text import as_json
from workbench.generators.openapi.dialect import FOUNDRY, PEOPLE, is_for_models
from workbench.generators.openapi.document import document

FOLDER = "openapi"
FOR_PEOPLE, FOR_FOUNDRY = "openapi.json", "openapi.foundry.json"


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The files by path, for an app that runs under `host`; the same input always gives the same bytes."""
    callable_by_models = [operation for operation in operations.values() if is_for_models(operation)]
    documents = {
        FOR_PEOPLE: document(operations.values(), host, PEOPLE),
        FOR_FOUNDRY: document(callable_by_models, host, FOUNDRY),
    }
    return {
        f"{FOLDER}/{name}": as_json(content).replace(PLACEHOLDER_HOST.encode(), host.encode())
        for name, content in documents.items()
    }
