"""Failures by status: one table for every definition and document."""

from collections.abc import Mapping
from typing import NamedTuple

from connector.operations.operation import Operation
from connector.operations.signature import signature_of


class Failure(NamedTuple):
    """One status.

    `name` is its key among the shared responses of OpenAPI, `code` the commonest of its error codes, `short` the
    sentence that swagger repeats in every operation, `can_be_repeated` whether the response may carry `Retry-After`.
    """

    name: str
    code: str
    short: str
    meaning: str
    can_be_repeated: bool = False


FAILURES: Mapping[int, Failure] = {
    400: Failure(
        "WrongInput",
        "InvalidInput",
        "Wrong or missing input.",
        "A value is missing, wrong or ambiguous; the message names it and what it takes.",
    ),
    401: Failure(
        "ConnectionRefused",
        "ApiKeyRefused",
        "The connection is refused.",
        "The site host or the API key is missing or refused.",
    ),
    403: Failure("NotAllowed", "NotPermitted", "This is not allowed.", "The connection may not do this."),
    404: Failure("NotFound", "TicketNotFound", "No record has this id.", "No record has this id."),
    409: Failure(
        "InConflict",
        "RepeatInProgress",
        "The same request is still running.",
        "It conflicts with the record in DeskDirector, or the same request is still running.",
        True,
    ),
    413: Failure(
        "TooLarge", "BodyTooLarge", "The request is too large.", "The body or the query is larger than the app takes."
    ),
    422: Failure(
        "Contradiction",
        "IdempotencyKeyReused",
        "The idempotency key was used for another request.",
        "The idempotency key belongs to another request.",
    ),
    424: Failure(
        "OutcomeUnknown",
        "OutcomeUnknown",
        "The outcome is unknown.",
        "It may have been done, but DeskDirector did not respond; check there before you repeat it.",
    ),
    429: Failure("TooManyRequests", "TooManyRequests", "Too many requests.", "Too many requests at once.", True),
    502: Failure(
        "AnswerNotUnderstood",
        "UpstreamNotApi",
        "The response of DeskDirector is not understood.",
        "DeskDirector returned something that is not its API.",
    ),
    503: Failure(
        "Unavailable",
        "UpstreamUnavailable",
        "DeskDirector is unreachable.",
        "DeskDirector or the app's storage is unreachable.",
        True,
    ),
}


def failures_of(operation: Operation) -> list[int]:
    """The statuses that an operation may fail with."""
    signature = signature_of(operation)
    statuses = {503}
    if signature.fields(operation):
        statuses |= {400, 413}
    if signature.dd:
        statuses |= {401, 403, 404, 429, 502}
    if operation.path_names:
        statuses.add(404)
    if not operation.effects.idempotent:
        statuses |= {409, 422, 424}
    return sorted(statuses)
