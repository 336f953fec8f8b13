"""What an operation is called with: the inputs of any face, read by `reading.read` into the function's arguments."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from typing import Any

from connector.json_text import JsonError, read_json
from connector.operations.fields import Input
from connector.operations.operation import Operation
from connector.operations.problems import Problems, shortened
from connector.operations.reading import read
from connector.operations.request import Request
from connector.operations.signature import Signature, signature_of
from connector.operations.value_readers import Reading

FUNCTION_KEY = "code"
"""The query parameter of Azure's own function keys."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an operation is called with, and what there is to say about how its inputs were taken."""

    values: dict[str, Any]
    notices: list[str]


def arguments(operation: Operation, inputs: Mapping[str, Any], zone: tzinfo = UTC) -> Arguments:
    """The arguments for flat input, as a model gives it: path, query and body fields in one object.

    Raises `BadRequest`, which names everything that is wrong.
    """
    signature, reading = signature_of(operation), Reading(zone)
    if not signature.body:
        return Arguments(signature.values(read(signature.parameters, inputs, reading)), reading.notices)
    outside = _places(operation).outside
    parameters = {key: value for key, value in inputs.items() if key in outside}
    body = {key: value for key, value in inputs.items() if key not in outside}
    values = _both(signature, parameters, signature.body, body, reading, _places(operation))
    return Arguments(values, reading.notices)


def arguments_of_call(operation: Operation, request: Request, zone: tzinfo = UTC) -> Arguments:
    """The arguments for an HTTP call: path and query as text, the body as JSON; raises `BadRequest`."""
    path = {name: in_path(value) for name, value in request.path.items()}
    query = {name: value for name, value in request.query.items() if name != FUNCTION_KEY}
    if operation.pages and request.method == "GET":
        return arguments(operation, {**query, **path}, zone)
    signature, reading = signature_of(operation), Reading(zone)
    if not signature.body:
        return Arguments(signature.values(read(signature.parameters, {**query, **path}, reading)), reading.notices)
    values = _both(signature, {**query, **path}, signature.body, _content(request.body), reading, _places(operation))
    return Arguments(values, reading.notices)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the names of an operation belong, for sentences about those that came elsewhere."""

    outside: Mapping[str, str]
    body: Mapping[str, str]


@cache
def _places(operation: Operation) -> _Places:
    fields = signature_of(operation).fields(operation)
    outside = {field.name: "the address" for location, field in fields if location != "body"}
    return _Places(outside, {field.name: "the body" for location, field in fields if location == "body"})


def _both(
    signature: Signature,
    parameters: Mapping[str, Any],
    body: tuple[str, type[Input]],
    content: Mapping[str, Any],
    reading: Reading,
    places: _Places,
) -> dict[str, Any]:
    """The arguments out of the address and out of the body; all problems of both are one error."""
    problems: list[Problems] = []
    values: dict[str, Any] = {}
    try:
        values = signature.values(read(signature.parameters, parameters, reading, places.body))
    except Problems as refusal:
        problems.append(refusal)
    try:
        values[body[0]] = read(body[1], content, reading, places.outside)
    except Problems as refusal:
        problems.append(refusal)
    if problems:
        raise problems[0].joined(problems[1:])
    return values


def _content(body: bytes) -> Mapping[str, Any]:
    """The body of a call: a JSON object; nothing at all stands for an empty one."""
    text = body.removeprefix(BOM_UTF8)
    if not text.strip():
        return {}
    try:
        content = read_json(text)
    except JsonError as problem:
        raise Problems([f"The body is not valid JSON ({shortened(str(problem), 80)})"], 1) from None
    if not isinstance(content, dict):
        raise Problems(["The body must be an object"], 1)
    return content


def in_path(value: str) -> str:
    """A value of the path, decoded: the host leaves an encoded slash as it is (Kestrel does)."""
    return value.replace("%2F", "/").replace("%2f", "/") if "%2" in value else value
