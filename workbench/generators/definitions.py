"""The schemas that a generated document shares between its operations."""

import json
from typing import Any

JsonObject = dict[str, Any]


class Definitions:
    """The shared schemas of a document, each written once under the name of its model.

    `place` is where they stand in the document: `#/definitions/` in swagger, `#/components/schemas/` in OpenAPI.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._schemas: dict[str, JsonObject] = {}
        self._offered: dict[str, tuple[str, int]] = {}
        """What lists hold: each schema's key, with the name of its model and how often it was offered."""

    def offer(self, name: str, schema: JsonObject) -> None:
        """Say what a list holds: written once, under the name of its model, where several lists hold the same."""
        key = _key(schema)
        self._offered[key] = (name, self._offered.get(key, (name, 0))[1] + 1)

    def refer(self, name: str, schema: JsonObject, operation_id: str) -> JsonObject:
        """A reference to `schema` under `name`.

        A model whose drop-downs depend on the parameters of its operation differs between operations; then the later
        one gets a name of its own.
        """
        if self._schemas.setdefault(name, schema) != schema:
            name = f"{operation_id}{name}"
            self._schemas[name] = schema
        return self._reference(name)

    def document(self) -> JsonObject:
        """All of them by name; a list whose items are one of them refers to it."""
        names = {_key(schema): name for name, schema in self._schemas.items()}
        schemas = dict(self._schemas)
        for key, (name, times) in self._offered.items():
            if times > 1 and key not in names and name not in schemas:
                names[key], schemas[name] = name, json.loads(key)
        return {name: self._with_references(schemas[name], names) for name in sorted(schemas)}

    def _reference(self, name: str) -> JsonObject:
        return {"$ref": f"{self._place}{name}"}

    def _with_references(self, node: Any, names: dict[str, str]) -> Any:
        if not isinstance(node, dict):
            return node
        name = names.get(_key(node["items"])) if isinstance(node.get("items"), dict) else None
        items = {"items": self._reference(name)} if name else {}
        return {key: self._with_references(value, names) for key, value in {**node, **items}.items()}


def _key(schema: JsonObject) -> str:
    return json.dumps(schema, sort_keys=True)
