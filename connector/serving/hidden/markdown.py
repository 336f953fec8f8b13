"""A text without what a page that shows it as Markdown would not show: comments made of link definitions, titles of
links, texts in the place of pictures, words behind the fence of a code block.

A definition goes when it is a comment (`[//]: # (…)`) or holds a sentence: `[INFO]: done` in a log stays. Source: the
CommonMark specification.
"""

import re
from typing import Final

from connector.serving.hidden.markup import REMOVED, has_prose, is_shown_link

_TITLE: Final = r"(?:\"[^\"]{0,2000}+\"|'[^']{0,2000}+'|\([^()]{0,2000}+\))"
_DEFINITION = re.compile(
    r"^([ \t>*+\-\d.)]{0,40}+)\[((?!\^)(?:[^\[\]\\]|\\.){1,999}+)\]:[ \t]*+\n?[ \t]*+"
    r"(<[^<>\n]{0,2000}+>|[^\s<]{1,2000}+)?"
    rf"(?:\s++({_TITLE}))?+[ \t]*+$",
    re.MULTILINE,
)
_TARGET = re.compile(
    rf"\]\([ \t]*+(<[^<>\n]*+>|(?:[^\s()<]|\([^\s()]*+\))*+)((?:\s++{_TITLE})?+)[ \t]*+\)",
)
_PICTURE = re.compile(r"!\[((?:[^\[\]\\\n]|\\.){1,999}+)\](?=[(\[])")
_FENCE = re.compile(r"^([ \t>]{0,20}(?:`{3,}+|~{3,}+)[ \t]*+[^\s`~]*+)([ \t]+[^\s`~][^\n`~]*+)$", re.MULTILINE)
_ONE_WORD = re.compile(r"[\w.-]{1,40}")
_SIGNS: Final = ("](", "]:", "![", "```", "~~~")


def without_hidden(text: str) -> str:
    """The text as people see it."""
    if not any(sign in text for sign in _SIGNS):
        return text
    text = _DEFINITION.sub(_definition, text)
    text = _TARGET.sub(_target, text)
    text = _PICTURE.sub(_picture, text)
    return _FENCE.sub(r"\1", text)


def _definition(found: re.Match[str]) -> str:
    before, label, target, title = found[1], found[2], found[3] or "", (found[4] or "")[1:-1]
    is_comment = target.startswith(("#", "<>")) or not target
    held = f"{label} {title}"
    if (is_comment and title) or has_prose(held) or (is_comment and target and has_prose(label)):
        return before + REMOVED
    return found[0] if not target or is_shown_link(target.strip("<>")) else f"{before}[{label}]: #"


def _target(found: re.Match[str]) -> str:
    target = found[1].strip("<>")
    if is_shown_link(target) and not found[2]:
        return found[0]
    return f"]({found[1]})" if is_shown_link(target) else "]()"


def _picture(found: re.Match[str]) -> str:
    return found[0] if _ONE_WORD.fullmatch(found[1]) else "![]"
