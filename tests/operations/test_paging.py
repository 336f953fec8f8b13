"""Continuations that nobody gave out."""

import base64

import pytest

from tests.desk import Desk


@pytest.mark.parametrize(
    "state",
    [b"[" * 100_000, b'{"skip": 1e999, "find": {}}', b'{"skip": Infinity, "find": {}}', b'{"skip": "x"}', b"\xff"],
)
def test_a_made_up_continuation_is_refused(desk: Desk, state: bytes) -> None:
    answer = desk.call("FindTickets", continuation=base64.urlsafe_b64encode(state).decode())

    assert (answer.status, answer.code) == (400, "ContinuationInvalid")


def test_an_empty_continuation_begins_at_the_first_page(desk: Desk) -> None:
    """A loop in a flow starts with an empty variable."""
    first = desk.call("FindTickets", take=1)
    again = desk.call("FindTickets", take=1, continuation="")

    assert again.json["results"] == first.json["results"]


def test_an_unknown_field_is_told_even_when_nothing_is_found(desk: Desk) -> None:
    answer = desk.call("FindTickets", search="nothing has this in it", fields=["colour"])

    assert (answer.status, answer.code) == (400, "UnknownField")
