"""The protocol of the MCP server: both eras, their headers, and everything that is no good message."""

import base64
from typing import Any

import pytest

from connector.operations.request import Request
from connector.serving.mcp import selection
from connector.serving.mcp.protocol import LEGACY, SUPPORTED
from connector.serving.mcp.selection import select
from connector.serving.mcp.server import serve
from connector.serving.mcp.tools import all_tools
from connector.settings import Settings
from tests.desk import Desk
from tests.serving.mcp_messages import (
    CAPABILITIES,
    ENVELOPE,
    MODERN,
    VERSION,
    message,
    modern,
    modern_headers,
    parsed,
    post,
)


def initialize(version: Any) -> dict[str, Any]:
    client = {"name": "CopilotStudio PowerFx", "version": "1"}
    return message("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": client})


@pytest.mark.parametrize("version", LEGACY)
async def test_the_handshake_repeats_the_version_of_the_client(version: str) -> None:
    result = parsed(await post(initialize(version)))["result"]

    assert result["protocolVersion"] == version
    assert result["capabilities"] == {"tools": {}, "prompts": {}, "resources": {}, "completions": {}}
    assert result["serverInfo"]["name"] == "deskdirector"
    assert "continuation" in result["instructions"]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25"])
async def test_a_handshake_is_answered_whatever_the_header_says(version: str) -> None:
    for said in (MODERN, "2099-01-01", version):
        answer = parsed(await post(initialize("2025-06-18"), {"mcp-protocol-version": said}))
        assert answer["result"]["protocolVersion"] == "2025-06-18"


@pytest.mark.parametrize("version", ["1999-01-01", "2099-01-01", MODERN])
async def test_a_handshake_with_another_version_is_offered_the_latest_with_handshakes(version: str) -> None:
    assert parsed(await post(initialize(version)))["result"]["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize("version", [None, 7, {}])
async def test_a_handshake_without_a_version_is_an_error(version: Any) -> None:
    assert parsed(await post(initialize(version)))["error"]["code"] == -32602


async def test_ping() -> None:
    assert parsed(await post(message("ping", request_id="p"))) == {"jsonrpc": "2.0", "id": "p", "result": {}}


@pytest.mark.parametrize(
    "body",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}},
        {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "createTicket", "arguments": {"title": "x"}}},
        {"jsonrpc": "2.0", "id": 7, "result": {}},
        {"jsonrpc": "2.0", "id": 7, "error": {"code": 1, "message": "no"}},
        [{"jsonrpc": "2.0", "method": "notifications/initialized"}],
    ],
)
async def test_what_needs_no_answer_gets_202_and_nothing_else(body: Any) -> None:
    response = await post(body)

    assert (response.status, response.body) == (202, b"")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/readonly", "/mcp/site/a.deskdirector.com"])
def test_there_is_no_stream_and_no_session(desk: Desk, method: str, path: str) -> None:
    response = desk.client.request(method, desk.url + path, headers={"accept": "text/event-stream"})

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/mcp", "/MCP", "/mcp/readonly", "/mcp/site/a.deskdirector.com/readonly"])
def test_the_server_answers_plain_json_under_its_addresses(desk: Desk, path: str) -> None:
    response = desk.client.post(desk.url + path, json=message("ping"), headers={"accept": "text/event-stream"})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert "mcp-session-id" not in response.headers


async def test_discovery() -> None:
    sent = modern("server/discover")
    result = parsed(await post(sent, modern_headers(sent)))["result"]

    assert result["supportedVersions"] == list(SUPPORTED)
    assert result["supportedVersions"][0] == MODERN
    assert result["capabilities"] == {"tools": {}, "prompts": {}, "resources": {}, "completions": {}}
    assert result["resultType"] == "complete"
    assert result["cacheScope"] == "public"
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"]


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/subscribe", ""])
async def test_methods_that_the_modern_revision_does_not_have(method: str) -> None:
    sent = modern(method)
    response = await post(sent, modern_headers(sent))

    assert response.status == 404
    assert parsed(response)["error"]["code"] == -32601
    assert parsed(response)["id"] == 1


@pytest.mark.parametrize("method", ["server/discover", "resources/subscribe", "tools/paint", ""])
async def test_methods_that_legacy_revisions_do_not_have(method: str) -> None:
    response = await post(message(method))

    assert response.status == 200
    assert parsed(response)["error"]["code"] == -32601


@pytest.mark.parametrize(
    "meta",
    [
        None,
        [],
        {},
        {VERSION: MODERN},
        {CAPABILITIES: {}},
        {VERSION: MODERN, CAPABILITIES: None},
        {VERSION: 7, CAPABILITIES: {}},
    ],
)
async def test_a_modern_request_has_to_say_version_and_capabilities(meta: Any) -> None:
    sent = message("tools/list", {"_meta": meta} if meta is not None else None)
    response = await post(sent, {"mcp-protocol-version": MODERN, "mcp-method": "tools/list"})

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32602


