"""The HTTP side of the host as an ASGI application: routing, keys, request and answer rules of Azure Functions."""

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from workbench.localhost.auth import Keys, Level, is_local
from workbench.localhost.routing import RouteTable, decode
from workbench.localhost.worker import Function, HttpAnswer, InvocationError, Outcome, Request, Worker

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]
Response: TypeAlias = tuple[int, Headers, bytes]

# Set by the server from the body that is really sent; two framings in one answer would be a smuggling hole.
FRAMING: Final = frozenset(("content-length", "transfer-encoding"))
# A store that hangs is a store that fails: a caller would not wait for much longer.
STORING_SECONDS: Final = 15.0
NOT_KEPT: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
"""Headers of the host's own answers."""
HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
MOST_OF_OWN: Final = 64 * 1024
MOST_HEADERS: Final = 32 * 1024
"""Bytes of all headers of a request, as in the server under Azure's host (Kestrel)."""
BODILESS: Final = frozenset((204, 304))

log = logging.getLogger("host")
_HOST = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])?(:\d+)?")


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request to what this host answers besides the app; `path` is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


OwnRoutes: TypeAlias = Callable[[OwnRequest], Awaitable[tuple[int, bytes]]]
OWN: Final = re.compile(r"/console/local(?:\.json|/.*)")
"""Addresses of a simulator's controls: answered to programs on this machine that asked it directly, in JSON."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A function behind a route."""

    function: Function
    level: Level
    disabled: bool


