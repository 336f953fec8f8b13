"""Texts as clients send them: what counts as blank, what is cleaned, when two names are equal.

Source for who sends what: makers paste out of Word and Outlook (vertical tabs), cut texts leave half an emoji (a lone
surrogate), macOS and web pages send decomposed accents and zero-width characters.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

_INVISIBLE = "".join(map(chr, (0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF)))
_VARIATION = "".join(map(chr, range(0xFE00, 0xFE10))) + f"{chr(0xE0100)}-{chr(0xE01EF)}"
_UNSEEN = re.compile(f"[{_INVISIBLE}{_VARIATION}]")
_DIRTY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("[\x0b\x0c]")
_VANISHING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST_NAME = 256
_IN_BRACKETS = re.compile(r"[^<>@]*<\s*+(?:mailto:\s*+)?([^<>\s@]+@[^<>\s@]+)\s*>\s*", re.IGNORECASE)
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)


def is_blank(value: Any) -> bool:
    """Whether a value stands for nothing: null, or a text without anything to see."""
    if type(value) is not str:
        return value is None
    seen = value.strip()
    return not seen or (seen[0] in _INVISIBLE and not _UNSEEN.sub("", seen).strip())


def is_clean(text: str) -> bool:
    """Whether a text has no control characters and no halves of characters; tabs and line breaks are fine."""
    return _DIRTY.search(text) is None


def cleaned(text: str) -> str:
    """Free text that can be passed on: vertical tab and form feed break the line, other control characters vanish, a
    lone surrogate becomes U+FFFD.
    """
    if _DIRTY.search(text) is None:
        return text
    return whole(_VANISHING.sub("", _BREAKS.sub("\n", text)))


def whole(text: str) -> str:
    """A text without lone surrogates: each becomes U+FFFD, so that it can be written as UTF-8."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_content(content: Any) -> Any:
    """`content` (JSON as Python has it) with every text and name in it `whole`."""
    return _each_text(content, whole)


def cleaned_content(content: Any) -> Any:
    """`content` (JSON as Python has it) with every text and name in it cleaned."""
    return _each_text(content, cleaned)


def _each_text(content: Any, change: Callable[[str], str]) -> Any:
    if type(content) is str:
        return change(content)
    if type(content) is dict:
        return {change(name): _each_text(value, change) for name, value in content.items()}
    return [_each_text(item, change) for item in content] if type(content) is list else content


def name_key(name: str) -> str:
    """What two names share that people see as the same: compatibility forms, case, spaces, invisible characters.

    Of a text that is too long for a name it is case and spaces alone: composing characters takes quadratic time.
    """
    if name.isascii() or len(name) > LONGEST_NAME:
        return " ".join(name.casefold().split())
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def address_in(text: str) -> str:
    """The e-mail address in `Jane Doe <jane@acme.com>`, `mailto:jane@acme.com` or `"jane@acme.com"`, else the text."""
    if "@" not in text:
        return text
    match = _IN_BRACKETS.fullmatch(text)
    if match:
        return match[1]
    bare = text.strip(" \t\"'<>")
    return _MAILTO.sub("", bare, count=1).partition("?")[0] if bare[:7].lower() == "mailto:" else bare
