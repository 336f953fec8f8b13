"""What the MCP server costs of a model's context, counted with the tokenizer of OpenAI's models."""

import base64
import json
import random
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bench_tokens import BEGIN, END, PAGE, of_answers, of_lists
from benchmarks.tokens import tokens_of, tokens_of_result
from connector.serving.mcp.protocol import ProtocolError
from connector.serving.mcp.selection import select
from connector.serving.mcp.tokens import MOST, tokens
from tests.desk import Desk
from tests.serving.mcp_messages import call_tool, message

LIMIT, LIMIT_OF_ERROR = 20_000, 120


def test_every_list_of_tools_is_affordable() -> None:
    assert [cost for cost in of_lists() if cost.tokens >= (cost.most or 30_000)] == []


def test_answers_are_affordable_and_the_page_says_what_they_cost(desk: Desk) -> None:
    def call(name: str, **given: Any) -> dict[str, Any]:
        result: dict[str, Any] = call_tool(desk, name, **given)
        return result

    costs = [*of_lists(), *of_answers(call, next(iter(desk.tenant.tickets)))]
    assert {cost.name: cost.tokens for cost in costs if cost.most and cost.tokens >= cost.most} == {}
    rows = [row.split("|")[1:3] for row in PAGE.read_text().partition(BEGIN)[2].partition(END)[0].splitlines()[3:]]
    told = {name.strip(): int(number.replace(",", "")) for name, number in rows}
    assert told == {cost.name: pytest.approx(cost.tokens, rel=0.1) for cost in costs}


LONG = ["wordsWithout" * 60_000, "Words in a line. " * 40_000, "打印机" * 90_000, " " * 400_000]


@pytest.mark.parametrize("text", LONG, ids=["one word", "words", "Chinese", "blanks"])
@pytest.mark.parametrize("name", ["getTicket", "findTickets"])
def test_no_answer_is_larger_than_a_model_takes(desk: Desk, text: str, name: str) -> None:
    for ticket in list(desk.tenant.tickets.values())[:3]:
        ticket.description = text
        desk.tenant.touch(ticket)
    asked = {"ticketId": next(iter(desk.tenant.tickets))} if name == "getTicket" else {"take": 200, "fields": ["all"]}

    result = call_tool(desk, name, **asked)

    assert result["isError"] is False
    assert tokens_of_result(result) < LIMIT


@pytest.mark.parametrize("tool", select("all").tools.values(), ids=lambda tool: tool.name)
def test_an_error_is_short(desk: Desk, tool: Any) -> None:
    """Every input wrong at once, and one that does not exist."""
    wrong = {field.name: {"nested": ["x"]} if field.type != "object" else "not JSON" for field in tool.inputs}
    sent = message("tools/call", {"name": tool.name, "arguments": {**wrong, "colour": "red"}})
    result = desk.send("POST", "/mcp?toolsets=all", json=sent, headers=desk.headers()).json["result"]

    assert result["isError"] is True
    assert tokens_of_result(result) < LIMIT_OF_ERROR


RANDOM = random.Random(7)
NOISE = {
    "base64": base64.b64encode(RANDOM.randbytes(30_000)).decode(),
    "hex": RANDOM.randbytes(20_000).hex(),
    **{
        name: "".join(RANDOM.choices(alphabet, k=15_000))
        for name, alphabet in {
            "digits": string.digits,
            "letters": string.ascii_letters,
            "marks": string.punctuation,
            "Han": [chr(code) for code in range(0x4E00, 0x9FFF)],
            "Hangul": [chr(code) for code in range(0xAC00, 0xD7A3)],
            "Latin": [chr(code) for code in range(0xA0, 0x250)],
            "Devanagari": [chr(code) for code in range(0x900, 0x97F)],
            "astral": [chr(code) for code in range(0x10000, 0x1F000)],
        }.items()
    },
}


@pytest.mark.parametrize("kind", NOISE)
def test_the_estimate_holds_for_noise(kind: str) -> None:
    text = NOISE[kind].encode()
    assert tokens_of(text) * MOST / tokens(text) < LIMIT


@settings(max_examples=40)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_the_estimate_holds_for_any_text(words: list[str]) -> None:
    """JSON has no bare control characters."""
    line = json.dumps(" ".join(words), ensure_ascii=False)
    text = (line * (MOST // len(line) + 1)).encode(errors="replace")
    if len(text) > MOST:
        assert tokens_of(text) * MOST / tokens(text) < LIMIT


@pytest.mark.parametrize("asked", ["getTickets", "a", "b" * 6000, "closeTicket,nothing"])
def test_a_tool_that_does_not_exist_costs_a_sentence(asked: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        select(names=asked)

    assert tokens_of(str(refused.value)) < LIMIT_OF_ERROR
