"""A tool call: the operation's own answer, as structured content and once more as text.

The answer's bytes are put into the response as they are; nothing is parsed again. A failure is a result too, with
`isError` and the error object as text, so that the model reads what to do.
"""

from collections.abc import Mapping
from typing import Any

from connector.deskdirector.errors import TooLarge
from connector.operations.request import Request
from connector.serving.invoke import answer, guarded
from connector.serving.mcp.protocol import as_json
from connector.serving.mcp.tools import Tool
from connector.serving.response import Response
from connector.settings import Settings

_COPIES = 3
"""An answer counts once as data and, as text, at most twice: no byte of JSON takes more than two inside a string."""


async def call(tool: Tool, given: Mapping[str, Any], request: Request, settings: Settings, room: int) -> bytes:
    """The members of the result of `tools/call`, about `room` bytes long at most."""

    async def run() -> Response:
        response = await answer(tool.operation, request, settings, given, limit=room // _COPIES)
        if len(response.body) > room:
            raise _too_large(tool, response.body)
        return response

    response = await guarded(tool.operation.id, request, run)
    if response.status < 400:
        body = _escaped(response.body)
        text = body if len(response.body) + len(body) <= room else _escaped(_notice(response.body))
        return b'%b,"structuredContent":%b,"isError":false' % (_content(text), response.body)
    wait = response.headers.get("Retry-After")
    body = b'%b,"retryAfter":%b}' % (response.body[:-1], wait.encode()) if wait else response.body
    return b'%b,"isError":true' % _content(_escaped(body))


def _content(text: bytes) -> bytes:
    return b'"content":[{"type":"text","text":"%b"}]' % text


def _escaped(body: bytes) -> bytes:
    """JSON inside a JSON string: written JSON has no bare control characters, so only these two need an escape."""
    return body.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _notice(body: bytes) -> bytes:
    return as_json({"notice": f"The answer has {_size(body)}, too much to repeat it here; see the structured content."})


def _too_large(tool: Tool, body: bytes) -> TooLarge:
    done = "" if tool.operation.effects.read_only else "It is done, do not repeat it. "
    return TooLarge(
        "AnswerTooLarge", f"{done}The answer has {_size(body)}, more than fits; where it can, ask for less."
    )


def _size(body: bytes) -> str:
    return f"{len(body) // 1000} KB"