class HttpHost:
    """Answers HTTP requests by calling functions.

    `deliver` stores what a call wrote to its output bindings; an answer is sent only after it has returned. A failure
    there, or no end within `patience` seconds, is a 503 (Azure's host answers 500). `fallback` answers what no function
    does (home page, /admin).
    """

    def __init__(
        self,
        worker: Worker,
        routes: RouteTable[Endpoint],
        keys: Keys,
        *,
        body_limit: int,
        deliver: Callable[[Function, Outcome], Awaitable[None]],
        fallback: Callable[[str, str, Level, bytes], Awaitable[Response]],
        own: OwnRoutes | None = None,
        patience: float = STORING_SECONDS,
    ) -> None:
        self._worker = worker
        self._routes = routes
        self._keys = keys
        self._body_limit = body_limit
        self._deliver = deliver
        self._fallback = fallback
        self._own = own
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as an ASGI server brings it."""
        response = await self._respond(scope, receive)
        if response is None:
            return
        status, headers, body = response
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _respond(self, scope: Scope, receive: Receive) -> Response | None:
        """The whole answer, or None when the client left before its request had arrived."""
        method, raw_path = scope["method"], scope["raw_path"]
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
            return empty(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        headers = request_headers(scope["headers"])
        query = request_query(scope["query_string"]) if scope["query_string"] else {}
        client = (scope.get("client") or ("",))[0]
        level = self._keys.level(client, headers, query)
        if self._own is not None and raw_path.startswith(b"/console/local") and OWN.fullmatch(decode(raw_path)):
            if not is_local(client, headers):
                return empty(HTTPStatus.NOT_FOUND)
            return await self._answer_own(OwnRequest(method, decode(raw_path), query, b""), headers, receive)
        found = self._routes.match(method, raw_path)
        if found is not None:
            refusal = self._refusal(found[0].target, level)
            if refusal is not None:
                self._explain(refusal, found[0].target)
                return empty(refusal)
        if not _HOST.fullmatch(headers.get("host", "")):
            return empty(HTTPStatus.BAD_REQUEST)
        # Azure hands a body to the worker only when its length is announced: a chunked one arrives empty.
        length = int(headers.get("content-length", "0"))
        if length > self._body_limit:
            return empty(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = await read_body(receive) if length else b""
        if body is None:
            return None
        if found is None:
            return await self._fallback(method, decode(raw_path), level, body)
        request = Request(method, _url(scope, headers), headers, query, found[1], body)
        return await self._run(found[0].target.function, request)

    async def _answer_own(self, request: OwnRequest, headers: Mapping[str, str], receive: Receive) -> Response | None:
        if self._own is None or int(headers.get("content-length", "0")) > MOST_OF_OWN:
            return empty(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = await read_body(receive)
        if body is None:
            return None
        status, content = await self._own(replace(request, body=body))
        length = (b"content-length", b"%d" % len(content))
        return status, [*NOT_KEPT, (b"content-type", b"application/json; charset=utf-8"), length], content

    def _explain(self, refusal: HTTPStatus, endpoint: Endpoint) -> None:
        if refusal is HTTPStatus.UNAUTHORIZED and not self._keys.asked:
            name = endpoint.function.name
            log.warning(
                "%s is for operators on this machine; set CONNECTOR_HOST_MASTER_KEY to open it to others.", name
            )

    def _refusal(self, endpoint: Endpoint, level: Level) -> HTTPStatus | None:
        if endpoint.disabled and not (self._keys.asked and level is Level.ADMIN):
            return HTTPStatus.NOT_FOUND
        return HTTPStatus.UNAUTHORIZED if endpoint.level > level else None

    async def _run(self, function: Function, request: Request) -> Response:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        try:
            outcome = await self._worker.call_http(function, request)
            answer = response(outcome.answer) if outcome.answer is not None else empty(HTTPStatus.NO_CONTENT)
            # From here on it is the store that fails, if anything does, and the same request may succeed later.
            status = HTTPStatus.SERVICE_UNAVAILABLE
            if outcome.outputs:
                async with asyncio.timeout(self._patience):
                    await self._deliver(function, outcome)
        except InvocationError as problem:
            failure = f"{problem}\n{problem.trace}"
        except Exception:  # noqa: BLE001  whatever a storage raises, the caller learns that nothing was promised
            failure = f"What {function.name} returned could not be stored or sent.\n{traceback.format_exc()}"
        else:
            return answer
        log.error(failure)
        return empty(status)


def request_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Lower-case names; repeated headers joined with a comma."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def request_query(query: bytes) -> dict[str, str]:
    """Repeated values joined with a comma (names compare without regard to case); empty ones dropped."""
    spelled: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        key = spelled.setdefault(name.lower(), name)
        values[key] = f"{values[key]},{value}" if key in values else value
    return {name: value for name, value in values.items() if value}


async def read_body(receive: Receive) -> bytes | None:
    """The request's body, or None when the client left."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _url(scope: Scope, headers: Mapping[str, str]) -> str:
    host = headers.get("host") or "{}:{}".format(*scope["server"])
    query = scope["query_string"]
    text = f"{scope['scheme']}://{host}{scope['raw_path'].decode('latin-1')}"
    return f"{text}?{query.decode('latin-1')}" if query else text


def response(answer: HttpAnswer) -> Response:
    """An answer as it goes over the wire; raises `ValueError` for a status or header that HTTP cannot carry."""
    if not 200 <= answer.status <= 599:
        raise ValueError(f"A function answered with the status {answer.status}.")
    headers: Headers = []
    seen = set(FRAMING)
    for name, value in answer.headers.items():
        lowered = name.lower()
        if lowered not in seen:
            seen.add(lowered)
            headers.append(_header(lowered, value))
    headers += [_header("set-cookie", cookie) for cookie in answer.cookies]
    if answer.status in BODILESS:
        return answer.status, headers, b""
    headers.append((b"content-length", b"%d" % len(answer.body)))
    return answer.status, headers, answer.body


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if CONTROL_CHARACTER.search(value):
        raise ValueError(f"A function answered with a control character in the header {name}.")
    return _header_name(name), value.encode("latin-1")


@lru_cache(maxsize=256)
def _header_name(name: str) -> bytes:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"A function answered with {name!r} as the name of a header.")
    return name.encode()


def empty(status: HTTPStatus) -> Response:
    """An answer without a body, as the host gives it for its own refusals."""
    length = [(b"content-length", b"0")] if status is not HTTPStatus.NO_CONTENT else []
    return status.value, [*NOT_KEPT, *length], b""
