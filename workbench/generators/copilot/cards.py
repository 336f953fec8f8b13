"""Adaptive cards: a full one for a single answer, a short one for each of a list.

They are derived from what an answer has: a title and a link, a line of the most telling fields, facts below. In a card,
`${name}` is a field of the answer; a part is left out when its field is absent.
"""

from collections.abc import Iterable, Iterator

from connector.naming import snake
from connector.operations.field_model import Field, fields_of
from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from workbench.generators.definitions import JsonObject

FOLDER = "cards"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"

_TITLES = ("title", "name", "text")
_LINE = ("id", "status", "board", "priority", "author", "role", "company", "hours")
_FACTS = (
    *("id", "status", "board", "priority", "requestType", "company", "contact", "contactEmail", "email", "phone"),
    *("userGroup", "role", "assignedTo", "tags", "author", "member", "ticket", "hours", "startedAt", "endedAt"),
    *("dueAt", "createdAt", "updatedAt", "closedAt"),
)
_LONG_TEXT = "description"


def shown_as(operation: Operation) -> JsonObject | None:
    """How an answer is cited and shown; None when it has nothing to call it by."""
    subject = _subject(operation)
    if subject is None:
        return None
    fields, is_list = subject
    names = [field.name for field in fields]
    subtitle = next((name for name in _LINE if name in names and name != "id"), None)
    properties = {"title": f"$.{_title(fields)}"}
    properties |= {"subtitle": f"$.{subtitle}"} if subtitle else {}
    properties |= {"url": "$.url"} if "url" in names else {}
    return {
        "data_path": "$.results" if is_list else "$",
        "properties": properties,
        "static_template": {"file": _file(operation)},
    }


def cards_of(operation: Operation) -> Iterator[tuple[str, JsonObject]]:
    """The card of an operation's answer with its file, if it has one."""
    if subject := _subject(operation):
        fields, is_list = subject
        yield _file(operation), _card(_row(fields) if is_list else _whole(fields))


def _file(operation: Operation) -> str:
    """Operations with the same answer share the card."""
    output = signature_of(operation).output
    return f"{FOLDER}/{snake(output.__name__ if output else operation.id).replace('_', '-')}.json"


def _subject(operation: Operation) -> tuple[tuple[Field, ...], bool] | None:
    """The fields of what a card shows, and whether there is a list of it."""
    output = signature_of(operation).output
    fields = fields_of(output, output=True) if output else ()
    results = next((field.items.fields for field in fields if field.name == "results" and field.items), None)
    shown = fields if results is None else results
    return (shown, results is not None) if _title(shown) else None


def _title(fields: Iterable[Field]) -> str | None:
    names = {field.name for field in fields}
    return next((name for name in _TITLES if name in names), None)


def _card(body: list[JsonObject]) -> JsonObject:
    return {"$schema": SCHEMA, "type": "AdaptiveCard", "version": VERSION, "body": body}


def _row(fields: tuple[Field, ...]) -> list[JsonObject]:
    """Title, and the most telling fields on one line."""
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
    """Title, facts, and the beginning of the long text."""
    known = {field.name: field for field in fields}
    facts = [_fact(known[name]) for name in _FACTS if name in known and name != _title(fields)]
    blocks = [_heading(fields), {"type": "FactSet", "facts": facts}]
    if _LONG_TEXT in known:
        text = {"type": "TextBlock", "text": f"${{{_LONG_TEXT}}}", "wrap": True, "maxLines": 6}
        blocks.append({**text, "$when": f"${{exists({_LONG_TEXT})}}", "separator": True})
    return blocks


def _heading(fields: tuple[Field, ...]) -> JsonObject:
    """Links stand in texts, because Copilot shows no buttons that open one."""
    title = _title(fields)
    linked = f"if(exists(url), concat('[', {title}, '](', url, ')'), {title})"
    text = f"${{{linked if any(field.name == 'url' for field in fields) else title}}}"
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
