"""The slow, forgiving reader: for answers that do not have the common shape.

It walks the same declared paths as the fast reader in `models.py`, but takes keys in any casing (API v1 writes
PascalCase), looks through a named envelope (`{"ticket": {…}}`), accepts a bare list where a page is expected and a bare
id or name where a reference is, mends dates, and leaves out an optional value that it cannot read.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args, get_origin

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from connector.annotations import declared_format, plain
from connector.deskdirector.errors import BadGateway
from connector.naming import camel

M = TypeVar("M", bound=BaseModel)
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_DAY = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29"
UTC_TIME = f"^(?:{_YEAR}-{_DAY}|{_LEAP_DAY})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{{1,7}})?Z$"
"""A moment of the calendar, in UTC: what looks like one and is none, such as 30 February, does not match."""
_MISSING: Any = object()


def read_tolerantly(model: type[M], data: Any) -> M:
    """Read parsed JSON as `model` by every means there is, or raise `BadGateway` naming what is missing."""
    try:
        return model.model_validate(shape(model, data), by_alias=False, by_name=True)
    except ValidationError as problem:
        places = [error["loc"] for error in problem.errors(include_input=False)]
        names = sorted({".".join(camel(str(part)) for part in place) for place in places})
        raise BadGateway(
            "UpstreamShapeUnknown",
            f"DeskDirector's answer lacks or garbles {', '.join(names)}; its API may have changed, "
            "run the `doctor` command against this site to see what differs.",
        ) from None


def shape(model: type[BaseModel], data: Any) -> dict[str, Any]:
    """`data` as arguments of `model`, by field name; what is not found is left out."""
    data = _unwrap(model, data)
    if not isinstance(data, dict):
        return {}
    keys = _folded(data)
    found = {}
    for name, info in model.model_fields.items():
        value = next(_values(keys, name, info), _MISSING)
        if value is not _MISSING:
            found[name] = value
    return found


def _unwrap(model: type[BaseModel], data: Any) -> Any:
    if isinstance(data, list):
        return {"results": data} if "results" in model.model_fields else (data[0] if len(data) == 1 else {})
    required = [(name, info) for name, info in model.model_fields.items() if info.is_required()]
    while isinstance(data, dict) and len(data) == 1:
        (inner,) = data.values()
        keys = _folded(data)
        if not isinstance(inner, dict) or any(next(_values(keys, *field), None) is not None for field in required):
            break
        data = inner
    return data


def _folded(data: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in data.items()}


def _values(keys: dict[str, Any], name: str, info: FieldInfo) -> Iterator[Any]:
    """Every usable value of a field, best first."""
    paths = list(_paths(name, info))
    heads = {path[0] for path in paths if len(path) > 1}
    for path in paths:
        value = _walk(keys, path)
        if value is None or (len(path) == 1 and path[0] in heads and not _is_bare_reference(info.annotation, value)):
            continue
        converted = _convert(info, value)
        if converted is not _MISSING:
            yield converted


def _paths(name: str, info: FieldInfo) -> Iterator[tuple[str, ...]]:
    alias = info.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    for choice in choices:
        parts = choice.path if isinstance(choice, AliasPath) else [choice]
        yield tuple(str(part).lower() for part in parts)


def _walk(keys: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = keys
    for depth, part in enumerate(path):
        if not isinstance(value, dict):
            return None
        value = (value if depth == 0 else _folded(value)).get(part)
    return value


def _is_bare_reference(annotation: Any, value: Any) -> bool:
    """`"board": "Support"` names the board, `"board": 4` is its id; neither is the other."""
    wants = plain(annotation)
    return isinstance(value, wants) if wants in (str, int) and not isinstance(value, bool) else False


def _convert(info: FieldInfo, value: Any) -> Any:
    annotation = plain(info.annotation)
    if get_origin(annotation) is list:
        (item,) = get_args(annotation)
        values = value if isinstance(value, list) else [value]
        kept = (_convert_one(plain(item), one) for one in values)
        return [one for one in kept if one is not _MISSING]
    if declared_format(info.annotation) == "date-time":
        return _timestamp(value)
    return _convert_one(annotation, value)


def _convert_one(wants: Any, value: Any) -> Any:
    if isinstance(wants, type) and issubclass(wants, BaseModel):
        return shape(wants, value) if isinstance(value, dict) else _MISSING
    if wants is bool:
        return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower(), _MISSING)
    if isinstance(value, dict):
        return (
            value
            if wants in (dict, Any) or get_origin(wants) is dict
            else _convert_one(wants, _folded(value).get("name"))
        )
    if wants is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if wants is int and isinstance(value, (str, float)):
        return int(value) if str(value).removesuffix(".0").lstrip("-").isdecimal() else _MISSING
    # `Any` is a class since Python 3.11, but none to ask for instances.
    return value if wants is Any or not isinstance(wants, type) or isinstance(value, wants) else _MISSING


def _timestamp(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(UTC_TIME, value):
        return value
    try:
        moment = (
            datetime.fromtimestamp(value, UTC)
            if isinstance(value, (int, float))
            else datetime.fromisoformat(str(value))
        )
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return _MISSING
    return moment.replace(tzinfo=None).isoformat() + "Z"
