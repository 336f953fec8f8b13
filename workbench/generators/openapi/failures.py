"""What can go wrong, by status: the same words in the OpenAPI file and in the documents."""

from collections.abc import Mapping
from typing import NamedTuple

from connector.operations.operation import Operation
from connector.operations.signature import signature_of


class Failure(NamedTuple):
    """One status. `name` is its key among the shared responses."""

    name: str
    meaning: str
    can_be_repeated: bool = False


FAILURES: Mapping[int, Failure] = {
    400: Failure("WrongInput", "A value is missing, wrong or ambiguous; the message names it and what it takes."),
    401: Failure("ConnectionRefused", "The site host or the API key is missing or refused."),
    403: Failure("NotAllowed", "The connection may not do this."),
    404: Failure("NotFound", "There is nothing with this id."),
    409: Failure("InConflict", "It clashes with what is there, or the same request is still under way.", True),
    413: Failure("TooLarge", "The body is larger than the app takes."),
    422: Failure("Contradiction", "The idempotency key belongs to another request."),
    424: Failure("OutcomeUnknown", "It may have been done, but no answer came; look before you repeat it."),
    429: Failure("TooManyRequests", "Too many requests at once.", True),
    502: Failure("AnswerNotUnderstood", "DeskDirector answered something that is not its API."),
    503: Failure("Unavailable", "DeskDirector or the app's storage is out of reach.", True),
}
_UPSTREAM = (429, 502, 503)


def failures_of(operation: Operation) -> list[int]:
    """The statuses that an operation may fail with."""
    signature = signature_of(operation)
    fields = signature.fields(operation)
    found = {400} if fields else set[int]()
    if signature.dd:
        found |= {401, 403, *_UPSTREAM}
    if operation.path_names:
        found.add(404)
    if signature.body:
        found.add(413)
    if not operation.effects.idempotent:
        found |= {409, 422, 424}
    return sorted(found)
