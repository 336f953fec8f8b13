"""How one value is read, by the kind of its field: `reader_of` gives the function for it.

A reader takes whatever JSON has and returns what the field's type checks, `NOT_GIVEN` for what is blank, or raises
`UnreadableError` with half a sentence that follows the field's name.
"""

import difflib
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from connector.annotations import declared_format, marks, plain
from connector.json_text import MAX_DEPTH, JsonError, depth_of, read_json
from connector.operations.field_model import Reference
from connector.operations.input_kinds import (
    Clearable,
    EmptyListCounts,
    HoldsCommas,
    JsonAsText,
    Key,
    OwnFields,
    TicketNumber,
)
from connector.operations.input_limits import most_items
from connector.operations.moments import RELATIVE_FORMS, MomentError, moment_of, relative_moment
from connector.texts import address_in, cleaned, cleaned_content, is_blank, is_clean

NOT_GIVEN: Any = object()
_WHOLE = re.compile(r"[+-]?\d{1,25}(\.0{1,10})?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})", re.ASCII)
_NUMBER_MARK = re.compile(r"(?:ticket)?+\s*+(?:[#t]\s*+)?+(?=\d)", re.ASCII | re.IGNORECASE)
_YES, _NO = frozenset(("true", "yes", "y", "on", "1", "t")), frozenset(("false", "no", "n", "off", "0", "f"))
_ID_OR_ADDRESS = re.compile(r"\s*(\d+|[^@\s,]+@[^@\s,]+)\s*", re.ASCII)


class UnreadableError(Exception):
    """A value that no reading makes sense of. `place` is where inside the field, for lists."""

    def __init__(self, remedy: str, place: str = "") -> None:
        super().__init__(remedy)
        self.remedy = remedy
        self.place = place


@dataclass(slots=True)
class Reading:
    """The call that is read: in which zone its days begin, and what there is to say about its inputs."""

    zone: tzinfo = UTC
    notices: list[str] = field(default_factory=list)


Reader = Callable[[Any, Reading], Any]


def reader_of(name: str, info: FieldInfo, *, relative_dates: bool = False) -> Reader:
    """The reader for a field of this declaration; `relative_dates`: moments may be `-7d` or `monday`."""
    return _reader(
        name, info.annotation, [info, *info.metadata, *marks(info.annotation)], relative_dates=relative_dates
    )


def _reader(name: str, annotation: Any, field_marks: Sequence[Any], *, relative_dates: bool) -> Reader:
    kind = plain(annotation)
    marked = {type(mark) for mark in field_marks}
    if get_origin(kind) is Literal:
        return _choice_reader(get_args(kind))
    if get_origin(kind) is list:
        return _list_reader(name, kind, field_marks)
    if kind is int:
        return _read_ticket_number if TicketNumber in marked else _read_whole
    if kind is float:
        return _read_number
    if kind is bool:
        return _read_yes_or_no
    if kind is not str:
        return _read_own_fields if OwnFields in marked else _read_object
    return _text_reader(name, annotation, field_marks, relative_dates=relative_dates)


def _text_reader(name: str, annotation: Any, field_marks: Sequence[Any], *, relative_dates: bool) -> Reader:
    marked = {type(mark) for mark in field_marks}
    form = declared_format(annotation) or _format_of(field_marks)
    if form == "date-time":
        return _moment_reader(name) if relative_dates else _read_moment
    if form == "email":
        return _read_address
    if JsonAsText in marked:
        return _read_json_text
    if any(isinstance(mark, Reference) and mark.several for mark in field_marks):
        return _read_names
    return _read_key if marked & {Key, Reference} else _read_text


def _format_of(field_marks: Sequence[Any]) -> str | None:
    extras = (getattr(mark, "json_schema_extra", None) for mark in field_marks)
    return next((str(extra["format"]) for extra in extras if isinstance(extra, dict) and "format" in extra), None)


