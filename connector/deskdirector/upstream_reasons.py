"""The reason that an error answer gives, in DeskDirector's own words: the most specific text that it holds.

No error schema is published. Known of .NET services, and all looked for: a plain `message` or `Message`, ASP.NET's
`ModelState` and `ExceptionMessage`, ProblemDetails (`title`, `detail`, `errors`), OData's `error` with `innererror` and
`details`, ServiceStack's `responseStatus`, lists of errors, a bare text.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from connector.deskdirector.errors import BadGateway
from connector.deskdirector.json_text import parse

MAX_MESSAGE = 300
MAX_PARSED = 64 * 1024
MOST_FIELDS = 3
DEEPEST = 6

_HEADING, _CODE, _SENTENCE, _DETAIL, _FIELD, _CAUSE = range(6)
"""How specific a text is, by where it stands."""

_TEXTS = {
    "title": _HEADING,
    "error": _CODE,
    "reason": _SENTENCE,
    "description": _SENTENCE,
    "message": _SENTENCE,
    "detail": _DETAIL,
    "usermessage": _DETAIL,
    "errormessage": _DETAIL,
    "errordescription": _DETAIL,
    "exceptionmessage": _DETAIL,
}
_BY_FIELD = ("modelstate", "errors", "validationerrors", "fielderrors", "details", "invalidparams")
_CAUSES = ("innererror", "innerexception")
_AROUND = ("error", "responsestatus", "result", "data", "problem")
_FIELD_NAMES = ("field", "fieldname", "target", "property", "propertyname", "name")
_NO_FIELDS = frozenset({"", "$", "request", "model", "body", "value", "error", "errors", "general"})

_CREDENTIAL = re.compile(r"\b(Basic|DdApi|DdAccessToken|Bearer)\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")
_LETTERS = re.compile(r"[^\W\d_]{2}")

_Reason = tuple[int, str]


def message_of(content: bytes, redact: Callable[[str], str]) -> str:
    """DeskDirector's own words in an error answer, trimmed to one short line; "" when there are none."""
    if not content or len(content) > MAX_PARSED:
        return ""
    try:
        data = parse(content)
    except BadGateway:
        text = _plain_text(content)
    else:
        text = max(_reasons(data, DEEPEST), key=lambda reason: reason[0], default=(0, ""))[1]
    line = _CREDENTIAL.sub("[key]", redact(_line(text)))
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"


def _reasons(value: Any, depth: int) -> Iterator[_Reason]:
    if not depth:
        return
    if isinstance(value, str):
        yield from _reason(_SENTENCE, value)
    elif isinstance(value, list):
        for item in value:
            yield from _reasons(item, depth - 1)
    elif isinstance(value, dict):
        yield from _reasons_in(_folded(value), depth)


def _reasons_in(fields: dict[str, Any], depth: int) -> Iterator[_Reason]:
    for key, rank in _TEXTS.items():
        if isinstance(fields.get(key), str):
            yield from _reason(rank, fields[key])
    for key in _CAUSES:
        for rank, text in _reasons(fields.get(key), depth - 1):
            yield _CAUSE + rank, text
    for key in _BY_FIELD:
        texts = list(_by_field(fields.get(key), depth - 1))
        if texts:
            yield _FIELD, "; ".join(dict.fromkeys(texts[:MOST_FIELDS]))
    for key in _AROUND:
        if isinstance(fields.get(key), dict | list):
            yield from _reasons(fields[key], depth - 1)


def _by_field(value: Any, depth: int) -> Iterator[str]:
    """`boardId: The board is archived.` for each field that has errors."""
    if not depth or not isinstance(value, dict | list):
        return
    pairs = value.items() if isinstance(value, dict) else [("", item) for item in value]
    for field, item in pairs:
        name = str(field)
        if isinstance(item, dict):
            fields = _folded(item)
            name = next((str(fields[key]) for key in _FIELD_NAMES if isinstance(fields.get(key), str)), name)
        best = max(_reasons(item, depth), key=lambda reason: reason[0], default=None)
        if best is not None:
            name = re.split(r"[.\[]", name.strip("]"))[-1]
            yield best[1] if name.lower() in _NO_FIELDS else f"{name}: {best[1]}"


def _reason(rank: int, text: str) -> Iterator[_Reason]:
    line = _line(text)
    if line:
        yield rank, line


def _line(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text.strip().partition("\n")[0]).strip()


def _plain_text(content: bytes) -> str:
    """The first line of an answer that is neither JSON nor a page."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ""
    is_prose = text.lstrip()[:1] not in ("<", "{", "[") and _LETTERS.search(text) and " " in text.strip()
    return text if is_prose else ""


def _folded(data: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"[_\-.]", "", str(key)).lower(): value for key, value in data.items()}
