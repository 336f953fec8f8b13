"""Rules about the files of a package: which there must be, their size, settings.json, and that no secret is in them."""

import re

from workbench.checks.json_reading import names, text
from workbench.checks.power_platform.folder import (
    DEFINITION,
    ICON,
    JSON_FILES,
    MULTI_AUTH,
    PROPERTIES,
    REQUIRED,
    SETTINGS,
    TEXT_FILES,
    Folder,
)
from workbench.checks.power_platform.rulebook import Faults, folder_rules

rule = folder_rules.rule

MAX_DEFINITION = 1_000_000
BUDGET = 500_000

_SETTINGS_KEYS = names(
    "$schema connectorId environment apiProperties apiDefinition icon powerAppsUrl powerAppsApiVersion flowUrl "
    "flowApiVersion"
)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_API_VERSION = "2016-11-01"
_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AccountKey=[A-Za-z0-9+/]{20}|[?&]sig=[A-Za-z0-9%_-]{20}"
    r"|SharedAccessSignature=\S{20}|\b(?:Bearer|Basic|DdApi|DdAccessToken) [A-Za-z0-9+/._-]{20}"
)


@rule("ArtifactMissing")
def artifacts(folder: Folder) -> Faults:
    """Add the file; certification asks for it."""
    for name in REQUIRED:
        if not folder.has(name):
            yield "", f"The file '{name}' is missing.", name


@rule("JsonNotValid")
def json_files(folder: Folder) -> Faults:
    """Correct the JSON; nothing in the file can be checked before."""
    for name in JSON_FILES:
        if problem := folder.json_problem(name):
            yield "", problem, name


@rule("DefinitionSizeExceedsMaxAllowed")
def definition_size(folder: Folder) -> Faults:
    """Shorten the definition; the platform takes less than 1 MB."""
    if (size := _size(folder)) >= MAX_DEFINITION:
        yield "", f"The definition has {size} bytes.", DEFINITION


@rule("DefinitionSizeAboveBudget", severity="warning")
def definition_budget(folder: Folder) -> Faults:
    """Shorten the definition to less than 500 KB, half of what Microsoft takes; designers load all of it."""
    if MAX_DEFINITION > (size := _size(folder)) >= BUDGET:
        yield "", f"The definition has {size} bytes.", DEFINITION


@rule("PossibleSecret")
def secrets(folder: Folder) -> Faults:
    """Remove it, and revoke it if it is real."""
    for name in TEXT_FILES:
        for number, line in enumerate(folder.text(name).splitlines(), 1):
            if _SECRETS.search(line):
                yield "", f"Line {number} looks like it holds a secret.", name


@rule("SettingsKeyNotAllowed")
def settings_keys(folder: Folder) -> Faults:
    """Remove the key; paconn's schema forbids it."""
    for key in folder.json(SETTINGS):
        if key not in _SETTINGS_KEYS:
            yield f"/{key}", f"'{key}' is not a setting of paconn.", SETTINGS


@rule("SettingsFileNotFound")
def settings_files(folder: Folder) -> Faults:
    """Name a file of this folder."""
    for key, default in (("apiDefinition", DEFINITION), ("apiProperties", PROPERTIES), ("icon", ICON)):
        name = text(folder.json(SETTINGS).get(key))
        if name and name != default and not folder.has(name):
            yield f"/{key}", f"The file '{name}' does not exist.", SETTINGS


@rule("SettingsEnvironmentNotGuid")
def environment(folder: Folder) -> Faults:
    """Give the environment's id, a GUID in lower case, or leave the key out."""
    value = folder.json(SETTINGS).get("environment", "")
    if value and not _GUID.fullmatch(text(value)):
        yield "/environment", f"'{value}' is not a GUID in lower case.", SETTINGS


@rule("SettingsApiVersionNotValid")
def api_version(folder: Folder) -> Faults:
    """Use 2016-11-01."""
    for key in ("powerAppsApiVersion", "flowApiVersion"):
        if folder.json(SETTINGS).get(key, _API_VERSION) != _API_VERSION:
            yield f"/{key}", f"'{key}' is not {_API_VERSION}.", SETTINGS


@rule("MultiAuthWithoutSets")
def multi_auth(folder: Folder) -> Faults:
    """Declare connectionParameterSets with at least two values."""
    sets = folder.multi_auth.sets if folder.has(MULTI_AUTH) else None
    if sets is not None and not folder.json_problem(MULTI_AUTH) and len(sets) < 2:
        yield "/properties", f"There are {len(sets)} ways to connect.", MULTI_AUTH


def _size(folder: Folder) -> int:
    return (folder.path / DEFINITION).stat().st_size if folder.has(DEFINITION) else 0
