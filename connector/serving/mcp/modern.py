"""What a request of the modern era has to carry: version and capabilities in `_meta`, and headers that say the same.

The headers let gateways route without reading the body, so one that contradicts the body is refused. Source: revision
2026-07-28, "Streamable HTTP", Server Validation.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from connector.serving.mcp.protocol import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    MODERN,
    VERSION_HEADER,
    Message,
    ProtocolError,
    unsupported,
)

_PREFIX = "io.modelcontextprotocol/"
_VERSION, CAPABILITIES = f"{_PREFIX}protocolVersion", f"{_PREFIX}clientCapabilities"
SERVER_INFO = f"{_PREFIX}serverInfo"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_ENCODED = ("=?base64?", "?=")


def is_modern(message: Message, headers: Mapping[str, str]) -> bool:
    """Whether a request speaks the modern way, rightly or not."""
    meta = message.params.get("_meta")
    declared = isinstance(meta, dict) and (_VERSION in meta or CAPABILITIES in meta)
    return declared or headers.get(VERSION_HEADER, "").strip() in MODERN


def check_envelope(message: Message, headers: Mapping[str, str]) -> None:
    """Raise `ProtocolError` when `_meta` is incomplete or the headers do not match the body."""
    version = _version(message.params.get("_meta"))
    _compare(VERSION_HEADER, _header(headers, VERSION_HEADER), version)
    if version not in MODERN:
        raise unsupported(version)
    _compare("mcp-method", _header(headers, "mcp-method"), message.method)
    key = _NAMED_BY.get(message.method)
    if key and key in message.params:
        _compare("mcp-name", _decoded(_header(headers, "mcp-name")), message.params[key])


def _version(meta: Any) -> str:
    missing = [key for key in (_VERSION, CAPABILITIES) if not isinstance(meta, dict) or key not in meta]
    if missing:
        raise ProtocolError(INVALID_PARAMS, f"The params must have a _meta with {' and '.join(missing)}.")
    version = meta[_VERSION]
    if not isinstance(version, str) or not isinstance(meta[CAPABILITIES], dict):
        raise ProtocolError(INVALID_PARAMS, f"In _meta, {_VERSION} must be a text and {CAPABILITIES} an object.")
    return version


def _header(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name)
    return None if value is None else value.strip()


def _compare(name: str, header: str | None, expected: Any) -> None:
    if header != expected:
        problem = "is missing" if header is None else "does not match the body"
        raise ProtocolError(HEADER_MISMATCH, f"The header {name} {problem}.")


def _decoded(value: str | None) -> str | None:
    """A header value that may be wrapped as `=?base64?…?=`; empty, which no name is, when the wrapping is damaged."""
    opening, closing = _ENCODED
    if value is None or not (value.startswith(opening) and value.endswith(closing)):
        return value
    try:
        return base64.b64decode(value[len(opening) : -len(closing)], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
