"""What counts as sentence case, title case, a verb in front, a restricted word."""

import pytest

from workbench.checks.power_platform import wording


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Get a ticket", True),
        ("When a ticket is created (deprecated)", True),
        ("Call the raw API", True),
        ("List IDs of tickets", True),
        ("Send a message to Microsoft Teams", True),
        ("Get a ticket (V2)", True),
        ("Get A Ticket", False),
        ("get a ticket", False),
        ("When an Advanced Event occurred", False),
    ],
)
def test_sentence_case(text: str, good: bool) -> None:
    assert wording.is_sentence_case(text) is good


def test_words_of_the_connectors_own_name_are_proper_nouns() -> None:
    assert not wording.is_sentence_case("Ask Desk for help")
    assert wording.is_sentence_case("Ask Desk for help", ["Sample", "Desk"])


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Date of Birth", True),
        ("Created After", True),
        ("Is VIP", True),
        ("Ticket ID", True),
        ("2nd Line", True),
        ("", True),
        ("Ticket number", False),
        ("of Tickets", False),
    ],
)
def test_title_case(text: str, good: bool) -> None:
    assert wording.is_title_case(text) is good


@pytest.mark.parametrize(
    ("text", "found"), [("The best API", ["api"]), ("A rapid tool", []), ("Connector", ["connector"])]
)
def test_restricted_words_are_whole_words(text: str, found: list[str]) -> None:
    assert wording.contained(text, ("api", "connector")) == found


@pytest.mark.parametrize(("text", "good"), [("Find tickets", True), ("Tickets", False), ("", False)])
def test_a_summary_starts_with_a_verb(text: str, good: bool) -> None:
    assert wording.starts_with_verb(text) is good


def test_the_same_text_is_the_same_whatever_its_case_and_closing_mark() -> None:
    assert wording.same("Get a ticket", "get a ticket.")
    assert not wording.same("", "")
