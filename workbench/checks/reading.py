"""Reading a JSON file that may be missing or broken in any way: a check says so, it never falls over it."""

import json
from pathlib import Path
from typing import Any

from workbench.checks.json_reading import JsonObject


def read_object(file: Path) -> tuple[JsonObject, str]:
    """The JSON object in a file, and a sentence that says why there is none; one of the two is empty."""
    try:
        document: Any = json.loads(file.read_text("utf-8"), object_pairs_hook=_unique)
    except FileNotFoundError:
        return {}, "It does not exist."
    except ValueError as problem:
        return {}, f"It is not JSON: {problem}."
    except RecursionError:
        return {}, "It is nested too deeply."
    return (document, "") if isinstance(document, dict) else ({}, "It is JSON, but not an object.")


def _unique(members: list[tuple[str, Any]]) -> JsonObject:
    """Readers disagree about which of two members with one name counts; most do not even notice."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise ValueError(f"'{next(name for name in names if names.count(name) > 1)}' stands twice in one object")
    return found
