"""A request -> an answer or an error, the same for every face."""

import json
import logging
import re
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from ..catalog.operation import Operation
from ..catalog.paging import FindInput, cut, link
from ..catalog.request import Answered, Request
from ..catalog.signature import arguments_of_call, signature_of
from ..deskdirector.client import DeskDirector
from ..deskdirector.connection import Connection
from ..deskdirector.errors import BadRequest, ConnectorError, TooLarge
from ..deskdirector.models import Page
from ..settings import Settings
from .complaints import complaint

logger = logging.getLogger("connector")

MAX_ANSWER = 450_000
"""Bytes: Copilot Studio refuses answers over 500 KB."""
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}")


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: a status, headers besides the content type, and a JSON body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def invoke(operation: Operation, request: Request, settings: Settings) -> Response:
    """Run an operation for an HTTP call. Every outcome is a response; nothing is raised."""
    return await guarded(request, lambda: _run(operation, request, settings))


async def guarded(request: Request, run: Any) -> Response:
    """Await `run()`; a failure becomes the error object, an unforeseen one is logged without its values."""
    request_id = request_id_of(request.headers)
    try:
        return with_request_id(await run(), request_id)
    except ConnectorError as error:
        return failure(error, request_id)
    except Exception as error:  # noqa: BLE001  the last line of defence: the caller gets a sentence, the log the place
        frames = "".join(traceback.format_tb(error.__traceback__))
        logger.error("request %s failed with %s at\n%s", request_id, type(error).__name__, frames)
        return failure(_unforeseen(request_id), request_id)


async def _run(operation: Operation, request: Request, settings: Settings) -> Response:
    result = await call(operation, request, settings)
    if isinstance(result, Answered):
        return Response(result.status, rendered(result.result, ()), result.headers)
    if isinstance(result, Page):
        link(request.address(request.url_path), result)
    return Response(operation.status, rendered(result, selected_fields(result)))


async def call(operation: Operation, request: Request, settings: Settings, given: dict[str, Any] | None = None) -> Any:
    """Check the connection and the input, then do the work. `given`: the arguments, when the request lacks them."""
    signature = signature_of(operation)
    special: dict[str, Any] = {}
    if signature.dd:
        special[signature.dd] = DeskDirector(Connection.from_headers(request.headers, settings), settings)
    if signature.request:
        special[signature.request] = request
    if len(request.body) > settings.max_body_kb * 1024:
        raise TooLarge("BodyTooLarge", f"The body is over {settings.max_body_kb} KB; send less at once.")
    try:
        taken = given if given is not None else arguments_of_call(operation, request)
    except ValidationError as problem:
        raise complaint(problem, signature.body[1] if signature.body else signature.parameters) from None
    return await operation.handler(**special, **{name: _resumed(value) for name, value in taken.items()})


def _resumed(value: Any) -> Any:
    return value.resumed() if isinstance(value, FindInput) else value


def rendered(result: BaseModel | None, only: tuple[str, ...]) -> bytes:
    """The result as JSON, without nulls, at most `MAX_ANSWER` long: a page is cut at a whole result."""
    if result is None:
        return b"{}"
    body = _dump(result, only)
    while len(body) > MAX_ANSWER and isinstance(result, Page) and len(result.results) > 1:
        keep = max(1, min(len(result.results) - 1, len(result.results) * MAX_ANSWER // (len(body) + 1000)))
        result = cut(result, keep)
        body = _dump(result, only)
    return body


def _dump(result: BaseModel, only: tuple[str, ...]) -> bytes:
    if not only:
        return result.model_dump_json(by_alias=True, exclude_none=True).encode()
    rest = set(type(result).model_fields) - {"results"}
    include: dict[str, Any] = {**dict.fromkeys(rest, True), "results": {"__all__": set(only)}}
    return result.model_dump_json(by_alias=True, exclude_none=True, include=include).encode()


def selected_fields(result: Any) -> tuple[str, ...]:
    """The Python names of the fields that a find asked for; an unknown one is an error that lists those there are."""
    find = result.asked if isinstance(result, Page) else None
    if not isinstance(find, FindInput) or not find.fields or not result.results:
        return ()
    model = type(result.results[0])
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
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def with_request_id(response: Response, request_id: str) -> Response:
    """The response, labelled so that a support request can name it."""
    return Response(response.status, response.body, {**response.headers, "x-request-id": request_id})


def failure(error: ConnectorError, request_id: str) -> Response:
    """The error object of every face: what Power Automate's designer, Azure and people each look for."""
    detail = {"code": error.code, "message": error.message, "details": list(error.details)}
    body = {"statusCode": error.status, "message": error.message, "error": detail, "requestId": request_id}
    headers = {"x-request-id": request_id}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(error.status, json.dumps(body, ensure_ascii=False).encode(), headers)


def _unforeseen(request_id: str) -> ConnectorError:
    return ConnectorError(
        "InternalError", f"Something went wrong on our side; report it with the request id {request_id}."
    )
