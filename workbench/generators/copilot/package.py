"""What an administrator uploads to Microsoft 365: the agent with its ten functions, and one with every plugin."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from connector.operations.operation import Operation
from workbench.generators.archive import zipped
from workbench.generators.copilot import DEFAULT, FOLDER, KEY_REFERENCE, TOOLSETS, app, render
from workbench.generators.copilot.agent import agent
from workbench.generators.copilot.cards import cards_of
from workbench.generators.copilot.toolsets import Toolset, members
from workbench.generators.identity import placeholders_left, with_warnings
from workbench.generators.json_text import as_json

REFERENCE_VARIABLE = "COPILOT_KEY_REFERENCE"
SMALL, LARGE = "DeskDirectorAgent.zip", "DeskDirectorAgentAllPlugins.zip"


def package(operations: Mapping[str, Operation], folder: Path, host: str) -> str:
    """Write the app packages below `folder`; what is left for a person to do."""
    folder = folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    reference = os.environ.get(REFERENCE_VARIABLE, "").strip()
    for name, toolsets in ((SMALL, (DEFAULT,)), (LARGE, (DEFAULT, *TOOLSETS))):
        (folder / name).write_bytes(app_package(operations, host, toolsets, reference))
    return _instructions(folder, host, reference)


def app_package(
    operations: Mapping[str, Operation], host: str, toolsets: Iterable[Toolset], reference: str = ""
) -> bytes:
    """The zip of an agent with these plugins; `reference` is the id of the registered key."""
    toolsets = tuple(toolsets)
    rendered = {path.removeprefix(f"{FOLDER}/"): content for path, content in render(operations, host).items()}
    inside = members(operations)
    names = {app.MANIFEST, app.COLOR_ICON, app.OUTLINE_ICON}
    for toolset in toolsets:
        names |= {toolset.plugin_file, toolset.api_file}
        names |= {file for operation in inside[toolset] for file, _ in cards_of(operation)}
    files = {name: rendered[name] for name in names} | {app.AGENT: as_json(agent(toolsets))}
    if reference:
        placeholder = KEY_REFERENCE.encode()
        files = {name: content.replace(placeholder, reference.encode()) for name, content in files.items()}
    return zipped(files)


def _instructions(folder: Path, host: str, reference: str) -> str:
    warnings = placeholders_left(host)
    if not reference:
        warnings.append(
            f"The key's registration id is a placeholder; package again with {REFERENCE_VARIABLE} set to it."
        )
    steps = f"""\
The agent for Microsoft 365 Copilot, in {folder} (docs/copilot.md has the details):
  1. Set CONNECTOR_DEFAULT_SITE of the app to your site host; Copilot sends a key and nothing else.
  2. In the Teams Developer Portal, Tools, API key registration: register your DeskDirector API key for https://{host}.
  3. make package HOST={host} {REFERENCE_VARIABLE}=<registration id>
  4. Upload {SMALL} in the Microsoft 365 admin center, Agents (or {LARGE}, for everything)."""
    return with_warnings(warnings, steps)
