"""What a handler answers: an `Answer`, or a `RefusedError` when it refuses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
CONNECTOR = "/api/v2/automate/connector"
INT32 = 2**31 - 1
INT64 = 2**63 - 1
DEFAULT_TAKE = 50
MAX_TAKE = 200

T = TypeVar("T")


def dump(value: object) -> bytes:
    """Compact UTF-8 JSON; half a surrogate pair becomes a question mark, as it has no UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


@dataclass(slots=True)
class Answer:
    """A finished answer: `body` is JSON already, unless `content_type` says otherwise."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    @classmethod
    def of(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answer":
        """The answer that carries `value` as JSON."""
        return cls(status, dump(value), headers or {})


class RefusedError(Exception):
    """The call is not done; `status` and the JSON object `body` say why."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status, body)
        self.answer = Answer.of(body, status)


def bad_request(**errors: str) -> RefusedError:
    """400 in the shape of ASP.NET's validation problem: one text a field."""
    return RefusedError(
        400,
        {
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {name: [text] for name, text in errors.items()},
        },
    )


def unauthorized() -> RefusedError:
    """401 for a missing, wrong or expired credential."""
    return RefusedError(401, {"message": "Authorization has been denied for this request."})


def forbidden(message: str) -> RefusedError:
    """403: known, but not allowed to do this."""
    return RefusedError(403, {"message": message})


def not_found(what: str, key: object) -> RefusedError:
    """404 for one object."""
    return RefusedError(404, {"message": f"{what} {key} was not found."})


def conflict(message: str) -> RefusedError:
    """409: a limit or the present state forbids it."""
    return RefusedError(409, {"message": message})


def page(items: Sequence[T], take: int | None, skip: int | None) -> Sequence[T]:
    """The asked window of a list. DeskDirector publishes neither default nor cap; these are the simulator's."""
    start = max(skip or 0, 0)
    size = DEFAULT_TAKE if take is None else min(max(take, 0), MAX_TAKE)
    return items[start : start + size]
