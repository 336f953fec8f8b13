"""One call to the app draws few calls on DeskDirector, whatever that answers: every operation, every refusal."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from connector.catalog import operations
from connector.deskdirector import retrying
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.operations.signature import signature_of
from connector.serving import recovery
from connector.serving.invoke import invoke
from connector.settings import Settings
from tests.upstream_servers import Answer, hang_up, page, serving, status
from workbench.generators.examples import example_of

FASTER: Final = 60.0
"""So much shorter are the pauses before creates are looked for; how often that is done stays the same."""


async def nothing(_: web.Request) -> web.Response:
    return web.json_response({})


REFUSALS: Final[Mapping[str, tuple[Answer, int]]] = {
    "401": (status(401), 10),
    "403": (status(403), 10),
    "404": (status(404), 10),
    "429": (status(429), 20),
    "429 for an hour": (status(429, retry_after="3600"), 6),
    "500": (status(500), 20),
    "503 for a minute": (status(503, retry_after="60"), 20),
    "closed without an answer": (hang_up, 20),
    "a web page": (page(), 10),
    "nothing in it": (nothing, 20),
}
"""What everything is answered with -> the most calls that one call may draw then."""


async def play(operation: Operation, settings: Settings, key: str) -> None:
    example = example_of(operation)
    headers = {"dd-host": settings.development_sites[0], "dd-api-key": f"DdApi {key}"}
    body = json.dumps(dict(example.body)).encode() if signature_of(operation).body else b""
    path, query = ({name: str(value) for name, value in part.items()} for part in (example.path, example.query))
    url = f"http://127.0.0.1:9/api/{operation.path}"
    await invoke(operation, Request(operation.method, url, headers, path, query, body), settings)


@pytest.mark.parametrize("kind", REFUSALS)
async def test_one_call_draws_few_calls_whatever_is_answered(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(recovery, "_PAUSES", tuple(pause / FASTER for pause in recovery._PAUSES))
    monkeypatch.setattr(recovery, "_LAST_PAUSE", recovery._LAST_PAUSE / FASTER)
    answer, most = REFUSALS[kind]
    options: dict[str, Any] = {"recover_seconds": 30 / FASTER, "connection_rate": 0, "address_rate": 0}
    every = {f"{number:04}-some-key": operation for number, operation in enumerate(operations().values())}
    room = asyncio.Semaphore(8)
    async with serving() as upstream:
        upstream.anything = answer
        settings = Settings(development_sites=(upstream.host,), data_dir=str(tmp_path), **options)

        async def limited(operation: Operation, key: str) -> None:
            async with room:
                await play(operation, settings, key)

        async with asyncio.TaskGroup() as tasks:
            for key, operation in every.items():
                tasks.create_task(limited(operation, key))

    drawn = Counter(credential.rpartition(" ")[2] for _, _, credential in upstream.calls)
    assert {every[key].id: count for key, count in drawn.items() if count > most} == {}
