"""What clients are told about the MCP server: `server.json`, and links that install it."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft7Validator

from connector.settings import PREFIX
from tests.desk import ROOT
from workbench.generators.mcp_clients import claude_command, cursor_link, install_page, server_json, vs_code_link

HOST = "acme-app.azurewebsites.net"
SETTING = re.compile(rf"{PREFIX}[A-Z_]+")
INPUT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["isRequired", "description"],
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in ("name", "description", "placeholder")},
        **{name: {"type": "boolean"} for name in ("isRequired", "isSecret")},
    },
}
REMOTE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "url", "headers", "variables"],
    "properties": {
        "type": {"const": "streamable-http"},
        "url": {"type": "string", "pattern": "^https?://[^\\s]+$"},
        "headers": {"type": "array", "items": {**INPUT, "required": ["name"]}},
        "variables": {"type": "object", "additionalProperties": INPUT},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["$schema", "name", "description", "version", "remotes"],
    "properties": {
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
        "name": {"type": "string", "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", "maxLength": 200},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "pattern": "^[0-9]+[.][0-9]+[.][0-9]+$"},
        "remotes": {"type": "array", "minItems": 1, "items": REMOTE},
    },
}
"""The part of the registry's schema that an entry with remotes uses, as strict as it can be."""


def test_the_entry_is_one_that_a_registry_takes() -> None:
    entry = json.loads((ROOT / "connector" / "definition" / "mcp" / "server.json").read_text())

    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(entry)] == []
    assert entry == server_json()
    (remote,) = entry["remotes"]
    assert {*re.findall(r"{(\w+)}", remote["url"])} == remote["variables"].keys()
    assert [one["name"] for one in remote["headers"] if one.get("isSecret")] == ["dd-api-key"]


def test_the_link_for_vs_code_asks_for_the_key() -> None:
    query = parse_qs(urlsplit(vs_code_link(HOST)).query)
    config, inputs = json.loads(query["config"][0]), json.loads(query["inputs"][0])

    assert config["url"] == f"https://{HOST}/mcp"
    assert config["type"] == "http"
    asked = {f"${{input:{one['id']}}}" for one in inputs}
    assert {*config["headers"].values()} == asked
    assert [one["id"] for one in inputs if one.get("password")] == ["deskdirector-key"]


def test_the_link_for_cursor_is_its_configuration_in_base64() -> None:
    query = parse_qs(urlsplit(cursor_link(HOST)).query)
    config = json.loads(base64.b64decode(query["config"][0]))

    assert query["name"] == ["deskdirector"]
    assert config["url"] == f"https://{HOST}/mcp"
    assert all(value.startswith("${env:") for value in config["headers"].values())


def test_the_page_has_everything_for_the_host() -> None:
    page = install_page(HOST)

    for part in (vs_code_link(HOST), cursor_link(HOST), claude_command(HOST)):
        assert part in page
    settings = (ROOT / "docs" / "settings.md").read_text()
    assert all(name in settings for name in SETTING.findall(page))


def test_the_links_of_the_documents_are_these() -> None:
    page = (ROOT / "docs" / "mcp.md").read_text()

    assert vs_code_link("YOUR-APP.azurewebsites.net") in page
    assert cursor_link("YOUR-APP.azurewebsites.net") in page
