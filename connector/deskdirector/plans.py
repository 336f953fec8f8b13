"""Where objects with one set of keys have the value of which field.

Which places an object has depends on its keys only, so it is worked out once for each set of keys. Where such objects
are common, a function is generated that reads them (`compiling.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from pydantic import AliasChoices, AliasPath
from pydantic.fields import FieldInfo

from connector.deskdirector import field_names
from connector.deskdirector.compiling import Member, Quick, ShapeWriter
from connector.deskdirector.content import camel_cased, camel_key
from connector.deskdirector.converting import KINDS, MISSING, Convert, is_bare
from connector.deskdirector.dates import utc_time

COMMON: Final = 20
"""Uses of a plan from which on it is worth a function of its own."""
OTHERS: Final = "additional_fields"
"""The field of an entity that takes what no other field looks at."""
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})

Way = tuple[tuple[str, str], ...]
"""Keys on the way inside a value, each with its folded form."""
Place = tuple[str, Way, Any]
"""A key, the way on inside its value, and the field's annotation when only a bare reference may stand there."""


folded = lru_cache(maxsize=4096)(field_names.folded)
"""A key without its casing and underscores."""


@dataclass(slots=True)
class Source:
    """Where the value of one field may stand in objects with one set of keys; `places` are in order."""

    name: str
    convert: Convert
    places: list[Place]

    def search(self, data: dict[str, Any], fields: dict[str, Any]) -> None:
        """Put the first value there is into `fields`."""
        value = self.find(data)
        if value is not MISSING:
            fields[self.name] = value

    def find(self, data: Mapping[str, Any]) -> Any:
        """The first value there is, MISSING when there is none."""
        blank = MISSING
        for key, way, bare in self.places:
            value = data[key]
            for step in way:
                value = _step_into(value, step)
            if value is None or (bare is not None and not is_bare(bare, value)):
                continue
            value = self.convert(value)
            if value is MISSING:
                continue
            if value or type(value) not in (str, list):
                return value
            blank = value
        return blank


@dataclass(slots=True)
class Plan:
    """Where objects with one set of keys have which field.

    For speed, the common cases stand apart as tuples: `plain` are fields with one place at the top (its key, the field,
    the type of value that needs no conversion, the converter), `members` those that are looked for inside an object
    first, by the object's key (the key inside, the field, that type, the source).
    """

    sources: list[Source]
    plain: list[tuple[str, str, type | None, Convert]]
    members: list[tuple[str, list[tuple[str, str, type | None, Source]]]]
    searched: list[Source]
    others: tuple[str, ...] = ()
    """The keys that no field looks at: what only this site has."""
    uses: int = 0
    samples: dict[str, Any] = field(default_factory=dict)
    """What stands under the keys of `members`, as it was last seen."""
    quick: Quick | None = None
    """Reads such objects, once their shape has turned out to be common."""
    is_envelope: bool = False
    """Whether such objects lack what is required, so that it can only be in an object inside."""
    inner: tuple[str, ...] = ()
    """The keys under which that may be."""

    def note(self, data: Mapping[str, Any]) -> None:
        """Such an object was read."""
        self.uses += 1
        self.samples |= {key: data[key] for key, _ in self.members if data[key] is not None}

    def others_of(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What only this site has, None when that is nothing; keys as the later API versions write them."""
        others = {key: data[key] for key in self.others if data[key] not in _EMPTY}
        return {camel_key(key): _other(value) for key, value in others.items()} or None

    def compiled(self, defaults: Mapping[str, Any], *, takes_others: bool) -> Quick:
        """The function for `quick`."""
        writer = ShapeWriter(defaults)
        for key, name, kind, convert in self.plain:
            writer.plain(key, name, kind, convert)
        for key, members in self.members:
            fields = [_member(part, name, kind, source) for part, name, kind, source in members]
            writer.members(key, fields, self.samples.get(key))
        for source in self.searched:
            writer.searched(source.name, source.find)
        if self.others and takes_others:
            writer.others(OTHERS, {key: camel_key(key) for key in self.others}, _other)
        return writer.function()

    @classmethod
    def of(
        cls, keys: tuple[str, ...], fields: list[tuple[str, Convert, list[Place]]], elsewhere: frozenset[str]
    ) -> "Plan":
        """The plan for these keys; those `elsewhere` are nobody's own."""
        spellings: dict[str, list[str]] = {}
        for key in keys:
            spellings.setdefault(folded(key), []).append(key)
        plan = cls([], [], [], [])
        members: dict[str, list[tuple[str, str, type | None, Source]]] = {}
        for name, convert, places in fields:
            present = [
                (key, way, bare)
                for head, way, bare in places
                for key in sorted(spellings.get(folded(head), ()), key=head.__ne__)
            ]
            if present:
                source = Source(name, convert, present)
                plan.sources.append(source)
                key, way, bare = present[0]
                if len(present) == 1 and not way and bare is None:
                    plan.plain.append((key, name, KINDS.get(convert), convert))
                elif len(way) == 1 and all(other == key for other, _, _ in present):
                    members.setdefault(key, []).append((way[0][0], name, KINDS.get(convert), source))
                else:
                    plan.searched.append(source)
        plan.members = list(members.items())
        looked_at = {key for source in plan.sources for key, _, _ in source.places}
        plan.others = tuple(key for key in keys if key not in looked_at and folded(key) not in elsewhere)
        return plan


def _member(part: str, name: str, kind: type | None, source: Source) -> Member:
    def spelled(keys: tuple[str, ...]) -> str | None:
        here = {folded(key) for key in keys}
        if not any(step[0][1] in here for _, step, _ in source.places if step):
            return ""
        named = [key for key in keys if folded(key) == folded(part)]
        return named[0] if len(named) == 1 else None

    bare = tuple(annotation for _, way, annotation in source.places if not way)
    return Member(name, part, spelled, kind, source.convert, source.find, bare)


def places_of(name: str, info: FieldInfo) -> list[Place]:
    """Where the value of this field of an entity may stand, in order."""
    alias = info.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    paths = [choice.path if isinstance(choice, AliasPath) else [choice] for choice in choices]
    references = {path[0] for path in paths if len(path) > 1}
    return [
        (
            str(head),
            tuple((str(part), folded(str(part))) for part in way),
            info.annotation if not way and head in references else None,
        )
        for head, *way in paths
    ]


def _other(value: Any) -> Any:
    """A value that only this site has: its keys in camelCase, a .NET date as ISO 8601."""
    if type(value) is str:
        return utc_time(value) or value if value.startswith("/Date(") else value
    return camel_cased(value)


def _step_into(value: Any, step: tuple[str, str]) -> Any:
    if type(value) is not dict:
        return None
    exact = value.get(step[0])
    if exact is not None:
        return exact
    for key, inner in value.items():
        if inner is not None and folded(key) == step[1]:
            return inner
    return None
