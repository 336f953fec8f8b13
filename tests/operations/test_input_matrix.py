"""Every form in which clients send a value, for every field of every operation, on every face.

What is expected follows from the kind of the field alone; the rules are those of `docs/inputs.md`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from connector.annotations import marks
from connector.catalog import operations
from connector.deskdirector.errors import BadRequest
from connector.naming import snake
from connector.operations.arguments import arguments, arguments_of_call
from connector.operations.field_model import Field
from connector.operations.input_kinds import EmptyListCounts, HoldsCommas, JsonAsText, Key, OwnFields, TicketNumber
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.operations.signature import signature_of
from tests.test_bad_input import good

BLANK = "blank"
REFUSED = "refused"


@dataclass(frozen=True)
class Form:
    """One way to send a value, and what becomes of it: it is read as something, counts as blank, or is refused."""

    sent: Any
    outcome: Any


@dataclass(frozen=True)
class Place:
    """A field with what its declaration says beside its type."""

    field: Field
    location: str
    declared: tuple[Any, ...]
    in_find: bool

    def has(self, mark: type) -> bool:
        return any(isinstance(one, mark) for one in self.declared)

    @property
    def is_key(self) -> bool:
        return self.field.reference is not None or self.has(Key)


BLANKS = [Form(None, BLANK), Form("", BLANK), Form("  \t\n", BLANK), Form("\u00a0\u200b", BLANK)]
STRUCTURES = [Form({"a": 1}, REFUSED), Form([["a"]], REFUSED)]
WORD = "Anything"


def forms_of(place: Place) -> Iterator[Form]:
    """Every form for a field, by its kind."""
    yield from BLANKS
    field = place.field
    if field.type == "array":
        assert field.items
        yield from list_forms(place, field.items)
    elif field.fields:
        yield from group_forms()
    elif field.type == "object":
        yield from object_forms(place)
    else:
        yield from scalar_forms(place, field)
        if not place.has(JsonAsText):
            yield from STRUCTURES


def scalar_forms(place: Place, field: Field) -> Iterator[Form]:
    if field.enum:
        yield from choice_forms(field.enum)
    elif field.type == "integer":
        yield from whole_forms(place)
    elif field.type == "number":
        yield from (Form(1.5, 1.5), Form("1.5", 1.5), Form(2, 2.0), Form(" 2 ", 2.0))
        yield from (Form("two", REFUSED), Form("1_0", REFUSED), Form("٣", REFUSED), Form(True, REFUSED))
    elif field.type == "boolean":
        yield from (Form(True, True), Form("true", True), Form(" Yes ", True), Form("1", True), Form(1, True))
        yield from (Form(False, False), Form("FALSE", False), Form("no", False), Form(0, False))
        yield from (Form("maybe", REFUSED), Form(2, REFUSED), Form("\uff11", REFUSED))
    elif field.format == "date-time":
        yield from moment_forms(place)
    elif field.format == "email":
        address = "jane@acme.com"
        yield from (Form(address, address), Form(f"Jane Doe <{address}>", address), Form(f"mailto:{address}", address))
        yield from (Form(f'"Doe, Jane" <{address}>', address), Form(f'"{address}"', address))
        yield from (Form("jane", REFUSED), Form("jane@\u0001acme.com", REFUSED))
    elif place.has(JsonAsText):
        yield from (Form('{"a": 1}', '{"a": 1}'), Form({"a": 1}, '{"a": 1}'), Form("[1]", "[1]"))
    elif not field.extra.get("x-ms-notification-url"):
        yield from text_forms(place)


def text_forms(place: Place) -> Iterator[Form]:
    yield from (Form(WORD, WORD), Form(f" {WORD} ", WORD), Form(31, "31"), Form(31.0, "31"), Form(1.5, "1.5"))
    yield Form(True, REFUSED)
    yield Form("Zoë 漢字 😀", "Zoë 漢字 😀")
    if place.is_key:
        yield from (Form(f"a{dirt}b", REFUSED) for dirt in ("\u0000", "\u000b", "\u007f", "\u009f", "\ud83d"))
    else:
        yield from (Form("a\u000bb", "a\nb"), Form("a\u000cb", "a\nb"), Form("a\r\nb", "a\r\nb"))
        yield from (Form("a\u0000\u0007b\u007f\u009f", "ab"), Form("cut \ud83d", "cut \ufffd"))


def whole_forms(place: Place) -> Iterator[Form]:
    yield from (Form(31, 31), Form("31", 31), Form(" 31 ", 31), Form(31.0, 31), Form("31.0", 31))
    yield from (Form(1.5, REFUSED), Form("3_1", REFUSED), Form("٣١", REFUSED), Form("\uff13\uff11", REFUSED))
    yield from (Form("abc", REFUSED), Form("1e3", REFUSED), Form(True, REFUSED), Form("9" * 5000, REFUSED))
    takes_none = place.field.limits.get("minimum") == 0
    yield from (Form(0, 0 if takes_none else REFUSED), Form(-1, REFUSED))
    if place.has(TicketNumber):
        yield from (Form("#31", 31), Form("T31", 31), Form("t31", 31), Form("Ticket #31", 31), Form("# 31", 31))
        yield from (Form("#", REFUSED), Form("##31", REFUSED), Form("C31", REFUSED))
    else:
        yield Form("#31", REFUSED)


def choice_forms(choices: tuple[str, ...]) -> Iterator[Form]:
    for choice in choices:
        spaced = choice.replace("_", " ")
        yield from (Form(choice, choice), Form(choice.upper(), choice), Form(f" {spaced.title()} ", choice))
    yield from (Form("nothing like it", REFUSED), Form(7, REFUSED), Form(True, REFUSED))


def moment_forms(place: Place) -> Iterator[Form]:
    yield from (Form("2026-03-01", "2026-03-01T00:00:00Z"), Form("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"))
    yield from (Form("2026-03-01 10:00", "2026-03-01T10:00:00Z"), Form("2026-03-01t10:00z", "2026-03-01T10:00:00Z"))
    yield Form("2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.123000Z")
    for zone in ("+1300", "+13:00"):
        yield Form(f"2026-03-01T10:00:00{zone}", "2026-02-28T21:00:00Z")
    for wrong in ("2026-02-30", "2026-03-01T10:00:60Z", "2027-02-29", "soon", "03/01/2026", "9" * 5000):
        yield Form(wrong, REFUSED)
    if not place.in_find:
        yield from (Form("today", REFUSED), Form("-7d", REFUSED))


def list_forms(place: Place, item: Field) -> Iterator[Form]:
    good_items = list(item.enum[:2]) if item.enum else ["31", "32"]
    read: list[Any] = [int(one) for one in good_items] if item.type == "integer" else good_items
    yield Form(good_items, read)
    yield Form(good_items[0], read[:1])
    yield Form(json.dumps(good_items), read)
    yield Form([None, good_items[0], "", " "], read[:1])
    yield from (Form([None], BLANK), Form([""], BLANK), Form("[null]", BLANK))
    yield Form([], [] if place.has(EmptyListCounts) else BLANK)
    yield Form("[]", [] if place.has(EmptyListCounts) else BLANK)
    joined = ", ".join(good_items)
    yield Form(joined, [joined] if place.has(HoldsCommas) else read)
    if place.field.reference:
        yield Form("Doe, Jane", ["Doe, Jane"])
        yield Form("a@acme.com,b@acme.com", ["a@acme.com", "b@acme.com"])
        yield Form([31], ["31"])
    if not item.enum:
        yield from (Form([str(number) for number in range(1, 1002)], REFUSED), Form([{"a": 1}], REFUSED))


def group_forms() -> Iterator[Form]:
    """A group of inputs: its own are read like any other."""
    yield from (Form({"search": " x "}, {"search": "x"}), Form('{"search": "x", "board": ""}', {"search": "x"}))
    yield from (Form({}, BLANK), Form("{}", BLANK), Form({"search": " ", "board": None}, BLANK))
    yield from (Form("a=1", REFUSED), Form([1], REFUSED), Form("[1]", REFUSED), Form(7, REFUSED))
    yield from (
        Form({"serach": "x"}, REFUSED),
        Form({"isClosed": "maybe"}, REFUSED),
        Form({"board": "a\u0000"}, REFUSED),
    )


def object_forms(place: Place) -> Iterator[Form]:
    yield from (Form({"a": 1}, {"a": 1}), Form('{"a": 1}', {"a": 1}), Form({}, BLANK), Form("{}", BLANK))
    yield from (Form("a=1", REFUSED), Form([1], REFUSED), Form("[1]", REFUSED), Form(7, REFUSED))
    deep: Any = 1
    for _ in range(100):
        deep = {"a": deep}
    yield Form(deep, REFUSED)
    yield Form({"a": "x\u000by\ud83d"}, {"a": "x\ny\ufffd"})
    if place.has(OwnFields):
        yield Form({"a": "", "b": None, "c": 2, "d": []}, {"c": 2})
        yield Form({"a\u0001": 2}, REFUSED)


def places_of(operation: Operation) -> list[Place]:
    signature = signature_of(operation)
    infos = dict(signature.parameters.model_fields)
    in_find = False
    if signature.body:
        infos |= signature.body[1].model_fields
        in_find = signature.body[1].takes_relative_dates
    by_name = {str(info.alias): (*info.metadata, *marks(info.annotation)) for info in infos.values()}
    return [
        Place(field, location, by_name[field.name], in_find and location == "body")
        for location, field in signature.fields(operation)
    ]


def over_http(operation: Operation, given: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """The arguments out of a call of a flow."""
    by_place: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "body": {}}
    for name, value in given.items():
        by_place[places[name]][name] = value if places[name] == "body" else str(value)
    body = json.dumps(by_place["body"]).encode()
    request = Request(operation.method, "https://app/api/", {}, by_place["path"], by_place["query"], body)
    return arguments_of_call(operation, request).values


def over_get(operation: Operation, given: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """The arguments out of the link to a next page, or a find by GET."""
    path = {name: str(value) for name, value in given.items() if places[name] == "path"}
    query = {name: str(value) for name, value in given.items() if places[name] != "path"}
    return arguments_of_call(operation, Request("GET", "https://app/api/", {}, path, query)).values


def over_mcp(operation: Operation, given: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """The arguments out of a tool call of a model."""
    del places
    return arguments(operation, given).values


FACES = {"http": over_http, "mcp": over_mcp, "get": over_get}


def value_of(values: Mapping[str, Any], field: Field) -> Any:
    """What an operation gets for a field."""
    name = snake(field.name)
    if name in values:
        return values[name]
    models = [value for value in values.values() if isinstance(value, BaseModel)]
    owners = {str(info.alias): key for value in models for key, info in type(value).model_fields.items()}
    found = next(getattr(value, owners[field.name]) for value in models if hasattr(value, owners[field.name]))
    return found.model_dump(by_alias=True, exclude_unset=True) if isinstance(found, BaseModel) else found


def can_carry(face: str, place: Place, operation: Operation, sent: Any) -> bool:
    """Whether a face can send this at all: addresses carry texts only, and no path has a blank piece."""
    if face == "mcp":
        return True
    if face == "get":
        return operation.pages and isinstance(sent, str) and (place.location != "path" or bool(sent.strip()))
    return place.location == "body" or isinstance(sent, str)


@pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)
def test_every_form_of_every_field_on_every_face(operation: Operation) -> None:
    places = {place.field.name: place.location for place in places_of(operation)}
    for place in places_of(operation):
        field = place.field
        others = {name: value for name, value in good(operation).items() if name != field.name}
        for face, read in FACES.items():
            for form in forms_of(place):
                if not can_carry(face, place, operation, form.sent):
                    continue
                case = f"{operation.id}.{field.name} = {form.sent!r:.60} over {face}"
                try:
                    values = read(operation, {**others, field.name: form.sent}, places)
                except BadRequest as refusal:
                    check_refusal(refusal, field, form, case)
                    continue
                assert form.outcome != REFUSED, case
                assert not (form.outcome == BLANK and field.required), case
                if form.outcome == BLANK:
                    assert value_of(values, field) == value_of(read(operation, others, places), field), case
                else:
                    assert value_of(values, field) == form.outcome, case


def check_refusal(refusal: BadRequest, field: Field, form: Form, case: str) -> None:
    """Only what must be refused is; the sentence names the field, and not what was sent."""
    expected = form.outcome == REFUSED or (form.outcome == BLANK and field.required) or too_long(refusal)
    assert expected, f"{case}: {refusal.message}"
    assert refusal.code == "InvalidInput", case
    assert f"'{field.name}" in refusal.message, f"{case}: {refusal.message}"
    if form.outcome == BLANK:
        assert f"'{field.name}' is required" in refusal.message, case
    assert len(refusal.message) < 2500, case


def too_long(refusal: BadRequest) -> bool:
    """A limit of this one field, which is another rule than that of its kind."""
    return any(word in refusal.message for word in ("or less", "or more", "at most", "more than"))


def beyond(field: Field) -> Iterator[tuple[Any, Any]]:
    """A value at each limit of a field, and one just outside."""
    limits, unit = field.limits, 0.01 if field.type == "number" else 1
    if "minimum" in limits:
        yield limits["minimum"], limits["minimum"] - unit
    if "maximum" in limits:
        yield limits["maximum"], limits["maximum"] + unit
    if field.type == "string" and "maxLength" in limits and not field.format and not field.enum:
        yield "x" * limits["maxLength"], "x" * (limits["maxLength"] + 1)
    if field.type == "array" and field.items and not field.items.enum:
        yield ["1"] * limits["maxItems"], ["1"] * (limits["maxItems"] + 1)


@pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)
def test_every_limit_of_the_schema_is_the_limit_of_the_server(operation: Operation) -> None:
    for place in places_of(operation):
        field = place.field
        if field.extra.get("x-ms-notification-url") or place.has(JsonAsText):
            continue
        others = {name: value for name, value in good(operation).items() if name != field.name}
        for inside, outside in beyond(field):
            arguments(operation, {**others, field.name: inside})
            with pytest.raises(BadRequest, match=f"'{field.name}"):
                arguments(operation, {**others, field.name: outside})
