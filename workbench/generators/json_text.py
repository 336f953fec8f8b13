"""How generated JSON is written: for people to read and for a diff to show, and small."""

import json
from typing import Any

_WIDTH = 140


def as_json(document: Any) -> bytes:
    """`document` with a space of indent, where an object or list that fits on a line stays on it."""
    return (_written(document, 0) + "\n").encode()


def _written(value: Any, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, (dict, list)) or depth + len(line) <= _WIDTH:
        return line
    if isinstance(value, dict):
        inside = [
            f"{json.dumps(key, ensure_ascii=False)}: {_written(child, depth + 1)}" for key, child in value.items()
        ]
        return _block("{", inside, "}", depth)
    return _block("[", [_written(child, depth + 1) for child in value], "]", depth)


def _block(opening: str, inside: list[str], closing: str, depth: int) -> str:
    margin = " " * (depth + 1)
    return f"{opening}\n{margin}" + f",\n{margin}".join(inside) + f"\n{' ' * depth}{closing}"
