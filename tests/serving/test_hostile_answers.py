"""Every operation meets answers that no honest site gives: a sentence or a result, never a plain 500, and no bomb."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from connector.catalog import operations
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.operations.signature import signature_of
from connector.serving.invoke import invoke
from connector.serving.response import MAX_ANSWER
from connector.settings import Settings
from tests.upstream_servers import Upstream, serving
from workbench.generators.examples import example_of

MOST_OF_ERROR: Final = 8 * 1024


def holding(name: str, value: str) -> str:
    """An answer that any reader takes for its own, with this JSON under a name of its objects."""
    record = f'{{"id": 7, "entityId": 7, "title": "x", "createdOn": "2026-07-01T00:00:00Z", "{name}": {value}}}'
    return f'{record[:-1]}, "results": [{record}], "items": [{record}]}}'


def nested(depth: int, begin: str = "[", end: str = "]") -> str:
    return begin * depth + "1" + end * depth


ANSWERS: Final[Mapping[str, str]] = {
    **{f"lists in lists, {depth}": holding("customFields", nested(depth)) for depth in (100, 190, 900, 20_000)},
    **{f"objects in objects, {depth}": holding("a", nested(depth, '{"a":', "}")) for depth in (190, 900)},
    "results in results": nested(150, '{"results":[', "]}"),
    **{
        f"a total of {total[:8]}": holding("totalResults", total)
        for total in (f"1{'0' * 12}", "9" * 4_000, "1e400", "-5")
    },
    **{
        f"an id of {value[:8]}": holding("id", value)
        for value in ("9" * 5_000, "1e400", "-0", "7.5", "NaN", '"²"', "[7]")
    },
    **{
        f"a date of {value[:12]}": holding("createdOn", value)
        for value in ('"9999-12-31T23:59:59.9999999-14:00"', '"0001-01-01T00:00:00+14:00"', "1e400", "9" * 300, "-1e15")
    },
    "names twice": '{"id": 7, "Id": 8, "ID": "x", "results": [{"id": 1, "Id": 2}], "Results": 0, "results": {"0": 1}}',
    "halves of characters": '{"id": 7, "\\ud800": 1, "results": [{"id": 7, "title": "\\udfff", "\\udc00": "\\ud800"}]}',
    "names of Python": holding("__class__", '{"__dict__": {}, "model_fields": 3, "model_config": {}, "": {"": 1}}'),
    "a list of anything": '{"results": [1, null, "x", [], {"id": 7}, [[{"id": 8}]]]}',
    "JSON in JSON": json.dumps(json.dumps({"id": 7, "results": [{"id": 7}]})),
    "tags": holding("description", json.dumps("<style>&#x" * 5_000)),
    "accents": holding("title", json.dumps("a" + "\u0301\u0327" * 20_000)),
}


@dataclass
class Hostile(Upstream):
    """Answers every call with the same."""

    body: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=self.body, content_type="application/json")


async def called(operation: Operation, settings: Settings) -> tuple[int, Any, int]:
    """Status, content and size of the answer to one good call."""
    example = example_of(operation)
    headers = {"dd-host": settings.development_sites[0], "dd-api-key": "global:correct-horse-battery"}
    body = json.dumps(dict(example.body)).encode() if signature_of(operation).body else b""
    path, query = ({name: str(value) for name, value in part.items()} for part in (example.path, example.query))
    url = f"http://127.0.0.1:9/api/{operation.path}"
    response = await invoke(operation, Request(operation.method, url, headers, path, query, body), settings)
    return response.status, json.loads(response.body or b"{}"), len(response.body)


@pytest.mark.parametrize("kind", ANSWERS)
async def test_no_answer_whatever_it_is_fails_in_an_unforeseen_way(kind: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"schemas": "off", "discovery": "off", "recover_creates": "off", "budget_seconds": 20}
    room = asyncio.Semaphore(8)
    async with serving(Hostile(body=ANSWERS[kind])) as upstream:
        settings = Settings(
            development_sites=(upstream.host,), data_dir=str(tmp_path), connection_rate=0, address_rate=0, **options
        )

        async def play(operation: Operation) -> None:
            async with room:
                status, content, size = await called(operation, settings)
            said = f"{operation.id}: {status} {str(content)[:300]}"
            assert status != 500, said
            assert size <= (MOST_OF_ERROR if status >= 400 else MAX_ANSWER), said

        async with asyncio.TaskGroup() as tasks:
            for operation in operations().values():
                tasks.create_task(play(operation))
