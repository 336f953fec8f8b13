"""The raw API request: what it reaches, as whom, and what it never reaches."""

import json
from typing import Any

import pytest

from tests.desk import Desk, generous


@generous
def test_any_call_of_the_api_is_possible(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    path = f"/api/v2/tickets/{ticket.id}/notes"

    sent = desk.call("SendApiRequest", method="POST", path=path, body={"note": "Straight in", "isInternal": True})
    read = desk.call("SendApiRequest", path=path, query='{"take": 1, "skip": 0}')

    assert (ticket.notes[-1].text, ticket.notes[-1].is_internal) == ("Straight in", True)
    assert sent.json["content"]["note"] == "Straight in"
    assert (read.json["status"], read.json["contentType"]) == (200, "application/json")
    assert len(read.json["content"]["results"]) == 1
    assert desk.simulator.calls[-1].query == {"take": "1", "skip": "0"}


@generous
def test_a_body_arrives_as_it_was_given(desk: Desk) -> None:
    ticket_id = next(iter(desk.tenant.tickets))
    body = {"note": "größer als 🙂 <b>fett</b>", "isInternal": False, "large": 2**60}

    desk.call("SendApiRequest", method="POST", path=f"/api/v2/tickets/{ticket_id}/notes", body=json.dumps(body))

    assert desk.simulator.calls[-1].body == body


@generous
def test_a_call_is_made_as_a_user(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if one.is_active)

    me = desk.call("SendApiRequest", path="/api/v2/user/client", onBehalfOf=f"contact:{contact.id}")

    assert me.json["content"]["userName"] == contact.name


@generous
def test_version_one_answers_in_camel_case(desk: Desk) -> None:
    ticket_id = next(iter(desk.tenant.tickets))

    camel = desk.call("SendApiRequest", path=f"/api/v1/tickets/{ticket_id}").json["content"]
    pascal = desk.call("SendApiRequest", path=f"/api/v1/tickets/{ticket_id}", camelCase=False).json["content"]

    assert camel["entityId"] == pascal["EntityId"] == ticket_id
    assert "statusName" in camel


@generous
@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/v4/files", {"results": [], "totalResults": 0}),
        ("api2/admin/stats/sync/errors", {"results": [], "totalResults": 0}),
    ],
)
def test_every_version_is_reached(desk: Desk, path: str, content: dict[str, object]) -> None:
    assert desk.call("SendApiRequest", path=path).json["content"] == content


@generous
def test_text_that_is_not_json_comes_as_text(desk: Desk) -> None:
    answer = desk.call(
        "SendApiRequest",
        path="/api/v3/tech/customers/surveys/1/results.csv",
        query={"format": "excel", "boards": [1, 2]},
    )

    assert answer.json["contentType"] == "text/csv"
    assert answer.json["content"]["text"].startswith("Id,Survey")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/api/v2/tickets",
        "//evil.example/api/v2/tickets",
        "/\\evil.example/api/v2/tickets",
        "/_control/state",
        "/auth/v1/email",
        "/api/v5/tickets",
        "/api/v2",
        "/api/v2/",
        "/api/v2/../../_control/state",
        "/api/v2/%2e%2e/%2e%2e/_control/state",
        "/api/v2/%252e%252e/_control/state",
        "/api/v2/..%2f..%2f_control",
        "/api/v2/tickets%2f1",
        "/api/v2/tickets%5c1",
        "/api/v2/tickets\\1",
        "/api/v2/tickets?x=1",
        "/api/v2/tickets#x",
        "/api/v2/tickets%3fx=1",
        "/api/v2/tickets%00",
        "/api/v2/tickets%0d%0aX-Evil:%201",
        "/api/v2/tickets\r\nX-Evil: 1",
        "/api/v2/..;/tickets",
        "/api/v2/\uff0e\uff0e/tickets",
        "/api/v2/tickets\uff0f1",
        "/api/v2//tickets",
        "/api/v2/%zz",
        "/api/v2/%ff",
        "",
    ],
)
def test_a_path_that_might_lead_elsewhere_is_refused_before_anything_is_sent(desk: Desk, path: str) -> None:
    refused = desk.call("SendApiRequest", path=path)

    assert refused.status == 400
    assert refused.code in ("PathNotAllowed", "InvalidInput")
    assert not desk.simulator.calls
    if refused.code == "PathNotAllowed":
        assert "/api/v2/" in refused.json["message"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"body": {"a": 1}}, "BodyNotAllowed"),
        ({"method": "POST", "body": "{not json"}, "BodyNotJson"),
        ({"method": "POST", "body": '{"a": NaN}'}, "BodyNotJson"),
        ({"method": "POST", "body": "[" * 100_000}, "BodyNotJson"),
        ({"query": "a=b"}, "QueryNotJson"),
        ({"query": {"a": {"b": 1}}}, "QueryNotFlat"),
        ({"query": [1]}, "QueryNotFlat"),
        ({"method": "TRACE"}, "InvalidInput"),
        ({"onBehalfOf": "nobody@nowhere.example"}, "PersonNotFound"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    refused = desk.call("SendApiRequest", path="/api/v2/tickets/1", **given)

    assert (refused.status, refused.code) == (400, code)


def test_an_error_of_the_api_is_an_error_here(desk: Desk) -> None:
    assert desk.call("SendApiRequest", path="/api/v2/tickets/1/notes").status == 404
    assert desk.call("SendApiRequest", method="POST", path="/api/v4/nothing", body={}).status == 404


def test_a_list_that_is_too_large_is_cut_and_says_so(desk: Desk) -> None:
    for ticket in desk.tenant.tickets.values():
        ticket.description = "x" * 4000
        desk.tenant.touch(ticket)

    answer = desk.call(
        "SendApiRequest",
        method="POST",
        path="/api/v2/automate/connector/tickets/find",
        body=json.dumps({"take": 200}),
    )

    assert answer.status == 200
    assert "fit into one answer" in answer.json["notice"]
    assert 50 < len(answer.json["content"]["results"]) < 200


@generous
def test_asking_again_in_one_run_asks_again_but_writing_again_does_not(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    path = f"/api/v2/tickets/{ticket.id}/notes"
    run = {"x-ms-workflow-run-id": "08585", "x-ms-workflow-operation-name": "Send_API_request"}

    for _ in range(2):
        desk.call("SendApiRequest", method="POST", path=path, body={"note": "Once"}, headers=run)
        desk.call("SendApiRequest", path=path, headers=run)

    methods = [call.method for call in desk.simulator.calls]
    assert (methods.count("POST"), methods.count("GET")) == (1, 2)
