"""One lenient reader for all inputs: what clients send -> a model that holds what its operation works with.

Every operation and every face reads through `read`. The rule for a value follows from the kind of its field, which
follows from its declaration; no operation has rules of its own. `docs/inputs.md` states them for makers.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from connector.annotations import plain
from connector.operations.fields import Input
from connector.operations.problems import Problems, refusal
from connector.operations.value_readers import NOT_GIVEN, Reader, Reading, UnreadableError, object_in, reader_of
from connector.texts import is_blank

I = TypeVar("I", bound=Input)  # noqa: E741

CLIENTS_OWN = frozenset({"toolCallId", "sessionId", "action", "chatInput", "tool"})
"""Arguments that clients (n8n from 1.119) add of their own; dropped where an operation has no field of that name."""
_NOWHERE: Mapping[str, str] = {}


def read(model: type[I], values: Mapping[str, Any], reading: Reading, elsewhere: Mapping[str, str] = _NOWHERE) -> I:
    """The model for `values` as a client sent them; raises `BadRequest`, which names at most ten problems.

    `elsewhere` has names that the operation takes in another place, each with where: `the body`.
    """
    readers = _readers(model)
    taken: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    unknown: list[str] = []
    for name, value in values.items():
        reader = readers.get(name)
        if reader is None:
            if name in elsewhere or not is_clients_own(name):
                unknown.append(name)
        elif not is_blank(value):
            try:
                result = reader(value, reading)
            except UnreadableError as problem:
                unreadable[name + problem.place] = problem.remedy
                continue
            if result is not NOT_GIVEN:
                taken[name] = result
    try:
        checked: I = model.__pydantic_validator__.validate_python(taken)
    except ValidationError as error:
        raise refusal(list(readers), elsewhere=elsewhere, unreadable=unreadable, unknown=unknown, error=error) from None
    if unreadable or unknown:
        raise refusal(list(readers), elsewhere=elsewhere, unreadable=unreadable, unknown=unknown, error=None)
    return checked


def is_clients_own(name: str) -> bool:
    """Whether an argument is a client's own business."""
    return name in CLIENTS_OWN or name[:2].lower() == "x-"


def _reader(name: str, info: FieldInfo, model: type[Input]) -> Reader:
    """The reader of a field; the value of one that is an input itself is read like any input."""
    kind = plain(info.annotation)
    if isinstance(kind, type) and issubclass(kind, Input):
        return _group_reader(kind)
    return reader_of(name, info, relative_dates=model.takes_relative_dates)


def _group_reader(model: type[Input]) -> Reader:
    def read_group(value: Any, reading: Reading) -> Any:
        content = object_in(value)
        if content is NOT_GIVEN:
            return NOT_GIVEN
        try:
            group = read(model, content, reading)
        except Problems as problems:
            raise UnreadableError(f"cannot be used: {problems.details[0]}") from None
        return group if group.model_fields_set else NOT_GIVEN

    return read_group


@cache
def _readers(model: type[Input]) -> Mapping[str, Reader]:
    """The reader of every field, by the name that clients use."""
    return {
        str(info.alias or name): _reader(str(info.alias or name), info, model)
        for name, info in model.model_fields.items()
    }
