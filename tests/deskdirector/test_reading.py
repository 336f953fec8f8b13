"""Every field of every entity is read by the same rules, whatever the answer looks like.

The expected values come from `expected_value`, which states the rule in the plainest way: of the places where a field
may stand, the first that has a value.
"""

import importlib
import json
import pkgutil
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AliasChoices, AliasPath
from pydantic.fields import FieldInfo

from connector.annotations import declared_format, plain
from connector.deskdirector import entities
from connector.deskdirector.converting import UnreadableError
from connector.deskdirector.entities.events import AdvancedEvent
from connector.deskdirector.entities.notes import Note
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import BadGateway
from connector.deskdirector.models import Entity, Page, read
from connector.deskdirector.plans import COMMON
from connector.deskdirector.reading import Reader, reader_of
from connector.deskdirector.sites import Site

MISSING = object()
SITE = Site("acme.deskdirector.com")
Path = tuple[str, ...]


def all_entities() -> list[type[Entity]]:
    for module in pkgutil.iter_modules(entities.__path__):
        importlib.import_module(f"{entities.__name__}.{module.name}")

    def below(model: type[Entity]) -> Iterator[type[Entity]]:
        for child in model.__subclasses__():
            yield child
            yield from below(child)

    found = {one for one in below(Entity) if one.__module__.startswith(entities.__name__) and not issubclass(one, Page)}
    return sorted((one for one in found if upstream_fields(one)), key=lambda one: one.__qualname__)


def paths_of(info: FieldInfo) -> list[Path]:
    alias = info.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return [tuple(map(str, choice.path)) if isinstance(choice, AliasPath) else (str(choice),) for choice in choices]


SIMPLE = (str, int, bool, float)


def is_date(info: FieldInfo) -> bool:
    return declared_format(info.annotation) == "date-time"


def upstream_fields(model: type[Entity]) -> dict[str, FieldInfo]:
    """The fields that are read from the answer and hold a simple value."""
    return {
        name: info
        for name, info in model.model_fields.items()
        if info.validation_alias is not None and (plain(info.annotation) in SIMPLE)
    }


ENTITIES = all_entities()


def folded(key: str) -> str:
    return key.replace("_", "").lower()


def walk(data: Any, path: Path) -> Any:
    """The value at a path, its keys in any spelling; MISSING when there is none."""
    for part in path:
        if not isinstance(data, dict):
            return MISSING
        named = [value for key, value in data.items() if folded(key) == folded(part) and value is not None]
        if not named:
            return MISSING
        data = named[0]
    return data


def expected_value(info: FieldInfo, data: dict[str, Any]) -> Any:
    paths, wants = paths_of(info), plain(info.annotation)
    heads = {path[0] for path in paths if len(path) > 1}
    for path in paths:
        value = walk(data, path)
        if isinstance(value, dict) or value is MISSING:
            continue
        if len(path) == 1 and path[0] in heads and type(value) is not wants:
            continue
        usable = canonical(info, value)
        if usable is not MISSING:
            return usable
    return MISSING


def canonical(info: FieldInfo, value: Any) -> Any:
    if is_date(info):
        return DATES.get(value, MISSING)
    wants = plain(info.annotation)
    if info.annotation == int | str | None:
        return int(value) if str(value).isdecimal() else value
    if wants is str and type(value) in (str, int):
        return str(value)
    if wants is int and (type(value) is int or (type(value) is str and value.isdecimal())):
        return int(value)
    if wants is float and type(value) in (int, float):
        return float(value)
    if wants is bool and (type(value) is bool or value in ("true", "False")):
        return value in (True, "true")
    return MISSING


DATES: dict[Any, str] = {
    "2026-01-02T03:04:05Z": "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.1234567Z": "2026-01-02T03:04:05.1234567Z",
    "2026-01-02T03:04:05": "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05+02:00": "2026-01-02T01:04:05Z",
    "/Date(1767323045000)/": "2026-01-02T03:04:05Z",
    "/Date(1767323045000+0200)/": "2026-01-02T03:04:05Z",
    1767323045: "2026-01-02T03:04:05Z",
    1767323045000: "2026-01-02T03:04:05Z",
}
NO_DATES = (
    "",
    "soon",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00",
    -1e300,
)
TEXTS = st.text(st.characters(categories=["L", "Zs"]), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip()) and text.strip().lower() not in ("true", "false", "yes", "no")
)


