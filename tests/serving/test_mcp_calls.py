"""Tool calls: the same connection, answers, errors and promises as everywhere, in the form that models read."""

import json
from typing import Any

import pytest

from connector.serving.mcp.tool_calls import TAKE
from tests.desk import Desk
from tests.serving.mcp_messages import call_tool, message, modern, modern_headers, told, without_marks

MOST = 450_000


def first_ticket(desk: Desk) -> Any:
    return next(iter(desk.tenant.tickets.values()))


def test_an_answer_is_the_one_of_the_operation_as_data_and_as_text(desk: Desk) -> None:
    ticket = first_ticket(desk)
    ticket.description = 'Say "hello" to C:\\temp\n☎ &lt;b&gt;'
    desk.tenant.touch(ticket)

    result = call_tool(desk, "getTicket", ticketId=ticket.id)

    assert result["isError"] is False
    assert result["structuredContent"] == told(result)
    assert without_marks(result["structuredContent"]) == desk.call("GetTicket", ticketId=ticket.id).json
    assert result["structuredContent"]["description"] == ticket.description


def test_a_modern_answer_says_who_answers(desk: Desk) -> None:
    sent = modern("tools/call", name="getTicket", arguments={"ticketId": first_ticket(desk).id})
    headers = {**desk.headers(), **modern_headers(sent)}
    result = desk.client.post(f"{desk.url}/mcp", json=sent, headers=headers).json()["result"]

    assert result["resultType"] == "complete"
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["title"] == "DeskDirector MCP"
    assert result["structuredContent"]["id"] == first_ticket(desk).id


def test_path_query_and_body_fields_come_in_one_object(desk: Desk) -> None:
    ticket = first_ticket(desk)

    result = call_tool(desk, "addTicketNote", ticketId=ticket.id, text="From a model", isInternal=True)

    assert result["isError"] is False
    assert ticket.notes[-1].text == result["structuredContent"]["text"] == "From a model"


def test_nulls_mean_left_out(desk: Desk) -> None:
    result = call_tool(desk, "findTickets", search=None, take=None, fields=None, isClosed=None, tag=None)

    assert len(result["structuredContent"]["results"]) == TAKE


def test_take_fields_and_continuation_are_honoured(desk: Desk) -> None:
    first = call_tool(desk, "findTickets", take=3, fields=["id", "title"])["structuredContent"]
    second = call_tool(desk, "findTickets", continuation=first["continuation"])["structuredContent"]

    assert [sorted(one) for one in first["results"]] == [["id", "title"]] * 3
    assert "nextLink" not in first
    assert len({one["id"] for one in [*first["results"], *second["results"]]}) == 6


def test_json_text_stands_for_an_object(desk: Desk) -> None:
    values = {"firstName": "Zoë", "portalUrl": "https://p.example"}

    as_text = call_tool(desk, "generateEmailFromTemplate", emailTemplate="Welcome", values=json.dumps(values))
    as_object = call_tool(desk, "generateEmailFromTemplate", emailTemplate="Welcome", values=values)
    broken = call_tool(desk, "generateEmailFromTemplate", emailTemplate="Welcome", values="firstName=Zoë")

    assert as_text["structuredContent"]["subject"] == "Welcome, Zoë"
    assert as_text["structuredContent"] == as_object["structuredContent"]
    assert told(broken)["error"]["code"] == "InvalidInput"


def test_a_failure_is_a_result_that_says_what_to_do(desk: Desk) -> None:
    result = call_tool(desk, "getTicket", ticketId=99_999_999)

    assert result["isError"] is True
    assert "structuredContent" not in result
    problem = told(result)
    assert (problem["statusCode"], problem["error"]["code"]) == (404, "TicketNotFound")
    assert "99999999" in problem["message"]
    assert "retryAfter" not in problem


