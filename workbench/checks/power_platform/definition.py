"""A swagger 2.0 definition as the rules see it.

Nothing here raises on a malformed document: what cannot be read is left out, and a rule of its own reports it.
"""

from collections.abc import Iterator
from functools import cached_property

from workbench.checks.json_reading import JsonObject, mapping, pointer, sequence
from workbench.checks.power_platform.operation import Operation, Parameter
from workbench.checks.shapes import Role, Schema, written

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


class Definition:
    """The document, and ways to look at it."""

    def __init__(self, document: JsonObject) -> None:
        self.document = document
        self.info = mapping(document.get("info"))
        self.paths = mapping(document.get("paths"))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation, in document order."""
        return tuple(
            Operation(self.document, path, method)
            for path, item in self.paths.items()
            for method in METHODS
            if isinstance(mapping(item).get(method), dict)
        )

    @cached_property
    def by_id(self) -> dict[str, Operation]:
        """The operations that have an id, by it."""
        return {operation.id: operation for operation in self.operations if operation.id}

    @cached_property
    def inputs(self) -> tuple[tuple[Operation, Parameter], ...]:
        """Every parameter outside a body, with the operation that takes it."""
        return tuple((operation, parameter) for operation in self.operations for parameter in operation.inputs)

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema where it is written: shared definitions, bodies, outputs, and what is inside them."""
        return tuple(schema for at, node, role in self._roots() for schema in written(at, node, role))

    def parameter_nodes(self) -> Iterator[tuple[str, JsonObject]]:
        """Every parameter where it is written, with its pointer."""
        for name, node in mapping(self.document.get("parameters")).items():
            yield pointer("parameters", name), mapping(node)
        for path, item in self.paths.items():
            for index, node in enumerate(sequence(mapping(item).get("parameters"))):
                yield pointer("paths", path, "parameters", index), mapping(node)
        for operation in self.operations:
            for index, node in enumerate(sequence(operation.node.get("parameters"))):
                yield f"{operation.pointer}/parameters/{index}", mapping(node)

    def response_nodes(self) -> Iterator[tuple[str, JsonObject]]:
        """Every response where it is written, with its pointer."""
        for name, node in mapping(self.document.get("responses")).items():
            yield pointer("responses", name), mapping(node)
        for operation in self.operations:
            for code, node in mapping(operation.node.get("responses")).items():
                if not code.startswith("x-"):
                    yield f"{operation.pointer}/responses{pointer(code)}", mapping(node)

    def _roots(self) -> Iterator[tuple[str, object, Role]]:
        for name, node in mapping(self.document.get("definitions")).items():
            yield pointer("definitions", name), node, "shared"
        for at, node in self.parameter_nodes():
            yield f"{at}/schema", node.get("schema"), "input"
        for at, node in self.response_nodes():
            yield f"{at}/schema", node.get("schema"), "output"
        for path, item in self.paths.items():
            content = mapping(mapping(item).get("x-ms-notification-content"))
            yield pointer("paths", path, "x-ms-notification-content", "schema"), content.get("schema"), "output"
