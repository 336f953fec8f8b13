"""A tool call: the operation's own answer, as structured content and once more as text.

The answer's bytes are put into the response as they are; nothing is parsed again. A failure is a result too, with
`isError` and the error object as text, so that the model reads what to do.
"""

from collections.abc import Mapping
from typing import Any

from ...catalog.request import Request
from ...deskdirector.errors import TooLarge
from ...settings import Settings
from ..invoke import answer, guarded
from ..response import Response
from .tools import Tool

_COPIES = 3
"""An answer counts once as data and, as text, at most twice: no byte of JSON takes more than two inside a string."""


async def call(tool: Tool, given: Mapping[str, Any], request: Request, settings: Settings, room: int) -> bytes:
    """The members of the result of `tools/call`, at most `room` bytes long."""

    async def run() -> Response:
        arguments = tool.arguments(given)
        response = await answer(tool.operation, request, settings, arguments, limit=room // _COPIES)
        if _length(response.body) > room:
            raise TooLarge(
                "AnswerTooLarge",
                f"The answer has {len(response.body) // 1000} KB, which is more than fits; ask for fewer results, or "
                "for fewer of their fields where 'fields' can be given.",
            )
        return response

    response = await guarded(request, run)
    if response.status < 400:
        return b'%b,"structuredContent":%b,"isError":false' % (_text(response.body), response.body)
    wait = response.headers.get("Retry-After")
    body = b'%b,"retryAfter":%b}' % (response.body[:-1], wait.encode()) if wait else response.body
    return b'%b,"isError":true' % _text(body)


def _text(body: bytes) -> bytes:
    return b'"content":[{"type":"text","text":"%b"}]' % _escaped(body)


def _escaped(body: bytes) -> bytes:
    """JSON inside a JSON string: written JSON has no bare control characters, so only these two need an escape."""
    return body.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _length(body: bytes) -> int:
    return 2 * len(body) + body.count(b"\\") + body.count(b'"')