def test_a_name_that_means_nothing_lists_the_candidates(desk: Desk) -> None:
    problem = told(
        call_tool(desk, "createTicket", title="x", board="Suport", contact=str(next(iter(desk.tenant.contacts))))
    )

    assert problem["error"]["code"] == "BoardNotFound"
    assert "Support" in str(problem)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'ticketId' is required"),
        ({"ticketId": "seven"}, "'ticketId' must be a whole number"),
        ({"ticketId": [7]}, "'ticketId' must be a whole number"),
        ({"ticketId": 10**30}, "'ticketId'"),
        ({"ticketId": 0}, "'ticketId' must be 1 or more"),
        ({"ticketId": 7, "colour": "red"}, "'colour' is not a field"),
    ],
)
def test_wrong_arguments_are_told_to_the_model(desk: Desk, given: dict[str, Any], said: str) -> None:
    result = call_tool(desk, "getTicket", **given)

    assert result["isError"] is True
    assert said in told(result)["message"]
    assert desk.simulator.total_calls == 0


def test_what_is_right_is_not_complained_of_beside_what_is_wrong(desk: Desk) -> None:
    told_of = told(call_tool(desk, "getContact", contactId=7, colour="red"))

    assert told_of["message"] == "'colour' is not a field of this operation; it takes contactId."


@pytest.mark.parametrize(
    ("missing", "header"), [("dd-host", "header dd-host"), ("dd-api-key", "header dd-api-key"), ("both", "dd-host")]
)
def test_a_missing_connection_header_is_named(desk: Desk, missing: str, header: str) -> None:
    headers = {name: value for name, value in desk.headers().items() if missing not in (name, "both")}
    problem = told(call_tool(desk, "getTicket", headers=headers, ticketId=1))

    assert problem["statusCode"] == 401
    assert header in problem["message"]


def test_a_wrong_key_and_a_foreign_site_are_told(desk: Desk) -> None:
    refused = told(call_tool(desk, "getTicket", headers=desk.headers(key="not-the-key"), ticketId=1))
    foreign = told(call_tool(desk, "getTicket", headers=desk.headers(site="acme.evil.example"), ticketId=1))

    assert refused["error"]["code"] == "ApiKeyRefused"
    assert foreign["error"]["code"] == "SiteNotAllowed"


def test_the_site_host_may_stand_in_the_url_for_clients_that_send_one_header(desk: Desk) -> None:
    key = {"dd-api-key": desk.simulator.tokity_key}
    path = f"/mcp/site/{desk.simulator.site}"

    assert call_tool(desk, "findTickets", path=path, headers=key, take=1)["isError"] is False
    assert call_tool(desk, "findTickets", path=f"{path}/readonly?toolsets=tickets", headers=key)["isError"] is False
    assert (
        told(call_tool(desk, "getTicket", path="/mcp/site/evil.example", headers=key, ticketId=1))["statusCode"] == 403
    )
    # The header counts when both are there.
    both = {**key, "dd-host": "acme.evil.example"}
    assert told(call_tool(desk, "findTickets", path=path, headers=both))["error"]["code"] == "SiteNotAllowed"


