"""A Power Platform package on disk: which files it has, and what is in them."""

from functools import cached_property
from pathlib import Path

from workbench.checks.images import Icon, NotAPngError, read_icon
from workbench.checks.json_reading import JsonObject
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.properties import Properties
from workbench.checks.reading import read_object

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
    """The files of a package; missing or broken ones read as empty, and rules of their own say so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._documents: dict[str, tuple[JsonObject, str]] = {}

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.path / name).is_file()

    def text(self, name: str) -> str:
        """A text file's content."""
        return (self.path / name).read_text("utf-8", errors="replace") if self.has(name) else ""

    def json(self, name: str) -> JsonObject:
        """A JSON file's object."""
        return self._read(name)[0]

    def json_problem(self, name: str) -> str:
        """Why a JSON file cannot be used; empty when it can, and when it is not there."""
        return self._read(name)[1] if self.has(name) else ""

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

    def _read(self, name: str) -> tuple[JsonObject, str]:
        if name not in self._documents:
            self._documents[name] = read_object(self.path / name)
        return self._documents[name]
