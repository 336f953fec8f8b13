"""What goes back to a caller, and how results and errors are written."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from connector.deskdirector.errors import BadRequest, ConnectorError
from connector.deskdirector.models import Entity, Page
from connector.operations.paging import FindInput, cut, link

MAX_ANSWER = 450_000
"""Bytes: Copilot Studio refuses answers over 500 KB."""
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

    `address`: where the next page is to be had.
    """
    if result is None:
        return b"{}"
    include = _only(result, only) if only else None
    if address and isinstance(result, Page):
        link(address, result)
    body = result.to_json(include)
    while len(body) > limit and isinstance(result, Page) and len(result.results) > 1:
        keep = max(1, min(len(result.results) - 1, len(result.results) * limit // (len(body) + 1000)))
        result = cut(result, keep)
        if address:
            link(address, result)
        body = result.to_json(include)
    return body


def _only(result: Entity, fields: tuple[str, ...]) -> dict[str, Any]:
    return {**dict.fromkeys(set(type(result).model_fields) - {"results"}, True), "results": {"__all__": set(fields)}}


def selected_fields(result: Any) -> tuple[str, ...]:
    """The Python names of the fields that a find asked for; an unknown one is an error that lists those there are."""
    find = result.asked if isinstance(result, Page) else None
    if not isinstance(find, FindInput) or not find.fields:
        return ()
    (model,) = get_args(type(result).model_fields["results"].annotation)
    names = {info.serialization_alias: name for name, info in model.model_fields.items() if not info.exclude}
    wanted = [one for part in find.fields for one in part.replace(",", " ").split()]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise BadRequest(
            "UnknownField", f"'fields' has no {', '.join(unknown)}; it takes {', '.join(str(name) for name in names)}."
        )
    return tuple(names[name] for name in wanted)


def request_id_of(headers: Mapping[str, str]) -> str:
    """The caller's own id for this request, or a new one."""
    given = headers.get("x-ms-client-request-id") or headers.get("x-request-id") or ""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def error_object(error: ConnectorError, request_id: str) -> dict[str, Any]:
    """The error object of every face: what the flow designer, Azure and people each look for."""
    detail = {"code": error.code, "message": error.message, "details": list(error.details)}
    return {"statusCode": error.status, "message": error.message, "error": detail, "requestId": request_id}


def failure(error: ConnectorError, request_id: str) -> Response:
    """The response for an error."""
    headers = {"x-request-id": request_id}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(error.status, json.dumps(error_object(error, request_id), ensure_ascii=False).encode(), headers)
