"""Messages of both eras of MCP, and a client that is nothing but HTTP."""

import json
from collections.abc import Mapping
from typing import Any

from connector.operations.request import Request
from connector.serving.mcp.server import serve, serve_read_only
from connector.serving.mcp.tool_calls import DATA
from connector.serving.response import Response
from connector.settings import Settings
from tests.desk import Desk

MODERN = "2026-07-28"
VERSION, CAPABILITIES = "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"
ENVELOPE = {VERSION: MODERN, CAPABILITIES: {}}


def message(method: str, params: Any = None, *, request_id: Any = 1) -> dict[str, Any]:
    """A request as legacy revisions send it."""
    return {"jsonrpc": "2.0", "id": request_id, "method": method, **({} if params is None else {"params": params})}


def modern(method: str, **params: Any) -> dict[str, Any]:
    """A request of the modern revision."""
    return message(method, {**params, "_meta": ENVELOPE})


def modern_headers(sent: Mapping[str, Any]) -> dict[str, str]:
    """The headers that belong to it."""
    name = sent["params"].get("name")
    return {
        "mcp-protocol-version": MODERN,
        "mcp-method": sent["method"],
        **({"mcp-name": name} if name is not None else {}),
    }


async def post(
    body: Any,
    headers: Mapping[str, str] | None = None,
    *,
    query: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    read_only: bool = False,
) -> Response:
    """What the server answers in this process, without a connection unless `headers` has one."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request("POST", "https://app.example.com/mcp", headers or {}, query=query or {}, body=content)
    return await (serve_read_only if read_only else serve)(request, settings or Settings())


def parsed(response: Response) -> Any:
    """The body as data."""
    return json.loads(response.body)


def call_tool(
    desk: Desk, name: str, *, path: str = "/mcp?toolsets=all", headers: Mapping[str, str] | None = None, **given: Any
) -> Any:
    """The result of a tool call over HTTP, with the connection of `desk` unless `headers` says otherwise."""
    sent = message("tools/call", {"name": name, "arguments": given})
    response = desk.client.post(desk.url + path, json=sent, headers=desk.headers() if headers is None else headers)
    assert response.status_code == 200, response.text
    return response.json()["result"]


def told(result: Mapping[str, Any]) -> Any:
    """What the text of a tool's result says."""
    (content,) = result["content"]
    assert content["type"] == "text"
    return json.loads(content["text"])


def without_marks(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without the names of its fields that others wrote."""
    return {name: value for name, value in answer.items() if name != DATA}
