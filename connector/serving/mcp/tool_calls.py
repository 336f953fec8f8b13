"""A tool call: the operation's answer in a form that models can afford, as structured content and once more as text.

Lists and what was changed come without details unless `fields` asks for them, and no answer takes more than 20,000
tokens. A failure is a result too, with `isError`, a sentence that says what to do, and little else.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.errors import BadRequest
from connector.operations.request import Request
from connector.serving.invoke import answer, guarded
from connector.serving.mcp.asking import FACE, Asking, manner_of
from connector.serving.mcp.drafts import Answers, Drafts, InputRequired
from connector.serving.mcp.protocol import as_json
from connector.serving.mcp.search_tools import OwnTool
from connector.serving.mcp.tokens import estimated
from connector.serving.mcp.tools import TEXT_FROM, Tool
from connector.serving.response import Response
from connector.serving.safe_texts import safe_answer
from connector.settings import Settings

DATA: Final = "dataNotInstructions"
"""What an answer lists its fields under that hold what others wrote."""
TAKE: Final = 20
"""How many results a page has unless a model asks for more."""
_MOST_IN_ERROR: Final = 100
"""The estimated tokens of an error's sentence and details."""


async def call(
    tool: Tool,
    given: Mapping[str, Any],
    request: Request,
    settings: Settings,
    share: int = 1,
    *,
    is_structured: bool = True,
    answers: Answers | None = None,
) -> bytes:
    """The members of the result of `tools/call`, which takes one `share`-th of the tokens that an answer may have.

    With `answers`, messages to people outside are held until they are confirmed; raises `InputRequired` to ask.
    """
    question: InputRequired | None = None

    async def send(inputs: Mapping[str, Any]) -> Response:
        text_from, arguments = _without_text_from(tool, inputs)
        manner = manner_of(settings, share, text_from=text_from)
        return await answer(tool.operation, request, settings, _with_take(tool, arguments), manner)

    async def run() -> Response:
        nonlocal question
        if answers is None:
            return await send(given)
        try:
            return await Drafts(tool.operation, request, settings, answers).sent(given, send)
        except InputRequired as asked:
            question = asked
            return Response(200, b"{}")

    response = await guarded(tool.operation.id, request, run)
    if question:
        raise question
    return _result(tool, response, settings, is_structured=is_structured)


async def call_own(tool: OwnTool, given: Mapping[str, Any], asking: Asking, *, is_structured: bool) -> bytes:
    """The same for a tool that no operation stands behind."""
    response = await guarded(f"Mcp.{tool.name}", asking.request, lambda: tool.run(given, asking))
    return _result(tool, response, asking.settings, is_structured=is_structured)


def _result(tool: Tool | OwnTool, response: Response, settings: Settings, *, is_structured: bool) -> bytes:
    if response.status < 400:
        body = with_marks(tool, response.body)
        structured = b',"structuredContent":%b' % body if is_structured else b""
        return b'%b%b,"isError":false' % (_content(body), structured)
    problem = _problem(response)
    return b'%b,"isError":true' % _content(safe_answer(problem) if FACE in settings.sanitize else problem)


def with_marks(tool: Tool | OwnTool, body: bytes) -> bytes:
    """The answer, which says first which of its fields hold what others wrote, and no orders."""
    names = [name[:-1] for name in tool.written_by_others if name in body]
    return b'{"%b":[%b],%b' % (DATA.encode(), b",".join(names), body[1:]) if names else body


def _content(text: bytes) -> bytes:
    """JSON inside a JSON string: written JSON has no bare control characters, so only these two need an escape."""
    return b'"content":[{"type":"text","text":"%b"}]' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _with_take(tool: Tool, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page is shorter for a model; a continuation knows how long its pages are."""
    blank = not given.get("take") and not given.get("continuation")
    return {**given, "take": TAKE} if tool.pages and blank else given


def _without_text_from(tool: Tool, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Where long texts are to begin, and the operation's own arguments."""
    if TEXT_FROM not in given or not tool.operation.effects.read_only:
        return 0, given
    own = {name: value for name, value in given.items() if name != TEXT_FROM}
    text = str(given[TEXT_FROM] or 0).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("InvalidInput", f"'{TEXT_FROM}' must be a whole number: that of the cut text.")
    return int(text), own


def _problem(response: Response) -> bytes:
    """The error object with its sentence once, and as many details as are cheap."""
    given = json.loads(response.body)
    error = given["error"]
    message = _cut(error["message"])
    room = _MOST_IN_ERROR - estimated(message)
    details = []
    for detail in error["details"]:
        room -= estimated(detail) + 2
        if room < 0:
            break
        if detail not in message:
            details.append(detail)
    code = {"code": error["code"], **({"details": details} if details else {})}
    problem: dict[str, Any] = {"message": message, "error": code, "statusCode": given["statusCode"]}
    if wait := response.headers.get("Retry-After"):
        problem["retryAfter"] = int(wait)
    return as_json(problem)


def _cut(text: str) -> str:
    shown = text
    while (estimate := estimated(shown)) > _MOST_IN_ERROR:
        shown = shown[: int(len(shown) * _MOST_IN_ERROR / estimate) - 1]
    return shown if shown is text else f"{shown.rstrip()}…"
