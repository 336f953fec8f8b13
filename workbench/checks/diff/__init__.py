"""Two versions of a connector compared: what would break for those who use the older one."""

from itertools import chain
from pathlib import Path

from workbench.checks.diff.change import Change, changes_to_json, changes_to_text
from workbench.checks.diff.definitions import definition_changes
from workbench.checks.diff.properties import property_changes
from workbench.checks.json_reading import JsonObject
from workbench.checks.power_platform.folder import DEFINITION, MULTI_AUTH, PROPERTIES
from workbench.checks.reading import read_object

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

    Of a folder that stands beside a file, the file of the same name counts, else the definition. Raises `ValueError`
    when there is nothing to compare or a file is not a JSON object.
    """
    if not (old.is_dir() and new.is_dir()):
        return changes(_read(_beside(new, old)), _read(_beside(old, new)))
    names = [name for name in (DEFINITION, PROPERTIES, MULTI_AUTH) if (old / name).exists()]
    if not names:
        raise ValueError(f"{old} holds no {DEFINITION}; there is nothing to compare.")
    return list(chain.from_iterable(changes(_read(old / name), _read(new / name)) for name in names))


def _read(path: Path) -> JsonObject:
    document, problem = read_object(path)
    if problem:
        raise ValueError(f"{path} cannot be compared. {problem}")
    return document


def _beside(other: Path, path: Path) -> Path:
    """`path` itself or, when it is a folder, the file in it that corresponds to the file `other`."""
    if not path.is_dir():
        return path
    return path / (other.name if (path / other.name).is_file() else DEFINITION)
