"""Lists and pages: where the results, their total and what is missing are found."""

import json
from typing import Any

import pytest

from connector.deskdirector.entities.chats import ChatSession
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.errors import BadGateway
from connector.deskdirector.models import read

TICKETS = [{"id": 7, "name": "A"}, {"Id": "8", "Summary": "B"}, {"ticket": {"entityId": 9, "title": "C"}}]


@pytest.mark.parametrize(
    "page",
    [
        {"results": TICKETS},
        {"items": TICKETS},
        {"value": TICKETS},
        {"data": TICKETS},
        {"tickets": TICKETS},
        {"Results": TICKETS, "TotalResults": 40},
        {"data": {"items": TICKETS, "total": 40}, "errors": []},
        {"success": True, "result": {"tickets": TICKETS}},
        {"page": {"results": TICKETS}, "total": 40},
        TICKETS,
    ],
)
def test_a_list_is_found_in_any_envelope(page: Any) -> None:
    found = read(Tickets, json.dumps(page).encode())

    assert [(result.id, result.title) for result in found.results] == [(7, "A"), (8, "B"), (9, "C")]
    assert found.total in (None, 40)
    assert (found.total == 40) is ("40" in json.dumps(page))


@pytest.mark.parametrize("page", [{"results": []}, {"results": None, "total": 0}, [], {"tickets": []}])
def test_an_empty_list_is_empty(page: Any) -> None:
    assert read(Tickets, json.dumps(page).encode()).results == []


@pytest.mark.parametrize("count", ["resultsCount", "count", "pageSize"])
def test_how_many_are_in_this_answer_is_no_total(count: str) -> None:
    assert read(Tickets, json.dumps({"results": TICKETS, count: 3}).encode()).total is None


def test_a_total_below_what_is_here_is_none() -> None:
    assert read(Tickets, json.dumps({"results": TICKETS, "total": 2}).encode()).total is None
    assert read(Tickets, json.dumps({"results": TICKETS, "total": 3}).encode()).total == 3


def test_what_lacks_an_id_is_named_with_its_place() -> None:
    with pytest.raises(BadGateway, match=r"results\.1\.id"):
        read(Tickets, b'{"results": [{"id": 1}, {"name": "no id"}], "total": 2}')


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (rb'{"id": 7, "name": "cut \ud83d"}', "cut \ufffd"),
        (rb'{"id": 7, "name": "\ude00 cut"}', "\ufffd cut"),
        (rb'{"id": 7, "name": "whole \ud83d\ude00"}', "whole \U0001f600"),
        (b'{"id": 7, "name": "line\nbreak"}', "line\nbreak"),
    ],
)
def test_half_a_character_is_no_gateway_error(content: bytes, title: str) -> None:
    ticket = read(Ticket, content)

    assert ticket.title == title
    assert json.loads(ticket.to_json())["title"] == title


def test_nothing_is_shared_between_two_answers() -> None:
    first, second = (read(ChatSession, b'{"id": "x"}') for _ in range(2))
    first.invited.append("Ada")

    assert second.invited == []


def test_many_shapes_are_read_without_end() -> None:
    """What is remembered of shapes is bounded."""
    for number in range(2000):
        assert read(Contact, json.dumps({"id": number, f"key{number}": 1}).encode()).id == number
