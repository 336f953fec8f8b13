"""The official conformance suite against our protocol with the prompts, tools and resources that the suite asks for.

The suite's scenarios name things that no help desk has. They are put beside ours here, and everything else (reading of
messages, both eras, errors, the form of results) is the server's own.
"""

import asyncio
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from connector.deskdirector.errors import BadRequest
from connector.operations.request import Request
from connector.serving.mcp import completion, prompts, resources, search_tools
from connector.serving.mcp.asking import Asking
from connector.serving.mcp.prompts import PROMPTS, Blank, Prompt
from connector.serving.mcp.search_tools import OWN_TOOLS, OwnTool
from connector.serving.mcp.selection import select
from connector.serving.mcp.server import serve
from connector.serving.response import Response
from connector.settings import Settings
from tests.npm_tools import MCP
from tests.serving.test_mcp_clients import MODULES, run

BLANKS = (Blank("arg1", "First.", required=True), Blank("arg2", "Second.", required=True))


async def _works(given: Mapping[str, Any], asking: Asking) -> Response:
    return Response(200, b'{"said":"This is a simple text response for testing."}')


async def _fails(given: Mapping[str, Any], asking: Asking) -> Response:
    raise BadRequest("InvalidInput", "This tool intentionally returns an error for testing.")


def tool(name: str, run_: Any) -> OwnTool:
    return OwnTool(name, "For the suite.", "Test", "unused", "Unused.", {"said": {"type": "string"}}, run_)


class Handler(BaseHTTPRequestHandler):
    """What carries HTTP to the server."""

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        url = f"http://{headers['host']}{self.path}"
        query = {"toolsets": "", "tools": "test_simple_text,test_error_handling"}
        response = asyncio.run(serve(Request("POST", url, headers, query=query, body=body), Settings()))
        self.send_response(response.status)
        for name, value in {"content-type": "application/json", **response.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    def do_GET(self) -> None:
        self.send_response(405)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    nothing = frozenset[str]()
    simple = Prompt("test_simple_prompt", "T", "T", (), nothing, lambda _: "This is a simple prompt for testing.")
    with_arguments = Prompt(
        *("test_prompt_with_arguments", "T", "T", BLANKS, nothing),
        lambda values: f"Prompt with arguments: arg1='{values['arg1']}', arg2='{values['arg2']}'",
    )
    monkeypatch.setattr(prompts, "PROMPTS", {**PROMPTS, simple.name: simple, with_arguments.name: with_arguments})
    monkeypatch.setattr(completion, "PROMPTS", prompts.PROMPTS)
    tools = {one.name: one for one in (tool("test_simple_text", _works), tool("test_error_handling", _fails))}
    monkeypatch.setattr(search_tools, "OWN_TOOLS", {**OWN_TOOLS, **tools})
    monkeypatch.setattr("connector.serving.mcp.selection.OWN_TOOLS", search_tools.OWN_TOOLS)

    async def text(uri: str, tools: Any, asking: Asking, missing: int) -> bytes:
        return b"This is the content of the static text resource."

    monkeypatch.setattr(resources, "_body", text)
    select.cache_clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/mcp"
    server.shutdown()
    server.server_close()
    select.cache_clear()


SCENARIOS = ["prompts-get-simple", "prompts-get-with-args", "completion-complete", "resources-read-text"]
SCENARIOS += ["tools-call-simple-text", "tools-call-error"]


@MCP
@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_protocol_conforms(url: str, scenario: str, version: str) -> None:
    program = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    done = run(program, "server", "--url", url, "--scenario", scenario, "--spec-version", version)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed: " in done.stdout
