"""The catalog as a Power Platform connector: every file that a custom or certified connector consists of."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from workbench.generators.json_text import as_json
from workbench.generators.power_platform import properties
from workbench.generators.power_platform.definition import definition
from workbench.generators.power_platform.icon import icon
from workbench.generators.power_platform.prose import intro, readme

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
