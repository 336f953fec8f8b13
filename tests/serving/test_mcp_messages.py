"""Bodies and messages that the MCP server reads, refuses or answers: hostile, malformed, in batches."""

import json
from typing import Any

import pytest

from connector.serving.mcp.server import MAX_BATCH
from tests.serving.mcp_messages import (
    MODERN,
    message,
    parsed,
    post,
)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 6000, b'{"a":' * 50 + b"1" + b"}" * 50])
async def test_a_body_of_a_hostile_shape_is_refused_unread(body: bytes) -> None:
    response = await post(body)

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32600


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"{'a': 1}",
        b"<xml/>",
        b"NaN",
        b"{} {}",
    ],
)
async def test_a_body_that_is_no_json(body: bytes) -> None:
    response = await post(body)

    assert response.status == 400
    assert parsed(response) == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32700, "message": "The body is not valid JSON."},
    }


@pytest.mark.parametrize(
    "body",
    [
        "text",
        7,
        None,
        True,
        {},
        {"id": 1, "method": "ping"},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": 7},
        message("ping", request_id=None),
        message("ping", request_id=True),
        message("ping", request_id=1.5),
        message("ping", request_id=[1]),
        message("ping", request_id={"a": 1}),
        message("ping", request_id="x" * 1000),
        message("ping", request_id=2**64),
        message("ping", request_id=10**3000),
    ],
)
async def test_a_message_that_is_none(body: Any) -> None:
    response = await post(json.dumps(body).encode())

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32600
    assert parsed(response)["error"]["message"].endswith(".")


@pytest.mark.parametrize("given_id", [0, -1, 2**63 - 1, -(2**63), "", 'Ünï ☎ "quoted" \\ \n', "a" * 256])
async def test_an_id_comes_back_as_it_was(given_id: int | str) -> None:
    assert parsed(await post(message("ping", request_id=given_id)))["id"] == given_id


@pytest.mark.parametrize("params", [[], ["ticketId"], "text", 7, True])
async def test_params_that_are_no_object(params: Any) -> None:
    assert parsed(await post(message("tools/list", params)))["error"]["code"] == -32602


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"name": None},
        {"name": 7},
        {"name": ["getTicket"]},
        {"name": ""},
        {"name": "GetTicket"},
        {"name": "paintTicket", "arguments": {}},
        {"name": "testConnection"},
        {"name": "getTicket", "arguments": []},
        {"name": "getTicket", "arguments": "ticketId=7"},
        {"name": "getTicket", "arguments": 7},
    ],
)
async def test_calls_that_no_tool_can_take(params: Any) -> None:
    response = await post(message("tools/call", params))

    assert response.status == 200
    assert parsed(response)["error"]["code"] == -32602


async def test_a_huge_body() -> None:
    response = await post(message("tools/call", {"name": "getTicket", "arguments": {"x": "y" * 2_000_000}}))

    assert response.status == 413
    assert parsed(response)["id"] == 1
    assert "1024 KB" in parsed(response)["error"]["message"]


@pytest.mark.parametrize("version", [None, "2024-11-05", "2025-03-26"])
async def test_the_oldest_revisions_have_batches(version: str | None) -> None:
    batch = [
        message("ping", request_id=1),
        {"jsonrpc": "2.0", "method": "notifications/x"},
        7,
        message("tools/list", request_id="b"),
    ]
    response = await post(batch, {"mcp-protocol-version": version} if version else {})

    first, second, third = parsed(response)
    assert response.status == 200
    assert first == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert (second["id"], second["error"]["code"]) == (None, -32600)
    assert third["id"] == "b"


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", MODERN])
async def test_later_revisions_have_none(version: str) -> None:
    response = await post([message("ping")], {"mcp-protocol-version": version})

    assert response.status == 400
    assert parsed(response)["error"]["code"] == -32600


@pytest.mark.parametrize("batch", [[], [message("ping", request_id=one) for one in range(MAX_BATCH + 1)]])
async def test_batches_of_none_or_too_many(batch: Any) -> None:
    assert (await post(batch)).status == 400


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        (b'{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": {"x": "\\ud800"', 7),
        (b'{"id": "a-1", "jsonrpc": "2.0", "method": "ping"', "a-1"),
        (b'{"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"id":"inner"}},"id":9', None),
        (b"[1, 2", None),
        (b"id: 7", None),
    ],
)
async def test_an_id_comes_back_even_when_the_message_cannot_be_read(body: bytes, answered: int | str | None) -> None:
    answer = parsed(await post(body + b"," if body.startswith(b"{") else body))

    assert answer["error"]["code"] == -32700
    assert answer["id"] == answered


@pytest.mark.parametrize(
    ("headers", "said"),
    [({"content-encoding": "gzip"}, "compressed"), ({"transfer-encoding": "chunked"}, "Content-Length")],
)
async def test_a_body_that_did_not_arrive_is_refused_in_words(headers: dict[str, str], said: str) -> None:
    response = await post(b"\x1f\x8b" if "content-encoding" in headers else b"", headers)

    assert response.status == 400
    assert said in parsed(response)["error"]["message"]
