"""The connectors through which Copilot Studio finds the MCP server: one for all tools, one for those that only read.

A connector of this kind has a single operation without parameters, marked with `x-ms-agentic-protocol`; the platform
speaks MCP through it. What the connection asks for becomes headers and, for the toolsets, a part of the query.
"""

from collections.abc import Mapping
from pathlib import Path

from connector.operations.operation import Operation
from connector.serving.mcp.selection import DAILY
from workbench.generators.definitions import JsonObject
from workbench.generators.json_text import as_json
from workbench.generators.mcp_clients import install_page, server_json
from workbench.generators.power_platform import properties
from workbench.generators.power_platform.definition import definition as power_platform_definition
from workbench.generators.power_platform.icon import icon

FOLDER = "mcp"
SERVER, INSTALL = "server.json", "INSTALL.md"
DEFINITION, READ_ONLY = "apiDefinition.swagger.json", "apiDefinition.read-only.swagger.json"
PROPERTIES, ICON = "apiProperties.json", "icon.png"
PROTOCOL = "mcp-streamable-1.0"
TITLE = "DeskDirector MCP"
_TAG = "MCP"

_DESCRIPTION = (
    "Tools for agents that work with DeskDirector tickets, notes, contacts, companies and members. Boards, statuses "
    "and people are given by name or by id, and a request that is repeated does not create anything twice."
)
_TOOLSETS = "toolsets"
_TOOLSETS_HINT = (
    "The toolsets that agents get, separated by commas, for example tickets,notes,contacts; all for every tool"
)


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The files by path, for an app that runs under `host`; they name no operation, since agents ask for the tools."""
    del operations
    files = {
        DEFINITION: as_json(_definition(host, "/mcp", TITLE, "Call the tools")),
        READ_ONLY: as_json(_definition(host, "/mcp/readonly", f"{TITLE} Read Only", "Call the tools that only read")),
        PROPERTIES: as_json(_properties()),
        ICON: icon(),
        SERVER: as_json(server_json()),
    }
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def package(operations: Mapping[str, Operation], folder: Path, host: str) -> str:
    """Write what `paconn` takes below `folder`, which is all but the owner of the service; how to call it."""
    properties = _properties()
    del properties["properties"]["stackOwner"]
    files = {**render(operations, host), f"{FOLDER}/{PROPERTIES}": as_json(properties)}
    files[f"{FOLDER}/{INSTALL}"] = install_page(host).encode()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return f"""\
The MCP server as a custom connector for Copilot Studio, in {folder / FOLDER}:
  paconn create --api-def {DEFINITION} --api-prop {PROPERTIES} --icon {ICON}
  {READ_ONLY} in the place of {DEFINITION} makes one whose tools only read.
{INSTALL} has links that install the server in VS Code and Cursor, and what other clients need."""


def _definition(host: str, path: str, title: str, summary: str) -> JsonObject:
    """The frame of the other connector (host, contact, key, metadata) around the one operation."""
    frame = power_platform_definition({}, host)
    for name in ("definitions", "x-ms-capabilities"):
        del frame[name]
    operation = {
        "summary": summary,
        "description": f"{summary} of the MCP server, which lists them itself.",
        "tags": [_TAG],
        "x-ms-agentic-protocol": PROTOCOL,
        "operationId": "InvokeMCP",
        "responses": {"200": {"description": "OK"}},
    }
    return {
        **frame,
        "info": {**frame["info"], "title": title, "description": _DESCRIPTION},
        "basePath": "/",
        "tags": [{"name": _TAG}],
        "paths": {path: {"post": operation}},
    }


def _properties() -> JsonObject:
    """The connection of the other connector, without its policy on 401 (no answer of this server), with toolsets."""
    plain = properties.plain()["properties"]
    headers = [policy for policy in plain["policyTemplateInstances"] if policy["templateId"] == "setheader"]
    return {
        "properties": {
            "connectionParameters": {**plain["connectionParameters"], _TOOLSETS: _toolsets_parameter()},
            "iconBrandColor": plain["iconBrandColor"],
            "capabilities": ["actions"],
            "policyTemplateInstances": [*headers, _toolsets_policy()],
            "publisher": plain["publisher"],
            "stackOwner": plain["stackOwner"],
        }
    }


def _toolsets_parameter() -> JsonObject:
    return {
        "type": "string",
        "defaultValue": DAILY,
        "uiDefinition": {
            "displayName": "Toolsets",
            "description": _TOOLSETS_HINT,
            "tooltip": _TOOLSETS_HINT,
            "constraints": {"required": "false", "tabIndex": 4},
        },
    }


def _toolsets_policy() -> JsonObject:
    return {
        "templateId": "setqueryparameter",
        "title": "Send Toolsets",
        "parameters": {
            "x-ms-apimTemplateParameter.name": _TOOLSETS,
            "x-ms-apimTemplateParameter.value": f"@connectionParameters('{_TOOLSETS}')",
            "x-ms-apimTemplateParameter.existsAction": "override",
            "x-ms-apimTemplate-policySection": "Request",
        },
    }
