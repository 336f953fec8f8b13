"""The catalog as a Power Platform connector: every file that a custom or certified connector consists of."""

import json
from collections.abc import Mapping

from ...catalog.operation import Operation
from . import properties
from .definition import definition
from .icon import icon
from .prose import intro, readme
from .schemas import JsonObject

FOLDER = "power-platform"
DEFINITION, PROPERTIES, MULTI_AUTH = "apiDefinition.swagger.json", "apiProperties.json", "apiProperties.multi-auth.json"
SETTINGS, ICON, README, INTRO = "settings.json", "icon.png", "readme.md", "intro.md"

_SETTINGS = {
    "apiDefinition": DEFINITION,
    "apiProperties": PROPERTIES,
    "icon": ICON,
    "powerAppsUrl": "https://api.powerapps.com",
    "powerAppsApiVersion": "2016-11-01",
}


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The files by path, for an app that runs under `host`; the same input always gives the same bytes."""
    files = {
        DEFINITION: as_json(definition(operations, host)),
        PROPERTIES: as_json(properties.plain()),
        MULTI_AUTH: as_json(properties.multi_auth()),
        SETTINGS: as_json(_SETTINGS),
        ICON: icon(),
        README: readme(operations).encode(),
        INTRO: intro().encode(),
    }
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def as_json(document: JsonObject) -> bytes:
    """The document as it is committed: two spaces of indent, one line break at the end."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
