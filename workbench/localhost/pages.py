"""What the host itself answers: the home page and its small administration API."""

import json
import os
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from workbench.localhost.asgi import NOT_KEPT, Response, empty
from workbench.localhost.auth import Level
from workbench.localhost.routing import split
from workbench.localhost.worker import Function

NO_HOME: Final = "AzureWebJobsDisableHomepage"
CONSOLE: Final = "console"
"""The route of the app's own first page, if it has one: `/` leads there."""
HOME: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Local Functions host</title></head>
<body><h1>The function app is running.</h1></body></html>
"""


class HostPages:
    """Answers requests that no function takes.

    `start` begins a function that is not started over HTTP (by name, with the text given as its input) and reports
    whether there is such a function.
    """

    def __init__(self, functions: Sequence[Function], start: Callable[[str, str], bool]) -> None:
        self._functions = functions
        self._start = start
        self._since = time.monotonic()

    async def __call__(self, method: str, path: str, level: Level, body: bytes) -> Response:
        """The answer to a request that matched no function; `path` is decoded."""
        segments = split(path)
        if not segments:
            return self._home(method)
        if segments[0].lower() != "admin":
            return empty(HTTPStatus.NOT_FOUND)
        if level is not Level.ADMIN:
            return empty(HTTPStatus.UNAUTHORIZED)
        return self._admin(method, [segment.lower() for segment in segments[1:]], body)

    def _home(self, method: str) -> Response:
        if method not in ("GET", "HEAD"):
            return empty(HTTPStatus.NOT_FOUND)
        if os.environ.get(NO_HOME, "").strip().lower() == "true":
            return empty(HTTPStatus.NO_CONTENT)
        if any(function.trigger.get("route") == CONSOLE for function in self._functions):
            return HTTPStatus.FOUND.value, [*NOT_KEPT, (b"location", f"/{CONSOLE}".encode())], b""
        return _page(HTTPStatus.OK, b"text/html; charset=utf-8", HOME)

    def _admin(self, method: str, path: list[str], body: bytes) -> Response:
        match method, path:
            case "GET", ["host", "status"]:
                return _json(HTTPStatus.OK, {"state": "Running", "processUptime": self._uptime()})
            case "GET", ["functions"]:
                listed = [{"name": function.name, "bindings": function.bindings} for function in self._functions]
                return _json(HTTPStatus.OK, listed)
            case "POST", ["functions", name]:
                return self._run(name, body)
            case _:
                return empty(HTTPStatus.NOT_FOUND)

    def _run(self, name: str, body: bytes) -> Response:
        try:
            document = json.loads(body or b"{}")
            text = str(document.get("input", ""))
        except (ValueError, AttributeError):
            return empty(HTTPStatus.BAD_REQUEST)
        return empty(HTTPStatus.ACCEPTED if self._start(name, text) else HTTPStatus.NOT_FOUND)

    def _uptime(self) -> int:
        """Milliseconds, as the host reports it."""
        return int((time.monotonic() - self._since) * 1000)


def _json(status: HTTPStatus, document: Any) -> Response:
    return _page(status, b"application/json; charset=utf-8", json.dumps(document).encode())


def _page(status: HTTPStatus, content_type: bytes, body: bytes) -> Response:
    return status.value, [*NOT_KEPT, (b"content-type", content_type), (b"content-length", b"%d" % len(body))], body
