"""Narrows a type by asserting it."""

from typing import TypeVar

T = TypeVar("T")


def existing(value: T | None) -> T:
    """`value`, which is there."""
    assert value is not None
    return value
