"""The forms that answers take under mutations: functions from a JSON value or an `Answer` to another one."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.simulator.clock import TICKS_PER_SECOND, ticks
from workbench.simulator.wire import CONNECTOR, JSON_TYPE, Answer, dump

PAGE = 10
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_COUNTS = ("totalResults", "total", "resultsCount")
# How a name reads when another one has the value; the first only of tickets, which have a board or a queue.
_OTHER_NAMES: Mapping[str, str] = {
    "board": "queue",
    "company": "account",
    "assignedMembers": "assignedAgents",
    "userGroup": "contactGroup",
    "createdOn": "createdAt",
    "email": "emailAddress",
    "note": "content",
    "results": "items",
}


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What an answer is an answer to."""

    method: str
    path: str
    site: str


def changed(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """An answer with its JSON changed."""
    return Answer(answer.status, dump(change(json.loads(answer.body))), answer.headers, answer.content_type)


def is_data(request: RequestHead, answer: Answer) -> bool:
    """Whether an answer is a success with entities in it: no schema, no document, no access token."""
    return bool(
        answer.status < 300
        and answer.body
        and answer.content_type == JSON_TYPE
        and not re.search(r"/schema2?/|/\$|/swagger|/openapi|/userkey$", request.path)
    )


def text_ids(value: Any) -> Any:
    """`id`, `entityId` and everything that ends in `Id` as text."""
    match value:
        case list():
            return [text_ids(item) for item in value]
        case dict():
            return {
                key: str(inner)
                if (key == "id" or key.endswith("Id")) and isinstance(inner, int) and not isinstance(inner, bool)
                else text_ids(inner)
                for key, inner in value.items()
            }
    return value


def pascal_case(value: Any) -> Any:
    """Every key with a capital."""
    match value:
        case list():
            return [pascal_case(item) for item in value]
        case dict():
            return {_capital(key): pascal_case(inner) for key, inner in value.items()}
    return value


def half_pascal(value: Any) -> Any:
    """Every other key with a capital."""
    match value:
        case list():
            return [half_pascal(item) for item in value]
        case dict():
            return {
                _capital(key) if place % 2 else key: half_pascal(inner)
                for place, (key, inner) in enumerate(value.items())
            }
    return value


def _capital(key: str) -> str:
    return key[:1].upper() + key[1:]


def zoneless_dates(value: Any) -> Any:
    """Dates without their `Z`."""
    return _with_dates(value, lambda date: date.removesuffix("Z"))


def ticks_dates(value: Any) -> Any:
    """Dates as `/Date(1530163106946)/`."""
    return _with_dates(value, lambda date: f"/Date({ticks(date) * 1000 // TICKS_PER_SECOND})/")


def _with_dates(value: Any, write: Callable[[str], str]) -> Any:
    match value:
        case list():
            return [_with_dates(item, write) for item in value]
        case dict():
            return {key: _with_dates(inner, write) for key, inner in value.items()}
        case str() if _DATE.fullmatch(value):
            return write(value)
    return value


def null_first(value: Any) -> Any:
    """The usual name with null, another name with the value."""
    match value:
        case list():
            return [null_first(item) for item in value]
        case dict():
            names = {**_OTHER_NAMES, "name": "summary"} if "board" in value else _OTHER_NAMES
            made: dict[str, Any] = {}
            for key, inner in value.items():
                if key in names and names[key] not in value:
                    made[key], made[names[key]] = None, null_first(inner)
                else:
                    made[key] = null_first(inner)
            return made
    return value


def enveloped(request: RequestHead, answer: Answer) -> Answer:
    """`{"ticket": …}` for one entity, `{"tickets": […]}` for a list, as legacy v2 does for forms."""
    entity = _entity(request.path)
    if not entity or not is_data(request, answer):
        return answer

    def wrap(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "results" in value:
            return {f"{entity}s" if key == "results" else key: inner for key, inner in value.items()}
        return {entity: value} if "id" in value else value

    return changed(answer, wrap)


def _entity(path: str) -> str:
    """What a path of the connector surface is about: `user-groups/find` is about a `userGroup`."""
    if not path.startswith(CONNECTOR):
        return ""
    words = [part for part in path.removeprefix(CONNECTOR).split("/") if re.fullmatch(r"[a-z][a-z-]+s", part)]
    if not words:
        return ""
    first, *others = words[-1].removesuffix("s").split("-")
    first = re.sub("ie$", "y", first)
    return first + "".join(re.sub("ie$", "y", word).title() for word in others)


def clamped(request: RequestHead, answer: Answer) -> Answer:
    """Ten a page at most where a caller can ask for the next one, and no total."""
    return _with_list(request, answer, lambda value: {**_uncounted(value), "results": value["results"][:PAGE]})


def page_counts(request: RequestHead, answer: Answer) -> Answer:
    """`resultsCount`, the number in this answer (facts, part 2), and no total."""
    return _with_list(request, answer, lambda value: {"resultsCount": len(value["results"]), **_uncounted(value)})


def _uncounted(value: dict[str, Any]) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key not in _COUNTS}


def _with_list(request: RequestHead, answer: Answer, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
    paged = request.path.endswith(("/find", "/email-templates", "/forms", "/workflows", "/teams", "/notes"))
    if not paged or not is_data(request, answer):
        return answer

    def apply(value: Any) -> Any:
        return change(value) if isinstance(value, dict) and isinstance(value.get("results"), list) else value

    return changed(answer, apply)


def bodiless(request: RequestHead, answer: Answer) -> Answer:
    """204 for a change and an empty list, 201 with `Location` for something new, 202 for a notification."""
    if answer.status >= 300 or answer.content_type != JSON_TYPE or "/_control" in request.path:
        return answer
    value = json.loads(answer.body) if answer.body else {}
    if request.method in {"PATCH", "PUT", "DELETE"} or value.get("results") == []:
        return Answer(204, b"", answer.headers)
    if request.path.endswith("/notifications"):
        return Answer(202, b"", answer.headers)
    if answer.status == 201:
        return Answer(201, b"", answer.headers)
    if request.method == "POST" and request.path.endswith(("/tickets", "/contacts", "/notes")) and "id" in value:
        return Answer(201, b"", {**answer.headers, "Location": f"http://{request.site}{request.path}/{value['id']}"})
    return answer


def _reasons(answer: Answer) -> tuple[str, dict[str, list[str]]]:
    """The general sentence of an error and its reasons by field."""
    body = json.loads(answer.body)
    return body.get("message") or body.get("title") or "", body.get("errors") or {}


def _is_error(answer: Answer) -> bool:
    return answer.status >= 400 and answer.content_type == JSON_TYPE and bool(answer.body)


def model_state(_: RequestHead, answer: Answer) -> Answer:
    """`{"Message": …, "ModelState": {"req.boardId": […]}}`; without fields the reason is `MessageDetail`."""
    if not _is_error(answer):
        return answer
    message, errors = _reasons(answer)
    if errors:
        state = {f"req.{name}": texts for name, texts in errors.items()}
        return Answer.of({"Message": "The request is invalid.", "ModelState": state}, answer.status, answer.headers)
    body = {"Message": "An error has occurred.", "MessageDetail": message}
    return Answer.of(body, answer.status, answer.headers)


def problem_details(_: RequestHead, answer: Answer) -> Answer:
    """`{"type", "title", "status", "detail", "errors", "traceId"}`: a general title, the reason below."""
    if not _is_error(answer):
        return answer
    message, errors = _reasons(answer)
    body = {"type": "https://tools.ietf.org/html/rfc9110#section-15.5", "status": answer.status}
    body |= {"title": "One or more validation errors occurred.", "errors": errors} if errors else {"title": "An error"}
    body |= {} if errors else {"detail": message}
    body["traceId"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    answer = Answer.of(body, answer.status, answer.headers)
    answer.content_type = "application/problem+json; charset=utf-8"
    return answer


def inner_errors(_: RequestHead, answer: Answer) -> Answer:
    """`{"error": {"code", "message", "innererror": {"message", "innererror": …}}}`, the reason innermost."""
    if not _is_error(answer):
        return answer
    message, errors = _reasons(answer)
    reason = " ".join(text for texts in errors.values() for text in texts) or message
    inner = {"type": "System.AggregateException", "message": "See the inner error.", "innererror": {"message": reason}}
    body = {"error": {"code": "BadRequest", "message": "An error has occurred.", "innererror": inner}}
    return Answer.of(body, answer.status, answer.headers)
