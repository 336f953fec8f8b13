"""Finds the handler of a method and path.

A literal segment always wins over a parameter at the same place, so that `functions/listAdvancedActions` is never taken
for a function of that name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Required, TypedDict, Unpack
from urllib.parse import unquote

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.profiles import Presence
from workbench.simulator.shapes import Fields
from workbench.simulator.wire import Answer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Handler = Callable[[Call], Answer | bytes | dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path template.

    `reads` marks a call that changes nothing, whatever its verb. `presence` says where the route exists: everywhere
    (`proven`), on sites with the routes that we assume (`assumed`), or with those elsewhere (`moved`). `takes` and
    `answers` describe its bodies in the site's documents.
    """

    method: str
    path: str
    handler: Handler
    allow: Access
    reads: bool
    presence: Presence = "proven"
    takes: Fields | None = None
    answers: Fields | None = None


class Traits(TypedDict, total=False):
    """What a route is declared with; `moved_to` is its path on a site where it stands elsewhere than assumed."""

    allow: Required[Access]
    reads: bool
    assumed: bool
    moved_to: str
    takes: Fields
    answers: Fields


class Routes:
    """The routes of one module, declared over its handlers."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self.declared: list[Route] = []

    def on(self, method: str, path: str, **traits: Unpack[Traits]) -> Callable[[Handler], Handler]:
        """Declare the decorated function as the handler of `prefix + path`."""

        def declare(handler: Handler) -> Handler:
            presence: Presence = "assumed" if traits.get("assumed") else "proven"
            route = Route(
                method,
                self._prefix + path,
                handler,
                traits["allow"],
                traits.get("reads", method == "GET"),
                presence,
                traits.get("takes"),
                traits.get("answers"),
            )
            self.declared.append(route)
            if "moved_to" in traits:
                self.declared.append(replace(route, path=traits["moved_to"], presence="moved"))
            return handler

        return declare

    def get(self, path: str, **traits: Unpack[Traits]) -> Callable[[Handler], Handler]:
        """Declare a GET."""
        return self.on("GET", path, **traits)

    def post(self, path: str, **traits: Unpack[Traits]) -> Callable[[Handler], Handler]:
        """Declare a POST."""
        return self.on("POST", path, **traits)


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """Routes as a tree of path segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        if route.method in node.routes:
            raise ValueError(f"declared twice: {route.method} {route.path}")
        node.routes[route.method] = (route, tuple(names))

    def find(self, method: str, raw_path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route and its decoded path values; segments are split before decoding, so `%2F` stays inside one."""
        values: list[str] = []
        match = self._walk(self._root, raw_path.split("/"), 0, method, values)
        if match is None:
            return None
        route, names = match
        return route, dict(zip(names, values, strict=True))

    def methods(self, raw_path: str) -> list[str]:
        """The methods that a path has routes for."""
        return [method for method in METHODS if self.find(method, raw_path)]

    def _walk(
        self, node: _Node, segments: list[str], at: int, method: str, values: list[str]
    ) -> tuple[Route, tuple[str, ...]] | None:
        if at == len(segments):
            return node.routes.get(method)
        literal = node.literals.get(segments[at])
        if literal is not None:
            match = self._walk(literal, segments, at + 1, method, values)
            if match is not None:
                return match
        if node.parameter is None or not segments[at]:
            return None
        values.append(unquote(segments[at]))
        match = self._walk(node.parameter, segments, at + 1, method, values)
        if match is None:
            values.pop()
        return match