def test_a_busy_upstream_says_when_to_come_back(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", status=429, retryAfter=120, times=None)

    problem = told(call_tool(desk, "getTicket", ticketId=first_ticket(desk).id))

    assert problem["statusCode"] == 429
    assert problem["retryAfter"] >= 100


def test_a_repeated_creation_is_done_once(desk: Desk) -> None:
    before = len(desk.tenant.tickets)
    given: dict[str, Any] = {
        "title": "Once",
        "contact": str(next(iter(desk.tenant.contacts))),
        "idempotencyKey": "mcp-once",
    }

    first, second = (call_tool(desk, "createTicket", **given) for _ in range(2))

    assert {**first["structuredContent"], "repeated": True} == second["structuredContent"]
    assert len(desk.tenant.tickets) == before + 1


def test_a_creation_whose_outcome_is_unknown_says_so(desk: Desk) -> None:
    desk.simulator.add_fault(kind="reset_before", method="POST", path="/tickets$", times=1)

    problem = told(call_tool(desk, "createTicket", title="Lost", contact=str(next(iter(desk.tenant.contacts)))))

    assert problem["error"]["code"] == "OutcomeUnknown"
    assert "retryAfter" not in problem


def test_a_batch_of_calls_is_answered_together(desk: Desk) -> None:
    ids = list(desk.tenant.tickets)[:3]
    batch = [
        message("tools/call", {"name": "getTicket", "arguments": {"ticketId": one}}, request_id=one) for one in ids
    ]

    answers = desk.client.post(f"{desk.url}/mcp", json=batch, headers=desk.headers()).json()

    assert {one["id"]: one["result"]["structuredContent"]["id"] for one in answers} == dict(zip(ids, ids, strict=True))


@pytest.mark.parametrize("text", ["Words in a line. " * 50, '"' * 300])
def test_a_page_is_cut_to_what_a_model_takes(desk: Desk, text: str) -> None:
    for ticket in desk.tenant.tickets.values():
        ticket.description = text
        desk.tenant.touch(ticket)
    sent = message("tools/call", {"name": "findTickets", "arguments": {"take": 200, "fields": ["all"]}})
    seen: list[int] = []
    while True:
        answer = desk.client.post(f"{desk.url}/mcp", json=sent, headers=desk.headers())
        assert len(answer.content) < MOST
        page = answer.json()["result"]["structuredContent"]
        seen += [one["id"] for one in page["results"]]
        if not page["hasMore"]:
            break
        sent["params"]["arguments"]["continuation"] = page["continuation"]

    assert len(seen) == len(set(seen)) == len(desk.tenant.tickets)


def described_at_length(desk: Desk, length: int) -> Any:
    ticket = first_ticket(desk)
    ticket.description = "x" * length
    desk.tenant.touch(ticket)
    return ticket


def test_a_long_text_is_read_piece_by_piece(desk: Desk) -> None:
    words = " ".join(f"word{number}" for number in range(30_000))
    ticket = first_ticket(desk)
    ticket.description = words
    desk.tenant.touch(ticket)

    read, begin = "", 0
    while True:
        text = call_tool(desk, "getTicket", ticketId=ticket.id, textFrom=begin)["structuredContent"]["description"]
        piece, cut, rest = text.partition("… (cut, ")
        read += piece
        if not cut:
            break
        assert rest == f"{len(words)} characters; textFrom {len(read)} goes on)"
        begin = len(read)

    assert read == words
    assert told(call_tool(desk, "getTicket", ticketId=ticket.id, textFrom="there"))["error"]["code"] == "InvalidInput"


def test_what_was_changed_is_answered_in_brief(desk: Desk) -> None:
    ticket = described_at_length(desk, 500_000)
    answer = call_tool(desk, "updateTicket", ticketId=ticket.id, title="A new title")["structuredContent"]

    assert answer["title"] == "A new title"
    assert "description" not in answer
    assert "statusId" not in answer


def test_a_list_is_brief_unless_it_is_asked_for_more(desk: Desk) -> None:
    def fields(**given: Any) -> set[str]:
        (one,) = call_tool(desk, "findTickets", take=1, **given)["structuredContent"]["results"]
        return {*one}

    brief, every = fields(), fields(fields=["all"])
    assert {"id", "title", "status", "board", "company", "assignedTo", "createdAt", "url"} <= brief < every
    assert {"description", "statusId", "tags"} <= every - brief
    assert fields(fields=["id", "description"]) == {"id", "description"}
    assert desk.call("FindTickets", take=1).json["results"][0].keys() == every


def test_an_error_is_said_once(desk: Desk) -> None:
    problem = told(call_tool(desk, "getTicket", ticketId=99_999_999))

    assert {*problem} == {"message", "error", "statusCode"}
    assert {*problem["error"]} == {"code"}


@pytest.mark.parametrize(
    ("meta", "own"),
    [
        ({"claudecode/toolUseId": "toolu_1"}, {}),
        ({"example.com/idempotency-key": "k"}, {}),
        ({}, {"toolCallId": "call_1"}),
    ],
)
def test_a_call_that_the_client_repeats_is_done_once(desk: Desk, meta: dict[str, str], own: dict[str, str]) -> None:
    before = len(desk.tenant.tickets)
    given = {"title": "Once", "contact": str(next(iter(desk.tenant.contacts)))}

    def call(ids: dict[str, str], arguments: dict[str, str]) -> Any:
        params = {"name": "createTicket", "arguments": {**given, **arguments}, "_meta": ids}
        sent = json.dumps(message("tools/call", params))
        return desk.send("POST", "/mcp", content=sent, headers=desk.headers()).json["result"]["structuredContent"]

    first, repeat = call(meta, own), call(meta, own)
    other = call({name: f"{value}-2" for name, value in meta.items()}, dict.fromkeys(own, "2"))

    assert repeat == {**first, "repeated": True}
    assert other["id"] != first["id"]
    assert len(desk.tenant.tickets) == before + 2
