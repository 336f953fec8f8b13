"""Subscribing, unsubscribing and their limits."""

from typing import Any

import pytest

from tests.workbench.simulator.conftest import CONNECTOR, Desk

URL = "https://prod-12.example.com/workflows/1"
TICKET = {"description": "mine", "advancedFilters": {}, "url": URL}
CHAT = {"parameters": {}, "url": URL}


async def subscribe(desk: Desk, **changes: Any) -> Any:
    return await desk.post("ticket-workflows", TICKET | changes, type="ticket.new")


@pytest.mark.parametrize(
    ("path", "query", "body"),
    [
        ("ticket-workflows", {"type": "ticket.new"}, TICKET),
        ("chat-workflows", {"type": "chat.created"}, CHAT),
        ("workflows/workflow-101/actions", {"type": "ticket"}, CHAT),
    ],
)
async def test_subscribing_answers_where_to_end_it(desk: Desk, path: str, query: dict[str, str], body: Any) -> None:
    reply = await desk.post(path, body, **query)
    location, _, token = reply.headers["Location"].partition("?token=")
    assert reply.status == 201
    assert location == f"http://{desk.simulator.site}{CONNECTOR}/{path}/{reply.body['id']}"
    assert len(token) >= 32
    target = location.removeprefix(f"http://{desk.simulator.site}")
    assert (await desk.call("DELETE", target, token="wrong")).status == 403
    assert (await desk.call("DELETE", target, token=token)).status == 200
    assert (await desk.call("DELETE", target, token=token)).status == 404


async def test_an_advanced_subscription_ends_without_a_token(desk: Desk) -> None:
    reply = await desk.post("events/approvalRequested/subscriptions", CHAT, category="approvals")
    assert (reply.status, "token" in reply.headers["Location"]) == (201, False)
    path = f"events/approvalRequested/subscriptions/{reply.body['id']}"
    assert (await desk.call("DELETE", f"events/officeHoursChanged/subscriptions/{reply.body['id']}")).status == 404
    assert [(await desk.call("DELETE", path)).status for _ in range(2)] == [200, 404]


async def test_flows_make_at_most_fifty_workflows(desk: Desk) -> None:
    made = [await subscribe(desk) for _ in range(49)]
    made.append(await desk.post("chat-workflows", CHAT, type="chat.created"))
    assert {reply.status for reply in made} == {201}
    refused = await subscribe(desk)
    assert refused.status == 409
    assert "50" in refused.body["message"]
    assert (await desk.call("DELETE", f"ticket-workflows/{made[0].body['id']}")).status == 200
    assert (await subscribe(desk)).status == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None},
        {"url": "nonsense"},
        {"description": ""},
        {"advancedFilters": {"priorityId": "high"}},
        {"boardId": 1},
        {"statusId": 1},
        {"boardId": 32, "statusId": 101},
    ],
)
async def test_a_bad_subscription_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    assert (await subscribe(desk, **changes)).status == 400


async def test_types_must_be_listed_ones(desk: Desk) -> None:
    for path, body in (
        ("ticket-workflows", TICKET),
        ("chat-workflows", CHAT),
        ("workflows/workflow-101/actions", CHAT),
    ):
        assert (await desk.post(path, body)).status == 400
        assert (await desk.post(path, body, type="other")).status == 400
    assert (await desk.post("workflows/workflow-101/actions", CHAT, type="chat")).status == 400
    assert (await desk.post("workflows/workflow-1/actions", CHAT, type="ticket")).status == 404


async def test_portal_workflows_are_listed_by_type_and_name(desk: Desk) -> None:
    await subscribe(desk)
    everything = (await desk.get("workflows", take=2, skip=1)).body
    assert (len(everything["results"]), everything["totalResults"]) == (2, 6)
    assert [item["name"] for item in (await desk.get("workflows", type="chat")).body["results"]] == [
        "Somebody wants to chat"
    ]
    assert (await desk.get("workflows", search="vip")).body["totalResults"] == 1
