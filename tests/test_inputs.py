"""The rules of `docs/inputs.md` through the whole product: what clients send, what DeskDirector gets and keeps."""

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.catalog import operations
from connector.deskdirector.entities.tickets import Tickets
from connector.deskdirector.models import read
from connector.operations.fields import Changes
from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from connector.serving.mcp.tools import all_tools
from tests.desk import Answer, Desk
from tests.serving.mcp_messages import message
from tests.test_bad_input import changes, good

BLANKS: list[Any] = [None, "", "   ", "\t\n", "\u00a0", "\u200b"]
UPDATES = [
    operation
    for operation in operations().values()
    if (body := signature_of(operation).body) and issubclass(body[1], Changes)
]


def call_tool(desk: Desk, name: str, given: dict[str, Any]) -> Any:
    sent = message("tools/call", {"name": name, "arguments": given})
    return desk.send("POST", "/mcp?toolsets=all", content=json.dumps(sent), headers=desk.headers()).json


def record_of(desk: Desk, operation: Operation) -> dict[str, Any]:
    """The record that an update is about."""
    kind = "tickets" if "ticketId" in operation.path_names else "contacts"
    records = desk.tenant.tickets if kind == "tickets" else desk.tenant.contacts
    given = good(operation)
    record = asdict(records[given["ticketId" if kind == "tickets" else "contactId"]])
    return {name: value for name, value in record.items() if name != "wire"}


@pytest.mark.parametrize("operation", UPDATES, ids=lambda one: one.id)
def test_a_blank_never_wipes(desk: Desk, operation: Operation) -> None:
    """Every field of every update, with every blank: the record stays, and the answer says so."""
    before = record_of(desk, operation)
    path = {name: good(operation)[name] for name in operation.path_names}
    fields = [field for location, field in signature_of(operation).fields(operation) if location == "body"]
    for blank in [*BLANKS, [], [None], [""], {}]:
        given = {field.name: blank for field in fields if is_blank_of(blank, field.type)}

        answer = desk.call(operation.id, **path, **given)

        assert answer.status == 200, answer.json
        assert answer.json["notice"].startswith("Nothing was changed:")
        assert record_of(desk, operation) == before
    assert changes(desk) == 0


def is_blank_of(blank: Any, kind: str) -> bool:
    return kind == "array" if isinstance(blank, list) else kind == "object" if isinstance(blank, dict) else True


def test_what_clear_names_is_emptied_and_nothing_else(desk: Desk) -> None:
    ticket = next(
        one for one in desk.tenant.tickets.values() if one.assigned_member_ids and one.description and one.tags
    )
    name = ticket.name

    answer = desk.call("UpdateTicket", ticketId=ticket.id, clear="description, Assigned To,tags", title=" ")

    assert answer.status == 200, answer.json
    assert (ticket.name, list(ticket.assigned_member_ids), list(ticket.tags)) == (name, [], [])
    assert not ticket.description
    assert "notice" not in answer.json


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"clear": ["dueat"], "dueAt": "2026-12-01"}, "'dueAt' is given and named in 'clear'"),
        ({"clear": ["descripton"]}, "perhaps 'description' is meant"),
    ],
)
def test_a_contradiction_or_a_misspelling_in_clear_is_refused(desk: Desk, given: dict[str, Any], told: str) -> None:
    answer = desk.call("UpdateTicket", ticketId=next(iter(desk.tenant.tickets)), **given)

    assert answer.status == 400
    assert told in answer.json["message"]
    assert changes(desk) == 0


def test_only_a_list_that_is_really_empty_takes_everybody_off(desk: Desk) -> None:
    ticket = next(one for one in desk.tenant.tickets.values() if one.assigned_member_ids)
    members = list(ticket.assigned_member_ids)

    for blank in (None, "", [None], [""], " "):
        assert desk.call("AssignTicket", ticketId=ticket.id, assignedTo=blank).status == 400
    assert list(ticket.assigned_member_ids) == members

    assert desk.call("AssignTicket", ticketId=ticket.id, assignedTo=[]).status == 200
    assert list(ticket.assigned_member_ids) == []


