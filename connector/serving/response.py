"""What goes back to a caller, and how results and errors are written."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel

from connector.deskdirector.errors import BadGateway, BadRequest, ConnectorError
from connector.deskdirector.models import Entity, Page
from connector.operations.paging import FindInput, cut, link
from connector.operations.problems import MOST_NAMED, shortened
from connector.operations.value_readers import choice_key

MAX_ANSWER = 450_000
"""Bytes: Copilot Studio refuses answers over 500 KB."""
_CUTS = ((100_000, 2000), (20_000, 1000), (4_000, 500), (1_000, 100), (200, 20))
"""Characters of a text and items of a list that are kept; the first pair that makes the answer fit is taken."""
_NEVER_CUT = frozenset(("continuation", "nextLink", "state", "url"))
MAX_MESSAGE, MAX_DETAIL, MAX_DETAILS = 1500, 300, 4000
"""Bytes: an error is under 8 KB. The message stands in it twice."""
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


@dataclass(slots=True)
class Response:
    """A status, headers besides the content type, and a body (JSON unless a content type says otherwise)."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def rendered(
    result: Entity | None, only: tuple[str, ...] = (), limit: int = MAX_ANSWER, address: str | None = None
) -> bytes:
    """The result as JSON, without nulls; a page is cut at a whole result to be at most `limit` bytes long.

    Whatever it is, it takes at most `MAX_ANSWER` bytes; raises `BadGateway` when that cannot be had.

    `address`: where the next page is to be had.
    """
    if result is None:
        return b"{}"
    include = _only(result, only) if only else None
    if address and isinstance(result, Page):
        link(address, result)
    body = result.to_json(include)
    notice = result.notice if isinstance(result, Page) else None
    while len(body) > limit and isinstance(result, Page) and len(result.results) > 1:
        keep = max(1, min(len(result.results) - 1, len(result.results) * limit // (len(body) + 1000)))
        result = cut(result, keep)
        result.notice = f"{notice} {result.notice}" if notice else result.notice
        if address:
            link(address, result)
        body = result.to_json(include)
    return body if len(body) <= MAX_ANSWER else _shortened(body)


def _shortened(body: bytes) -> bytes:
    """One object that is too large: its longest texts and lists are cut, and each cut text says so."""
    content = json.loads(body)
    for characters, items in _CUTS:
        body = json.dumps(_within(content, characters, items), ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) <= MAX_ANSWER:
            return body
    raise BadGateway("AnswerTooLarge", "DeskDirector's answer is too large to be passed on; ask for less at once.")


def _within(value: Any, characters: int, items: int) -> Any:
    if isinstance(value, str) and len(value) > characters:
        return f"{value[:characters]}… (cut, {len(value)} characters)"
    if isinstance(value, list):
        return [_within(item, characters, items) for item in value[:items]]
    if isinstance(value, dict):
        return {name: item if name in _NEVER_CUT else _within(item, characters, items) for name, item in value.items()}
    return value


def _only(result: Entity, fields: tuple[str, ...]) -> dict[str, Any]:
    return {**dict.fromkeys(set(type(result).model_fields) - {"results"}, True), "results": {"__all__": set(fields)}}


def selected_fields(find: FindInput, output: type[BaseModel] | None) -> tuple[str, ...]:
    """The Python names of the fields that a find asked for; an unknown one is an error that lists those there are."""
    if not find.fields or output is None or "results" not in output.model_fields:
        return ()
    (model,) = get_args(output.model_fields["results"].annotation)
    shown = {str(info.serialization_alias): name for name, info in model.model_fields.items() if not info.exclude}
    names = {choice_key(alias): name for alias, name in shown.items()}
    asked = [word for part in find.fields for word in part.replace(",", " ").split()]
    unknown = [word for word in asked if choice_key(word) not in names]
    if unknown:
        listed = ", ".join(shortened(word, 40) for word in unknown[:MOST_NAMED])
        raise BadRequest("UnknownField", f"'fields' has no {listed}; it takes {', '.join(shown)}.")
    return tuple(names[choice_key(word)] for word in asked)


def request_id_of(headers: Mapping[str, str], trace_id: str = "") -> str:
    """The caller's own id for this request, else the id of its trace, else a new one."""
    given = headers.get("x-ms-client-request-id") or headers.get("x-request-id") or ""
    return given if _REQUEST_ID.fullmatch(given) else trace_id or secrets.token_hex(16)


def error_object(error: ConnectorError, request_id: str) -> dict[str, Any]:
    """The error object of every face: what the flow designer, Azure and people each look for."""
    message = _cut(error.message, MAX_MESSAGE)
    detail = {"code": error.code, "message": message, "details": _fitting(error.details, MAX_DETAILS)}
    return {"statusCode": error.status, "message": message, "error": detail, "requestId": request_id}


def _fitting(details: Sequence[str], room: int) -> list[str]:
    """As many as fit into so many bytes, each cut to what a person reads."""
    kept: list[str] = []
    for detail in details:
        text = _cut(detail, MAX_DETAIL)
        room -= _weight(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def _cut(text: str, room: int) -> str:
    """The text, shortened with an ellipsis when it takes more than so many bytes."""
    shown = text[:room]
    while _weight(shown) > room:
        shown = shown[: max(0, len(shown) * room // _weight(shown) - 1)]
    return shown if shown == text else shown[:-1] + "…"


def _weight(text: str) -> int:
    """Bytes as JSON that stands in a text of other JSON, which is how models get it."""
    return len(json.dumps(json.dumps(text, ensure_ascii=False), ensure_ascii=False).encode(errors="surrogatepass"))


def failure(error: ConnectorError, request_id: str) -> Response:
    """The response for an error."""
    headers = {"x-request-id": request_id}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(error.status, json.dumps(error_object(error, request_id), ensure_ascii=False).encode(), headers)
