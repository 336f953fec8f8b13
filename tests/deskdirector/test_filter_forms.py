"""Filters under the names and in the forms of a site: plurals, other words, ranges, words for open and closed."""

from typing import Any

import pytest

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import SEVERAL, BodySchema, Refusal
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.field_names import ALIASES
from connector.operations.field_model import fields_of
from connector.resolving.references import upstream_name
from connector.resolving.ticket_inputs import TicketFilters

REFERENCES = [
    upstream_name(field)
    for field in fields_of(TicketFilters)
    if field.reference and field.name not in ("onBehalfOf", "assignedTo")
]
WHEN = "2026-07-01T00:00:00Z"
INTEGER: dict[str, Any] = {"type": "integer"}
INTEGERS: dict[str, Any] = {"type": "array", "items": INTEGER}
OBJECT: dict[str, Any] = {"type": "object", "properties": {"id": INTEGER, "name": {"type": "string"}}}


def conformed(body: dict[str, Any], **properties: dict[str, Any]) -> dict[str, Any]:
    schema = BodySchema.of({"schema": {"type": "object", "properties": properties}})
    assert schema
    return schema.conform(body, Refusal(api.FIND_TICKETS, {}))


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize(("form", "sent"), [(INTEGER, 7), (INTEGERS, [7]), (OBJECT, {"id": 7})])
def test_every_reference_is_filtered_by_under_every_name(name: str, form: dict[str, Any], sent: Any) -> None:
    for theirs in (name, *ALIASES[name]):
        assert conformed({name: 7}, **{theirs: form}) == {theirs: sent}


@pytest.mark.parametrize("name", REFERENCES)
def test_several_ids_go_where_a_site_takes_several(name: str) -> None:
    assert conformed({name: [7, 8]}, **{name: INTEGERS}) == {name: [7, 8]}
    with pytest.raises(BadRequest) as refusal:
        conformed({name: [7, 8]}, **{name: INTEGER})
    assert refusal.value.code == SEVERAL


def test_a_status_in_words_is_not_taken_for_an_id() -> None:
    words = {"type": "string", "enum": ["open", "closed", "any"]}
    assert conformed({"statusId": 7, "isClosed": False}, status=words, statusIds=INTEGERS) == {
        "statusIds": [7],
        "status": "open",
    }
    with pytest.raises(BadRequest):
        conformed({"statusId": 7}, status=words)


@pytest.mark.parametrize(
    ("schema", "closed", "opened"),
    [
        ({"isClosed": {"type": "boolean"}}, {"isClosed": True}, {"isClosed": False}),
        ({"isOpen": {"type": "boolean"}}, {"isOpen": False}, {"isOpen": True}),
        ({"state": {"type": "string", "enum": ["Open", "Closed"]}}, {"state": "Closed"}, {"state": "Open"}),
        (
            {"status": {"type": "string", "description": "Can be open, closed or any."}},
            {"status": "closed"},
            {"status": "open"},
        ),
    ],
)
def test_closed_and_open_in_the_words_of_the_site(
    schema: dict[str, Any], closed: dict[str, Any], opened: dict[str, Any]
) -> None:
    assert conformed({"isClosed": True}, **schema) == closed
    assert conformed({"isClosed": False}, **schema) == opened


@pytest.mark.parametrize("what", ["created", "updated"])
@pytest.mark.parametrize("ends", [("startTime", "endTime"), ("from", "to"), ("After", "Before")])
def test_times_as_a_range_get_both_ends(what: str, ends: tuple[str, str]) -> None:
    start, end = ends
    name = f"{what}On"
    schema = {name: {"type": "object", "properties": {start: {"type": "string"}, end: {"type": "string"}}}}

    both = conformed({f"{what}After": WHEN, f"{what}Before": WHEN}, **schema)
    assert both == {name: {start: WHEN, end: WHEN}}
    only = conformed({f"{what}After": WHEN}, **schema)
    assert only[name][start] == WHEN
    assert only[name][end] > WHEN
    only = conformed({f"{what}Before": WHEN}, **schema)
    assert only[name][end] == WHEN
    assert only[name][start] < WHEN


def test_creation_times_of_the_tech_connector() -> None:
    text = {"type": "string"}
    assert conformed({"createdAfter": WHEN}, startTime=text, endTime=text) == {"startTime": WHEN}


def test_a_site_without_any_date_filter_refuses_one() -> None:
    with pytest.raises(BadRequest) as refusal:
        conformed({"createdAfter": WHEN}, boardId=INTEGER)
    assert refusal.value.code == "FilterNotSupported"
