"""The limits of an input as JSON Schema says them, read from the same declaration that enforces them."""

from collections.abc import Iterable, Mapping
from typing import Any

MOST_ITEMS, MOST_REFERENCES = 1000, 50
"""Entries of a list, of plain values and of things that are looked up."""

_OF_TYPE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "string": (("min_length", "minLength"), ("max_length", "maxLength")),
    "array": (("min_length", "minItems"), ("max_length", "maxItems")),
    "object": (("max_length", "maxProperties"),),
    "integer": (("ge", "minimum"), ("le", "maximum")),
    "number": (("ge", "minimum"), ("le", "maximum")),
}


def limits_of(type_: str, declared: Iterable[Any]) -> dict[str, Any]:
    """`{"minimum": 1}` and the like for a value of a JSON type with these marks; the narrowest of each counts."""
    limits: dict[str, Any] = {}
    for mark in declared:
        for attribute, key in _OF_TYPE.get(type_, ()):
            value = getattr(mark, attribute, None)
            if value is None:
                continue
            narrower = max if key.startswith("min") else min
            limits[key] = narrower(limits[key], value) if key in limits else value
    return limits


def most_items(*, is_reference: bool, declared: Iterable[Any]) -> int:
    """How many entries a list may have: a declared limit, but never more than lists of its kind."""
    limit = limits_of("array", declared).get("maxItems")
    most = MOST_REFERENCES if is_reference else MOST_ITEMS
    return most if limit is None else min(int(limit), most)
