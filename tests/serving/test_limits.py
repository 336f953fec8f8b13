"""What a caller without proof can cost: input is refused by its shape, errors and answers stay small."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.catalog import operations
from connector.deskdirector.errors import BadRequest, ConnectorError, TooLarge
from connector.deskdirector.models import Entity
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.operations.signature import signature_of
from connector.serving import limits
from connector.serving.invoke import invoke
from connector.serving.mcp.protocol import as_json
from connector.serving.response import MAX_ANSWER, error_object, rendered
from connector.settings import Settings
from tests.desk import Desk

WITH_BODY = [operation for operation in operations().values() if signature_of(operation).body]
UNLIMITED = Settings(connection_rate=0)
HEADERS = {"dd-host": "acme.deskdirector.com", "dd-api-key": "bm90LWEta2V5Om5vdC1hLXNlY3JldA=="}
MEGABYTE = 2**20
HOSTILE: dict[str, tuple[str, bytes]] = {
    "many fields": ("TooManyFields", b"{" + b",".join(b'"f%d":1' % number for number in range(11_000)) + b"}"),
    "the same field again and again": ("TooManyFields", b"{" + b'"title":1,' * 100_000 + b'"title":1}'),
    "many values": ("TooManyValues", b'{"tags":[' + b"1," * 500_000 + b"1]}"),
    "many lists": ("TooManyValues", b'{"tags":' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
    "deep": ("NestedTooDeep", b'{"tags":' + b"[" * 33 + b"]" * 33 + b"}"),
    "deep objects": ("NestedTooDeep", b'{"a":' * 200 + b"1" + b"}" * 200),
    "digits": ("NumberTooLong", b'{"title":' + b"9" * 1_000_000 + b"}"),
    "many texts": ("TooManyValues", b'{"tags":"' + b'" "' * 300_000 + b'"}'),
    "ends without a begin": ("TooManyValues", b"]" * 1_000_000),
    "large": ("BodyTooLarge", b'{"title":"' + b"x" * MEGABYTE + b'"}'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_shape_is_refused_before_it_is_parsed(name: str) -> None:
    code, body = HOSTILE[name]
    with pytest.raises(ConnectorError) as caught:
        limits.check_request(Request("POST", "http://app/api/tickets", {}, body=body), Settings())

    assert caught.value.code == code


def test_a_long_query_is_refused() -> None:
    with pytest.raises(TooLarge):
        limits.check_request(Request("GET", "http://app/api/find/tickets?a=" + "x" * 17_000, {}), Settings())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


def depth_of(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth_of, inside), default=0)


@given(json_values, st.integers(0, 60), st.booleans())
def test_depth_is_counted_as_a_parser_counts_it(value: Any, around: int, in_ascii: bool) -> None:
    for _ in range(around):
        value = [value]
    body = json.dumps(value, ensure_ascii=in_ascii).encode(errors="surrogatepass")
    if depth_of(value) <= limits.MOST_NESTED:
        limits.check_json(body)
    else:
        with pytest.raises(BadRequest):
            limits.check_json(body)


@given(st.binary(max_size=300) | st.lists(st.sampled_from([b'"', b"\\", b"[", b"]", b"{", b"}", b"a"])).map(b"".join))
def test_what_is_no_json_is_left_to_the_parser(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= limits.MOST_NESTED:
        limits.check_json(body)


def work_of(run: Callable[[], Any]) -> tuple[int, Any]:
    """How many functions were called; unlike seconds, the same on every machine."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        return count, (run(), count)
    finally:
        sys.setprofile(None)


def run_without_loop(operation: Operation, body: bytes) -> Any:
    """A refused input never waits for anything, so no event loop is needed."""
    path = dict.fromkeys(operation.path_names, "1")
    coroutine = invoke(operation, Request(operation.method, "http://app/api/x", HEADERS, path, {}, body), UNLIMITED)
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise AssertionError("the input was not refused")


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda one: one.id)
def test_the_largest_permitted_bad_input_costs_little_and_gets_a_short_answer(operation: Operation) -> None:
    names = [field.name for location, field in signature_of(operation).fields(operation) if location == "body"]
    unknown = {f"{name}{number}": "x" for number in range(9_000 // len(names)) for name in names}
    lists: dict[str, Any] = {name: [{} for _ in range(19_000 // len(names))] for name in names}
    for content in ({"nothing": 1}, unknown, {**lists, "nothing": 1}):
        body = json.dumps(content).encode()
        run_without_loop(operation, b'{"nothing": 1}')  # models are built at first use
        _, (response, calls) = work_of(lambda body=body: run_without_loop(operation, body))  # type: ignore[misc]

        assert response.status == 400
        assert len(response.body) < 8_000
        assert len(json.loads(response.body)["error"]["details"]) <= 10
        assert calls < 150_000


@given(st.text(), st.integers(0, 3000), st.lists(st.text(max_size=400), max_size=200))
def test_an_error_is_under_8_kb_however_it_goes_out(message: str, repeated: int, details: list[str]) -> None:
    error = error_object(BadRequest("InvalidInput", message * repeated, details=details), "i" * 100)
    body = json.dumps(error, ensure_ascii=False).encode()

    assert len(body) < 8_000
    assert len(as_json(body.decode())) < 8_000, "as a text in the answer of an MCP tool"
    assert error["message"][:20] == (message * repeated)[: len(error["message"])][:20]


class Record(Entity):
    """Whatever a record may hold."""

    id: int = 7
    text: str = ""
    words: tuple[str, ...] = ()


@settings(deadline=None)
@given(st.integers(0, 2_000_000), st.integers(0, 50_000), st.sampled_from(["x", "ü", "\n", "\U0001f600"]))
def test_no_answer_is_over_450_kb_and_a_cut_one_says_so(length: int, count: int, sign: str) -> None:
    record = Record(text=sign * length, words=(sign * 40,) * count)
    body = rendered(record)
    shown = json.loads(body)

    assert len(body) <= MAX_ANSWER
    assert shown["id"] == 7
    assert shown["text"] == record.text or shown["text"].endswith(f"(cut, {length} characters)")


def test_a_ticket_with_a_huge_description_is_still_readable(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    ticket.description = "All work and no play. " * 50_000
    desk.tenant.touch(ticket)
    answer = desk.call("GetTicket", ticketId=ticket.id)

    assert answer.status == 200
    assert answer.json["description"].endswith("characters)")
