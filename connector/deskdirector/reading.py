"""DeskDirector's answers -> our entities, by one set of rules for all of them.

No public document gives the connector's entities, and versions differ. Every field of an entity lists the places where
its value may stand (`upstream`, `name_of`, `id_of` in `models.py`). The first place that has a value wins: null and
what cannot be of the field's type are no value, blank text and empty lists only when no other place has one. Keys are
compared without case and underscores, values are converted (`converting.py`), envelopes are looked through.

What depends on the keys of an object only is worked out once for each set of keys and remembered (`plans.py`): a site
with another spelling is read as fast as any.
"""

from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, get_args

from pydantic import BaseModel

from connector.annotations import plain
from connector.deskdirector.converting import MISSING, Convert, UnreadableError, converter
from connector.deskdirector.plans import COMMON, OTHERS, Plan, folded, places_of
from connector.naming import camel
from connector.unchecked import unchecked

M = TypeVar("M", bound=BaseModel)

_NOTHING: Final[dict[str, Any]] = {}

DEEPEST: Final = 3
"""How many envelopes are looked through."""
MOST_PLANS: Final = 512
_RESULTS, _TOTAL = "results", "total"
_LISTS: Final = ("results", "value", "items", "data")


@lru_cache(maxsize=256)
def reader_of(model: type[M]) -> "Reader[M]":
    """The one reader of a model."""
    return Reader(model)


def known_keys(model: type[BaseModel]) -> frozenset[str]:
    """The folded keys that the fields of a model look at."""
    return frozenset(folded(head) for name, info in model.model_fields.items() for head, _, _ in places_of(name, info))


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
        self._last: tuple[tuple[str, ...], Plan] | None = None
        self._elsewhere = frozenset(folded(key) for key in getattr(model, "answered_elsewhere", ()))
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._sources = [(name, converter(info.annotation, _read_inner), places_of(name, info))
                         for name, info in fields.items()]  # fmt: skip
        self._references = {folded(key) for _, _, places in self._sources for key, way, _ in places if way}
        results = fields.get(_RESULTS)
        self._lists: tuple[str, ...] = ()
        if results is not None and results.validation_alias is not None:  # a page
            own = (key for key, way, _ in places_of(_RESULTS, results) if not way)
            self._lists = tuple(dict.fromkeys([folded(key) for key in own] + list(_LISTS)))
            self._convert_results = _results_of(next(convert for name, convert, _ in self._sources if name == _RESULTS),
                                                results.annotation)  # fmt: skip
            self._sources = [source for source in self._sources if source[0] != _RESULTS]

    def read(self, data: Any, depth: int = DEEPEST) -> M:
        """The entity in `data`; `UnreadableError` names the fields that it lacks."""
        fields = self._quickly(data, depth) if self._required and not self._lists else None
        if fields is None:
            fields = self._carefully(data, depth)
        return unchecked(self._model, fields)

    def read_all(self, items: list[Any]) -> list[M]:
        """The entities in a list; items that are no objects are left out."""
        entities = []
        read = self.read
        for index, item in enumerate(items):
            if type(item) is dict:
                try:
                    entities.append(read(item, 1))
                except UnreadableError as problem:
                    raise problem.below(str(index)) from None
        return entities

    def _quickly(self, data: Any, depth: int) -> dict[str, Any] | None:
        """The fields of an object whose shape is common here; None for other shapes, and where something is lacking."""
        if type(data) is list and len(data) == 1:
            data = data[0]
        if type(data) is not dict:
            return None
        last = self._last
        plan = last[1] if last is not None and last[0] == tuple(data) else self._plan(data)
        if plan.quick is not None:
            try:
                return plan.quick(data)
            except UnreadableError:
                return None
        if plan.is_envelope:
            inner = [data[key] for key in plan.inner if type(data[key]) is dict]
            return self._quickly(inner[0], depth - 1) if depth and len(inner) == 1 else None
        plan.note(data)
        if plan.uses >= COMMON:
            plan.quick = plan.compiled(self._defaults, takes_others=self._takes_others)
        return None

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

    def _plan(self, data: dict[str, Any]) -> "Plan":
        keys = tuple(data)
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[keys] = Plan.of(keys, self._sources, self._elsewhere)
            found = {source.name for source in plan.sources}
            plan.is_envelope = not found.issuperset(self._required)
            plan.inner = tuple(key for key in keys if folded(key) not in self._references)
        self._last = keys, plan
        return plan


def _results_of(convert: Convert, annotation: Any) -> Convert:
    """How the results of a page are read: as a whole where they are entities."""
    (item,) = get_args(plain(annotation)) or (None,)
    if isinstance(item, type) and issubclass(item, BaseModel):
        return reader_of(item).read_all
    return convert


def _read_inner(model: type[BaseModel], data: dict[str, Any]) -> BaseModel:
    entity: BaseModel = reader_of(model).read(data, 1)
    return entity


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
