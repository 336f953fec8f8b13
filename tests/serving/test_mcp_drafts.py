"""Messages to people outside the service desk are held as drafts until they are confirmed."""

from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitResult

from connector.serving.mcp.drafts import CONFIRM
from tests.desk import Desk
from tests.serving.mcp_messages import CAPABILITIES, call_tool, modern, modern_headers, told
from tests.serving.test_mcp_clients import connected

REQUESTER = "/mcp?toolsets=requester"


def first_ticket(desk: Desk) -> Any:
    return next(iter(desk.tenant.tickets.values()))


def texts(ticket: Any) -> list[str]:
    return [note.text for note in ticket.notes]


def test_a_public_note_is_a_draft_until_it_is_confirmed_and_is_sent_once(desk: Desk) -> None:
    ticket = first_ticket(desk)
    note = {"ticketId": ticket.id, "text": "We are on it"}

    draft = call_tool(desk, "addTicketNote", path=REQUESTER, **note)["structuredContent"]
    assert draft["isDraft"] is True
    assert draft["draft"] == {"text": "We are on it"}
    assert "Nothing was sent" in draft["notice"]
    assert "We are on it" not in texts(ticket)

    sent = call_tool(desk, "addTicketNote", path=REQUESTER, **note, **{CONFIRM: draft[CONFIRM]})["structuredContent"]
    again = call_tool(desk, "addTicketNote", path=REQUESTER, **{CONFIRM: draft[CONFIRM]})["structuredContent"]

    assert sent["text"] == "We are on it"
    assert again["id"] == sent["id"]
    assert texts(ticket).count("We are on it") == 1


def test_a_confirmation_is_for_one_message_of_one_tool(desk: Desk) -> None:
    ticket = first_ticket(desk)
    draft = call_tool(desk, "addTicketNote", path=REQUESTER, ticketId=ticket.id, text="A")["structuredContent"]
    confirm = {CONFIRM: draft[CONFIRM]}

    other = call_tool(desk, "addTicketNote", path=REQUESTER, ticketId=ticket.id, text="B", **confirm)
    altered = call_tool(desk, "addTicketNote", path=REQUESTER, **{CONFIRM: draft[CONFIRM][:-2] + "xx"})

    assert told(other)["error"]["code"] == "ConfirmationDiffers"
    assert told(altered)["error"]["code"] == "ConfirmationUnknown"
    assert not {"A", "B"} & {*texts(ticket)}


@pytest.mark.parametrize("path", ["/mcp", "/mcp?toolsets=technician"])
def test_members_of_the_desk_are_not_asked_by_default(desk: Desk, path: str) -> None:
    ticket = first_ticket(desk)
    call_tool(desk, "addTicketNote", path=path, ticketId=ticket.id, text="At once")

    assert "At once" in texts(ticket)


def test_what_only_the_desk_reads_is_not_held(desk: Desk) -> None:
    ticket = first_ticket(desk)
    result = call_tool(desk, "addTicketNote", path=REQUESTER, ticketId=ticket.id, text="For us", isInternal="yes")

    assert "For us" in texts(ticket)
    assert "isDraft" not in result["structuredContent"]


def test_what_is_wrong_is_said_at_once(desk: Desk) -> None:
    assert told(call_tool(desk, "addTicketNote", path=REQUESTER, ticketId="x"))["error"]["code"] == "InvalidInput"


@pytest.mark.parametrize("send", [True, False, None])
async def test_a_client_that_can_ask_a_person_does(desk: Desk, send: bool | None) -> None:
    """The official client, which answers the question of the server."""
    ticket, asked = first_ticket(desk), list[str]()

    async def answer(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        if send is None:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"send": send})

    async with connected(desk, "2026-07-28", REQUESTER, elicitation_callback=answer) as client:
        assert isinstance(client, Client)
        result = await client.call_tool("addTicketNote", {"ticketId": ticket.id, "text": "Asked first"})

    assert "Asked first" in asked[0]
    assert texts(ticket).count("Asked first") == (1 if send else 0)
    assert result.structured_content is not None
    assert result.structured_content.get("isDraft", False) is (send is not True)


def test_a_question_that_is_cut_says_so(desk: Desk) -> None:
    arguments = {"ticketId": first_ticket(desk).id, "text": "a" * 3000}
    sent = modern("tools/call", name="addTicketNote", arguments=arguments)
    sent["params"]["_meta"] = {**sent["params"]["_meta"], CAPABILITIES: {"elicitation": {}}}
    headers = {**desk.headers(), **modern_headers(sent)}

    result = desk.client.post(desk.url + REQUESTER, json=sent, headers=headers).json()["result"]
    question = result["inputRequests"][CONFIRM]["params"]["message"]

    assert len(question) < 2100
    assert question.endswith("characters more)")


def test_a_question_is_not_put_to_a_client_that_cannot_ask(desk: Desk) -> None:
    ticket = first_ticket(desk)
    sent = modern("tools/call", name="addTicketNote", arguments={"ticketId": ticket.id, "text": "Hm"})
    headers = {**desk.headers(), **modern_headers(sent)}
    result = desk.client.post(desk.url + REQUESTER, json=sent, headers=headers).json()["result"]

    assert result["resultType"] == "complete"
    assert result["structuredContent"]["isDraft"] is True
