"""The MCP server under whatever JSON may come: always an answer in order, never a fault of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.serving.mcp.protocol import SUPPORTED
from tests.desk import Desk
from tests.serving.mcp_messages import ENVELOPE, message, parsed, post

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
METHODS = st.sampled_from(["initialize", "ping", "tools/list", "tools/call", "server/discover", "x"]) | st.text(
    max_size=9
)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "name": JSON | st.just("getTicket"),
        "arguments": JSON,
        "_meta": JSON | st.just(ENVELOPE),
        "cursor": JSON,
    },
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"jsonrpc": st.just("2.0") | JSON, "id": JSON, "method": METHODS | JSON, "params": PARAMS | JSON}
)


@settings(deadline=None)
@given(body=JSON | MESSAGES | st.lists(MESSAGES, max_size=4), version=st.sampled_from(["", *SUPPORTED]))
async def test_whatever_comes_is_answered_in_order(body: Any, version: str) -> None:
    headers = {"mcp-protocol-version": version} if version else {}
    response = await post(body, headers)

    assert response.status in (200, 202, 400, 404)
    assert bool(response.body) == (response.status != 202)
    for answer in as_list(parsed(response)) if response.body else []:
        assert answer["jsonrpc"] == "2.0"
        assert ("result" in answer) != ("error" in answer)


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    arguments=st.dictionaries(
        st.sampled_from(["ticketId", "take", "fields", "title", "tags"]) | st.text(max_size=8), JSON
    )
)
@pytest.mark.parametrize("tool", ["getTicket", "findTickets", "updateTicket", "generateEmailFromTemplate"])
def test_whatever_arguments_come_the_tool_answers_or_says_what_is_wrong(desk: Desk, tool: str, arguments: Any) -> None:
    sent = json.dumps(message("tools/call", {"name": tool, "arguments": arguments}))
    answer = desk.client.post(f"{desk.url}/mcp", content=sent, headers=desk.headers())

    assert answer.status_code in (200, 400), answer.text
    if "result" in answer.json() and answer.json()["result"]["isError"]:
        problem = json.loads(answer.json()["result"]["content"][0]["text"])
        assert problem["statusCode"] < 500
        assert problem["message"].endswith((".", "…"))


def as_list(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]
