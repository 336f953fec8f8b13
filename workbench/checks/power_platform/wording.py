"""How certified connectors write: sentence case, title case, verbs, restricted words. Pure functions of the text.

Source: "Connector String Guidance" and "Follow coding standards" in Microsoft's connector documentation.
"""

import re
from collections.abc import Iterable

from workbench.checks.json_reading import names

MAX_TITLE = 30
MAX_SUMMARY = 80
PRODUCTS = ("power apps", "power automate", "power platform", "logic apps", "copilot studio", "microsoft flow")

VERBS = names(
    "accept add approve archive assign call cancel change check close complete convert copy count create decline "
    "delete deliver disable download duplicate enable end execute export extract fetch find forward generate get "
    "grant import insert invite invoke issue link list lock look lookup mark merge move open parse pause pin post "
    "preview promote publish query read receive record register reject release remove rename render reopen "
    "replace reply request reset resolve respond restore resume retrieve revoke run save schedule search send set "
    "sign start stop submit subscribe suspend switch sync test transfer translate trigger unassign unlink unlock "
    "unregister unsubscribe update upload validate verify watch write"
)

_SMALL_WORDS = names(
    "a an and as at but by for from if in into is nor of off on onto or out over per so than the to up via vs with"
)
_PROPER_NOUNS = names(
    "Adaptive Autotask Azure ConnectWise Copilot DeskDirector Excel Friday Gmail Google JavaScript Jira Microsoft "
    "Monday OneDrive Outlook Saturday SharePoint Sunday Teams Thursday Tokity Tuesday Wednesday Windows I"
)
_RESTRICTED_CHARACTERS = "/\\<>*%&?"


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever their case and closing marks."""
    return bool(one) and _bare(one) == _bare(other)


def contained(value: str, banned: Iterable[str]) -> list[str]:
    """Those of the banned words and phrases that stand in the text as whole words, in any case."""
    return [word for word in banned if re.search(rf"\b{re.escape(word)}\b", value, re.IGNORECASE)]


def is_sentence_case(value: str, proper: Iterable[str] = ()) -> bool:
    """Whether only the first word and proper nouns are capitalised; words with several capitals are acronyms."""
    first, *others = value.split() or [""]
    allowed = _PROPER_NOUNS | set(proper)
    return not first[:1].islower() and all(
        word in allowed or not _is_capitalised(word) for word in (other.strip("()'\",") for other in others)
    )


def is_title_case(value: str) -> bool:
    """Whether every word but the small ones in the middle is capitalised."""
    found = [word.strip("()'\",") for word in value.split()]
    return all(not word[:1].islower() or (word in _SMALL_WORDS and index > 0) for index, word in enumerate(found))


def is_full_sentence(value: str) -> bool:
    """Whether it begins with a capital (or digit) and ends with a full stop, question or exclamation mark."""
    return not value[:1].islower() and value.endswith((".", "!", "?"))


def starts_with_verb(value: str) -> bool:
    """Whether the first word is a verb in its plain form."""
    return value.partition(" ")[0].lower() in VERBS


def restricted_characters(value: str) -> list[str]:
    """The characters that the validator refuses in a summary."""
    return [character for character in _RESTRICTED_CHARACTERS if character in value]


def unusual_characters(value: str) -> list[str]:
    """What is neither letter, digit, space nor parenthesis, and not refused outright."""
    usual = {" ", "(", ")", *_RESTRICTED_CHARACTERS}
    return sorted({character for character in value if not character.isalnum() and character not in usual})


def _bare(value: str) -> str:
    return value.strip().rstrip(".!?").casefold()


def _is_capitalised(word: str) -> bool:
    return word[:1].isupper() and word[1:].islower()
