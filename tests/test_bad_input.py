"""Bad input, for every operation: a sentence that helps, the right status, nothing done, no secret shown."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from connector.catalog import operations
from connector.operations.field_model import Field
from connector.operations.operation import Kind, Operation
from connector.operations.signature import signature_of
from tests.desk import Answer, Desk
from workbench.generators.examples import example_of
from workbench.localhost import LocalHost

CONNECTED = [one for one in operations().values() if signature_of(one).dd and one.kind is not Kind.POLLING_TRIGGER]
WITH_BODY = [one for one in CONNECTED if signature_of(one).body]
TAKE_A_BODY = ["FindTickets", "CreateTicket", "UpdateTicket", "SubscribeToWorkflow"]


def good(operation: Operation) -> dict[str, Any]:
    """Arguments that are right, from the operation's worked example."""
    example = example_of(operation)
    return {**example.path, **example.query, **example.body}


def check_refusal(answer: Answer, *, statuses: tuple[int, ...] = (400,), about: str = "") -> None:
    """The error object, whole and helpful."""
    assert answer.status in statuses, (about, answer.json)
    body = answer.json
    assert body["statusCode"] == answer.status
    assert body["message"] == body["error"]["message"]
    assert body["error"]["code"]
    assert isinstance(body["error"]["details"], list)
    assert body["requestId"] == answer.headers["x-request-id"]
    assert body["message"].endswith(".")
    assert "Traceback" not in json.dumps(body)


def changes(desk: Desk) -> int:
    """How many calls arrived that could have changed something."""
    reading = ("find", "userkey", "render", "options", "schema")
    return sum(
        call.method != "GET" and call.status < 300 and not any(word in call.path for word in reading)
        for call in desk.simulator.calls
    )


def test_every_operation_wants_a_connection(desk: Desk) -> None:
    for operation in CONNECTED:
        answer = desk.call(operation.id, headers={"dd-host": "", "dd-api-key": ""}, **good(operation))

        check_refusal(answer, statuses=(401,), about=operation.id)
        assert answer.code == "ConnectionMissing", operation.id
    assert desk.simulator.total_calls == 0


@pytest.mark.parametrize("operation_id", ["GetTicket", *TAKE_A_BODY])
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"dd-host": ""}, 401, "SiteHostMissing"),
        ({"dd-api-key": ""}, 401, "ApiKeyMissing"),
        ({"dd-api-key": "Basic %%%"}, 401, "ApiKeyMalformed"),
        ({"dd-host": "acme.evil.example"}, 403, "SiteNotAllowed"),
    ],
)
def test_a_bad_connection(desk: Desk, operation_id: str, headers: dict[str, str], status: int, code: str) -> None:
    answer = desk.call(operation_id, headers=headers, **good(operations()[operation_id]))

    check_refusal(answer, statuses=(status,))
    assert answer.code == code
    assert desk.simulator.total_calls == 0


def test_a_wrong_key(desk: Desk) -> None:
    for operation in CONNECTED:
        answer = desk.call(operation.id, headers={"dd-api-key": "not-the-key-of-this-site"}, **good(operation))

        check_refusal(answer, statuses=(401,), about=operation.id)
        assert answer.code == "ApiKeyRefused", operation.id


def path_of(operation: Operation) -> str:
    path = operation.path
    for name, value in good(operation).items():
        path = path.replace(f"{{{name}}}", str(value))
    return f"/api/{path}"


def test_every_operation_with_a_body_wants_an_object(desk: Desk) -> None:
    for operation in WITH_BODY:
        for body in (b"{", b"[]"):
            answer = desk.send(operation.method, path_of(operation), content=body, headers=desk.headers())
            check_refusal(answer, about=operation.id)
    assert changes(desk) == 0


@pytest.mark.parametrize("operation_id", TAKE_A_BODY)
@pytest.mark.parametrize(
    "body", [b'"text"', b"null", b"\xff\xfe", b'{"a": "\\ud800"}', b"{'a': 1}", b"<xml/>", b"[" * 100_000]
)
def test_a_body_that_is_no_object(desk: Desk, operation_id: str, body: bytes) -> None:
    operation = operations()[operation_id]
    answer = desk.send(operation.method, path_of(operation), content=body, headers=desk.headers())

    check_refusal(answer)
    assert changes(desk) == 0


@pytest.mark.parametrize("operation_id", TAKE_A_BODY)
def test_a_huge_body(desk: Desk, operation_id: str) -> None:
    operation = operations()[operation_id]
    body = json.dumps({"title": "x" * 10_000_000})

    check_refusal(
        desk.send(operation.method, path_of(operation), content=body, headers=desk.headers()), statuses=(413,)
    )
    assert changes(desk) == 0


def test_a_field_that_does_not_exist(desk: Desk) -> None:
    for operation in WITH_BODY:
        answer = desk.call(operation.id, **{**good(operation), "colour": "red"})

        check_refusal(answer, about=operation.id)
        assert "'colour' is not a field" in answer.json["message"], operation.id
    assert changes(desk) == 0


