"""What flows send for what is empty or odd, as text and as bytes."""

import json
from typing import Any

import pytest

from tests.desk import Desk


@pytest.mark.parametrize(
    ("operation", "nulls"),
    [
        ("FindTickets", {"take": None, "fields": None, "board": None, "createdAfter": None}),
        ("AddTicketNote", {"isInternal": None, "onBehalfOf": None}),
        ("CloseTicket", {"note": None, "isInternal": None}),
        ("UpdateTicket", {"title": None, "tags": None, "dueAt": None}),
    ],
)
def test_a_null_means_that_a_field_is_not_given(desk: Desk, operation: str, nulls: dict[str, None]) -> None:
    ticket = next(iter(desk.tenant.tickets))
    needed: dict[str, dict[str, Any]] = {
        "FindTickets": {},
        "AddTicketNote": {"ticketId": ticket, "text": "Hello"},
    }

    answer = desk.call(operation, **needed.get(operation, {"ticketId": ticket}), **nulls)

    assert answer.status == 200, answer.json


def test_a_null_is_no_value_for_what_is_required_and_no_way_round_what_is_unknown(desk: Desk) -> None:
    assert "'title' is required" in desk.call("CreateTicket", title=None).json["message"]
    assert "'colour' is not a field" in desk.call("FindTickets", colour=None).json["message"]


@pytest.mark.parametrize(
    "moment",
    [
        *("soon", "12/31/2026", "2026-13-45", "2026-02-30", "2027-02-29T10:00Z", "2026-11-01T24:30:00Z"),
        *("2026-11-01T10:00:60Z", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00+10:00", "-99999w", "1m"),
    ],
)
def test_what_is_no_moment_is_refused_with_an_example(desk: Desk, moment: str) -> None:
    answer = desk.call("FindTickets", createdAfter=moment)

    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert answer.json["message"].startswith("'createdAfter' ")
    assert "today" in answer.json["message"]
    assert desk.simulator.total_calls == 0


@pytest.mark.parametrize("moment", ["2026-11-01", "2026-11-01T00:00:00.1234567Z", "2026-11-01T13:00:00+13:00"])
def test_moments_as_flows_write_them_are_taken(desk: Desk, moment: str) -> None:
    assert desk.call("FindTickets", createdAfter=moment).status == 200


def post(desk: Desk, content: Any) -> Any:
    return desk.send("POST", "/api/find/tickets", content=content, headers=desk.headers())


def test_a_byte_order_mark_before_the_body_is_no_harm(desk: Desk) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"take": 1}).encode()

    assert len(post(desk, body).json["results"]) == 1


def test_a_body_that_the_host_lost_is_told_and_not_taken_as_empty(desk: Desk) -> None:
    answer = post(desk, iter([b'{"search": ', b'"printer"}']))

    assert (answer.status, answer.code) == (400, "BodyNotReceived")