def test_all_that_is_missing_is_named_at_once(desk: Desk) -> None:
    answer = desk.call("AddTimeEntry", ticketId="x")

    named = ("'ticketId' must be a whole number", "'text' is required", "'startedAt' is required")
    assert all(sentence in answer.json["message"] for sentence in named), answer.json


def test_no_error_grows_with_its_input(desk: Desk) -> None:
    given: dict[str, Any] = {f"{'name' * 20}{number}": number for number in range(5000)}
    answer = desk.call("FindTickets", **given)

    assert answer.status == 400
    assert len(answer.json["error"]["details"]) == 10
    assert re.search(r"; and 49\d\d more[.]$", answer.json["message"]), answer.json["message"]
    assert len(json.dumps(answer.json)) < 8000


def test_arguments_that_a_client_adds_are_dropped(desk: Desk) -> None:
    ticket_id = next(iter(desk.tenant.tickets))
    own = {"toolCallId": "call_1", "sessionId": "s", "action": "sendMessage", "chatInput": "Hi", "tool": "x", "x-y": 1}

    assert call_tool(desk, "getTicket", {"ticketId": f"#{ticket_id}", **own})["result"]["isError"] is False
    misspelt = call_tool(desk, "getTicket", {"ticketID": ticket_id})["result"]
    assert "perhaps 'ticketId' is meant" in misspelt["content"][0]["text"]


def test_text_is_cleaned_and_kept(desk: Desk) -> None:
    contact = next(iter(desk.tenant.contacts))
    answer = desk.send(
        "POST",
        "/api/tickets",
        content=b'{"title": "Cut \\ud83d", "description": "one\\u000btwo\\u0000", "contact": "%d"}' % contact,
        headers=desk.headers(),
    )

    ticket = desk.tenant.tickets[answer.json["id"]]
    assert (ticket.name, ticket.description) == ("Cut \ufffd", "one\ntwo")


def test_a_tool_call_with_half_an_emoji_is_answered_under_its_id(desk: Desk) -> None:
    params = b'{"name": "findTickets", "arguments": {"search": "\\ud83d"}}'
    sent = b'{"jsonrpc": "2.0", "id": 77, "method": "tools/call", "params": %b}' % params
    answer = desk.send("POST", "/mcp?toolsets=all", content=sent, headers=desk.headers())

    assert answer.json["id"] == 77
    assert answer.json["result"]["isError"] is False


def test_half_an_emoji_from_deskdirector_spoils_no_page() -> None:
    page = read(Tickets, b'{"results": [{"id": 1, "name": "Cut \\ud83d"}, {"id": 2, "name": "Whole \\ud83d\\ude00"}]}')

    assert [one["title"] for one in json.loads(page.to_json())["results"]] == ["Cut \ufffd", "Whole \U0001f600"]


@pytest.mark.parametrize("moment", ["2026-02-30T10:00:00Z", "2026-02-28T10:00:60Z", "2027-02-29T00:00:00Z", "soon"])
def test_a_date_of_deskdirector_that_is_none_is_left_out(moment: str) -> None:
    page = read(Tickets, json.dumps({"results": [{"id": 1, "createdOn": moment, "dueDate": moment}]}).encode())

    assert [one for one in json.loads(page.to_json())["results"][0] if one in ("createdAt", "dueAt")] == []


@pytest.mark.parametrize("moment", ["2028-02-29T23:59:59Z", "2000-02-29T00:00:00.1234567Z"])
def test_a_date_of_deskdirector_that_is_one_is_kept(moment: str) -> None:
    page = read(Tickets, json.dumps({"results": [{"id": 1, "createdOn": moment}]}).encode())

    assert json.loads(page.to_json())["results"][0]["createdAt"] == moment


