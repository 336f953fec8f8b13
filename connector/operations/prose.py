"""Prose for models, from what makers read: tools by the names that a model calls, true and false, nothing about flows.

Makers know operations by title ("Add ticket note") and answer yes or no; a model sees `addTicketNote` and sends `true`.
"""

import re
from collections.abc import Callable, Mapping

_ANSWER = re.compile(r"\b(?:[Yy]es|[Nn]o)(?= (?:to|for|when|with) )|(?<=\bis )(?:yes|no)(?=[.;,])")
_VALUES = {"Yes": "True", "yes": "true", "No": "False", "no": "false"}
_YES_OR_NO = re.compile(r"\byes/no\b")
_SENTENCES = re.compile(r"(?<=\.)\s+")
_FLOW = re.compile(r"\bflow\b")


def for_models(names: Mapping[str, str]) -> Callable[[str], str]:
    """What rewrites a text for a model that knows operations by these `names`: title -> name."""
    titles = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})\b") if names else None

    def rewrite(text: str) -> str:
        text = " ".join(part for part in _SENTENCES.split(text) if not _FLOW.search(part)) or text
        text = _YES_OR_NO.sub("true/false", _ANSWER.sub(lambda match: _VALUES[match[0]], text))
        return titles.sub(lambda match: names[match[0]], text) if titles else text

    return rewrite


def description_for_models(rewrite: Callable[[str], str], description: str, guidance: str) -> str:
    """Both in one, rewritten. A description may begin with the words of its own title, which name no other tool."""
    return f"{description[:1]}{rewrite(description[1:])} {rewrite(guidance)}".strip()
