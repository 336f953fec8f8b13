"""The catalog as a Microsoft 365 Copilot app: a declarative agent, its plugins, the cards that answers are shown on."""

from collections.abc import Mapping
from typing import Any

from connector.operations.operation import Operation
from workbench.generators.copilot import app
from workbench.generators.copilot.agent import agent
from workbench.generators.copilot.cards import cards_of
from workbench.generators.copilot.plugin import plugin
from workbench.generators.copilot.toolsets import DEFAULT, TOOLSETS, members
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.json_text import as_json
from workbench.generators.openapi.dialect import COPILOT
from workbench.generators.openapi.document import document
from workbench.generators.power_platform.icon import icon, outline

FOLDER = "copilot"
COLOR_SIZE, OUTLINE_SIZE = 192, 32
KEY_REFERENCE = "${{DESKDIRECTOR_KEY_REFERENCE}}"
"""Stands for the id that Microsoft's vault gives to the registered key."""


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The files by path, for an app that runs under `host`. The agent has the default plugin; the others lie by."""
    documents: dict[str, Any] = {app.MANIFEST: app.manifest(host), app.AGENT: agent((DEFAULT,))}
    for toolset, inside in members(operations).items():
        api = document(inside, host, COPILOT, title=toolset.title, about=toolset.about_for_model)
        documents[toolset.plugin_file] = plugin(toolset, inside, KEY_REFERENCE)
        documents[toolset.api_file] = api
        documents.update(card for operation in inside for card in cards_of(operation))
    placeholder, own = PLACEHOLDER_HOST.encode(), host.encode()
    files = {name: as_json(content).replace(placeholder, own) for name, content in documents.items()}
    files |= {app.COLOR_ICON: icon(COLOR_SIZE), app.OUTLINE_ICON: outline(OUTLINE_SIZE)}
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


__all__ = ["DEFAULT", "FOLDER", "KEY_REFERENCE", "TOOLSETS", "render"]
