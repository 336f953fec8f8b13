"""One value of an answer -> the type of our field, or `MISSING` when it cannot be that."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from connector.annotations import declared_format, plain
from connector.deskdirector.dates import utc_time

MISSING: Final[Any] = object()
LONGEST_NUMBER: Final = 20
"""Digits of a number that comes as text; 64 bits have 19."""

Convert = Callable[[Any], Any]

_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_NAMES: Final = ("name", "Name")
_IDS: Final = ("id", "Id", "entityId", "EntityId")


class UnreadableError(Exception):
    """An object lacks fields that it cannot do without; `names` are their paths, under our names."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(", ".join(self.names))

    def below(self, place: str) -> "UnreadableError":
        """The same, seen from the object that has this one at `place`."""
        return UnreadableError(f"{place}.{name}" for name in self.names)


def converter(annotation: Any, read_entity: Callable[[type[BaseModel], dict[str, Any]], BaseModel]) -> Convert:
    """The converter for a field with this annotation; `read_entity` reads entities inside of entities."""
    if declared_format(annotation) == "date-time":
        return to_date
    options = _options(annotation)
    if len(options) > 1:
        return partial(_first_of, [converter(option, read_entity) for option in options])
    wants = plain(annotation)
    origin = get_origin(wants)
    if origin is list:
        return partial(_list, converter(get_args(wants)[0], read_entity))
    if origin is dict or wants is dict:
        return _dict
    if origin is Literal:
        return partial(_choice, get_args(wants))
    if isinstance(wants, type) and issubclass(wants, BaseModel):
        return partial(_entity, partial(read_entity, wants))
    return _SIMPLE.get(wants, _as_it_is)


def _options(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return [option for option in get_args(annotation) if option is not type(None)]
    return [annotation]


def is_bare(annotation: Any, value: Any) -> bool:
    """`"board": "Support"` names the board, `"board": 4` is its id; neither is the other."""
    wants = plain(annotation)
    return wants in (str, int) and isinstance(value, wants) and not isinstance(value, bool)


def _as_it_is(value: Any) -> Any:
    return value


def to_text(value: Any) -> Any:
    """Text as it is, numbers as text, the name of an object."""
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        return str(value)
    if kind is float and math.isfinite(value):
        return str(int(value) if value.is_integer() else value)
    return to_text(_member(value, _NAMES)) if kind is dict else MISSING


def to_whole(value: Any) -> Any:
    """A whole number as it is or as text, the id of an object."""
    kind = type(value)
    if kind is int:
        return value
    if kind is str:
        if value.isdecimal() and value.isascii() and len(value) <= LONGEST_NUMBER:
            return int(value)
        text = value.strip().removesuffix(".0")
        is_number = len(text) <= LONGEST_NUMBER and text.isascii() and text.removeprefix("-").isdecimal()
        return int(text) if is_number else MISSING
    if kind is float and value.is_integer():
        return int(value)
    return to_whole(_member(value, _IDS)) if kind is dict else MISSING


def _number(value: Any) -> Any:
    if type(value) not in (int, float, str):
        return MISSING
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return MISSING
    return number if math.isfinite(number) else MISSING


def _flag(value: Any) -> Any:
    return value if type(value) is bool else _FLAGS.get(str(value).strip().lower(), MISSING)


def to_date(value: Any) -> Any:
    """A date in any of its forms as ISO 8601 in UTC."""
    moment = utc_time(value)
    return MISSING if moment is None else moment


def _dict(value: Any) -> Any:
    return value if type(value) is dict else MISSING


def _choice(choices: tuple[Any, ...], value: Any) -> Any:
    return value if value in choices else MISSING


def _list(convert: Convert, value: Any) -> Any:
    items = value if type(value) is list else [value]
    if convert is _as_it_is and None not in items:
        return items
    if convert is to_text and _TEXT.issuperset(map(type, items)):
        return items
    converted = []
    for index, item in enumerate(items):
        if item is None:
            continue
        try:
            done = convert(item)
        except UnreadableError as problem:
            raise problem.below(str(index)) from None
        if done is not MISSING:
            converted.append(done)
    return converted


def _entity(read: Callable[[dict[str, Any]], BaseModel], value: Any) -> Any:
    return read(value) if type(value) is dict else MISSING


def _first_of(converters: list[Convert], value: Any) -> Any:
    return next((done for convert in converters if (done := convert(value)) is not MISSING), MISSING)


def _member(value: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


_TEXT: Final = frozenset({str})
_SIMPLE: Final[dict[Any, Convert]] = {str: to_text, int: to_whole, float: _number, bool: _flag}

KINDS: Final[dict[Convert, type]] = {convert: kind for kind, convert in _SIMPLE.items() if kind is not float}
"""Converters that leave values of one type as they are, and that type."""
