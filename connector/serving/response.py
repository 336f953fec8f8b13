"""Responses to callers: how results and errors are written."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import BaseModel

from connector.deskdirector.errors import BadRequest, ConnectorError
from connector.deskdirector.models import Entity, Page
from connector.operations.paging import ALL_FIELDS, FindInput, cut, link
from connector.operations.problems import MOST_NAMED, shortened
from connector.operations.value_readers import choice_key
from connector.serving.shortening import shortened_answer

MAX_ANSWER = 450_000
"""Bytes: Copilot Studio refuses answers over 500 KB."""
MAX_MESSAGE, MAX_DETAIL, MAX_DETAILS = 1500, 300, 4000
"""Bytes: an error is under 8 KB. The message stands in it twice."""
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


@dataclass(slots=True)
class Response:
    """A status, headers besides the content type, and a body (JSON unless a content type says otherwise)."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a face wants its answers written."""

    limit: int = MAX_ANSWER
    """How much a page may weigh; it is cut at a whole result."""
    weigh: Callable[[bytes], float] = len
    brief: bool = False
    """Whether lists, and what was changed, are answered without the details of their entities."""
    clean: Callable[[bytes], bytes] = bytes
    """A change to the JSON before it is written."""
    text_from: int | None = None
    """The character that texts too long begin with; None where a caller cannot ask for more of them."""


WHOLE: Final = Manner()
"""Everything there is, as the connector answers it."""


def rendered(
    result: Entity | None,
    only: tuple[str, ...] = (),
    manner: Manner = WHOLE,
    address: str | None = None,
    *,
    brief: bool = False,
) -> bytes:
    """The result as JSON, without nulls; a page is cut at a whole result to weigh at most `manner.limit`.

    Whatever it is, it weighs at most that; raises `BadGateway` when that cannot be had.

    `address`: where the next page is to be had.
    """
    if result is None:
        return b"{}"
    include = _only(result, only) if only else None
    exclude = _details(result) if brief and not only else None
    if address and isinstance(result, Page):
        link(address, result)
    body = manner.clean(result.to_json(include, exclude))
    notice = result.notice if isinstance(result, Page) else None
    while (weight := manner.weigh(body)) > manner.limit and isinstance(result, Page) and len(result.results) > 1:
        keep = max(1, min(len(result.results) - 1, int(len(result.results) * manner.limit / (weight + 1000))))
        result = cut(result, keep)
        result.notice = f"{notice} {result.notice}" if notice else result.notice
        if address:
            link(address, result)
        body = manner.clean(result.to_json(include, exclude))
    if manner.weigh(body) <= manner.limit:
        return body
    return shortened_answer(body, manner.weigh, manner.limit, manner.text_from)


def _only(result: Entity, fields: tuple[str, ...]) -> dict[str, Any]:
    return {**dict.fromkeys(set(type(result).model_fields) - {"results"}, True), "results": {"__all__": set(fields)}}


def _details(result: Entity) -> Any:
    """What a brief answer leaves out, in pydantic's terms."""
    if not isinstance(result, Page):
        return set(result.details)
    found = result.results
    return {"results": {"__all__": set(found[0].details)}} if found and isinstance(found[0], Entity) else None


def selected_fields(find: FindInput, output: type[BaseModel] | None) -> tuple[str, ...]:
    """The Python names of the fields that a find asked for; an unknown one is an error that lists those there are.

    `all` stands for all of them, for faces that leave some out.
    """
    if not find.fields or find.fields == [ALL_FIELDS] or output is None or "results" not in output.model_fields:
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
    return given if _REQUEST_ID.fullmatch(given) else trace_id or os.urandom(16).hex()


def error_object(error: ConnectorError, request_id: str) -> dict[str, Any]:
    """The error object of every face: what the flow designer, Azure and people each look for."""
    message = _cut(error.message, MAX_MESSAGE)
    detail = {"code": error.code, "message": message, "details": _fitting(error.details, MAX_DETAILS)}
    return {"statusCode": error.status, "message": message, "error": detail, "requestId": request_id}


def _fitting(details: Sequence[str], room: int) -> list[str]:
    """As many as fit into this many bytes, each cut to what a person reads."""
    kept: list[str] = []
    for detail in details:
        text = _cut(detail, MAX_DETAIL)
        room -= _weight(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def _cut(text: str, room: int) -> str:
    """The text, shortened with an ellipsis when it takes more than this many bytes."""
    shown = text[:room]
    while _weight(shown) > room:
        shown = shown[: max(0, len(shown) * room // _weight(shown) - 1)]
    return shown if shown == text else shown[:-1] + "…"


def _weight(text: str) -> int:
    """Bytes as JSON that stands in a text of other JSON, which is how models get it."""
    return len(json.dumps(json.dumps(text, ensure_ascii=False), ensure_ascii=False).encode(errors="surrogatepass"))


def json_response(status: int, content: Mapping[str, Any]) -> Response:
    """An object as it is."""
    return Response(status, json.dumps(dict(content), ensure_ascii=False).encode(errors="replace"))


def failure(error: ConnectorError, request_id: str) -> Response:
    """The response for an error."""
    headers = {"x-request-id": request_id}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(error.status, json.dumps(error_object(error, request_id), ensure_ascii=False).encode(), headers)
