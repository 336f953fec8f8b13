"""Schemas as they are written (`Schema`), and as a caller meets them, references followed (`Field`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from workbench.checks.json_reading import JsonObject, follow, mapping, pointer, sequence, text

# "16,384 schemas per operation" (Microsoft's custom connector FAQ); also where a walk gives up on a hostile document.
MAX_SCHEMAS_PER_OPERATION = 16_384

Role = Literal["input", "output", "shared"]


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A schema where it is written; `name` is the property that it describes, if it describes one."""

    pointer: str
    node: JsonObject
    role: Role
    parent: "Schema | None" = None
    name: str = ""

    @property
    def label(self) -> str:
        """What a message calls it."""
        return f"The property '{self.name}'" if self.name else "The schema"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A schema as a caller meets it; `path` runs from the root, an array's items are `[]`, a map's values `*`.

    `required` holds when it and everything around it is required, `internal` when it or something around it is.
    """

    path: tuple[str, ...]
    pointer: str
    node: JsonObject
    required: bool
    internal: bool

    @property
    def type(self) -> str:
        """The declared JSON type, or nothing."""
        return text(self.node.get("type"))


def resolve(document: JsonObject, at: str, node: Any) -> tuple[str, JsonObject]:
    """Follow a local `$ref`, and a chain of them; a loop or a dead end gives an empty node."""
    seen: set[str] = set()
    while isinstance(node, dict) and "$ref" in node:
        reference = text(node["$ref"])
        if not reference.startswith("#/") or reference in seen:
            return at, {}
        seen.add(reference)
        at, node = reference[1:], follow(document, reference[1:])
    return at, mapping(node)


def written(at: str, node: Any, role: Role) -> Iterator[Schema]:
    """A schema and those written inside it, parents before children."""
    if not isinstance(node, dict):
        return
    stack = [Schema(at, node, role)]
    while stack:
        schema = stack.pop()
        yield schema
        stack.extend(
            Schema(schema.pointer + suffix, child, role, schema, name if suffix.startswith("/properties/") else "")
            for suffix, name, child in reversed(list(_children(schema.node)))
            if isinstance(child, dict)
        )


def fields(
    document: JsonObject, at: str, node: Any, *, required: bool = True, internal: bool = False
) -> Iterator[Field]:
    """A schema and everything inside it, references followed (a loop is cut), parents before children."""
    return islice(_fields(document, at, node, required, internal), MAX_SCHEMAS_PER_OPERATION + 1)


def _fields(document: JsonObject, at: str, node: Any, required: bool, internal: bool) -> Iterator[Field]:
    stack: list[tuple[str, Any, tuple[str, ...], bool, bool, frozenset[str]]]
    stack = [(at, node, (), required, internal, frozenset())]
    while stack:
        written_at, node, path, required, internal, around = stack.pop()
        at, resolved = resolve(document, written_at, node)
        if at in around or not resolved:
            continue
        internal = internal or resolved.get("x-ms-visibility") == "internal"
        yield Field(path, at, resolved, required, internal)
        needed = sequence(resolved.get("required"))
        for suffix, name, child in reversed(list(_children(resolved))):
            inner = (*path, name) if name else path
            kept = required and (name in needed or not suffix.startswith("/properties/"))
            stack.append((at + suffix, child, inner, kept, internal, around | {at}))


def _children(node: JsonObject) -> Iterator[tuple[str, str, Any]]:
    """The schemas directly inside a schema: pointer suffix, path segment (none for a part of `allOf`), node."""
    for name, child in mapping(node.get("properties")).items():
        yield pointer("properties", name), name, child
    if isinstance(node.get("items"), dict):
        yield "/items", "[]", node["items"]
    if isinstance(node.get("additionalProperties"), dict):
        yield "/additionalProperties", "*", node["additionalProperties"]
    for index, part in enumerate(sequence(node.get("allOf"))):
        yield f"/allOf/{index}", "", part
