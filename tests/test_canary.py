"""A key is a canary: every operation meets an upstream that repeats it in every way, and nothing of it comes out.

Searched: what the caller gets over HTTP and as an MCP tool, and every log line. `CANARY=whole` plays all faults on all
operations (`make canary`); without it, a part that still has every operation and every fault.
"""

import asyncio
import base64
import json
import logging
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from connector.catalog import operations
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.operations.signature import signature_of
from connector.serving.invoke import invoke
from connector.serving.mcp import server as mcp
from connector.serving.mcp.tools import all_tools
from connector.settings import Settings
from tests.upstream_servers import Upstream
from workbench.generators.examples import example_of

PASSWORD = "Canary-7f3d0c5a91e84b26"
PAIR = f"global:{PASSWORD}"
KEY = base64.b64encode(PAIR.encode()).decode()
FORMS = (
    *(
        PAIR,
        PASSWORD,
        KEY,
        f"DdApi {KEY}",
        quote(KEY, safe=""),
        PASSWORD.encode().hex(),
        PASSWORD.encode().hex().upper(),
    ),
    *(PASSWORD.upper(), base64.b64encode(PASSWORD.encode()).decode(), base64.b64encode(f"x {KEY}".encode()).decode()),
)
TELLTALE = tuple({form.lower() for form in (*FORMS, *(base64.b64encode(KEY.encode()).decode()[:40],))})
FAULTS: Mapping[str, tuple[int, str]] = {
    "success": (200, "application/json"),
    "list": (200, "application/json"),
    "refused": (400, "application/json"),
    "unauthorized": (401, "application/json"),
    "forbidden": (403, "application/json"),
    "firewall": (403, "text/html"),
    "missing": (404, "application/json"),
    "conflict": (409, "application/json"),
    "rule": (422, "application/json"),
    "slow down": (429, "application/json"),
    "broken": (500, "text/plain"),
    "page": (200, "text/html"),
    "odd": (302, "application/json"),
}
WHOLE = os.environ.get("CANARY") == "whole"


def repeated() -> dict[str, Any]:
    """The key, under names that every reader looks at."""
    said = " ".join(FORMS)
    texts = dict.fromkeys(("message", "error", "title", "description", "name", "summary", "text", "url", "note"), said)
    return {"id": 7, "entityId": 7, **texts, "status": {"id": 1, "name": said}, "email": f"{PASSWORD}@example.com"}


def answer_of(fault: str) -> web.Response:
    status, kind = FAULTS[fault]
    record = repeated()
    body = json.dumps([record] if fault == "list" else {**record, "items": [record], "results": [record]})
    text = f"<html>{' '.join(FORMS)}</html>" if "html" in kind else " ".join(FORMS) if kind == "text/plain" else body
    headers = {"Location": f"https://example.com/{quote(KEY)}", "Retry-After": "3600"}
    return web.Response(status=status, text=text, content_type=kind, headers=headers)


class Repeating(Upstream):
    """Answers every call with the same fault."""

    fault = "success"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return answer_of(self.fault)


async def outputs(operation: Operation, settings: Settings, host: str) -> list[bytes]:
    """What comes back for one call over HTTP, and as a tool."""
    example = example_of(operation)
    headers = {"dd-host": host, "dd-api-key": f"DdApi {KEY}", "x-functions-key": PASSWORD}
    body = json.dumps(dict(example.body)).encode() if signature_of(operation).body else b""
    path = {name: str(value) for name, value in example.path.items()}
    url = f"http://app/api/{operation.path}?code={PASSWORD}"
    query = {name: str(value) for name, value in example.query.items()} | {"code": PASSWORD}
    answered = await invoke(operation, Request(operation.method, url, headers, path, query, body), settings)
    shown = [answered.body, json.dumps(dict(answered.headers)).encode()]
    tool = next((tool for tool in all_tools().values() if tool.operation is operation), None)
    if tool is not None:
        good = {**example.path, **example.query, **example.body}
        for given in (good, {**good, "nonsense": KEY, KEY: PASSWORD}):
            params = {"name": tool.name, "arguments": given}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            called = Request("POST", "http://127.0.0.1/mcp", headers, {}, {}, json.dumps(message).encode())
            shown.append((await mcp.serve(called, settings)).body)
    return shown


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_of_the_key_comes_out(
    fault: str, tmp_path: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream = Repeating()
    upstream.fault = fault
    every = list(operations().values())
    chosen = every if WHOLE else every[list(FAULTS).index(fault) % 3 :: 3]
    runner = web.ServerRunner(web.Server(upstream.answer))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    settings = Settings(
        development_sites=(host,), data_dir=str(tmp_path), budget_seconds=2, schemas="off", discovery="off"
    )
    room = asyncio.Semaphore(8)

    async def play(operation: Operation) -> tuple[str, list[bytes]]:
        async with room:
            return operation.id, await outputs(operation, settings, host)

    async with asyncio.TaskGroup() as tasks:
        played = [tasks.create_task(play(operation)) for operation in chosen]
    await runner.cleanup()

    texts = sum(len(task.result()[1]) for task in played)
    print(f"{fault}: {len(played)} operations, {texts} outputs and {len(caplog.records)} log records searched")  # noqa: T201
    for name, shown in (task.result() for task in played):
        for text in (body.decode(errors="replace").lower() for body in shown):
            assert not [form for form in TELLTALE if form in text], f"{name} answers the key: {text[:500]}"
    logged = "\n".join(
        str(record.__dict__) for record in caplog.records if not record.name.startswith("aiohttp.access")
    )
    assert not [form for form in TELLTALE if form in logged.lower()]
