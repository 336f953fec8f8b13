"""Two versions of a connector compared: what would break for those who use the older one."""

import json
from itertools import chain
from pathlib import Path

from ..node import JsonObject
from ..power_platform.folder import DEFINITION, MULTI_AUTH, PROPERTIES
from .change import Change, changes_to_json, changes_to_text
from .definitions import definition_changes
from .properties import property_changes

__all__ = [
    "Change",
    "breaking_changes",
    "changes",
    "changes_between",
    "changes_to_json",
    "changes_to_text",
    "definition_changes",
    "property_changes",
]


def changes(old: JsonObject, new: JsonObject) -> list[Change]:
    """Every change, breaking or not, from one document to the next."""
    compare = property_changes if "properties" in old else definition_changes
    return list(compare(old, new))


def breaking_changes(old: JsonObject, new: JsonObject) -> list[Change]:
    """What breaks from one document to the next: two swagger definitions, or two apiProperties documents."""
    return [change for change in changes(old, new) if change.breaking]


def changes_between(old: Path, new: Path) -> list[Change]:
    """Every change, breaking or not, from one file to another, or from one package folder to another.

    Raises `OSError` when a file cannot be read and `ValueError` when one is not a JSON object.
    """
    if not old.is_dir():
        return changes(_read(old), _read(new))
    names = [name for name in (DEFINITION, PROPERTIES, MULTI_AUTH) if (old / name).exists()]
    return list(chain.from_iterable(changes(_read(old / name), _read(new / name)) for name in names))


def _read(path: Path) -> JsonObject:
    document = json.loads(path.read_text("utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds no JSON object.")  # noqa: TRY004 - callers report one kind of bad file
    return document
