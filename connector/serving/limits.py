"""What a caller may send before anything is known about the caller: size, depth, number of fields and values.

The checks look at the bytes only and run at the speed of C, so that a hostile body costs a few milliseconds.
"""

import re
from typing import Final

from connector.deskdirector.errors import BadRequest, TooLarge
from connector.operations.request import Request
from connector.settings import Settings

MOST_NESTED: Final = 32
MOST_FIELDS: Final = 10_000
MOST_VALUES: Final = 20_000
MOST_DIGITS: Final = 400
_MOST_QUOTES: Final = 2 * (MOST_FIELDS + 2 * MOST_VALUES + 1)
"""Two around each name of a field and each text; of values there are as many as commas, and one more in each list."""
MOST_QUERY: Final = 16 * 1024
"""Characters of a query string."""

_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
# Tried where a number begins only: at each digit of many long numbers it would take their length again.
_DIGITS: Final = re.compile(rb"(?<!\d)\d{%d}" % (MOST_DIGITS + 1))
_BRACKETS: Final = b"[]{}"
_OTHERS: Final = bytes(set(range(256)) - set(_BRACKETS))


def check_request(request: Request, settings: Settings) -> None:
    """Raise `ConnectorError` for a request that is too large or cannot be read as it was sent."""
    if len(request.body) > settings.max_body_kb * 1024:
        raise TooLarge("BodyTooLarge", f"The body is over {settings.max_body_kb} KB; send less at once.")
    if len(request.url.partition("?")[2]) > MOST_QUERY:
        raise TooLarge("QueryTooLong", f"The query is over {MOST_QUERY // 1024} KB; send less at once.")
    check_body_arrived(request)
    check_json(request.body)


def check_body_arrived(request: Request) -> None:
    """Raise `BadRequest` for a body that did not arrive as it was sent, before anything else is said about it."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise BadRequest("BodyCompressed", "The body is compressed; send it as plain JSON, without Content-Encoding.")
    if not request.body and "chunked" in request.headers.get("transfer-encoding", "").lower():
        # The Functions host passes on no body that comes without a length.
        raise BadRequest("BodyNotReceived", "The body was sent in chunks and got lost; send it with a Content-Length.")


def check_json(body: bytes) -> None:
    """Raise `BadRequest` for JSON that nests too deep or has too many fields, values or digits.

    What is no JSON passes: the parser says so.
    """
    if len(body) <= MOST_DIGITS and body.count(b"[") + body.count(b"{") <= MOST_NESTED:
        return
    if body.count(b'"') - body.count(b'\\"') > _MOST_QUOTES:
        raise _too_many_fields() if body.count(b'":') > MOST_FIELDS else _too_many_values()
    structure = _STRING.sub(b"", body)
    if structure.count(b":") > MOST_FIELDS:
        raise _too_many_fields()
    begun, ended = structure.count(b"[") + structure.count(b"{"), structure.count(b"]") + structure.count(b"}")
    if max(structure.count(b","), begun, ended) > MOST_VALUES:
        raise _too_many_values()
    if _DIGITS.search(structure):
        raise BadRequest("NumberTooLong", f"A number in the body has more than {MOST_DIGITS} digits.")
    if _nests_too_deep(structure.translate(None, _OTHERS)):
        raise BadRequest("NestedTooDeep", f"The body nests more than {MOST_NESTED} objects and lists in each other.")


def _too_many_fields() -> BadRequest:
    return BadRequest("TooManyFields", f"The body has more than {MOST_FIELDS} fields; send less at once.")


def _too_many_values() -> BadRequest:
    return BadRequest("TooManyValues", f"The body has more than {MOST_VALUES} values; send less at once.")


def _nests_too_deep(brackets: bytes) -> bool:
    """Take the innermost pairs away, a level at a time, and see whether more than the permitted levels are left."""
    for _ in range(MOST_NESTED):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return b"[]" in brackets or b"{}" in brackets or brackets.count(b"[") + brackets.count(b"{") > MOST_NESTED
