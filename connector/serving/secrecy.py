"""What a caller sent as a credential is struck from the error that the caller gets."""

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import from_json

from connector.deskdirector.redaction import LONGEST, SHORTEST, Redactor, redactor_of, redactor_of_all
from connector.operations.request import Request

_HEADERS: Final = ("dd-api-key", "authorization", "x-api-key", "x-functions-key", "x-console-key")
_QUERY: Final = ("code", "token", "sig")
_MOST_READ: Final = 16 * 2**20
"""Bytes: a larger body is refused unread whatever the setting, so nothing of it can come back."""
_MOST_TEXTS: Final = 20
_WORDS: Final = (b"callback", b"secret", b"token", b"password", b"apikey", b"api_key", b"authorization", b"credential")
_SECRET_FIELD: Final = re.compile(r"callback|secret|token|password|api_?key|authorization|credential", re.IGNORECASE)


def redactor_for(request: Request) -> Redactor:
    """Strikes the credentials of a call: those in its headers and query, and what its body calls a secret.

    Of the body as much as can be in an error: nobody has proved anything yet.
    """
    sent = [request.headers[name] for name in _HEADERS if name in request.headers]
    sent += [request.query[name] for name in _QUERY if name in request.query]
    room = LONGEST
    for text in sorted({text for text in _secrets_of(request.body) if len(text) >= SHORTEST}, key=len)[:_MOST_TEXTS]:
        room -= len(text)
        if room < 0:
            break
        sent.append(text)
    return redactor_of(sent[0]) if len(sent) == 1 else redactor_of_all(*sent)


def _secrets_of(body: bytes) -> Iterator[str]:
    folded = body.lower() if len(body) <= _MOST_READ else b""
    if not any(word in folded for word in _WORDS):  # many times faster than the expression
        return
    try:
        ahead: list[Any] = [from_json(body)]
    except ValueError:
        return
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            yield from (text for name, text in value.items() if isinstance(text, str) and _SECRET_FIELD.search(name))
            ahead += value.values()
        elif isinstance(value, list):
            ahead += value
