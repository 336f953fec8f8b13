"""The error vocabulary: one base with a status, a code and one sentence that says what to do.

    ConnectorError
    ├── BadRequest            400  the caller can correct it: wrong value, unknown or ambiguous name
    ├── Unauthorized          401  the whole connection is bad (the platform marks it broken on 401)
    ├── Forbidden             403  this one thing is not allowed
    ├── NotFound              404  this one thing does not exist
    ├── Conflict              409  it clashes with the present state (may carry Retry-After)
    ├── Gone                  410  it existed and was removed
    ├── TooLarge              413  the request is bigger than we take
    ├── Unprocessable         422  understood, but it contradicts an earlier request or an upstream rule
    ├── TooManyRequests       429  later (always carries Retry-After)
    ├── OutcomeUnknown        424  a create may have reached DeskDirector; repeating it could make a second one
    ├── BadGateway            502  DeskDirector answered something that is not its API
    └── Unavailable           503  later (always carries Retry-After)

Never a 500: what the caller cannot correct is a fault of DeskDirector's answer or a matter of time.
"""

# ruff: noqa: N818  (the words are those of the HTTP statuses)

from collections.abc import Sequence
from typing import ClassVar


class ConnectorError(Exception):
    """A failure that a maker reads: `message` is one sentence with the remedy in it, never a secret.

    `code` is a stable PascalCase word (`TicketNotFound`); docs/errors.md lists all. `details` lists candidates or
    fields. `retry_after` is in whole seconds and present where a retry can help.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, *, details: Sequence[str] = (), retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.retry_after = retry_after


class BadRequest(ConnectorError):
    """400: the caller can correct the request."""

    status = 400


class Unauthorized(ConnectorError):
    """401: the connection itself (site host or API key) is missing or refused."""

    status = 401


class Forbidden(ConnectorError):
    """403: allowed to connect, not allowed to do this."""

    status = 403


class NotFound(ConnectorError):
    """404: no such ticket, contact, route …"""

    status = 404


class Conflict(ConnectorError):
    """409: clashes with the present state; with `retry_after` when waiting helps."""

    status = 409


class Gone(ConnectorError):
    """410: removed for good."""

    status = 410


class TooLarge(ConnectorError):
    """413: the body is over the limit."""

    status = 413


class Unprocessable(ConnectorError):
    """422: well-formed but refused by a rule."""

    status = 422


class OutcomeUnknown(ConnectorError):
    """424: sent, but no answer came; never retried, because the work may be done already."""

    status = 424


class TooManyRequests(ConnectorError):
    """429: come back after `retry_after` seconds."""

    status = 429


class BadGateway(ConnectorError):
    """502: DeskDirector's answer could not be understood."""

    status = 502


class Unavailable(ConnectorError):
    """503: DeskDirector or our storage cannot be reached now; come back after `retry_after` seconds."""

    status = 503
