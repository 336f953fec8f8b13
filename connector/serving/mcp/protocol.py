"""JSON-RPC 2.0 and the revisions of MCP: messages in, bytes out.

Two eras share one URL. Legacy revisions open with `initialize`; we keep no session, so each POST stands alone there
too. The modern one carries version and capabilities in every request. Source: the specification of each revision.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEGACY = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN = ("2026-07-28",)
SUPPORTED = (*reversed(MODERN), *reversed(LEGACY))
WITH_BATCHES = LEGACY[:2]
"""Revision 2025-06-18 took JSON-RPC batches out."""

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
RESOURCE_NOT_FOUND = -32002
"""Of the legacy revisions; the modern one has INVALID_PARAMS for it."""
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022

VERSION_HEADER = "mcp-protocol-version"

_NO_ID = b"null"
_LONGEST_ID = 256
_LOOKED_AT = 4096
_ID = re.compile(rb'[{,]\s{0,20}"id"\s{0,20}:\s{0,20}("[^"\\]{0,256}"|-?[0-9]{1,18})(?=\s{0,20}[,}])')
_LARGEST_ID = 2**63


class ProtocolError(Exception):
    """A message that cannot be answered with a result: a JSON-RPC error, and the HTTP status that it goes out with."""

    def __init__(self, code: int, message: str, *, status: int = 400, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.data = data


@dataclass(frozen=True, slots=True)
class Message:
    """A request or, without an `id`, a notification. `id` is the JSON text that the answer repeats."""

    id: bytes | None
    method: str
    params: Mapping[str, Any]


def read_message(content: Any) -> Message | None:
    """The message in parsed JSON; None for a response of the client, which needs no answer. Raises `ProtocolError`."""
    if not isinstance(content, dict) or content.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'A message must be a JSON-RPC 2.0 object, with "jsonrpc": "2.0".')
    if "method" not in content and ("result" in content or "error" in content):
        return None
    method, params = content.get("method"), content.get("params")
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, "A message must have a method: a text.")
    if params is not None and not isinstance(params, dict):
        raise ProtocolError(INVALID_PARAMS, "The params of a message must be an object.")
    written = id_of(content)
    if "id" in content and written == _NO_ID:
        raise ProtocolError(
            INVALID_REQUEST, "The id of a request must be a text or a whole number, and not a huge one."
        )
    return Message(written if "id" in content else None, method, params or {})


def id_of(content: Any) -> bytes:
    """The id of a message as JSON; `null` when it has none that could be repeated."""
    given = content.get("id") if isinstance(content, dict) else None
    if type(given) is int and -_LARGEST_ID <= given < _LARGEST_ID:
        return b"%d" % given
    is_text = isinstance(given, str) and len(given) <= _LONGEST_ID
    return json.dumps(given, ensure_ascii=False).encode() if is_text else _NO_ID


def id_in(body: bytes) -> bytes:
    """The id of a message that cannot be read: a client waits for the answer that has it."""
    ends = body if len(body) <= 2 * _LOOKED_AT else body[:_LOOKED_AT] + b" " + body[-_LOOKED_AT:]
    if not ends.lstrip().startswith(b"{"):
        return _NO_ID
    found = _ID.findall(ends)
    return found[0] if len(found) == 1 else _NO_ID


def succeeded(id_text: bytes, members: bytes) -> bytes:
    """A response; `members` are those of its result, without the braces."""
    return b'{"jsonrpc":"2.0","id":%b,"result":{%b}}' % (id_text, members)


def failed(problem: ProtocolError, id_text: bytes = _NO_ID) -> bytes:
    """An error response."""
    error = {"code": problem.code, "message": str(problem), **({"data": problem.data} if problem.data else {})}
    return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (id_text, as_json(error))


def as_json(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def members(value: Mapping[str, Any]) -> bytes:
    """A JSON object without its braces, to be put beside other members."""
    return as_json(value)[1:-1]


def check_version(headers: Mapping[str, str]) -> None:
    """Raise `ProtocolError` for a revision that we do not know; the oldest clients do not name theirs."""
    version = headers.get(VERSION_HEADER, LEGACY[0]).strip()
    if version not in SUPPORTED:
        raise unsupported(version)


def unsupported(version: str) -> ProtocolError:
    """The error for a revision that we do not speak, or not in this era's way; it lists what there is."""
    data = {"supported": SUPPORTED, "requested": version[:100]}
    return ProtocolError(UNSUPPORTED_VERSION, "This protocol version is not supported.", data=data)
