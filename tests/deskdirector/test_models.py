"""Reading DeskDirector's answers, in every shape that its versions are known or suspected to give."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.entities.notes import Note
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.entities.tasks import TaskTemplates
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.errors import BadGateway
from connector.deskdirector.models import read
from connector.deskdirector.sites import Site, check_site
from connector.settings import Settings

SITE: Site = check_site("acme.deskdirector.com", Settings())
FULL = {
    "id": 7,
    "name": "Printer",
    "status": {"id": 3, "name": "New"},
    "board": {"id": 1, "name": "Support"},
    "contact": {"id": 9, "name": "Ada", "email": "ada@example.com"},
    "assignedMembers": [{"id": 5, "name": "Max"}],
    "tags": ["vip"],
    "isClosed": False,
    "createdOn": "2026-01-02T03:04:05.1234567Z",
}


def answered(upstream: Any) -> dict[str, Any]:
    """What a caller would see of a ticket."""
    ticket = read(Ticket, json.dumps(upstream).encode())
    ticket.complete(SITE)
    return dict(json.loads(ticket.model_dump_json(by_alias=True, exclude_none=True)))


def test_the_common_shape() -> None:
    assert answered(FULL) == {
        "id": 7,
        "title": "Printer",
        "status": "New",
        "statusId": 3,
        "board": "Support",
        "boardId": 1,
        "contact": "Ada",
        "contactId": 9,
        "contactEmail": "ada@example.com",
        "assignedTo": ["Max"],
        "assignedToIds": [5],
        "tags": ["vip"],
        "isClosed": False,
        "createdAt": "2026-01-02T03:04:05.1234567Z",
        "url": "https://acme.deskdirector.com/portal/v2/groups/my-tickets/tickets/7",
    }


def pascal(value: Any) -> Any:
    """The same with API v1's casing."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal(inner) for key, inner in value.items()}
    return [pascal(one) for one in value] if isinstance(value, list) else value


def renamed(**names: str) -> dict[str, Any]:
    """The full ticket with other keys."""
    return {names.get(key, key): value for key, value in FULL.items()}


@pytest.mark.parametrize(
    "upstream",
    [
        pascal(FULL),
        {"ticket": FULL},
        {"Result": {"Ticket": pascal(FULL)}},
        renamed(id="entityId"),
        renamed(name="summary", board="queue", assignedMembers="assignedAgents"),
        {**FULL, "id": "7"},
        {**FULL, "tags": [{"name": "vip"}]},
        {**FULL, "company": None, "priority": None, "closedOn": None, "members": None},
        {**FULL, "isClosed": "false"},
        {**FULL, "assignedMembers": [{"entityId": 5, "name": "Max"}]},
        {**FULL, "assignedMembers": ["Max", 5]},
    ],
)
def test_every_known_way_to_say_it_reads_the_same(upstream: Any) -> None:
    assert answered(upstream) == answered(FULL)


@pytest.mark.parametrize(
    ("given_date", "expected"),
    [
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+13:00", "2026-01-01T14:04:05Z"),
        ("2026-01-02", "2026-01-02T00:00:00Z"),
        (1767323045, "2026-01-02T03:04:05Z"),
    ],
)
def test_dates_come_out_in_utc(given_date: Any, expected: str) -> None:
    assert answered({**FULL, "createdOn": given_date})["createdAt"] == expected


@pytest.mark.parametrize("given_date", ["yesterday", "0001-01-01T00:00:00+13:00", "9999-12-31T23:59:59-01:00", 1e300])
def test_a_date_that_is_none_is_left_out(given_date: Any) -> None:
    assert "createdAt" not in answered({**FULL, "createdOn": given_date})


def test_lists_of_anything_are_read_in_any_casing() -> None:
    content = b'{"Results": [{"Id": 5, "Name": "Onboarding", "Items": ["Call", {"name": "Write"}]}]}'
    page = read(TaskTemplates, content)
    page.complete(SITE)

    assert page.results[0].task_names == ["Call", "Write"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("New", {"status": "New"}),
        (3, {"statusId": 3}),
        ({"id": 3}, {"statusId": 3}),
        ({"entityId": 3, "name": "New"}, {"status": "New", "statusId": 3}),
        ({"name": "New"}, {"status": "New"}),
        ([], {}),
    ],
)
def test_a_reference_may_be_an_object_a_name_or_an_id(status: Any, expected: dict[str, Any]) -> None:
    got = answered({**FULL, "status": status})

    assert {key: got[key] for key in ("status", "statusId") if key in got} == expected


@pytest.mark.parametrize(
    "page",
    [
        {"results": [FULL], "totalResults": 1},
        {"results": [FULL], "total": 1, "resultsCount": 1},
        {"value": [FULL], "total": 1},
        {"tickets": {"results": [FULL], "total": 1}},
        [FULL],
    ],
)
def test_a_page_has_many_envelopes(page: Any) -> None:
    assert [result.id for result in read(Tickets, json.dumps(page).encode()).results] == [7]


def test_ids_of_choices_are_text() -> None:
    choices = read(Choices, b'{"results": [{"id": 4, "name": "Support"}, {"id": "x", "name": "Y"}], "totalResults": 2}')

    assert [(result.id, result.name) for result in choices.results] == [("4", "Support"), ("x", "Y")]


def test_a_note_and_a_contact_in_parts() -> None:
    note = read(Note, b'{"id": 1, "note": "Hi", "createdBy": {"id": 4, "name": "Max", "userType": "member"}}')
    contact = read(Contact, b'{"id": 1, "firstName": "Ada", "lastName": "Lovelace"}')
    contact.complete(SITE)

    assert (note.author, note.author_id, note.author_type) == ("Max", "4", "member")
    assert contact.name == "Ada Lovelace"


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"id": 7, "name": "Pr', b"<html>", b"null", b"[]", b"{}", b'{"id": null}']
)
def test_what_is_no_ticket_is_a_gateway_error(content: bytes) -> None:
    with pytest.raises(BadGateway):
        read(Ticket, content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FULL, "x", "Id"]), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*FULL, "ID", "queue", "totalResults", "results"]), json_values))
def test_no_answer_is_too_strange(upstream: dict[str, Any]) -> None:
    for model in (Ticket, Tickets, Contact, Choices):
        try:
            entity = read(model, json.dumps(upstream).encode())
        except BadGateway:
            continue
        entity.complete(SITE)
        json.loads(entity.model_dump_json(by_alias=True, exclude_none=True))
