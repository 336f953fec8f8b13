"""DeskDirector's answers -> our entities, by one set of rules for all of them.

No public document gives the connector's entities, and versions differ. Every field of an entity lists the places where
its value may stand (`upstream`, `name_of`, `id_of` in `models.py`). The first place that has a value wins: null and
what cannot be of the field's type are no value, blank text and empty lists only when no other place has one. Keys are
compared without case and underscores, values are converted (`converting.py`), envelopes are looked through.

Which places an object has depends on its keys only, so it is worked out once for each set of keys and remembered: a
site with another spelling is read as fast as any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from connector.deskdirector import field_names
from connector.deskdirector.compiling import Quick, ShapeWriter
from connector.deskdirector.content import camel_cased
from connector.deskdirector.converting import KINDS, MISSING, Convert, UnreadableError, converter, is_bare
from connector.deskdirector.dates import utc_time
from connector.naming import camel

M = TypeVar("M", bound=BaseModel)

_NOTHING: Final[dict[str, Any]] = {}
_new, _set = object.__new__, object.__setattr__

DEEPEST: Final = 3
"""How many envelopes are looked through."""
MOST_PLANS: Final = 512
COMMON: Final = 20
"""Uses of a plan from which on it is worth a function of its own."""
_RESULTS, _TOTAL = "results", "total"
OTHERS: Final = "additional_fields"
"""The field of an entity that takes what no other field looks at."""
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_LISTS: Final = ("results", "value", "items", "data")

_Way = tuple[tuple[str, str], ...]
"""Keys on the way inside a value, each with its folded form."""
_Place = tuple[str, _Way, Any]
"""A key, the way on inside its value, and the field's annotation when only a bare reference may stand there."""


folded = lru_cache(maxsize=4096)(field_names.folded)
"""A key without its casing and underscores."""


@lru_cache(maxsize=256)
def reader_of(model: type[M]) -> "Reader[M]":
    """The one reader of a model."""
    return Reader(model)


def known_keys(model: type[BaseModel]) -> frozenset[str]:
    """The folded keys that the fields of a model look at."""
    return frozenset(folded(head) for name, info in model.model_fields.items() for head, _, _ in _places(name, info))


