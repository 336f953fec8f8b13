"""Adaptive cards: a full one for a single answer, a short one for each of a list, one for the whole of counts.

They are derived from what an answer has: a title and a link, a line of the most useful fields, facts below. In a card,
`${name}` is a field of the answer; a part is left out when its field is absent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from connector.naming import snake
from connector.operations.field_model import Field, fields_of
from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from workbench.generators.definitions import JsonObject

FOLDER = "cards"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"
RESULTS = "results"

_TITLES = ("title", "name", "text", "site", "form", "contact", "member")
_LINE = ("id", "status", "board", "priority", "author", "role", "rating", "company", "hours", "state", "error")
_PEOPLE = ("contact", "member")
_COUNTS = ("count", "open", "overdue", "dueToday", "urgent")
"""What the rows of an answer that counts have, in the order in which they are shown."""
_FACTS = (
    *("id", "status", "board", "priority", "requestType", "company", "contact", "contactEmail", "email", "phone"),
    *("userGroup", "role", "assignedTo", "tags", "author", "member", "memberEmail", "ticket", "hours"),
    *("openTickets", "myOpenTickets", "myOverdueTickets", "priorities", "totalHours"),
    *("startedAt", "endedAt", "submittedAt", "dueAt", "createdAt", "updatedAt", "closedAt"),
)
_LONG_TEXT = "description"
_NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a card shows: one answer, each item of a list, or an answer that counts with all its rows."""

    fields: tuple[Field, ...]
    shape: Literal["single", "list", "counts"] = "single"

    @property
    def names(self) -> set[str]:
        """The names of the fields."""
        return {field.name for field in self.fields}


def shown_as(operation: Operation) -> JsonObject | None:
    """How an answer is cited and shown; None when it has nothing to call it by."""
    subject = _subject(operation)
    if subject is None:
        return None
    template = {"static_template": {"file": _file(operation)}}
    if subject.shape == "counts":
        return {"data_path": "$", "properties": {"title": "$.total"}, **template}
    names = subject.names
    title = _title(subject.fields)
    subtitle = next((name for name in _LINE if name in names and name not in ("id", title)), None)
    properties = {"title": f"$.{title}"}
    properties |= {"subtitle": f"$.{subtitle}"} if subtitle else {}
    properties |= {"url": "$.url"} if "url" in names else {}
    path = f"$.{RESULTS}" if subject.shape == "list" else "$"
    return {"data_path": path, "properties": properties, **template}


def cards_of(operation: Operation) -> Iterator[tuple[str, JsonObject]]:
    """The card of an operation's answer with its file, if it has one."""
    if subject := _subject(operation):
        make = {"single": _whole, "list": _row, "counts": _counted}[subject.shape]
        body = make(subject.fields)
        yield _file(operation), {"$schema": SCHEMA, "type": "AdaptiveCard", "version": VERSION, "body": body}


def _file(operation: Operation) -> str:
    """Operations with the same answer share the card."""
    output = signature_of(operation).output
    return f"{FOLDER}/{snake(output.__name__ if output else operation.id).replace('_', '-')}.json"


def _subject(operation: Operation) -> Subject | None:
    output = signature_of(operation).output
    fields = fields_of(output, output=True) if output else ()
    rows = next((field.items.fields for field in fields if field.name == RESULTS and field.items), None)
    if rows is not None and {field.name for field in rows} & set(_COUNTS):
        return Subject(fields, "counts")
    subject = Subject(fields) if rows is None else Subject(rows, "list")
    return subject if _title(subject.fields) else None


def _title(fields: Iterable[Field]) -> str | None:
    names = {field.name for field in fields}
    return next((name for name in _TITLES if name in names), None)


def _row(fields: tuple[Field, ...]) -> list[JsonObject]:
    """Title, and the most useful fields on one line."""
    names = {field.name for field in fields if field.name != "id" or field.type == "integer"} - {_title(fields)}
    telling = [name for name in _LINE if name in names]
    if not telling:
        return [_heading(fields)]
    between = ["''", *["' · '"] * (len(telling) - 1)]
    line = "".join(
        f"${{if(exists({name}), concat({mark}, {name}), '')}}" for mark, name in zip(between, telling, strict=True)
    )
    return [_heading(fields), {"type": "TextBlock", "text": line, "isSubtle": True, "spacing": "None", "wrap": True}]


def _whole(fields: tuple[Field, ...]) -> list[JsonObject]:
    """Title, facts, the beginning of the long text, and what there is to say about the answer."""
    known = {field.name: field for field in fields}
    facts = [_fact(known[name]) for name in _FACTS if name in known and name != _title(fields)]
    blocks = [_heading(fields), *([{"type": "FactSet", "facts": facts}] if facts else [])]
    if _LONG_TEXT in known:
        text = {"type": "TextBlock", "text": f"${{{_LONG_TEXT}}}", "wrap": True, "maxLines": 6}
        blocks.append({**text, "$when": f"${{exists({_LONG_TEXT})}}", "separator": True})
    return blocks


def _counted(fields: tuple[Field, ...]) -> list[JsonObject]:
    """The total, a fact for each row, and what there is to say when not everything was counted."""
    rows = next(field.items.fields for field in fields if field.name == RESULTS and field.items)
    named = next(name for name in _TITLES if any(row.name == name for row in rows))
    counts = [row for name in _COUNTS for row in rows if row.name == name]
    # A lone number would stay one; facts are texts.
    words = [f"${{{count.name}}} {count.title.lower()}" for count in counts]
    value = ", ".join(words) if len(words) > 1 else _value(counts[0])
    return [
        {"type": "TextBlock", "text": "${total} tickets", "weight": "Bolder", "size": "Medium", "wrap": True},
        {"type": "FactSet", "facts": [{"$data": f"${{{RESULTS}}}", "title": f"${{{named}}}", "value": value}]},
        {"type": "TextBlock", "text": f"${{{_NOTICE}}}", "$when": f"${{exists({_NOTICE})}}", "wrap": True},
    ]


def _heading(fields: tuple[Field, ...]) -> JsonObject:
    """Links stand in texts, because Copilot shows no buttons that open one. A person may have left no name."""
    title = _title(fields)
    shown = f"if(exists({title}), {title}, '(no name)')" if title in _PEOPLE else title
    linked = f"if(exists(url), concat('[', {title}, '](', url, ')'), {title})"
    text = f"${{{linked if any(field.name == 'url' for field in fields) else shown}}}"
    return {"type": "TextBlock", "text": text, "weight": "Bolder", "size": "Medium", "wrap": True, "maxLines": 2}


def _fact(field: Field) -> JsonObject:
    there = f"count({field.name}) > 0" if field.type == "array" else f"exists({field.name})"
    return {"title": field.title, "value": _value(field), "$when": f"${{{there}}}"}


def _value(field: Field) -> str:
    if field.type == "array":
        return f"${{join({field.name}, ', ')}}"
    if field.format == "date-time":
        # Dates have more digits than the functions for dates take; the day is what a card has room for.
        return f"${{substring({field.name}, 0, 10)}}"
    # Not string(), which puts commas into ticket numbers.
    return f"${{{field.name}}}" if field.type == "string" else f"${{concat({field.name}, '')}}"
