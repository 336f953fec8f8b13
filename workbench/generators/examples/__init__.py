"""A worked example for every operation: good input, and the answer that a freshly seeded DeskDirector gives to it.

The inputs stand in `inputs.py`. The answers in `answers.json` are recorded by `export`, with the app and the simulator
running, so they are true; documents and definitions quote them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connector.operations.field_model import Field
from connector.operations.operation import Operation
from connector.operations.signature import Location, signature_of
from workbench.generators.examples.inputs import INPUTS, USUAL
from workbench.generators.json_text import as_json

ANSWERS = Path(__file__).parent / "answers.json"
SITE = "support.deskdirector.com"
"""The site host in every example."""

_BY_TYPE: Mapping[str, Any] = {"string": "example", "integer": 1, "number": 1.5, "boolean": True}


@dataclass(frozen=True, slots=True)
class Example:
    """A call: `path`, `query` and `body` values by name, each in the order of the operation's fields."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    status: int | None
    """The status that was answered; None when nothing was recorded yet."""
    answer: Any
    """The JSON that was answered; None when there was none."""


def example_of(operation: Operation) -> Example:
    """The example of an operation; for one without inputs of its own, its required fields with usual values."""
    fields = signature_of(operation).fields(operation)
    given = INPUTS.get(operation.id, {field.name: _usual(field) for _, field in fields if field.required})
    recorded = _answers().get(operation.id, {})

    def of(wanted: Location) -> dict[str, Any]:
        return {field.name: given[field.name] for at, field in fields if at == wanted and field.name in given}

    return Example(of("path"), of("query"), of("body"), recorded.get("status"), recorded.get("answer"))


def remember(answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what the examples answer now, by operation: `{"status", "answer"}`; from here on they are quoted."""
    content = as_json(answers)
    if not ANSWERS.exists() or ANSWERS.read_bytes() != content:
        ANSWERS.write_bytes(content)
    _answers.cache_clear()


def _usual(field: Field) -> Any:
    if field.name in USUAL:
        return USUAL[field.name]
    if field.type == "array" and field.items:
        return [_usual(field.items)]
    return field.example or (field.enum[0] if field.enum else _BY_TYPE.get(field.type, {}))


@cache
def _answers() -> Mapping[str, Mapping[str, Any]]:
    return dict(json.loads(ANSWERS.read_bytes())) if ANSWERS.exists() else {}
