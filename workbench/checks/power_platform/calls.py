"""The calls that a designer makes to fill drop-downs and to learn schemas, as the dynamic extensions describe them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.checks.json_reading import JsonObject, mapping, text
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.shapes import Field

# extension -> the one that must stand beside it. Logic Apps' designer reads the first of a pair, Power Fx the second.
PAIRS = {"x-ms-dynamic-values": "x-ms-dynamic-list", "x-ms-dynamic-schema": "x-ms-dynamic-properties"}
CHOICES = ("x-ms-dynamic-values", "x-ms-dynamic-list")
SCHEMAS = ("x-ms-dynamic-schema", "x-ms-dynamic-properties")
EXTENSIONS = (*CHOICES, *SCHEMAS)


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """What a call passes to one parameter of its target: a literal, or a reference to an input of the caller."""

    name: str
    literal: Any
    reference: str
    sources: tuple[Field, ...]

    @property
    def is_literal(self) -> bool:
        """Whether the value stands in the definition itself."""
        return not self.reference


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One dynamic extension in one operation; a shared schema's extension is a call of every operation that uses it."""

    extension: str
    caller: Operation
    pointer: str
    node: JsonObject
    holder: Field

    @property
    def target(self) -> str:
        """The id of the operation to call; empty when a built-in one is used."""
        return text(self.node.get("operationId"))

    @property
    def collection(self) -> str:
        """Where the choices are in the answer."""
        return text(self.node.get("value-collection", self.node.get("itemsPath")))

    @property
    def value_path(self) -> str:
        """Where the value is in a choice, or the schema in the answer."""
        return text(self.node.get("value-path", self.node.get("itemValuePath")))

    @property
    def title_path(self) -> str:
        """Where the text to show is in a choice."""
        return text(self.node.get("value-title", self.node.get("itemTitlePath")))

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What it passes, each with the inputs of the caller that it may mean."""
        return tuple(self._argument(name, given) for name, given in mapping(self.node.get("parameters")).items())

    def _argument(self, name: str, given: Any) -> Argument:
        if self.extension in PAIRS:
            reference = text(mapping(given).get("parameter"))
            return Argument(name, given, reference, matching(self.caller, reference))
        reference = text(mapping(given).get("parameterReference"))
        found = self.caller.references.get(reference)
        return Argument(name, mapping(given).get("value"), reference, (found,) if found else ())


def matching(operation: Operation, reference: str) -> tuple[Field, ...]:
    """The inputs that a short reference may mean: a parameter of that name, or a property at that path of the body."""
    return tuple(
        field
        for full, field in operation.references.items()
        if reference and reference in (full, full.partition("/")[2])
    )


def calls(definition: Definition) -> Iterator[Call]:
    """Every call that the dynamic extensions of a definition describe."""
    for operation in definition.operations:
        for holder in _holders(operation):
            for extension in EXTENSIONS:
                if isinstance(holder.node.get(extension), dict):
                    at = f"{holder.pointer}/{extension}"
                    yield Call(extension, operation, at, holder.node[extension], holder)


def tree_calls(definition: Definition) -> Iterator[tuple[str, str, JsonObject]]:
    """The two calls of every x-ms-dynamic-tree: pointer, `open` or `browse`, node."""
    for operation in definition.operations:
        for holder in _holders(operation):
            tree = mapping(holder.node.get("x-ms-dynamic-tree"))
            for step in ("open", "browse"):
                if isinstance(tree.get(step), dict):
                    yield f"{holder.pointer}/x-ms-dynamic-tree/{step}", step, tree[step]


def _holders(operation: Operation) -> Iterator[Field]:
    """Everything that may carry a dynamic extension."""
    for parameter in operation.inputs:
        yield Field((parameter.name,), parameter.pointer, parameter.node, parameter.required, parameter.internal)
        if isinstance(parameter.node.get("items"), dict):
            items = parameter.node["items"]
            yield Field((parameter.name, "[]"), f"{parameter.pointer}/items", items, True, parameter.internal)
    yield from operation.body_fields
    yield from operation.output_fields
