"""What every endpoint answers: JSON objects, errors by their OAuth names, headers for browsers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from connector.serving.response import Response

MOST_FORM: Final = 16 * 1024
_MOST_FIELDS: Final = 30
FOR_BROWSERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, MCP-Protocol-Version",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Expose-Headers": "WWW-Authenticate",
}
"""Clients that run in browsers read these endpoints from anywhere; no cookie counts here."""


class OAuthError(Exception):
    """An answer of RFC 6749: `error` is its name there, the sentence says what to do."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        """The error as JSON."""
        headers = {"WWW-Authenticate": 'Basic realm="token"'} if self.status == 401 else {}
        return answered({"error": self.error, "error_description": self.description}, self.status, headers)


def answered(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that nobody keeps."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(
        status, body, {**FOR_BROWSERS, "Cache-Control": "no-store", "Pragma": "no-cache", **(headers or {})}
    )


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form; raises `OAuthError` for one that is too large, is none, or gives a field twice."""
    if len(body) > MOST_FORM:
        raise OAuthError("invalid_request", "The form is too large.", status=413)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise OAuthError("invalid_request", "Send a form: application/x-www-form-urlencoded.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthError("invalid_request", "A field is given twice.")
    return fields


def texts_of(value: Any, most: int = 20, longest: int = 2000) -> Sequence[str]:
    """The texts in a list of texts; none in anything else."""
    items = value if isinstance(value, list) else []
    return [item for item in items[:most] if isinstance(item, str) and 0 < len(item) <= longest]
