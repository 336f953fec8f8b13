"""Small changes to a JSON document, by JSON pointer: how the tests break what is valid."""

import copy
from collections.abc import Callable
from typing import Any

from workbench.checks.json_reading import follow

Document = dict[str, Any]
Edit = Callable[[Document], None]


def put(pointer: str, value: Any) -> Edit:
    """Set what a pointer names."""
    parent, key = pointer.rsplit("/", 1)
    return lambda document: _holder(document, parent).__setitem__(_key(document, parent, key), value)


def drop(pointer: str) -> Edit:
    """Remove what a pointer names."""
    parent, key = pointer.rsplit("/", 1)
    return lambda document: _holder(document, parent).__delitem__(_key(document, parent, key))


def append(pointer: str, value: Any) -> Edit:
    """Add to an array."""
    return lambda document: follow(document, pointer).append(value)


def rename(pointer: str, old: str, new: str) -> Edit:
    """Give a member of an object another name."""

    def edit(document: Document) -> None:
        node = follow(document, pointer)
        node[new] = node.pop(old)

    return edit


def clone(path: str, new_path: str, operation_id: str) -> Edit:
    """Add a copy of a path's GET under another path and id."""

    def edit(document: Document) -> None:
        operation = copy.deepcopy(document["paths"][path]["get"])
        operation["operationId"] = operation_id
        document["paths"].setdefault(new_path, {})["get"] = operation

    return edit


def edited(document: Document, *edits: Edit) -> Document:
    """The document after the edits."""
    for edit in edits:
        edit(document)
    return document


def _holder(document: Document, parent: str) -> Any:
    return follow(document, parent)


def _key(document: Document, parent: str, key: str) -> str | int:
    return int(key) if isinstance(_holder(document, parent), list) else key.replace("~1", "/").replace("~0", "~")