def values_of(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Values that a field can have, and some that it cannot."""
    if is_date(info):
        return st.sampled_from([*DATES, *NO_DATES])
    wants = plain(info.annotation)
    return {
        str: TEXTS | st.integers(1, 10**9),
        int: st.integers(0, 2**40) | st.integers(0, 2**40).map(str) | TEXTS,
        float: st.integers(0, 99) | st.floats(0, 99),
        bool: st.sampled_from([True, False, "true", "False", "perhaps"]),
    }[wants]


def spellings(key: str) -> list[str]:
    """A key as API v1 writes it, in capitals, in small letters, and with underscores."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
    return [key, key[:1].upper() + key[1:], key.upper(), key.lower(), snake]


def put(data: dict[str, Any], path: Path, value: Any, spell: Callable[[str], str]) -> None:
    """Put a value at a path, unless something else stands in the way."""
    taken = {folded(key): key for key in data}
    key = taken.get(folded(path[0])) or spell(path[0])
    if len(path) == 1:
        data.setdefault(key, value)
    elif isinstance(inner := data.setdefault(key, {}), dict):
        put(inner, path[1:], value, spell)


@st.composite
def answers(draw: st.DrawFn, model: type[Entity]) -> dict[str, Any]:
    """An answer with values, nulls and gaps at all places of all fields, in every spelling."""
    data: dict[str, Any] = {}

    def spell(key: str) -> str:
        return draw(st.sampled_from([key, *spellings(key)]))

    for info in upstream_fields(model).values():
        for path in paths_of(info):
            what = draw(st.sampled_from(["value", "null", "nothing"]))
            if what != "nothing":
                put(data, path, None if what == "null" else draw(values_of(info)), spell)
    return data


def check(model: type[Entity], data: dict[str, Any], content: bytes) -> None:
    expected = {name: expected_value(info, data) for name, info in upstream_fields(model).items()}
    ways = {folded(path[0]) for info in upstream_fields(model).values() for path in paths_of(info) if len(path) > 1}
    assert {folded(key) for key, value in data.items() if isinstance(value, dict)} <= ways | {"ownfield"}
    lacking = [
        name for name, info in upstream_fields(model).items() if info.is_required() and expected[name] is MISSING
    ]
    if lacking:
        with pytest.raises(BadGateway):
            read(model, content)
        return
    for _ in range(COMMON + 1):  # the last ones by a function of their own
        entity = read(model, content)
    got = {name: getattr(entity, name) for name in expected}
    assert got == {name: None if value is MISSING else value for name, value in expected.items()}


@pytest.mark.parametrize("model", ENTITIES, ids=lambda model: model.__qualname__)
def test_the_first_place_with_a_value_wins(model: type[Entity]) -> None:
    @settings(max_examples=40, deadline=None)
    @given(answers(model), st.booleans(), st.integers(0, 2**32))
    def run(data: dict[str, Any], indented: bool, seed: int) -> None:
        data |= {"padding": 0, "OwnField": {"Some_Key": "x"}}  # so that nothing looks like an envelope
        check(model, data, json.dumps(data, indent=2 if indented else None).encode())
        check_the_function_for_a_common_shape(model, data, seed)

    run()


def outcome(reader: Reader[Any], data: Any) -> Any:
    try:
        entity = reader.read(data)
    except UnreadableError as problem:
        return problem.names
    return entity.model_dump()


def respelled(value: dict[str, Any]) -> dict[str, Any]:
    return {key[:1].swapcase() + key[1:]: inner for key, inner in value.items()}


OTHER_VALUES: tuple[Any, ...] = (
    *(None, "", "x", "12", 0, 12, 1.5, True, [], ["x"], {}, "2026-01-02T03:04:05", "/Date(1767323045000)/"),
    *({"id": 7}, {"Id": "7", "Name": ""}, {"id": None, "NAME": "x"}, {"entityId": 7, "name": None, "Name": "y"}),
)


def changed(data: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """An answer with the same keys and other values, or other spellings inside."""
    return {
        key: chance.choice((value, respelled(value) if type(value) is dict else value, chance.choice(OTHER_VALUES)))
        for key, value in data.items()
    }


def check_the_function_for_a_common_shape(model: type[Entity], shown: dict[str, Any], seed: int) -> None:
    """Whatever else comes under the same keys, it answers what the search does."""
    searching: Reader[Any] = Reader(model)
    searching._quickly = lambda *_: None  # type: ignore[method-assign]
    chance = random.Random(seed)
    for _ in range(5):
        other = changed(shown, chance)
        assert outcome(reader_of(model), other) == outcome(searching, other)


@pytest.mark.parametrize("model", ENTITIES, ids=lambda model: model.__qualname__)
@pytest.mark.parametrize("wrap", [
    lambda data: {"entity": data, "success": True},
    lambda data: {"Data": data, "errors": [], "message": None},
    lambda data: {"result": {"Item": data}},
    lambda data: [data],
], ids=["beside others", "data", "twice", "list"])  # fmt: skip
def test_an_envelope_changes_nothing(model: type[Entity], wrap: Callable[[Any], Any]) -> None:
    """Of all entities that cannot do without something; others cannot be told from an envelope for certain."""
    needed = [(name, info) for name, info in upstream_fields(model).items() if info.is_required()]
    if not needed:
        return
    data: dict[str, Any] = {}
    for _, info in needed:
        put(data, paths_of(info)[0], 7 if plain(info.annotation) is int else "x", str)

    entity = read(model, json.dumps(wrap(data)).encode())

    assert all(str(getattr(entity, name)) in ("7", "x") for name, _ in needed)


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001 (hypothesis wants them without)
    st.integers(-12, 14),
    st.sampled_from([0, 1, 3, 6, 7]),
)
@settings(deadline=None)
def test_a_date_with_a_zone_is_the_same_moment_in_utc(moment: datetime, hours: int, digits: int) -> None:
    zone = timezone(timedelta(hours=hours))
    text = moment.replace(microsecond=0).isoformat() + (f".{1234567 // 10 ** (7 - digits)}" if digits else "")
    sent = text + moment.replace(tzinfo=zone).isoformat()[-6:]

    got = read(Note, json.dumps({"id": 1, "createdOn": sent}).encode()).created_at

    expected = datetime.fromisoformat(sent)
    if expected.year == 1 or (moment.year == 1 and hours > 0):
        return
    assert got is not None
    assert got.endswith("Z")
    assert datetime.fromisoformat(got) == expected.astimezone(UTC)


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{6,17}Z?", fullmatch=True) | st.floats()
)
@settings(deadline=None)
def test_whatever_stands_for_a_date_is_a_date_or_none(sent: Any) -> None:
    got = read(Note, json.dumps({"id": 1, "createdOn": sent}).encode()).created_at

    if got is not None:
        datetime.fromisoformat(got)
        assert len(got) <= 28


def test_the_key_of_a_field_is_not_taken_for_an_envelope() -> None:
    event = read(AdvancedEvent, b'{"ticket": {"id": 5, "name": "Printer"}}')
    note = read(Note, b'{"note": {"id": 1, "content": "Hi"}}')

    assert (event.ticket_id, event.ticket) == (5, "Printer")
    assert (note.id, note.text) == (1, "Hi")


def test_blank_text_counts_only_when_there_is_nothing_else() -> None:
    assert read(Ticket, b'{"id": 7, "name": "", "summary": "Printer"}').title == "Printer"
    assert read(Ticket, b'{"id": 7, "name": "", "summary": null}').title == ""


def test_ids_come_as_text_too() -> None:
    ticket = read(Ticket, b'{"id": "7", "board": {"id": "4", "name": "Support"}, "assignedMembers": [{"id": "5"}]}')
    ticket.complete(SITE)

    assert (ticket.id, ticket.board_id, ticket.assigned_to_ids) == (7, 4, [5])
