"""Requests that cost the app as much as a caller without any proof can make them cost, within the permitted size."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

MOST: Final = 1024 * 1024 - 64
CREATE, FIND, MCP = "/api/tickets", "/api/find/tickets", "/mcp"


class Sent(NamedTuple):
    """A POST; `headers` come on top of the connection's."""

    path: str
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})


def _filled(begin: bytes, unit: bytes, end: bytes, most: int = MOST) -> bytes:
    return begin + unit * ((most - len(begin) - len(end)) // len(unit)) + end


def _fields(names: Iterable[str], value: object) -> bytes:
    return json.dumps(dict.fromkeys(names, value)).encode()


def _call(arguments: bytes) -> bytes:
    begin = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "createTicket", "arguments": '
    return begin + arguments + b"}}"


_UNKNOWN: Final = [f"field{number:05}" for number in range(9_900)]
_CLOSE: Final = [f"titl{number:05}" for number in range(9_900)]
HOSTILE: Final[dict[str, Sent]] = {
    "numbers of 400 digits": Sent(CREATE, _filled(b'{"tags": [', b"1" * 400 + b",", b"1]}")),
    "one number": Sent(CREATE, _filled(b'{"title": ', b"9", b"}")),
    "quotes": Sent(CREATE, b'"' * MOST),
    "escaped quotes": Sent(CREATE, b'\\"' * (MOST // 2)),
    "a text of backslashes": Sent(CREATE, b'"' + b"\\" * (MOST - 1)),
    "ends of lists": Sent(CREATE, b"]" * MOST),
    "lists in lists": Sent(CREATE, b"[" * MOST),
    "objects in lists": Sent(CREATE, b"[{" * (MOST // 2)),
    "spaces": Sent(CREATE, b" " * MOST),
    "no text": Sent(CREATE, b"\xff" * MOST),
    "unknown fields": Sent(CREATE, _fields(_UNKNOWN, "x" * 80)),
    "nearly known fields": Sent(CREATE, _fields(_CLOSE, 1)),
    "long names": Sent(CREATE, _fields((name * 9 for name in _CLOSE), 1)),
    "one long name": Sent(CREATE, _filled(b'{"', b"n", b'": 1}')),
    "a long title": Sent(CREATE, _filled(b'{"title": "', b"word ", b'"}')),
    "control characters": Sent(CREATE, _filled(b'{"title": "', b"\\u000b", b'"}')),
    "accents on one letter": Sent(CREATE, _filled(b'{"title": "a', "\u0301\u0327".encode(), b'"}')),
    "many tags": Sent(CREATE, b'{"title": "x", "tags": [' + b",".join([b'"' + b"t" * 48 + b'"'] * 19_900) + b"]}"),
    "names with commas": Sent(CREATE, _filled(b'{"title": "x", "assignedTo": "', b"a,", b'"}')),
    "a list as text": Sent(CREATE, _filled(b'{"title": "x", "tags": "[', b'\\"a\\",', b'1]"}')),
    "lists as text": Sent(CREATE, _filled(b'{"title": "x", "tags": "', b"[", b'"}')),
    "an object as text": Sent(CREATE, _filled(b'{"title": "x", "additionalFields": "{', b'\\"f\\":1,', b'}"}')),
    "a long date": Sent(CREATE, _filled(b'{"title": "x", "dueAt": "', b"2026-", b'"}')),
    "a relative date": Sent(FIND, _filled(b'{"updatedAfter": "-', b"9", b'd"}')),
    "a continuation": Sent(FIND, _filled(b'{"continuation": "', b"eyJ", b'"}')),
    "fields to answer": Sent(FIND, _filled(b'{"fields": "', b"titel,", b'"}')),
    "what is called a secret": Sent(CREATE, _filled(b'{"secret": "', b"s", b'"}')),
    "many secrets": Sent(CREATE, _fields((f"secret{number}" for number in range(9_000)), "s3cr3t" * 10)),
    "an MCP call": Sent(MCP, _call(_fields(_UNKNOWN, "x" * 80))),
    "an MCP batch": Sent(MCP, _filled(b"[", b'{"jsonrpc": "2.0", "id": 1, "method": "ping"},', b"1]")),
    "an MCP id": Sent(MCP, _filled(b'{"jsonrpc": "2.0", "method": "ping", "id": ', b"9", b"}")),
    "an event": Sent("/api/inbound/registration/token", b"[" + b"{}," * 300_000 + b"{}]"),
    "a long key": Sent(CREATE, b"{}", {"dd-api-key": "k" * 30_000}),
    "a long list of proxies": Sent(CREATE, b"{}", {"x-forwarded-for": "10.0.0.1," * 3_000}),
}
