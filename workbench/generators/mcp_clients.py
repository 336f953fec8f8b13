"""How clients learn of the MCP server: `server.json` of the registry, and links that install it with one click.

Sources: the format of `server.json` (schema 2025-12-11); "Use MCP servers in VS Code", URL handler; Cursor, "Install
links". No link carries a key: VS Code and Cursor ask for it, or it is put in afterwards.
"""

import base64
import json
from typing import Any
from urllib.parse import quote

from workbench.generators.identity import version

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
NAME = "io.github.your-organisation/deskdirector"
SITE_HINT = "acme.deskdirector.com"
_ABOUT = "Tools for a DeskDirector help desk: tickets, notes, people, companies, time."


def server_json() -> dict[str, Any]:
    """The registry's entry; `{host}` is the app that people deployed themselves."""
    site = {"name": "dd-host", "description": "Site host", "isRequired": True, "placeholder": SITE_HINT}
    key = {"name": "dd-api-key", "description": "DeskDirector API key", "isRequired": True, "isSecret": True}
    host = {
        "description": "Host name of your app",
        "isRequired": True,
        "placeholder": "your-app.azurewebsites.net",
    }
    remote = {
        "type": "streamable-http",
        "url": "https://{host}/mcp",
        "variables": {"host": host},
        "headers": [site, key],
    }
    about = {"name": NAME, "title": "DeskDirector", "description": _ABOUT, "version": version()}
    return {"$schema": SCHEMA, **about, "remotes": [remote]}


def vs_code_configuration(host: str) -> dict[str, Any]:
    """An entry of `mcp.json` that asks for site and key."""
    return {
        "name": "deskdirector",
        "type": "http",
        "url": f"https://{host}/mcp",
        "headers": {"dd-host": "${input:deskdirector-site}", "dd-api-key": "${input:deskdirector-key}"},
        "inputs": [
            {"type": "promptString", "id": "deskdirector-site", "description": f"Site host, e.g. {SITE_HINT}"},
            {"type": "promptString", "id": "deskdirector-key", "description": "DeskDirector API key", "password": True},
        ],
    }


def cursor_configuration(host: str) -> dict[str, Any]:
    """An entry of Cursor's `mcp.json`, whose values come from the environment."""
    headers = {"dd-host": "${env:DESKDIRECTOR_SITE}", "dd-api-key": "${env:DESKDIRECTOR_KEY}"}
    return {"url": f"https://{host}/mcp", "headers": headers}


def vs_code_link(host: str) -> str:
    """Opens VS Code, which shows what it will install and asks."""
    whole = vs_code_configuration(host)
    entry = {name: part for name, part in whole.items() if name not in ("name", "inputs")}
    inputs, config = _quoted(whole["inputs"]), _quoted(entry)
    return f"https://insiders.vscode.dev/redirect/mcp/install?name={whole['name']}&inputs={inputs}&config={config}"


def cursor_link(host: str) -> str:
    """Opens Cursor, which shows what it will install and asks."""
    config = base64.b64encode(json.dumps(cursor_configuration(host), separators=(",", ":")).encode()).decode()
    return f"https://cursor.com/en/install-mcp?name=deskdirector&config={quote(config, safe='')}"


def claude_command(host: str) -> str:
    """What adds the server to Claude Code."""
    return (
        f'claude mcp add --transport http deskdirector "https://{host}/mcp" '
        f'--header "dd-host: {SITE_HINT}" --header "dd-api-key: YOUR-KEY"'
    )


def install_page(host: str) -> str:
    """`INSTALL.md` for an app that runs under `host`."""
    return f"""\
# Connect to the MCP server at {host}

| Client | |
| --- | --- |
| VS Code | [Install]({vs_code_link(host)}); it asks for site host and API key |
| Cursor | [Install]({cursor_link(host)}); set DESKDIRECTOR_SITE and DESKDIRECTOR_KEY in the environment first |
| Claude Code | `{claude_command(host)}` |
| Claude, ChatGPT | add a custom connector with the URL `https://{host}/mcp`; it needs `CONNECTOR_MCP_OAUTH` on |
| Copilot Studio | Model Context Protocol with `https://{host}/mcp/site/{SITE_HINT}`, API key in header `dd-api-key` |
"""


def _quoted(configuration: Any) -> str:
    return quote(json.dumps(configuration, separators=(",", ":")), safe="")