class Reader(Generic[M]):
    """Reads one kind of entity, or a page of them."""

    def __init__(self, model: type[M]) -> None:
        fields = model.model_fields
        self._model = model
        self._required = [name for name, info in fields.items() if info.is_required()]
        self._defaults = {name: info.get_default(call_default_factory=True) for name, info in fields.items()}
        self._own_copies = [name for name, value in self._defaults.items() if isinstance(value, list | dict)]
        self._defaults |= dict.fromkeys(self._required, MISSING)
        self._takes_others = OTHERS in fields
        self._elsewhere = frozenset(folded(key) for key in getattr(model, "answered_elsewhere", ()))
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._sources = [(name, converter(info.annotation, _read_inner), _places(name, info))
                         for name, info in fields.items()]  # fmt: skip
        self._references = {folded(key) for _, _, places in self._sources for key, way, _ in places if way}
        results = fields.get(_RESULTS)
        self._lists: tuple[str, ...] = ()
        if results is not None and results.validation_alias is not None:  # a page
            own = (key for key, way, _ in _places(_RESULTS, results) if not way)
            self._lists = tuple(dict.fromkeys([folded(key) for key in own] + list(_LISTS)))
            self._convert_results = next(convert for name, convert, _ in self._sources if name == _RESULTS)
            self._sources = [source for source in self._sources if source[0] != _RESULTS]

    def read(self, data: Any, depth: int = DEEPEST) -> M:
        """The entity in `data`; `UnreadableError` names the fields that it lacks."""
        fields = self._quickly(data) if type(data) is dict and self._required and not self._lists else None
        fields = self._carefully(data, depth) if fields is None else fields
        # Past pydantic's checks: every value has been converted.
        entity = _new(self._model)
        _set(entity, "__dict__", fields)
        _set(entity, "__pydantic_fields_set__", set())
        _set(entity, "__pydantic_extra__", None)
        _set(entity, "__pydantic_private__", None)
        return entity

    def _quickly(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The fields of an object whose shape is common here; None for other shapes, and where something is lacking."""
        plan = self._plan(data)
        if plan.quick is None:
            plan.uses += 1
            if plan.uses < COMMON:
                return None
            plan.quick = plan.compiled(self._defaults)
        try:
            fields = plan.quick(data)
        except UnreadableError:
            return None
        if fields is not None and plan.others and self._takes_others:
            fields[OTHERS] = plan.others_of(data)
        return fields

    def _carefully(self, data: Any, depth: int) -> dict[str, Any]:
        fields = self._page(data) if self._lists else self._object(data, depth)
        if lacking := [name for name in self._required if fields[name] is MISSING]:
            raise UnreadableError(map(camel, lacking))
        for name in self._own_copies:
            if fields[name] is self._defaults[name]:
                fields[name] = fields[name].copy()
        return fields

    def _object(self, data: Any, depth: int) -> dict[str, Any]:
        if type(data) is not dict:
            data = data[0] if type(data) is list and len(data) == 1 else data
            data = data if type(data) is dict else {"id": data} if type(data) in (int, str) else {}
        fields = self._defaults.copy()
        self._fill(fields, data)
        if depth and not self._is_full(fields) and not self._fits(data) and (inner := self._inside(data)) is not None:
            return self._object(inner, depth - 1)
        return fields

    def _is_full(self, fields: dict[str, Any]) -> bool:
        return bool(self._required) and all(fields[name] is not MISSING for name in self._required)

    def _fits(self, data: dict[str, Any]) -> bool:
        """Whether this is the object, rather than an envelope around it."""
        values: dict[str, Any] = {}
        self._fill(values, data)
        if self._required:
            return values.keys() >= set(self._required)
        if len(data) > 1 and values:
            return True
        # A field may have the name of the envelope (`{"note": {…}}`): only places inside the object count.
        return any(
            way or type(data[key]) is not dict
            for source in self._plan(data).sources
            if source.name in values
            for key, way, _ in source.places
        )

    def _inside(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The object in an envelope: the one that fits, or the only one there is. A reference is no envelope."""
        inner = [value for key, value in data.items() if type(value) is dict and folded(key) not in self._references]
        fitting = [value for value in inner if self._fits(value)]
        candidates = fitting if len(fitting) == 1 else inner
        return candidates[0] if len(candidates) == 1 else None

    def _page(self, data: Any) -> dict[str, Any]:
        items, holders = _named_list(data, self._lists, DEEPEST) or _only_list(data, DEEPEST) or (None, [])
        if items is None:
            raise UnreadableError([_RESULTS])
        fields = self._defaults.copy()
        for holder in holders:
            self._fill(fields, holder)
        try:
            fields[_RESULTS] = self._convert_results(items)
        except UnreadableError as problem:
            raise problem.below(_RESULTS) from None
        if fields.get(_TOTAL) is not None and fields[_TOTAL] < len(items):
            fields[_TOTAL] = None  # whatever it counts, it is not what there is in all
        return fields

    def _fill(self, fields: dict[str, Any], data: dict[str, Any]) -> None:
        """Put the value of every field that has one in `data` into `fields`."""
        name = ""
        plan = self._plan(data)
        try:
            for key, name, kind, convert in plan.plain:
                value = data[key]
                if type(value) is kind and value:
                    fields[name] = value
                elif value is not None:
                    value = convert(value)
                    if value is not MISSING:
                        fields[name] = value
            for key, members in plan.members:
                inner = data[key]
                if inner is not None:
                    get = inner.get if type(inner) is dict else _NOTHING.get
                    for part, name, kind, source in members:
                        value = get(part)
                        if type(value) is kind and value:
                            fields[name] = value
                        else:
                            source.search(data, fields)
            for source in plan.searched:
                name = source.name
                source.search(data, fields)
            if plan.others and self._takes_others:
                fields[OTHERS] = plan.others_of(data)
        except UnreadableError as problem:
            raise problem.below(camel(name)) from None

    def _plan(self, data: dict[str, Any]) -> "_Plan":
        keys = tuple(data)
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[keys] = _Plan.of(keys, self._sources, self._elsewhere)
        return plan


@dataclass(slots=True)
class _Source:
    """Where the value of one field may stand in objects with one set of keys; `places` are in order."""

    name: str
    convert: Convert
    places: list[_Place]

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
class _Plan:
    """Where objects with one set of keys have which field.

    For speed, the common cases stand apart as tuples: `plain` are fields with one place at the top (its key, the field,
    the type of value that needs no conversion, the converter), `members` those that are looked for inside an object
    first, by the object's key (the key inside, the field, that type, the source).
    """

    sources: list[_Source]
    plain: list[tuple[str, str, type | None, Convert]]
    members: list[tuple[str, list[tuple[str, str, type | None, _Source]]]]
    searched: list[_Source]
    others: tuple[str, ...] = ()
    """The keys that no field looks at: what only this site has."""
    uses: int = 0
    quick: Quick | None = None
    """Reads such objects, once their shape has turned out to be common."""

    def others_of(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What only this site has, None when that is nothing; keys as the later API versions write them."""
        others = {key: data[key] for key in self.others if data[key] not in _EMPTY}
        return {name: _dated(value) for name, value in camel_cased(others).items()} or None

    def compiled(self, defaults: Mapping[str, Any]) -> Quick:
        """The function for `quick`."""
        writer = ShapeWriter(defaults)
        for key, name, kind, convert in self.plain:
            writer.plain(key, name, kind, convert)
        for key, members in self.members:
            writer.members(key, [(part, name, kind, source.find) for part, name, kind, source in members])
        for source in self.searched:
            writer.searched(source.name, source.find)
        return writer.function()

    @classmethod
    def of(
        cls, keys: tuple[str, ...], fields: list[tuple[str, Convert, list[_Place]]], elsewhere: frozenset[str]
    ) -> "_Plan":
        """The plan for these keys; those `elsewhere` are nobody's own."""
        spellings: dict[str, list[str]] = {}
        for key in keys:
            spellings.setdefault(folded(key), []).append(key)
        plan = cls([], [], [], [])
        members: dict[str, list[tuple[str, str, type | None, _Source]]] = {}
        for name, convert, places in fields:
            present = [
                (key, way, bare)
                for head, way, bare in places
                for key in sorted(spellings.get(folded(head), ()), key=head.__ne__)
            ]
            if present:
                source = _Source(name, convert, present)
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


def _read_inner(model: type[BaseModel], data: dict[str, Any]) -> BaseModel:
    entity: BaseModel = reader_of(model).read(data, 1)
    return entity


def _places(name: str, info: FieldInfo) -> list[_Place]:
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


def _dated(value: Any) -> Any:
    """A .NET date as ISO 8601; anything else as it is."""
    return utc_time(value) or value if type(value) is str and value.startswith("/Date(") else value


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


_Found = tuple[list[Any], list[dict[str, Any]]]
"""A list, and the objects around it, the outermost first."""


def _named_list(data: Any, names: tuple[str, ...], depth: int) -> _Found | None:
    """The list under one of these names, in an envelope or not; empty when it, or the whole answer, is null."""
    if type(data) is list or data is None:
        return data or [], []
    if type(data) is not dict:
        return None
    values = {folded(key): value for key, value in data.items()}
    for name in names:
        if type(values.get(name)) is list:
            return values[name], [data]
    for inner in data.values():
        if depth and type(inner) is dict and (below := _named_list(inner, names, depth - 1)):
            return below[0], [data, *below[1]]
    if any(name in values and values[name] is None for name in names):
        return [], [data]
    return None


def _only_list(data: Any, depth: int) -> _Found | None:
    """The one list in an answer, whatever its name (`{"tickets": […]}`)."""
    if type(data) is not dict:
        return None
    lists = [value for value in data.values() if type(value) is list]
    if len(lists) == 1:
        return lists[0], [data]
    for inner in data.values():
        if depth and type(inner) is dict and (below := _only_list(inner, depth - 1)):
            return below[0], [data, *below[1]]
    return None
