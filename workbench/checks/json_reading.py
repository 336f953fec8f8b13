"""Tolerant reading of JSON that may be wrong in any way: a check reports faults, it never falls over them."""

from collections.abc import Iterator
from typing import Any

JsonObject = dict[str, Any]


def mapping(value: Any) -> JsonObject:
    """`value` when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """`value` when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """`value` when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The strings of a JSON array."""
    return [entry for entry in sequence(value) if isinstance(entry, str)]


def names(spaced: str) -> frozenset[str]:
    """The words of a text: a compact way to write a set of names."""
    return frozenset(spaced.split())


def pointer(*keys: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path of keys: `pointer("paths", "/tickets")` is `/paths/~1tickets`."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def follow(document: Any, path: str) -> Any:
    """What a JSON pointer leads to in `document`; None when nothing is there."""
    node = document
    for key in path.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def nodes(document: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside `document` with its pointer, the document itself first."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        at, value = stack.pop()
        yield at, value
        if isinstance(value, dict):
            stack.extend((at + pointer(key), child) for key, child in value.items())
        elif isinstance(value, list):
            stack.extend((f"{at}/{index}", child) for index, child in enumerate(value))


def json_type(value: Any) -> str:
    """The JSON Schema name of a value's type; a whole number is an `integer`."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def is_of_type(value: Any, expected: str) -> bool:
    """Whether a JSON value has the JSON Schema type `expected`; an integer is a number too."""
    actual = json_type(value)
    return actual == expected or (expected == "number" and actual == "integer")
