"""Inline route constraints (`{id:int}`) with the meanings that ASP.NET Core gives them.

The Functions host inherits them; each is a predicate on the decoded text of one route value.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

Constraint: TypeAlias = Callable[[str], bool]

# Digits are bounded here, because Python refuses to read thousands of them; leading zeros may be many.
_INTEGER: Final = re.compile(r"[ \t-\r]*([+-]?)0*([0-9]{1,19})[ \t-\r]*")
_DECIMAL: Final = re.compile(r"\s*[+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)[+-]?\s*")
_FLOAT: Final = re.compile(
    r"\s*[+-]?(?:(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|infinity|nan|∞)\s*", re.IGNORECASE
)
_DECIMAL_LIMIT: Final = 79_228_162_514_264_337_593_543_950_335
_HYPHENATED: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GUID: Final = re.compile(
    rf"\s*(?:[0-9a-f]{{32}}|{_HYPHENATED}|\({_HYPHENATED}\)|\{{{_HYPHENATED}\}})\s*", re.IGNORECASE
)
_DATE_FORMATS: Final = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%H:%M", "%H:%M:%S")


class ConstraintError(ValueError):
    """A route uses a constraint that does not exist or has arguments that it cannot take."""


def constraint(text: str) -> Constraint:
    """The predicate for one constraint as written in a template: `int`, `length(2,5)`, `regex(^a+$)`.

    Raises `ConstraintError` for an unknown name or wrong arguments.
    """
    name, parenthesis, rest = text.partition("(")
    arguments = rest.removesuffix(")") if parenthesis else None
    try:
        if arguments is None:
            return _PLAIN[name.lower()]
        return _WITH_ARGUMENTS[name.lower()](arguments)
    except (KeyError, ValueError, TypeError, re.error) as problem:
        raise ConstraintError(f"The route constraint '{text}' is not one that Azure Functions knows.") from problem


def _whole(text: str, bits: int = 64) -> int | None:
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    number = int(found[1] + found[2])
    return number if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else None


def _is_decimal(text: str) -> bool:
    if _DECIMAL.fullmatch(text) is None:
        return False
    digits = text.replace(",", "").strip().strip("+-").partition(".")[0].lstrip("0")
    return len(digits) <= len(str(_DECIMAL_LIMIT)) and int(digits or "0") <= _DECIMAL_LIMIT


def _is_datetime(text: str) -> bool:
    """ISO 8601 and the invariant culture's usual forms; .NET accepts a few more exotic ones."""
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return any(_parses(text.strip(), form) for form in _DATE_FORMATS)
    return True


def _parses(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007  only its validity matters
    except ValueError:
        return False
    return True


def _length(arguments: str) -> Constraint:
    low, comma, high = arguments.partition(",")
    least, most = int(low), int(high if comma else low)
    return lambda text: least <= len(text) <= most


def _range(arguments: str) -> Constraint:
    low, high = (int(part) for part in arguments.split(","))
    return lambda text: (number := _whole(text)) is not None and low <= number <= high


def _min(arguments: str) -> Constraint:
    low = int(arguments)
    return lambda text: (number := _whole(text)) is not None and number >= low


def _max(arguments: str) -> Constraint:
    high = int(arguments)
    return lambda text: (number := _whole(text)) is not None and number <= high


def _min_length(arguments: str) -> Constraint:
    least = int(arguments)
    return lambda text: len(text) >= least


def _max_length(arguments: str) -> Constraint:
    most = int(arguments)
    return lambda text: len(text) <= most


def _regex(pattern: str) -> Constraint:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.search(text) is not None


_PLAIN: Final[dict[str, Constraint]] = {
    "int": lambda text: _whole(text, 32) is not None,
    "long": lambda text: _whole(text, 64) is not None,
    "bool": lambda text: text.strip().lower() in ("true", "false"),
    "alpha": lambda text: re.fullmatch("[a-z]*", text, re.IGNORECASE | re.ASCII) is not None,
    "guid": lambda text: _GUID.fullmatch(text) is not None,
    "decimal": _is_decimal,
    "double": lambda text: _FLOAT.fullmatch(text) is not None,
    "float": lambda text: _FLOAT.fullmatch(text) is not None,
    "datetime": _is_datetime,
    "required": lambda text: text != "",
}
_WITH_ARGUMENTS: Final[dict[str, Callable[[str], Constraint]]] = {
    "minlength": _min_length,
    "maxlength": _max_length,
    "length": _length,
    "min": _min,
    "max": _max,
    "range": _range,
    "regex": _regex,
}
