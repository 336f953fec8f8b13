"""What passes between the server and a handler: a `Call` in, an `Answer` out, a `RefusedError` when it will not do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .app import Simulator
    from .auth import Caller
    from .tenant import Tenant

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


@dataclass(slots=True)
class Call:
    """One request, authenticated and routed. `params` are the decoded path values, `body` the parsed JSON."""

    simulator: "Simulator"
    tenant: "Tenant"
    caller: "Caller"
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None

    def number(self, name: str, limit: int = INT32) -> int:
        """A numeric path value; anything else is a path that does not exist, as with an ASP.NET route constraint."""
        text = self.params[name]
        if not text.isdecimal() or int(text) > limit:
            raise not_found(name, text)
        return int(text)

    def required_query(self, name: str) -> str:
        """A query value that must be there."""
        if not self.query.get(name):
            raise bad_request(**{name: f"The {name} field is required."})
        return self.query[name]

    def query_number(self, name: str, default: int | None = None, limit: int = INT32) -> int:
        """A whole number of the query; 400 when it is missing without a default, or is no number."""
        text = self.query.get(name, "")
        if not text and default is not None:
            return default
        if not text.isdecimal() or int(text) > limit:
            raise bad_request(**{name: f"The value '{text}' is not valid."})
        return int(text)

    def query_flag(self, name: str, *, default: bool = False) -> bool:
        """`true` or `false` of the query."""
        text = self.query.get(name, "").lower()
        if text not in {"", "true", "false"}:
            raise bad_request(**{name: f"The value '{text}' is not valid."})
        return default if not text else text == "true"


def page(items: Sequence[T], take: int | None, skip: int | None) -> Sequence[T]:
    """The asked window of a list. DeskDirector publishes neither default nor cap; these are the simulator's."""
    start = max(skip or 0, 0)
    size = DEFAULT_TAKE if take is None else min(max(take, 0), MAX_TAKE)
    return items[start : start + size]
