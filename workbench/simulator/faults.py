"""Faults on demand: what a network, a proxy or a bad day of the upstream does to a call.

A fault is JSON: `{"kind", "method"?, "path"?, "times"?, "skip"?, "probability"?, …}`. `path` is a regular expression
searched in the path; `times` counts uses down (default 1, null for ever); `skip` lets the first calls pass. Kinds:

- `status` (`status`, `retryAfter`?, `body`?): refuse without doing the work
- `delay` (`seconds`, `after`?): wait before the work, or with `after` between work and answer
- `reset_before`, `reset_after`: cut the connection (TCP reset) without doing, or after having done, the work
- `truncate` (`keep`?, `framed`?): send the head and a part of the body, then cut; with `framed` the cut JSON is a
  complete HTTP message
- `html` (`status`?): a proxy's page, 200 by default
- `raw` (`text`): these characters instead of an HTTP response, without doing the work; then the connection is closed
- `pascal`, `nulls`, `wrong_types`: the right answer with PascalCase keys, nulls for values, or other JSON types
"""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, TypedDict, get_args

from aiohttp import web

from workbench.simulator.shapes import Fields, decimal, flag, read, record, text, whole
from workbench.simulator.wire import HTML_TYPE, Answer, bad_request, dump

Kind = Literal[
    "status", "delay", "reset_before", "reset_after", "truncate", "html", "raw", "pascal", "nulls", "wrong_types"
]


class FaultPlan(TypedDict, total=False):
    """A fault as JSON has it."""

    kind: Kind
    method: str
    path: str
    times: int | None
    skip: int
    probability: float
    status: int
    retryAfter: int
    body: Mapping[str, Any]
    seconds: float
    after: bool
    keep: int
    framed: bool
    text: str


_FAULT: Fields = {
    "kind": text("Kind", enum=get_args(Kind), required=True),
    "method": text("Method"),
    "path": text("Path, a regular expression"),
    "times": whole("Times"),
    "skip": whole("Calls to let pass first"),
    "probability": decimal("Probability"),
    "status": whole("Status"),
    "retryAfter": whole("Retry after, seconds"),
    "body": record("Body"),
    "seconds": decimal("Seconds"),
    "after": flag("After the work"),
    "keep": whole("Bytes to keep"),
    "framed": flag("Whole HTTP message"),
    "text": text("What is sent"),
}
_PAGE = b"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>502</h1><p>Try later.</p></body></html>"

Perform = Callable[[], Answer]


@dataclass(slots=True)
class Fault:
    """One planned fault; `left` uses remain, None means for ever."""

    kind: str
    method: str
    path: re.Pattern[str]
    left: int | None
    skip: int
    probability: float
    options: dict[str, Any]
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - repeatable, not secret

    @classmethod
    def parse(cls, body: object) -> "Fault":
        """A fault of its JSON; 400 when it makes no sense."""
        values = read(_FAULT, body)
        try:
            path = re.compile(values.get("path") or "")
        except re.error as problem:
            raise bad_request(path=f"Not a regular expression: {problem}.") from None
        probability = values.get("probability")
        return cls(
            values["kind"],
            (values.get("method") or "").upper(),
            path,
            values.get("times", 1),
            values.get("skip") or 0,
            1.0 if probability is None else probability,
            values,
        )

    def hits(self, method: str, path: str) -> bool:
        """Whether it applies to this call; counts the use."""
        if self.left == 0 or (self.method and self.method != method) or not self.path.search(path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.probability < 1 and self.chance.random() >= self.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True

    async def apply(self, request: web.BaseRequest, perform: Perform) -> web.StreamResponse | None:
        """Answer the call in the faulty way; None when the connection is gone."""
        option = self.options.get
        match self.kind:
            case "status":
                retry_after = option("retryAfter")
                headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
                body = option("body") or {"message": "A fault that was asked for."}
                return respond(Answer.of(body, option("status") or 503, headers))
            case "delay":
                return await _delayed(perform, option("seconds") or 1.0, after=bool(option("after")))
            case "reset_before":
                _cut(request)
                return None
            case "reset_after":
                perform()
                _cut(request)
                return None
            case "truncate":
                return await _truncated(request, perform(), option("keep"), framed=bool(option("framed")))
            case "raw":
                _say(request, option("text") or "")
                return None
            case "html":
                return respond(Answer(option("status") or 200, _PAGE, content_type=HTML_TYPE))
        answer = perform()
        if answer.status < 300:
            answer.body = dump(_MUTATIONS[self.kind](json.loads(answer.body)))
        return respond(answer)


def respond(answer: Answer) -> web.Response:
    """The HTTP response of an answer; one without a body has no content type."""
    content_type = {"Content-Type": answer.content_type} if answer.body else {}
    return web.Response(body=answer.body or None, status=answer.status, headers={**content_type, **answer.headers})


async def _delayed(perform: Perform, seconds: float, *, after: bool) -> web.Response:
    if after:
        answer = perform()
        await asyncio.sleep(seconds)
        return respond(answer)
    await asyncio.sleep(seconds)
    return respond(perform())


async def _truncated(
    request: web.BaseRequest, answer: Answer, keep: int | None, *, framed: bool
) -> web.StreamResponse | None:
    part = answer.body[: len(answer.body) // 2 if keep is None else keep]
    if framed:
        return respond(Answer(answer.status, part, answer.headers, answer.content_type))
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(part)
    if request.transport is not None:
        request.transport.close()
    return None


def _say(request: web.BaseRequest, text: str) -> None:
    if request.transport is not None:
        request.transport.write(text.encode("latin-1", "replace"))
        request.transport.close()


def _cut(request: web.BaseRequest) -> None:
    """Close with a TCP reset instead of a polite FIN."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(inner) for key, inner in value.items()}
    return [_pascal(inner) for inner in value] if isinstance(value, list) else value


def _nulls(value: Any) -> Any:
    """Everything but ids, and the envelope of a list, becomes null."""
    if isinstance(value, list):
        return [_nulls(inner) for inner in value]
    if not isinstance(value, dict):
        return None
    kept = {"id", "results", "totalResults", "total", "resultsCount"}
    return {
        key: ([_nulls(item) for item in inner] if isinstance(inner, list) else inner) if key in kept else None
        for key, inner in value.items()
    }


def _wrong_types(value: Any) -> Any:
    match value:
        case dict():
            return {key: _wrong_types(inner) for key, inner in value.items()}
        case list():
            return {str(place): inner for place, inner in enumerate(value)}
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"number {value}"
        case str():
            return [value]
    return value


_MUTATIONS: dict[str, Callable[[Any], Any]] = {"pascal": _pascal, "nulls": _nulls, "wrong_types": _wrong_types}