def _as_text(value: Any) -> str:
    """A text, or a number as its digits."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is float and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    raise UnreadableError("must be text")


def _read_text(value: Any, reading: Reading) -> Any:
    del reading
    text = cleaned(_as_text(value))
    return NOT_GIVEN if is_blank(text) else text


def _read_key(value: Any, reading: Reading) -> str:
    """An id, a key or a name: what it stands for depends on every character, so none is dropped silently."""
    del reading
    text = _as_text(value)
    if not is_clean(text) or "\ufffd" in text:
        raise UnreadableError("has control characters or halves of characters in it; take them out")
    return text


def _read_names(value: Any, reading: Reading) -> Any:
    """One or several ids or names; those of a list stand in lines of their own, since a name may have commas."""
    if type(value) is str and value.lstrip()[:1] == "[":
        try:
            value = read_json(value)
        except JsonError:
            return _read_key(value, reading)
    if type(value) is not list:
        return _read_key(value, reading)
    return "\n".join(_read_key(key, reading) for key in value if not is_blank(key)) or NOT_GIVEN


def _read_address(value: Any, reading: Reading) -> str:
    return address_in(_read_key(value, reading))


def _read_json_text(value: Any, reading: Reading) -> str:
    """JSON as text; an object or a list is written as such."""
    del reading
    if type(value) not in (dict, list):
        return _as_text(value)
    _check_depth(value)
    return json.dumps(cleaned_content(value), ensure_ascii=False)


def _read_moment(value: Any, reading: Reading) -> str:
    del reading
    try:
        return moment_of(_as_text(value))
    except MomentError as problem:
        raise UnreadableError(str(problem)) from None


def _moment_reader(name: str) -> Reader:
    def read(value: Any, reading: Reading) -> str:
        try:
            text = _as_text(value)
            moment = relative_moment(text, datetime.now(UTC), reading.zone)
            if moment is None:
                return moment_of(text)
        except MomentError as problem:
            raise UnreadableError(f"{problem}, or {RELATIVE_FORMS}") from None
        reading.notices.append(f"'{name}' {text.strip()} was taken as {moment}.")
        return moment

    return read


def _read_whole(value: Any, reading: Reading) -> int:
    del reading
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is str and _WHOLE.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    raise UnreadableError("must be a whole number")


def _read_ticket_number(value: Any, reading: Reading) -> int:
    """A ticket number as people write it: 11500, #11500, T11500."""
    if type(value) is str:
        value = value.strip()
        mark = _NUMBER_MARK.match(value)
        value = value[mark.end() :] if mark else value
    return _read_whole(value, reading)


def _read_number(value: Any, reading: Reading) -> float | int:
    del reading
    if type(value) in (int, float) and math.isfinite(value):
        number: float | int = value
        return number
    if type(value) is str and _DECIMAL.fullmatch(value.strip()):
        return float(value)
    raise UnreadableError("must be a number")


def _read_yes_or_no(value: Any, reading: Reading) -> bool:
    del reading
    if type(value) is bool:
        return value
    word = str(value).strip().lower() if type(value) in (str, int, float) and str(value).isascii() else ""
    word = {"1.0": "1", "0.0": "0"}.get(word, word)
    if word in _YES or word in _NO:
        return word in _YES
    raise UnreadableError("must be true or false")


def _choice_reader(choices: Sequence[str]) -> Reader:
    spelled = {choice_key(choice): choice for choice in choices}
    remedy = f"must be one of {', '.join(choices)}"

    def read(value: Any, reading: Reading) -> str:
        del reading
        choice = spelled.get(choice_key(value)) if type(value) is str else None
        if choice is None:
            raise UnreadableError(remedy)
        return choice

    return read


def choice_key(text: str) -> str:
    """A choice without its case and spacing: `This week`, `thisWeek` and `this_week` are the same."""
    return re.sub(r"[\s_-]+", "", text[:100]).casefold()


