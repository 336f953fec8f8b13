"""The connectors through which Copilot Studio finds an MCP server: definitions that share one apiProperties file."""

from collections.abc import Iterator
from pathlib import Path

from workbench.checks.finding import Finding
from workbench.checks.json_reading import JsonObject, mapping
from workbench.checks.power_platform import check_definition, check_properties
from workbench.checks.power_platform.folder import PROPERTIES
from workbench.checks.reading import read_object

_EXTENSION = "x-ms-agentic-protocol"


def check_mcp_definitions(folder: Path) -> list[Finding]:
    """The findings of every definition in a folder, and of their apiProperties, each once."""
    properties, problem = read_object(folder / PROPERTIES)
    found = [unreadable(PROPERTIES, problem)] if problem else []
    for path in sorted(folder.glob("*.swagger.json")):
        definition, problem = read_object(path)
        if problem:
            found.append(unreadable(path.name, problem))
            continue
        found += check_definition(definition, path.name)
        found += _protocol(definition, path.name)
        found += check_properties(properties, definition) if properties else []
    return list(dict.fromkeys(found))


def unreadable(file: str, problem: str) -> Finding:
    """The finding for a file that cannot be read as JSON."""
    return Finding(file, "", "JsonNotValid", "error", problem, "Correct the JSON; nothing in it can be checked before.")


def _protocol(definition: JsonObject, file: str) -> Iterator[Finding]:
    items = mapping(definition.get("paths")).values()
    if not any(_EXTENSION in mapping(operation) for item in items for operation in mapping(item).values()):
        remedy = f"Mark the POST operation with {_EXTENSION}; agents find no server without it."
        yield Finding(file, "/paths", "AgenticProtocolMissing", "error", "No operation speaks MCP.", remedy)
