"""What DeskDirector says in an error reaches the maker; secrets, stack traces and web pages do not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.deskdirector import errors
from connector.deskdirector.endpoints import CREATE_TICKET, GET_TICKET, LIST_BOARDS
from connector.deskdirector.upstream_errors import from_status
from connector.deskdirector.upstream_reasons import MAX_MESSAGE, message_of


def said(body: Any) -> str:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return message_of(content, lambda text: text.replace("hunter22", "[key]"))


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Title is required"},
        {"Message": "Title is required"},
        {"error": "Title is required"},
        {"error": {"code": "x", "message": "Title is required"}},
        {"error": "bad", "errorDescription": "Title is required"},
        {"title": "Bad Request", "detail": "Title is required"},
        {"title": "Title is required", "status": 400},
        {"errors": [{"Message": "Title is required"}]},
        {"message": "", "error": None, "detail": "Title is required"},
        "Title is required",
        ["Title is required"],
        {"message": "Title is required\n   at DeskDirector.Server.Tickets.Create() in C:\\src\\a.cs:line 3"},
    ],
)
def test_deskdirectors_own_words_are_found_wherever_they_stand(body: Any) -> None:
    assert said(body) == "Title is required"


HEADING = "The request is invalid."
REASON = "Board 7 is archived."
ASP_NET = "An error has occurred."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"Message": HEADING, "ModelState": {"request.boardId": [REASON]}}, f"boardId: {REASON}"),
        ({"Message": HEADING, "ModelState": {"": [REASON]}}, REASON),
        ({"title": "One or more validation errors occurred.", "status": 400, "errors": {"BoardId": [REASON]}},
         f"BoardId: {REASON}"),
        ({"type": "about:blank", "title": "Bad Request", "detail": REASON}, REASON),
        ({"error": {"code": "BadRequest", "message": HEADING, "innererror": {"message": REASON}}}, REASON),
        ({"error": {"message": HEADING, "details": [{"code": "1", "target": "boardId", "message": REASON}]}},
         f"boardId: {REASON}"),
        ({"Message": ASP_NET, "ExceptionMessage": REASON, "ExceptionType": "X", "StackTrace": "at X.Y()"}, REASON),
        ({"Message": ASP_NET, "ExceptionMessage": "Failed.", "InnerException": {"ExceptionMessage": REASON}}, REASON),
        ({"responseStatus": {"errorCode": "X", "message": HEADING, "errors": [
            {"errorCode": "X", "fieldName": "boardId", "message": REASON}]}}, f"boardId: {REASON}"),
        ({"errors": [{"status": "400", "title": "Bad", "detail": REASON}]}, REASON),
        ({"error": "invalid_request", "error_description": REASON}, REASON),
        ({"message": HEADING, "errors": {"a": ["1 is bad"], "b": ["2 is bad"], "c": ["3 is bad"], "d": ["4"]}},
         "a: 1 is bad; b: 2 is bad; c: 3 is bad"),
        ({"errors": ["First reason", "second reason"]}, "First reason; second reason"),
        ({"message": HEADING, "errors": []}, HEADING),
        ({"message": HEADING, "errors": None, "innererror": {}}, HEADING),
        (b"Board 7 is archived.\r\nat line 3", REASON),
        (b'"Board 7 is archived."', REASON),
        (rb'{"message": "cut \ud83d"}', "cut \ufffd"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_the_most_specific_reason_reaches_the_maker(body: Any, reason: str) -> None:
    assert said(body) == reason


@pytest.mark.parametrize("body", [b"", b"<html>Oops</html>", b"{", b"[" * 100_000, {}, [], 5, None, {"message": 5}])
def test_no_words_is_an_answer_too(body: Any) -> None:
    assert said(body) == ""


@pytest.mark.parametrize(
    "secret",
    ["hunter22", "Basic Z2xvYmFs", "DdApi abcdef", "ddaccesstoken abcdef", "Bearer abcdef", "eyJhbGci.eyJzdWIi.c2ln"],
)
def test_secrets_are_cut_out(secret: str) -> None:
    assert said({"message": f"Key {secret} is bad"}) == "Key [key] is bad"


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_body_gives_one_short_printable_line(body: Any) -> None:
    line = said(body)
    assert len(line) <= MAX_MESSAGE
    assert "\n" not in line


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, errors.BadRequest, "RequestRefused"),
        (403, errors.Forbidden, "NotPermitted"),
        (404, errors.NotFound, "TicketNotFound"),
        (405, errors.NotFound, "RouteNotFound"),
        (409, errors.Conflict, "Conflict"),
        (410, errors.Gone, "Gone"),
        (413, errors.TooLarge, "TooLarge"),
        (418, errors.BadRequest, "RequestRefused"),
        (422, errors.Unprocessable, "RuleViolated"),
        (423, errors.Conflict, "Locked"),
        (429, errors.TooManyRequests, "TooManyRequests"),
        (301, errors.BadGateway, "UpstreamNotApi"),
        (500, errors.Unavailable, "UpstreamUnavailable"),
        (501, errors.BadGateway, "UpstreamNotSupported"),
        (503, errors.Unavailable, "UpstreamUnavailable"),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[errors.ConnectorError], code: str) -> None:
    problem = from_status(
        status, b'{"message": "Sorry"}', GET_TICKET, {"ticketId": 7}, retry_after=None, redact=lambda text: text
    )
    assert (type(problem), problem.code) == (kind, code)
    assert (problem.retry_after is not None) == (problem.status in (429, 503))
    assert "Sorry" in problem.message or status == 301


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_create_that_failed_inside_the_server_may_have_been_done(status: int) -> None:
    problem = from_status(status, b"", CREATE_TICKET, {}, retry_after=5, redact=str)
    assert isinstance(problem, errors.OutcomeUnknown)
    assert problem.retry_after is None


def test_the_missing_thing_is_named() -> None:
    problem = from_status(404, b"", GET_TICKET, {"ticketId": 7}, retry_after=None, redact=str)
    assert "no ticket 7" in problem.message
    assert from_status(404, b"", LIST_BOARDS, {}, retry_after=None, redact=str).code == "NotFound"


@pytest.mark.parametrize(("asked", "told"), [(None, 10), (0.0, 1), (2.2, 3)])
def test_what_a_retry_can_mend_says_when(asked: float | None, told: int) -> None:
    problem = from_status(503, b"", GET_TICKET, {}, retry_after=asked, redact=str)
    assert problem.retry_after == told
