"""Which function answers a method and a path, by the rules of the Functions host.

The host tries routes in the alphabetical order of FUNCTION NAMES, not by how specific they are; the method is part of
the match, so that a wrong method is simply no match (404, never 405).

To keep that order without trying every route, routes are filed under their shape (how many segments, and which of
them are fixed text): a path is looked up once a shape, and among the few routes found the first name wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import unquote

from workbench.localhost.constraints import ConstraintError
from workbench.localhost.templates import Literal, Template, TemplateError, parse

T = TypeVar("T")

RESERVED = ("admin", "runtime")


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """A function's route: `methods` are upper-case, None means every method."""

    name: str
    template: str
    methods: frozenset[str] | None
    target: T


@dataclass(frozen=True, slots=True)
class Refusal:
    """A route that is not served, and why, in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    order: int
    route: Route[T]
    template: Template


@dataclass(frozen=True, slots=True)
class _Shape(Generic[T]):
    """Routes with fixed text at positions `literals` of `count` segments (of the first `count`, with a catch-all)."""

    count: int
    literals: tuple[int, ...]
    entries: dict[str, list[_Entry[T]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, entry: _Entry[T]) -> None:
        fixed = [part.text.lower() for part in entry.template.segments[: self.count] if isinstance(part, Literal)]
        self.entries["/".join(fixed)].append(entry)

    def find(self, path: Sequence[str], lowered: Sequence[str]) -> Sequence[_Entry[T]]:
        """The routes whose fixed text agrees; an empty segment (`a//b`) only ever matches inside a catch-all."""
        if len(path) < self.count or "" in path[: self.count]:
            return ()
        return self.entries.get("/".join([lowered[index] for index in self.literals]), ())


@dataclass(frozen=True, slots=True)
class _Table(Generic[T]):
    """The routes of one method, by number of segments; those with a catch-all apart."""

    exact: dict[int, list[_Shape[T]]] = field(default_factory=lambda: defaultdict(list))
    open_ended: list[_Shape[T]] = field(default_factory=list)

    def add(self, entry: _Entry[T]) -> None:
        template = entry.template
        fixed = len(template.segments) - template.takes_rest
        for count in range(template.least, fixed + 1):
            self._shape(self.exact[count], count, template.literals(count)).add(entry)
        if template.takes_rest:
            self._shape(self.open_ended, fixed + 1, template.literals(fixed)).add(entry)

    @staticmethod
    def _shape(shapes: list[_Shape[T]], count: int, literals: tuple[int, ...]) -> _Shape[T]:
        for shape in shapes:
            if (shape.count, shape.literals) == (count, literals):
                return shape
        shapes.append(_Shape(count, literals))
        return shapes[-1]

    def find(self, path: Sequence[str], lowered: Sequence[str]) -> tuple[Route[T], dict[str, str]] | None:
        best: _Entry[T] | None = None
        values: dict[str, str] = {}
        for shape in (*self.exact.get(len(path), ()), *self.open_ended):
            for entry in shape.find(path, lowered):
                if best is not None and best.order < entry.order:
                    break
                bound = entry.template.bind(path)
                if bound is not None:
                    best, values = entry, bound
                    break
        return (best.route, values) if best is not None else None


class RouteTable(Generic[T]):
    """All routes of an app; `refused` lists those that the host would not serve.

    `match(method, raw_path)` finds the route for an upper-case method and a path as it came over the wire, with its
    values as text, or None; it remembers recent paths.
    """

    def __init__(self, routes: Iterable[Route[T]]) -> None:
        self.refused: list[Refusal] = []
        entries = self._entries(sorted(routes, key=lambda route: route.name.upper()))
        named = {method for entry in entries for method in entry.route.methods or ()}
        self._by_method = {method: self._table(entries, method) for method in named}
        self._any_method = self._table(entries, None)
        self.match = lru_cache(maxsize=1024)(self._match)

    def _match(self, method: str, raw_path: bytes) -> tuple[Route[T], Mapping[str, str]] | None:
        path = decode(raw_path)
        table = self._by_method.get(method, self._any_method)
        return table.find(split(path), split(path.lower()))

    def _entries(self, routes: Sequence[Route[T]]) -> list[_Entry[T]]:
        taken: dict[str, list[Route[T]]] = defaultdict(list)
        entries: list[_Entry[T]] = []
        for route in routes:
            try:
                template = parse(route.template)
            except (TemplateError, ConstraintError) as problem:
                self.refused.append(Refusal(route.name, str(problem)))
                continue
            reason = _conflict(route, template, taken[route.template.lower()])
            if reason:
                self.refused.append(Refusal(route.name, reason))
                continue
            taken[route.template.lower()].append(route)
            entries.append(_Entry(len(entries), route, template))
        return entries

    @staticmethod
    def _table(entries: Sequence[_Entry[T]], method: str | None) -> _Table[T]:
        table: _Table[T] = _Table()
        for entry in entries:
            if entry.route.methods is None or method in entry.route.methods:
                table.add(entry)
        return table


def _conflict(route: Route[T], template: Template, earlier: Sequence[Route[T]]) -> str | None:
    first = template.segments[0] if template.segments else None
    if isinstance(first, Literal) and first.text.lower() in RESERVED:
        return f"The route '{route.template}' starts with '{first.text}', which the host keeps for itself."
    for other in earlier:
        if route.methods is None or other.methods is None or route.methods & other.methods:
            return f"The route '{route.template}' is already served by '{other.name}' for the same method."
    return None


def split(path: str) -> list[str]:
    """Segments of a decoded path; one trailing slash is ignored: `/api/a/` -> ["api", "a"]."""
    if path in ("", "/"):
        return []
    return path[1 : len(path) - path.endswith("/")].split("/")


def decode(raw_path: bytes) -> str:
    """The path as text, decoded once; an encoded slash stays encoded, as Kestrel leaves it."""
    path = raw_path.decode("ascii", "replace")
    if "%" not in path:
        return path
    return unquote(path.replace("%2f", "%252F").replace("%2F", "%252F"))
