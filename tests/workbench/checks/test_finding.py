"""How findings are printed, counted and turned into an exit code; how rules are registered."""

import json
from typing import Any

import pytest

from workbench.checks.finding import Finding, exit_code, to_json, to_text
from workbench.checks.rules import Faults, RuleBook

ERROR = Finding("a.json", "/info/title", "TitleWrong", "error", "The title is wrong.", "Write another.")
WARNING = Finding("b.md", "", "TooDry", "warning", "It is dry.", "Add water.")


def test_a_person_reads_place_fault_and_remedy() -> None:
    assert to_text([ERROR, WARNING]).splitlines() == [
        "a.json#/info/title",
        "  error TitleWrong: The title is wrong.",
        "  Write another.",
        "b.md",
        "  warning TooDry: It is dry.",
        "  Add water.",
        "1 error(s), 1 warning(s).",
    ]


def test_a_person_is_told_that_nothing_was_found() -> None:
    assert to_text([]) == "No findings."


def test_a_program_reads_every_field() -> None:
    document = json.loads(json.dumps(to_json([ERROR, WARNING])))
    assert document["errors"] == document["warnings"] == 1
    assert document["findings"][0] == {
        "file": "a.json",
        "pointer": "/info/title",
        "rule": "TitleWrong",
        "severity": "error",
        "message": "The title is wrong.",
        "remedy": "Write another.",
    }


def test_an_error_fails_and_a_warning_only_when_strict() -> None:
    assert exit_code([]) == exit_code([], strict=True) == exit_code([WARNING]) == 0
    assert exit_code([ERROR]) == exit_code([WARNING], strict=True) == 1


def test_a_rule_takes_its_remedy_from_its_docstring_and_reports_a_fault_once() -> None:
    book: RuleBook[dict[str, Any]] = RuleBook()

    @book.rule("Empty", severity="warning")
    def empty(document: dict[str, Any]) -> Faults:
        """Put something
        into it.
        """
        if not document:
            yield "", "It is empty."
            yield "", "It is empty."
            yield "/x", "It is empty.", "other.json"

    assert book.check({"x": 1}) == []
    assert book.check({}, "this.json") == [
        Finding("this.json", "", "Empty", "warning", "It is empty.", "Put something into it."),
        Finding("other.json", "/x", "Empty", "warning", "It is empty.", "Put something into it."),
    ]


def test_a_rule_without_a_remedy_or_with_a_taken_name_is_refused() -> None:
    book: RuleBook[int] = RuleBook()
    book.rule("Taken")(documented)
    with pytest.raises(ValueError, match="Taken"):
        book.rule("Taken")(documented)
    with pytest.raises(ValueError, match="Bare"):
        book.rule("Bare")(lambda _: iter(()))


def documented(_: int) -> Faults:
    """Do better."""
    yield from ()
