"""A large answer holds up nobody: it is worked through on a thread, and never has more values than are read."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from connector.catalog import operations
from connector.deskdirector import errors, json_text, models, redaction
from connector.deskdirector.discovery import documents
from connector.deskdirector.large_answers import LARGE, MEMORY, MOST_BYTES, MOST_OBJECTS, MOST_VALUES, beside
from connector.operations.request import Request
from connector.serving import invoke
from tests.deskdirector.calls import CREATE, TICKET, create, get
from tests.upstream_servers import KEY, Upstream

STEPS = ((redaction.Redactor, "strike"), (models, "parse"), (invoke, "_written"))
"""What is done with each answer: strike the key, parse, write."""


def noting(work: Callable[..., Any], seen: dict[str, str], name: str) -> Callable[..., Any]:
    def noted(*given: Any, **named: Any) -> Any:
        seen[name] = threading.current_thread().name
        return work(*given, **named)

    return noted


@pytest.mark.parametrize(("size", "is_beside"), [(10, False), (LARGE, True)])
async def test_a_large_answer_is_worked_through_on_a_thread(
    size: int, is_beside: bool, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}
    for place, name in STEPS:
        monkeypatch.setattr(place, name, noting(getattr(place, name), seen, name))
    upstream.on(TICKET, {"id": 7, "name": "Printer", "description": "w" * size})
    headers = {"dd-host": upstream.host, "dd-api-key": KEY}
    request = Request("GET", "http://127.0.0.1/api/tickets/7", headers, {"ticketId": "7"})

    assert (await invoke.invoke(operations()["GetTicket"], request, upstream.settings())).status == 200

    here = threading.current_thread().name
    assert {name: thread != here for name, thread in seen.items()} == {name: is_beside for _, name in STEPS}


TOO_LARGE = {
    "values": b"[" + b"1," * MOST_VALUES + b"1,1]",
    "objects": b"[" + b"{}," * (MOST_OBJECTS + 100_000) + b"{}]",
    "bytes": b'"' + b"x" * MOST_BYTES + b'"',
}


@pytest.mark.parametrize("kind", TOO_LARGE)
async def test_an_answer_with_too_much_in_it_is_refused_unparsed(
    kind: str, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def many(_: web.Request) -> web.Response:
        return web.Response(body=TOO_LARGE[kind], content_type="application/json")

    monkeypatch.setattr(json_text, "from_json", None)
    upstream.on(TICKET, many)
    upstream.on(CREATE, many)
    for call in (get, create):
        with pytest.raises(errors.BadGateway) as caught:
            await call(upstream.desk())
        assert caught.value.code == "AnswerTooLarge"


async def test_what_waits_for_a_thread_counts_as_memory() -> None:
    seen: list[int] = []
    await asyncio.gather(*(beside(LARGE, lambda: seen.append(MEMORY.taken)) for _ in range(3)))
    assert max(seen) == 3 * LARGE
    with pytest.raises(ZeroDivisionError):
        await beside(LARGE, lambda: 1 // 0)
    assert MEMORY.taken == 0


def test_a_document_with_too_many_values_is_refused_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(documents.DocumentRefusedError, match="values"):
        documents.Document.read(b'{"openapi": "3.0.0", "x": [' + b"1," * documents.MOST_NODES + b"1, 1]}", "v1")


def test_others_may_go_on_while_a_document_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser, which is in C, calls something in Python for each object."""
    seen: dict[str, str] = {}
    monkeypatch.setattr(documents, "_mapping", noting(documents._mapping, seen, "object"))
    documents.Document.read(b'{"openapi": "3.0.0", "paths": {}}', "v1")
    assert seen
