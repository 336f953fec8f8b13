"""Filters that a site has in another form than we send: a range of times as an object, open and closed as words.

What the finds of a site filter by is unpublished. The Tech connector's find has `startTime`, `endTime` and a `status`
of open, closed or any, whose values stand in its description alone; form results take `timeRange` as an object.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connector.deskdirector.field_names import folded

Schema = Mapping[str, Any]

_LIMIT: Final = re.compile(r"(created|updated|due)(After|Before)")
_RANGES: Final[Mapping[str, tuple[str, ...]]] = {
    "created": (
        *("created", "createdRange", "createdOn", "createdAt", "createdDate", "creationTime", "creationRange"),
        *("timeRange", "dateRange"),
    ),
    "updated": (
        *("updated", "modified", "updatedRange", "modifiedRange", "updatedOn", "modifiedOn", "updatedAt", "modifiedAt"),
        *("lastModified", "lastUpdated"),
    ),
    "due": ("due", "dueRange", "dueDate", "dueOn", "dueAt"),
}
_ENDS: Final[Mapping[str, tuple[str, ...]]] = {
    "After": ("start", "startTime", "startDate", "from", "after", "since", "begin", "min"),
    "Before": ("end", "endTime", "endDate", "to", "before", "until", "max"),
}
_OPEN_ENDS: Final = {"After": "1970-01-01T00:00:00Z", "Before": "2100-01-01T00:00:00Z"}
"""A range always gets both ends: form results are only known to be found with both."""
_FLAGS: Final = ("isOpen", "open")
_STATES: Final = ("status", "state", "ticketStatus", "ticketState", "statusType", "openState")
_WORDS: Final = {True: ("closed", "close", "isclosed"), False: ("open", "opened", "isopen")}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes: a property of the body, or one inside it; `beside` fills what has to come with it."""

    name: str
    value: Any
    inside: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)

    def put_into(self, body: dict[str, Any]) -> None:
        """Add it to a body; the two ends of a range share one object."""
        if not self.inside:
            body[self.name] = self.value
            return
        present = body.get(self.name)
        body[self.name] = {**self.beside, **(present if isinstance(present, dict) else {}), self.inside: self.value}


def place_of(name: str, value: Any, properties: Mapping[str, Schema]) -> Place | None:
    """Where a site takes the filter `name` (`createdAfter`, `isClosed`) in another form; None where it does not."""
    limit = _LIMIT.fullmatch(name)
    if limit:
        return _in_range(limit[1], limit[2], value, properties)
    return _state(value, properties) if name == "isClosed" and isinstance(value, bool) else None


def takes_words(schema: Schema) -> bool:
    """Whether a property takes one of some words, such as open and closed, and so no id."""
    choices = schema.get("enum")
    if schema.get("type") != "string" or not isinstance(choices, list):
        return schema.get("type") == "string" and all(_word(schema, closed) for closed in (True, False))
    return bool(choices) and not any(str(choice).isdecimal() for choice in choices)


def _in_range(what: str, end: str, value: Any, properties: Mapping[str, Schema]) -> Place | None:
    names = {folded(name): name for name in properties}
    for candidate in _RANGES[what]:
        name = names.get(folded(candidate))
        inner = properties[name].get("properties") if name else None
        if name is None or not isinstance(inner, Mapping):
            continue
        spelled = {folded(str(key)): str(key) for key in inner}
        ends = {which: _first(spelled, choices) for which, choices in _ENDS.items()}
        inside = ends[end]
        if inside:
            beside = {key: _OPEN_ENDS[which] for which, key in ends.items() if key and key != inside}
            return Place(name, value, inside, beside)
    return None


def _state(is_closed: bool, properties: Mapping[str, Schema]) -> Place | None:
    names = {folded(name): name for name in properties}
    flag = _first(names, _FLAGS)
    if flag and properties[flag].get("type") == "boolean":
        return Place(flag, not is_closed)
    for candidate in _STATES:
        name = names.get(folded(candidate))
        word = _word(properties[name], is_closed) if name else None
        if name and word:
            return Place(name, word)
    return None


def _word(schema: Schema, is_closed: bool) -> str | None:
    """The site's word for closed or open; some say their words in the description alone."""
    if schema.get("type") != "string":
        return None
    choices = schema.get("enum")
    if not isinstance(choices, list):
        choices = re.findall(r"\w+", str(schema.get("description", "")).lower())
    return next((str(choice) for choice in choices if folded(str(choice)) in _WORDS[is_closed]), None)


def _first(names: Mapping[str, str], candidates: tuple[str, ...]) -> str | None:
    return next((names[key] for candidate in candidates if (key := folded(candidate)) in names), None)
