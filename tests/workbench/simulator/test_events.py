"""A change made through the API reaches every listener, under the vendor's failure rules."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.workbench.simulator.conftest import Desk
from workbench.simulator import FlowReceiver, Received

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def flows() -> AsyncIterator[FlowReceiver]:
    async with FlowReceiver() as receiver:
        yield receiver


async def listen(desk: Desk, url: str, event: str = "ticket.status.updated", **changes: Any) -> str:
    body = {"description": "mine", "advancedFilters": {}, "url": url} | changes
    reply = await desk.post("ticket-workflows", body, type=event)
    assert reply.status == 201, reply.body
    key: str = reply.body["id"]
    return key


async def webhook(desk: Desk, url: str, **changes: Any) -> str:
    reply = await desk.post("/_control/webhooks", {"url": url, "secret": SECRET} | changes)
    assert reply.status == 200, reply.body
    key: str = reply.body["id"]
    return key


async def change_status(desk: Desk, ticket: dict[str, Any], status_id: int) -> None:
    assert (await desk.patch(f"tickets/{ticket['id']}", {"statusId": status_id})).status == 200
    await desk.simulator.courier.idle()


async def outcomes(desk: Desk) -> list[str]:
    return [one["outcome"] for one in (await desk.get("/_control/deliveries")).body["results"]]


async def test_a_workflow_posts_one_flat_object(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url())
    ticket = await desk.ticket()
    await change_status(desk, ticket, 106)
    [received] = await flows.wait_for(1)
    now = (await desk.get(f"tickets/{ticket['id']}")).body
    assert now.items() <= received.body.items()
    assert received.body["event"] == {"id": "ticket.status.updated", "name": "Status changed"}
    assert "x-dd-signature" not in received.headers


async def test_each_kind_of_change_has_its_event(desk: Desk, flows: FlowReceiver) -> None:
    await webhook(desk, flows.url("all"))
    for event in (await desk.get("ticket-workflow-events")).body["results"]:
        await listen(desk, flows.url(event["id"]), event["id"])
    ticket = await desk.ticket(contactId=1003, tags=["old"])
    path = f"tickets/{ticket['id']}"
    await desk.patch(path, {"priorityId": 8, "tags": ["new"], "contactId": None})
    await desk.patch(path, {"statusId": 104})
    await desk.patch(path, {"boardId": 32})
    notes = f"/api/v2/{path}"
    await desk.post(f"{notes}/notes", {"note": "hello"})
    await desk.post(f"{notes}/time-entries", {"actualHours": 1}, auth=await desk.token("member", 12))
    await desk.simulator.courier.idle()
    counts: dict[str, int] = {}
    for one in flows.received:
        counts[one.flow] = counts.get(one.flow, 0) + 1
    assert counts == {
        "ticket.new": 1, "ticket.updated": 3, "ticket.priority.updated": 1, "ticket.contact.updated": 1,
        "ticket.tags.updated": 1, "ticket.status.updated": 2, "ticket.board.updated": 1,
        "ticket.approval.required": 1, "ticket.notes.added": 1, "ticket.timeentries.added": 1, "all": 13,
    }  # fmt: skip
    [note] = flows.accepted("ticket.notes.added")
    assert note.body["note"]["note"] == "hello"


async def test_filters_narrow_what_a_workflow_posts(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url("board"), boardId=32)
    await listen(desk, flows.url("status"), boardId=31, statusId=106)
    await listen(desk, flows.url("tag"), advancedFilters={"tag": "vip"})
    await listen(desk, flows.url("company"), advancedFilters={"companyId": 202, "priorityId": None})
    ticket = await desk.ticket(tags=["vip"])
    await change_status(desk, ticket, 102)
    assert [one.flow for one in flows.received] == ["tag"]
    await change_status(desk, ticket, 106)
    assert sorted(one.flow for one in flows.received) == ["status", "tag", "tag"]


async def test_a_portal_workflow_has_its_own_filter_and_switch(desk: Desk, flows: FlowReceiver) -> None:
    for workflow in ("workflow-101", "workflow-106"):
        body = {"url": flows.url(workflow), "parameters": {}}
        assert (await desk.post(f"workflows/{workflow}/actions", body, type="ticket")).status == 201
    await desk.ticket()
    await desk.ticket(tags=["vip"])
    await desk.simulator.courier.idle()
    assert [one.flow for one in flows.received] == ["workflow-101"]
    await desk.post("/_control/workflows/workflow-106", {"isEnabled": True})
    await desk.ticket()
    await desk.simulator.courier.idle()
    assert [one.flow for one in flows.received] == ["workflow-101", "workflow-106"]


async def test_a_failing_action_is_suspended_until_its_workflow_is_enabled_again(
    desk: Desk, flows: FlowReceiver
) -> None:
    key = await listen(desk, flows.url())
    ticket = await desk.ticket()
    flows.behave("flow", "failing", times=1)
    for status_id in (102, 103, 101):
        await change_status(desk, ticket, status_id)
    assert len(flows.received) == 1
    assert await outcomes(desk) == ["failed", "dropped", "dropped"]
    await desk.post("/_control/clock", {"seconds": 7 * 24 * 3600})
    await change_status(desk, ticket, 102)
    assert len(flows.received) == 1
    await desk.post(f"/_control/workflows/{key}", {"isEnabled": True})
    await change_status(desk, ticket, 103)
    assert len(flows.accepted()) == 1


@pytest.mark.parametrize(("mode", "status"), [("failing", 500), ("throttled", 429), ("gone", 410), ("accepting", 302)])
async def test_anything_but_2xx_counts_as_failure(desk: Desk, flows: FlowReceiver, mode: Any, status: int) -> None:
    await listen(desk, flows.url())
    flows.behave("flow", mode, status=status)
    await change_status(desk, await desk.ticket(), 102)
    action = (await desk.get("/_control/hooks")).body["tokity"]["actions"][0]
    assert (action["isSuspended"], action["failed"]) == (True, 1)


async def test_nobody_at_the_address_counts_as_failure(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url())
    await flows.stop()
    await change_status(desk, await desk.ticket(), 102)
    assert await outcomes(desk) == ["failed"]


async def test_a_failing_webhook_is_paused_for_thirty_minutes(desk: Desk, flows: FlowReceiver) -> None:
    await webhook(desk, flows.url(), events=["ticket.status.updated"])
    ticket = await desk.ticket()
    flows.behave("flow", "failing", times=1)
    await change_status(desk, ticket, 102)
    await desk.post("/_control/clock", {"seconds": 29 * 60})
    await change_status(desk, ticket, 103)
    assert (await desk.get("/_control/hooks")).body["tokity"]["webhooks"][0]["isPaused"]
    assert await outcomes(desk) == ["failed", "dropped"]
    await desk.post("/_control/clock", {"seconds": 61})
    await change_status(desk, ticket, 101)
    assert len(flows.accepted()) == 1


def signature(received: Received) -> bytes:
    return hmac.new(SECRET.encode(), received.content, hashlib.sha256).digest()


async def test_a_webhook_signs_and_always_posts_an_array(desk: Desk, flows: FlowReceiver) -> None:
    for style in ("hex", "upper", "base64", "wrong", "none"):
        await webhook(desk, flows.url(style), signature=style, events=["ticket.new"])
    ticket = await desk.ticket(name="Zoë ✔")
    await desk.simulator.courier.idle()
    heard = {one.flow: one for one in flows.received}
    assert heard["hex"].body == [ticket]
    digest = signature(heard["hex"])
    assert heard["hex"].headers["x-dd-signature"] == f"sha256={digest.hex()}"
    assert heard["upper"].headers["x-dd-signature"] == f"sha256={digest.hex().upper()}"
    assert heard["base64"].headers["x-dd-signature"] == f"sha256={base64.b64encode(digest).decode()}"
    assert heard["wrong"].headers["x-dd-signature"] != f"sha256={digest.hex()}"
    assert "x-dd-signature" not in heard["none"].headers


async def test_chats_raise_events(desk: Desk, flows: FlowReceiver) -> None:
    body = {"parameters": {"chatType": "request"}, "url": flows.url()}
    for event in ("chat.created", "chat.statusChanged"):
        assert (await desk.post("chat-workflows", body, type=event)).status == 201
    chat = (await desk.post("/_control/chats", {"contactId": 1003})).body
    await desk.post("/_control/chats", {"contactId": 1003, "type": "push"})
    await desk.post("/_control/chats", {"id": chat["id"], "status": "completed"})
    received = await flows.wait_for(2)
    assert [one.body["event"]["id"] for one in received] == ["chat.created", "chat.statusChanged"]
    assert received[1].body["pastStatus"] == ["created"]
    assert (await desk.get(f"chat-sessions/{chat['id']}")).body["status"] == "completed"


async def test_a_submitted_form_reaches_its_webhook_and_workflow(desk: Desk, flows: FlowReceiver) -> None:
    await webhook(desk, flows.url("form"), formId=801)
    await webhook(desk, flows.url("other form"), formId=802)
    await desk.post("workflows/workflow-105/actions", {"url": flows.url("workflow"), "parameters": {}}, type="form")
    submitted = {
        "formId": 801,
        "contactId": 1003,
        "ticketId": 10001,
        "answers": {"full_name": "Ada", "needs_laptop": "yes"},
    }
    result = (await desk.post("/_control/form-results", submitted)).body
    await flows.wait_for(2)
    heard = {one.flow: one.body for one in flows.received}
    assert heard["form"] == [result]
    assert heard["workflow"]["needs_laptop"] == "Yes"
    assert (await desk.get(f"v2/forms/801/results/{result['id']}")).body == result


async def test_an_advanced_event_is_answered_once(desk: Desk, flows: FlowReceiver) -> None:
    body = {"url": flows.url(), "parameters": {"boardId": 31}}
    assert (await desk.post("events/approvalRequested/subscriptions", body, category="approvals")).status == 201
    ticket = await desk.ticket()
    await change_status(desk, ticket, 104)
    [received] = await flows.wait_for(1)
    assert received.body["ticket"]["id"] == ticket["id"]
    path = f"events/approvalRequested/{received.body['eventId']}/response"
    assert (await desk.post(path, {"decision": "maybe"}, category="approvals")).status == 400
    answered = await desk.post(path, {"decision": "decline"}, category="approvals")
    assert answered.body["ticket"]["isClosed"]
    assert (await desk.post(path, {"decision": "approve"}, category="approvals")).status == 409
    assert (await desk.post("events/approvalRequested/x/response", {}, category="approvals")).status == 404


async def test_duplicates_on_demand(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url())
    await desk.post("/_control/deliveries", {"duplicates": 2})
    await change_status(desk, await desk.ticket(), 102)
    assert len({one.content for one in flows.received}) == 1
    assert len(flows.received) == 3


async def test_reordering_on_demand(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url())
    ticket = await desk.ticket()
    await desk.post("/_control/deliveries", {"hold": 3})
    for status_id in (102, 103, 101, 102):
        await change_status(desk, ticket, status_id)
    assert [one.body["status"]["id"] for one in flows.received] == [101, 103, 102, 102]


async def test_events_come_in_order_otherwise(desk: Desk, flows: FlowReceiver) -> None:
    await listen(desk, flows.url(), "ticket.updated")
    ticket = await desk.ticket()
    for number in range(20):
        await desk.patch(f"tickets/{ticket['id']}", {"outageMinutes": number})
    received = await flows.wait_for(20)
    assert [one.body["outageMinutes"] for one in received] == list(range(20))


@pytest.mark.parametrize(
    "url",
    ["https://prod-12.example.com/x", "http://192.168.0.1/x", "http://127.0.0.1.example.com/x", "ftp://127.0.0.1/x"],
)
async def test_only_loopback_addresses_are_ever_called(desk: Desk, url: str) -> None:
    await listen(desk, url)
    await change_status(desk, await desk.ticket(), 102)
    assert await outcomes(desk) == ["refused"]


async def test_an_ended_subscription_hears_nothing_more(desk: Desk, flows: FlowReceiver) -> None:
    key = await listen(desk, flows.url())
    await desk.call("DELETE", f"ticket-workflows/{key}")
    await change_status(desk, await desk.ticket(), 102)
    assert await outcomes(desk) == []


async def test_the_other_edition_hears_nothing(desk: Desk, flows: FlowReceiver) -> None:
    body = {"description": "mine", "advancedFilters": {}, "url": flows.url()}
    await desk.post("ticket-workflows", body, auth=f"DdApi {desk.simulator.psa_key}", type="ticket.new")
    await desk.ticket()
    await desk.simulator.courier.idle()
    assert flows.received == []
