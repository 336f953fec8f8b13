"""What Microsoft's own tools make of the Copilot package: the manifests, and the cards filled in with real answers."""

import json
from pathlib import Path
from typing import Any

from connector.catalog import operations
from tests.desk import ROOT
from tests.npm_tools import COPILOT, answer_of
from workbench.generators.copilot.cards import cards_of, shown_as
from workbench.generators.copilot.toolsets import members
from workbench.generators.examples import example_of

PACKAGE = ROOT / "connector" / "definition" / "copilot"
ALWAYS = ("id", "title", "name", "text", "site", "form", "total")
"""What an answer that has as little as possible is still called by."""
pytestmark = COPILOT


def test_microsofts_validator_has_no_complaints() -> None:
    complaints = answer_of("copilot", "validate.mjs", PACKAGE)

    assert len(complaints) == 7
    assert [one for found in complaints.values() for one in found] == []


def test_microsofts_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    for name in ("manifest.json", "declarativeAgent.json", "ai-plugin.json"):
        document = json.loads((PACKAGE / name).read_bytes())
        (tmp_path / name).write_text(json.dumps({**document, "surprise": True}))

    assert all(answer_of("copilot", "validate.mjs", tmp_path).values())


def items() -> list[tuple[str, Any, Any]]:
    """Each card with what it is to show: an answer that was recorded, and as little of it as there may be."""
    found = []
    for operation in (one for inside in members(operations()).values() for one in inside):
        semantics, answer = shown_as(operation), example_of(operation).answer
        for file, card in cards_of(operation):
            shown = answer["results"] if semantics and semantics["data_path"] == "$.results" else [answer]
            found += [(file, card, one) for one in shown[:1]]
    return found


def test_cards_show_real_answers_and_leave_out_what_is_absent(tmp_path: Path) -> None:
    cases = items()
    bare = [(file, card, {name: one[name] for name in ALWAYS if name in one} | empty(one))
            for file, card, one in cases]  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{"card": card, "data": data} for _, card, data in cases + bare]))

    filled = answer_of("copilot", "cards.mjs", file)

    assert len({name for name, _, _ in cases}) >= 10
    for (name, _, data), result in zip(cases + bare, filled, strict=True):
        text = json.dumps(result["filled"], ensure_ascii=False)
        assert result["complaints"] == [], name
        assert "${" not in text, name
        title = data.get("title") or data.get("name") or data.get("text") or data.get("site") or ""
        assert json.dumps(title, ensure_ascii=False)[1:-1] in text, name


def empty(answer: dict[str, Any]) -> dict[str, Any]:
    """Lists are always answered; here there is nothing in them."""
    return {name: [] for name, value in answer.items() if isinstance(value, list)}


def test_a_ticket_shows_its_facts_and_its_link(tmp_path: Path) -> None:
    ticket = example_of(operations()["GetTicket"]).answer
    ((_, card),) = cards_of(operations()["GetTicket"])
    file = tmp_path / "case.json"
    file.write_text(json.dumps([{"card": card, "data": ticket}]))
    (result,) = answer_of("copilot", "cards.mjs", file)

    heading, facts, *_ = result["filled"]["body"]
    assert heading["text"] == f"[{ticket['title']}]({ticket['url']})"
    shown = {one["title"]: one["value"] for one in facts["facts"]}
    assert shown["ID"] == str(ticket["id"])
    assert (shown["Status"], shown["Board"], shown["Company"]) == (ticket["status"], ticket["board"], ticket["company"])
    assert shown["Created At"] == ticket["createdAt"][:10]


def test_counts_show_each_row_and_what_was_not_counted(tmp_path: Path) -> None:
    shown = {}
    for name in ("CountTickets", "GetWorkload"):
        ((_, card),) = cards_of(operations()[name])
        answer = {**example_of(operations()[name]).answer, "notice": "Only 3,000 tickets were looked at."}
        shown[name] = (card, answer)
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{"card": card, "data": answer} for card, answer in shown.values()]))

    for filled, (name, (_, answer)) in zip(answer_of("copilot", "cards.mjs", file), shown.items(), strict=True):
        heading, facts, notice = filled["filled"]["body"]
        assert heading["text"] == f"{answer['total']} tickets"
        assert notice["text"] == answer["notice"]
        rows = [(one["title"], one["value"]) for one in facts["facts"]]
        if name == "CountTickets":
            assert rows == [(one["name"], str(one["count"])) for one in answer["results"]]
        else:
            first = answer["results"][0]
            counts = f"{first['open']} open, {first['overdue']} overdue, {first['dueToday']} due today"
            assert rows[0] == (first["member"], f"{counts}, {first['urgent']} urgent")
            assert len(rows) == len(answer["results"])