CALL = modern("tools/call", name="getTicket", arguments={"ticketId": 1})
GOOD = modern_headers(CALL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mcp-protocol-version": None},
        {"mcp-protocol-version": "2025-11-25"},
        {"mcp-protocol-version": ""},
        {"mcp-method": None},
        {"mcp-method": "tools/list"},
        {"mcp-method": "TOOLS/CALL"},
        {"mcp-name": None},
        {"mcp-name": "createTicket"},
        {"mcp-name": "=?base64?!!!?="},
        {"mcp-name": "=?base64?/w==?="},
        {"mcp-name": "getTicket,getTicket"},
    ],
)
async def test_headers_have_to_say_what_the_body_says(wrong: dict[str, str | None]) -> None:
    headers = {name: value for name, value in {**GOOD, **wrong}.items() if value is not None}
    response = await post(CALL, headers)

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32020
    assert parsed(response)["id"] == 1


@pytest.mark.parametrize("name", [" getTicket ", f"=?base64?{base64.b64encode(b'getTicket').decode()}?="])
async def test_a_name_may_be_padded_or_encoded(name: str) -> None:
    assert parsed(await post(CALL, {**GOOD, "mcp-name": name}))["result"]["isError"] is True


@pytest.mark.parametrize("version", ["v999", "2025-11-25", ""])
async def test_a_version_that_is_not_modern_is_refused_with_those_that_exist(version: str) -> None:
    sent = message("tools/list", {"_meta": {**ENVELOPE, VERSION: version}})
    response = await post(sent, {"mcp-protocol-version": version, "mcp-method": "tools/list"})

    assert response.status == 400
    error = parsed(response)["error"]
    assert error["code"] == -32022
    assert error["data"] == {"supported": list(SUPPORTED), "requested": version}


@pytest.mark.parametrize("body", [message("tools/list"), {"jsonrpc": "2.0", "method": "notifications/initialized"}])
async def test_an_unknown_version_in_the_header_alone_is_refused_too(body: Any) -> None:
    response = await post(body, {"mcp-protocol-version": "2031-01-01"})

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32022


async def test_the_list_has_as_many_pages_as_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PAGE", 7)
    select.cache_clear()
    every, cursor = list[str](), dict[str, str]()
    while True:
        page = parsed(await post(message("tools/list", cursor), query={"toolsets": "all"}))["result"]
        every += [tool["name"] for tool in page["tools"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    select.cache_clear()

    assert every == list(all_tools())


async def test_a_cursor_that_is_none() -> None:
    assert parsed(await post(message("tools/list", {"cursor": "abc"})))["error"]["code"] == -32602
    assert parsed(await post(message("tools/list", {"cursor": None})))["result"]["tools"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "null",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost:80:80",
        "https://app.example.com",
    ],
)
async def test_pages_of_other_sites_are_refused(origin: str) -> None:
    response = await post(message("ping"), {"origin": origin})

    assert response.status == 403
    assert parsed(response)["id"] == 1
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:6274",
        "https://127.0.0.1:8443",
        "http://[::1]:3000",
        "https://Chat.Example.com",
    ],
)
async def test_pages_on_this_machine_and_those_that_the_operator_names_may_call(origin: str) -> None:
    allowing = Settings(allowed_origins=("https://chat.example.com",))

    assert (await post(message("ping"), {"origin": origin}, settings=allowing)).status == 200


@pytest.mark.parametrize(
    ("host", "public_url", "status"),
    [
        ("rebound.example.com:7071", "", 403),
        ("localhost.example.com", "", 403),
        ("localhost:7071", "", 200),
        ("192.168.1.5:7071", "", 200),
        ("[::1]:7071", "", 200),
        ("desk.example.com", "https://desk.example.com", 200),
        ("other.example.com", "https://desk.example.com", 403),
        ("[", "https://desk.example.com", 403),
    ],
)
async def test_on_one_machine_a_page_cannot_come_in_under_a_name_of_its_own(
    host: str, public_url: str, status: int
) -> None:
    response = await post(message("ping"), {"host": host}, settings=Settings(public_url=public_url))

    assert response.status == status


async def test_a_browser_may_ask_before_it_calls() -> None:
    def asked(origin: str, **headers: str) -> Request:
        return Request("OPTIONS", "https://app.example.com/mcp", {"origin": origin, **headers})

    wanted = {"access-control-request-headers": "content-type, dd-host, dd-api-key, mcp-protocol-version"}
    allowed = await serve(asked("http://localhost:6274", **wanted), Settings())
    odd = await serve(asked("http://localhost:6274", **{"access-control-request-headers": "x\r\ny"}), Settings())
    refused = await serve(asked("https://evil.example.com", **wanted), Settings())

    assert allowed.status == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == "http://localhost:6274"
    assert allowed.headers["Access-Control-Allow-Headers"] == wanted["access-control-request-headers"]
    assert "dd-api-key" in odd.headers["Access-Control-Allow-Headers"]
    assert refused.status == 403
    read = await post(message("ping"), {"origin": "http://localhost:6274"})
    assert read.headers["Access-Control-Allow-Origin"] == "http://localhost:6274"
    assert "Access-Control-Allow-Origin" not in (await post(message("ping"))).headers
