"""What a viewer sees of an answer: its structure, with the content of events masked."""

from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "•••"
CONTENT: Final = frozenset({"payload", "excerpt", "title"})
"""Fields that hold, or may hold, what DeskDirector or a flow sent."""


def masked(answer: Any) -> Any:
    """The answer with every leaf of its content masked."""
    if isinstance(answer, Mapping):
        shown = {name: _covered(value) if name in CONTENT else masked(value) for name, value in answer.items()}
        if shown.get("condition") and "because" in shown:
            shown["because"] = f"its condition on {shown['condition']} does not hold"
        return shown
    return [masked(item) for item in answer] if isinstance(answer, list | tuple) else answer


def _covered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _covered(one) for name, one in value.items()}
    return [_covered(item) for item in value] if isinstance(value, list) else MASK
