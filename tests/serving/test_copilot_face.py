"""The operations below `/api/copilot/`: what agents call, with texts as people see them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.desk import ROOT, Answer, Desk
from tests.serving.test_mcp_safety import HIDDEN, SEEN, infected

DOCUMENTS = [
    *sorted((ROOT / "connector" / "definition" / "copilot").glob("openapi*.json")),
    ROOT / "connector" / "definition" / "openapi" / "openapi.foundry.json",
]


def called(desk: Desk, method: str, path: str, **options: Any) -> Answer:
    return desk.send(method, f"/api/copilot/{path}", headers=desk.headers(), **options)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_function_of_an_agent_is_there(desk: Desk, document: Path) -> None:
    described = json.loads(document.read_bytes())
    (server,) = described["servers"]

    assert server["url"].endswith("/api/copilot")
    for path, methods in described["paths"].items():
        for method in methods:
            answer = desk.send(method.upper(), f"/api/copilot{path.replace('{', '~').replace('}', '~')}", json={})
            assert (answer.status, answer.code) != (404, "RouteNotFound"), (method, path)


def test_an_agent_reads_what_people_read_and_a_flow_what_was_written(desk: Desk) -> None:
    ticket = infected(desk)

    assert called(desk, "GET", f"tickets/{ticket.id}").json["description"] == SEEN
    assert desk.call("GetTicket", ticketId=ticket.id).json["description"] == HIDDEN


def test_errors_have_no_hidden_characters_either(desk: Desk) -> None:
    board = next(iter(desk.tenant.boards.values()))
    board.name = "Sup\u200bport\u202e"

    told = called(desk, "POST", "find/tickets", json={"board": "Suport"})

    assert told.code == "BoardNotFound"
    assert not {*json.dumps(told.json, ensure_ascii=False)} & {"\u200b", "\u202e"}


def test_an_agent_creates_and_pages_as_a_flow_does(desk: Desk) -> None:
    page = called(desk, "POST", "find/tickets", json={"take": 2}).json
    on = called(desk, "POST", "find/tickets", json={"continuation": page["continuation"]}).json
    note = called(desk, "POST", f"tickets/{page['results'][0]['id']}/notes", json={"text": "Hello"})

    assert len({one["id"] for one in (*page["results"], *on["results"])}) == 4
    assert note.status in (200, 201)


def test_what_is_not_there_is_answered_with_a_sentence(desk: Desk) -> None:
    for method, path in (("GET", "nothing"), ("DELETE", "find/tickets"), ("GET", ""), ("GET", "console/session")):
        answer = called(desk, method, path)
        assert (answer.status, answer.code) == (404, "RouteNotFound"), (method, path, answer.json)