def _name_reader(clearable: Clearable) -> Reader:
    """The name of a field to empty: one of ours in any spelling, else one of the site's own as it is."""
    spelled = {choice_key(name): name for name in clearable.names}

    def read(value: Any, reading: Reading) -> str:
        text = _read_key(value, reading).strip()
        key = choice_key(text)
        close = difflib.get_close_matches(key, spelled, n=1, cutoff=0.75)
        if key not in spelled and close:
            raise UnreadableError(f"is no field that can be emptied; perhaps '{spelled[close[0]]}' is meant")
        return spelled.get(key, text)

    return read


def _list_reader(name: str, kind: Any, field_marks: Sequence[Any]) -> Reader:
    """A list as a list, one value, JSON text of a list, or text with commas where its items hold none."""
    (item,) = get_args(kind)
    item_marks = marks(item)
    clearable = next((mark for mark in field_marks if isinstance(mark, Clearable)), None)
    read_item = _name_reader(clearable) if clearable else _reader(name, item, item_marks, relative_dates=False)
    own_marks = [mark for mark in field_marks if mark not in item_marks]
    may_be_empty = any(isinstance(mark, EmptyListCounts) for mark in field_marks)
    is_reference = any(isinstance(mark, Reference) for mark in item_marks)
    limit = most_items(is_reference=is_reference, declared=own_marks)
    has_commas = any(isinstance(mark, HoldsCommas) for mark in item_marks)

    def read(value: Any, reading: Reading) -> Any:
        if type(value) is str:
            items = _items_of(value, may_split=not has_commas, only_ids=is_reference)
        else:
            items = value if type(value) is list else [value]
        if not items and may_be_empty:
            return []
        if len(items) > limit:
            raise UnreadableError(f"must have at most {limit} entries")
        taken = []
        for place, item_value in enumerate(items):
            if is_blank(item_value):
                continue
            try:
                taken.append(read_item(item_value, reading))
            except UnreadableError as problem:
                raise UnreadableError(problem.remedy, f".{place}") from None
        return [item_value for item_value in taken if item_value is not NOT_GIVEN] or NOT_GIVEN

    return read


def _items_of(text: str, *, may_split: bool, only_ids: bool) -> list[Any]:
    """The items of a list as text; `only_ids`: a comma may be part of a name, so only ids and addresses are split."""
    if text.lstrip()[:1] == "[":
        try:
            content = read_json(text)
        except JsonError:
            content = None
        if type(content) is list:
            return content
    parts = text.split(",")
    if not may_split or (only_ids and not all(map(_ID_OR_ADDRESS.fullmatch, parts))):
        return [text]
    return [part.strip() for part in parts] if len(parts) > 1 else [text]


def _read_object(value: Any, reading: Reading) -> Any:
    """An object, or JSON text of one, with its texts cleaned."""
    del reading
    content = object_in(value)
    return content if content is NOT_GIVEN else cleaned_content(content)


def object_in(value: Any) -> Any:
    """An object, or JSON text of one; `NOT_GIVEN` when there is nothing in it."""
    if type(value) is str:
        try:
            value = read_json(value)
        except JsonError:
            raise UnreadableError('must be an object, as JSON, e.g. {"name": "value"}') from None
    if value is None or value == {}:
        return NOT_GIVEN
    if type(value) is not dict:
        raise UnreadableError("must be an object")
    _check_depth(value)
    return value


def _read_own_fields(value: Any, reading: Reading) -> Any:
    """The site's own fields, by the names that it gives them; blank ones are left out."""
    content = _read_object(value, reading)
    if content is NOT_GIVEN:
        return content
    if not all(is_clean(name) for name in value if type(value) is dict):
        raise UnreadableError("has a name with control characters in it; take them out")
    return {name: inner for name, inner in content.items() if not is_blank(inner) and inner != []} or NOT_GIVEN


def _check_depth(value: Any) -> None:
    if depth_of(value) > MAX_DEPTH:
        raise UnreadableError(f"is nested deeper than {MAX_DEPTH} levels")