def fields_of(operation: Operation) -> list[tuple[str, Field]]:
    """Where each field stands, and the field."""
    return list(signature_of(operation).fields(operation))


def wrong_values(field: Field) -> list[Any]:
    """Values of another type, too large, or with what no field takes."""
    if field.type == "integer":
        too_large = [] if field.name == "take" else ["99999999999999999999"]  # more than the most means the most
        return ["abc", "1.5", "-1", "1e3", "٣x", "\u0000", *too_large]
    if field.type == "boolean":
        return ["maybe", "2"]
    if field.type in ("array", "object"):
        return []
    return ["not base64!" if field.name == "content" else "x" * 300_000]


EVERY = pytest.mark.parametrize("operation", CONNECTED, ids=lambda one: one.id)


@EVERY
def test_values_that_no_field_takes(desk: Desk, operation: Operation) -> None:
    for place, field in fields_of(operation):
        for value in wrong_values(field):
            if place != "body" and (len(value) > 5000 or any(ord(one) < 32 for one in value)):
                continue
            given = [value] if field.type == "array" else value
            answer = desk.call(operation.id, **{**good(operation), field.name: given})
            check_refusal(
                answer, statuses=(400, 404) if place == "path" else (400,), about=f"{field.name}: {value:.40}"
            )
    assert changes(desk) == 0


def test_a_required_field_that_is_missing(desk: Desk) -> None:
    required = [
        (one, field) for one in CONNECTED for place, field in fields_of(one) if field.required and place != "path"
    ]
    for operation, field in required:
        answer = desk.call(operation.id, **{name: it for name, it in good(operation).items() if name != field.name})

        check_refusal(answer, about=f"{operation.id}: {field.name}")
        assert f"'{field.name}' is required" in answer.json["message"]
    assert len(required) > 20
    assert changes(desk) == 0


@pytest.mark.parametrize(
    "value",
    ["%2e%2e", "..%2f..%2fx", "1%2f2", "1;2", "%00", "1%3fx=1", "1%23", "\\..\\"],
)
def test_path_values_that_try_to_leave(desk: Desk, value: str) -> None:
    for operation in [one for one in CONNECTED if one.path_names]:
        path = f"/api/{operation.path}"
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", value)
        body = {name: one for name, one in good(operation).items() if name not in operation.path_names}
        answer = desk.send(
            operation.method, path, json=body if signature_of(operation).body else None, headers=desk.headers()
        )

        check_refusal(answer, statuses=(400, 404), about=operation.id)
    assert changes(desk) == 0


FAULTS: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    ({"kind": "status", "status": 500}, (503, 424)),
    ({"kind": "status", "status": 429, "retryAfter": 120}, (429,)),
    ({"kind": "status", "status": 403}, (403,)),
    ({"kind": "html"}, (502, 424)),
    ({"kind": "truncate"}, (503, 502, 424)),
    ({"kind": "truncate", "framed": True}, (502, 424)),
    ({"kind": "reset_before"}, (503, 424)),
    ({"kind": "reset_after"}, (503, 424)),
    ({"kind": "wrong_types"}, (200, 502, 424)),
    ({"kind": "nulls"}, (200, 400, 502, 424)),  # 400: a name that was looked up is not there
    ({"kind": "pascal"}, (200,)),
]


FAILING = ("GetTicket", "FindTickets", "CreateTicket", "UpdateTicket", "AddTicketNote", "ListBoards")


@pytest.mark.parametrize(("fault", "statuses"), FAULTS, ids=lambda one: str(one) if isinstance(one, dict) else "")
def test_an_upstream_that_fails(desk: Desk, fault: dict[str, Any], statuses: tuple[int, ...]) -> None:
    """All at the same time, since what is tried again waits in between."""
    given = [good(operations()[operation_id]) for operation_id in FAILING]
    desk.simulator.add_fault(**fault, times=None)

    with ThreadPoolExecutor(len(FAILING)) as pool:
        answers = list(pool.map(lambda one, values: desk.call(one, **values), FAILING, given))

    for operation_id, answer in zip(FAILING, answers, strict=True):
        if answer.status == 200:
            assert 200 in statuses, operation_id
            assert isinstance(answer.json, dict)
            continue
        check_refusal(answer, statuses=statuses, about=operation_id)
        assert "retry-after" in answer.headers or answer.status not in (429, 503)


def test_no_key_has_been_written_to_the_log(desk: Desk, host: LocalHost) -> None:
    """Runs last in this file: after all that went wrong above."""
    desk.call("TestConnection", headers={"dd-api-key": "Basic sup3r:s3cret-that-must-not-show"})

    for secret in (desk.simulator.tokity_key, desk.simulator.tokity_password, desk.simulator.psa_key, "s3cret"):
        assert secret not in host.log
