"""A Power Platform package on disk: which files it has, and what is in them."""

import json
from functools import cached_property
from pathlib import Path

from ..images import Icon, NotAPngError, read_icon
from ..node import JsonObject
from .definition import Definition
from .properties import Properties

DEFINITION = "apiDefinition.swagger.json"
PROPERTIES = "apiProperties.json"
MULTI_AUTH = "apiProperties.multi-auth.json"
SETTINGS = "settings.json"
ICON = "icon.png"
README = "readme.md"
INTRO = "intro.md"
REQUIRED = (DEFINITION, PROPERTIES, SETTINGS, ICON, README, INTRO)
JSON_FILES = (DEFINITION, PROPERTIES, MULTI_AUTH, SETTINGS)
TEXT_FILES = (*JSON_FILES, README, INTRO)


class Folder:
    """The files of a package; what is missing or broken reads as empty, and rules of their own say so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._documents: dict[str, JsonObject | str] = {}

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.path / name).is_file()

    def text(self, name: str) -> str:
        """A text file's content."""
        return (self.path / name).read_text("utf-8", errors="replace") if self.has(name) else ""

    def json(self, name: str) -> JsonObject:
        """A JSON file's object."""
        document = self._parsed(name)
        return document if isinstance(document, dict) else {}

    def json_problem(self, name: str) -> str:
        """Why a JSON file cannot be used; empty when it can."""
        document = self._parsed(name)
        return document if isinstance(document, str) else ""

    @cached_property
    def definition(self) -> Definition:
        """The connector's definition."""
        return Definition(self.json(DEFINITION))

    @cached_property
    def multi_auth(self) -> Properties:
        """The second apiProperties, for several ways to connect."""
        return Properties(self.json(MULTI_AUTH), self.definition)

    @cached_property
    def icon(self) -> Icon | None:
        """The icon, when it is a PNG."""
        try:
            return read_icon(self.path / ICON) if self.has(ICON) else None
        except NotAPngError:
            return None

    def _parsed(self, name: str) -> JsonObject | str:
        if name not in self._documents:
            self._documents[name] = _parse(self.text(name)) if self.has(name) else {}
        return self._documents[name]


def _parse(source: str) -> JsonObject | str:
    """The JSON object in a text, or a sentence that says why there is none."""
    try:
        document = json.loads(source)
    except ValueError as problem:
        return f"It is not JSON: {problem}."
    except RecursionError:
        return "It is nested too deeply."
    return document if isinstance(document, dict) else "It is JSON, but not an object."