@pytest.mark.parametrize(
    ("noun", "written"),
    [
        ("board", "SUPPORT"),
        ("board", " sup\u200bport "),
        ("board", "\uff33upport"),
        ("priority", "high"),
    ],
)
def test_names_are_compared_as_people_see_them(desk: Desk, noun: str, written: str) -> None:
    given: dict[str, Any] = {noun: written}
    assert desk.call("FindTickets", take=1, **given).status == 200


def test_names_in_another_normal_form_are_the_same(desk: Desk) -> None:
    board = next(iter(desk.tenant.boards.values()))
    board.name = "Zoe\u0308 Kova\u0301cs"

    assert desk.call("FindTickets", take=1, board="ZO\u00cb  KOV\u00c1CS").status == 200


def test_an_address_is_understood_as_mail_programs_write_it(desk: Desk) -> None:
    address = next(one.email for one in desk.tenant.contacts.values() if one.email)

    for written in (f"Zoë <{address}>", f"mailto:{address}", f"'{address}'", address.upper()):
        assert desk.call("FindTickets", take=1, contact=written).status == 200


def test_a_name_with_a_slash_stands_in_a_path(desk: Desk) -> None:
    form = next(iter(desk.tenant.forms.values()))
    form.name = "HR/New starter 50%"

    answer = desk.send(
        "POST",
        "/api/find/forms/HR%2FNew%20starter%2050%25/results",
        json={"onBehalfOf": "member:13"},
        headers=desk.headers(),
    )

    assert answer.status == 200, answer.json


def test_me_is_the_agent_of_the_connection(desk: Desk) -> None:
    member = next(iter(desk.tenant.members))

    mine = desk.call("FindTickets", take=1, assignedTo="me", headers={"dd-agent": str(member)})
    nobodys = desk.call("FindTickets", take=1, assignedTo="me")

    assert mine.status == 200, mine.json
    assert nobodys.code == "MemberUnknown"


def test_relative_dates_say_what_they_were_taken_for(desk: Desk) -> None:
    answer = desk.call("FindTickets", take=1, createdAfter="-7d", createdBefore="Today")

    assert answer.status == 200, answer.json
    assert "'createdAfter' -7d was taken as 20" in answer.json["notice"]
    assert "'createdBefore' Today was taken as 20" in answer.json["notice"]
    assert "T00:00:00Z" in answer.json["notice"]


CONNECTED = [tool.operation for tool in all_tools().values() if signature_of(tool.operation).dd]
TEXTS = st.text(max_size=30) | st.sampled_from(["31.0", "#5", "T5", "me", "a,b", "[1]", '["a"]', "{}", "\ud83d", "-7d"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def odd_calls(draw: st.DrawFn) -> tuple[Operation, dict[str, Any]]:
    """An operation with good arguments, some of which are replaced by anything at all."""
    operation = draw(st.sampled_from(CONNECTED))
    names = [field.name for _, field in signature_of(operation).fields(operation)]
    odd = (
        draw(st.dictionaries(st.sampled_from(names) | st.text(min_size=1, max_size=8), VALUES, max_size=4))
        if names
        else {}
    )
    return operation, {**good(operation), **odd}


def check_outcome(desk: Desk, answer: Answer, case: str) -> None:
    assert answer.status < 500, f"{case}: {answer.json}"
    if answer.code == "InvalidInput":
        assert not desk.simulator.calls, case
    assert not (400 <= answer.status < 424 and changes(desk)), f"{case}: {answer.json}"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=odd_calls())
def test_no_input_breaks_anything(desk: Desk, call: tuple[Operation, dict[str, Any]]) -> None:
    """As a model calls it: no 5xx, nothing changed by what is refused, nothing asked for what cannot be read."""
    operation, given_values = call
    desk.simulator.calls.clear()
    name = operation.id[0].lower() + operation.id[1:]

    reply = call_tool(desk, name, given_values)

    result = reply["result"]
    if result["isError"]:
        error = json.loads(result["content"][0]["text"])
        check_outcome(desk, Answer(error["statusCode"], error, {}), f"{operation.id} {given_values!r}")
        assert len(result["content"][0]["text"]) < 8000
