"""An OpenAPI document (2.0 or 3.x) -> its routes, without trusting a word of it.

Nothing in it is run, followed or believed: `$ref` only leads inside the document and is followed with a visited set,
walks are bounded, texts are cut. The documented spelling of properties is not that on the wire (the vendor's page shows
PascalCase where the API answers camelCase), so names are compared without case and never sent.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from connector.deskdirector.endpoint import METHODS
from connector.deskdirector.field_names import folded

MOST_DEPTH, MOST_OPERATIONS, MOST_SCHEMAS, MOST_NODES = 64, 5_000, 10_000, 500_000
MOST_NAMES, PROPERTY_DEPTH, MOST_TEXT = 500, 4, 200
MOST_PATH = 300

_OPEN_VERSION = re.compile(r"v?\{(?:api-?)?version(?::[^{}]*)?\}", re.IGNORECASE)
_CONSTRAINT = re.compile(r"\{([^{}:]+):[^{}]*\}")
_NUMBER = re.compile(r"\d+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class DocumentRefusedError(ValueError):
    """Text that is no OpenAPI document, or one over a limit; the message says which, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class SiteRoute:
    """One operation of a document. `body` and `answer` are folded property names, None where nothing describes them."""

    method: str
    path: str
    required: frozenset[str]
    """Folded names of what the query and the body must have."""
    takes_json: bool
    """Whether it takes JSON, or no body at all."""
    takes_form: bool
    """Whether it takes a form with a file."""
    is_deprecated: bool
    body: frozenset[str] | None
    answer: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read. `name` is what its address or title call it."""

    name: str
    content: Mapping[str, Any] = field(repr=False)
    is_swagger2: bool

    @classmethod
    def read(cls, raw: bytes, name: str) -> "Document":
        """The document in `raw`; raises `DocumentRefusedError`."""
        if raw.count(b",") > MOST_NODES:  # counted before, since a parser in C holds up the whole process
            raise DocumentRefusedError(f"it has more than {MOST_NODES} values")
        try:
            content = json.loads(raw, object_pairs_hook=_mapping)
        except RecursionError:
            raise DocumentRefusedError("it is nested too deeply") from None
        except ValueError:
            raise DocumentRefusedError("it is not JSON") from None
        if not isinstance(content, dict):
            raise DocumentRefusedError("it is no OpenAPI document")
        is_swagger2 = content.get("swagger") == "2.0"
        if not is_swagger2 and not str(content.get("openapi", "")).startswith("3."):
            raise DocumentRefusedError("it is no OpenAPI document")
        _check_size(content)
        return cls(plain_text(name), content, is_swagger2)

    def count(self) -> int:
        """How many operations it has."""
        return sum(1 for _ in self._operations())

    def routes(self) -> "Iterator[tuple[str, str, DocumentedOperation]]":
        """Method, whole path and operation of each route that can be called on this site."""
        base = self._base()
        for path, item, method, node in self._operations():
            whole = self._whole(base, path)
            if whole and not (_elsewhere(item) or _elsewhere(node)):
                yield method, whole, DocumentedOperation(self, item, node)

    def resolve(self, node: Any) -> Mapping[str, Any]:
        """`node`, or what it refers to inside this document; empty when that is nowhere or only refers to itself."""
        visited: set[str] = set()
        while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            if reference in visited or not reference.startswith("#/"):
                return {}
            visited.add(reference)
            node = self._at(reference)
        return node if isinstance(node, dict) else {}

    def _at(self, reference: str) -> Any:
        node: Any = self.content
        for piece in reference.removeprefix("#/").split("/"):
            if not isinstance(node, dict):
                return None
            node = node.get(piece.replace("~1", "/").replace("~0", "~"))
        return node

    def _operations(self) -> Iterator[tuple[str, Mapping[str, Any], str, Mapping[str, Any]]]:
        paths = self.content.get("paths")
        for path, item in paths.items() if isinstance(paths, dict) else ():
            if isinstance(item, dict) and isinstance(path, str):
                for method in METHODS:
                    if isinstance(node := item.get(method.lower()), dict):
                        yield path, item, method, node

    def _base(self) -> str:
        """The path before every path: that of the first server only, never its host."""
        if self.is_swagger2:
            base = self.content.get("basePath")
        else:
            servers = self.content.get("servers")
            first = servers[0] if isinstance(servers, list) and servers else {}
            base = _path_of(first.get("url")) if isinstance(first, dict) else ""
        return base.rstrip("/") if isinstance(base, str) and base.startswith("/") else ""

    def _whole(self, base: str, path: str) -> str | None:
        """Base and path with the version filled in; None when that stays open or the path is no path."""
        whole = _CONSTRAINT.sub(r"{\1}", _OPEN_VERSION.sub(self._version(), base + "/" + path.lstrip("/")))
        return whole if len(whole) <= MOST_PATH and "?" not in whole and "{?}" not in whole else None

    def _version(self) -> str:
        info = self.content.get("info")
        texts = (self.name, info.get("version") if isinstance(info, dict) else "")
        number = next((found[0] for text in texts if (found := _NUMBER.search(str(text)[:MOST_TEXT]))), None)
        return f"v{number}" if number else "{?}"


@dataclass(frozen=True, slots=True)
class DocumentedOperation:
    """One operation, whose schemas are looked through when it is worth it."""

    document: Document
    item: Mapping[str, Any] = field(repr=False)
    node: Mapping[str, Any] = field(repr=False)

    def route(self, method: str, path: str) -> SiteRoute:
        """Everything that matching asks."""
        body, takes_json, needed = self._body()
        required = {folded(name) for name in self._required_parameters()} | needed
        return SiteRoute(
            method=method,
            path=path,
            required=frozenset(required),
            takes_json=takes_json,
            takes_form=self._takes_form(),
            is_deprecated=self.node.get("deprecated") is True,
            body=body,
            answer=self._answer(),
        )

    def _parameters(self) -> Iterator[Mapping[str, Any]]:
        for listed in (self.item.get("parameters"), self.node.get("parameters")):
            for one in listed if isinstance(listed, list) else ():
                yield self.document.resolve(one)

    def _required_parameters(self) -> Iterator[str]:
        for parameter in self._parameters():
            # A version in the query or a header has a default wherever the vendor's own page calls without it.
            if parameter.get("required") is True and parameter.get("in") in ("query", "formData"):
                yield str(parameter.get("name", ""))[:MOST_TEXT]

    def _body(self) -> tuple[frozenset[str] | None, bool, frozenset[str]]:
        """Property names of the body, whether JSON is taken, and the names that it must have."""
        if self.document.is_swagger2:
            places = [str(parameter.get("in", "")) for parameter in self._parameters()]
            schema = next(
                (parameter.get("schema") for parameter in self._parameters() if parameter.get("in") == "body"), None
            )
            takes_json = "formData" not in places
        else:
            content = self.document.resolve(self.node.get("requestBody")).get("content")
            takes_json = not content or _json_media(content) is not None
            schema = (_json_media(content) or {}).get("schema")
        if schema is None:
            return None, takes_json, frozenset()
        properties = properties_of(self.document, schema)
        return (properties.names or None), takes_json, properties.required

    def _takes_form(self) -> bool:
        if self.document.is_swagger2:
            return any(
                parameter.get("in") == "formData" and parameter.get("type") == "file"
                for parameter in self._parameters()
            )
        content = self.document.resolve(self.node.get("requestBody")).get("content")
        return isinstance(content, dict) and "multipart/form-data" in content

    def _answer(self) -> frozenset[str] | None:
        """Property names of the answer: of what its envelope or its list holds, where it has no id itself."""
        responses = self.node.get("responses")
        if not isinstance(responses, dict):
            return None
        codes = sorted(str(code) for code in responses if str(code).startswith("2"))
        node = self.document.resolve(responses[codes[0]]) if codes and codes[0] in responses else {}
        media = node if self.document.is_swagger2 else (_json_media(node.get("content")) or {})
        schema = media.get("schema")
        if schema is None:
            return None
        properties = properties_of(self.document, schema)
        if not {"id", "entityid"} & properties.names and properties.inner:
            return frozenset(properties.names | properties.inner)
        return properties.names or None


@dataclass(frozen=True, slots=True)
class Properties:
    """Folded names: those of the schema itself (of its items, for a list), those one level below, those required."""

    names: frozenset[str]
    inner: frozenset[str]
    required: frozenset[str]


def properties_of(document: Document, schema: Any, depth: int = PROPERTY_DEPTH) -> Properties:
    """The properties that a schema has, through references, lists, nullable wrappers and `allOf`."""
    names: set[str] = set()
    inner: set[str] = set()
    required: set[str] = set()
    for part in _parts(document, schema, depth):
        listed = part.get("properties")
        for name, child in listed.items() if isinstance(listed, dict) else ():
            if len(names) >= MOST_NAMES:
                break
            names.add(folded(str(name)[:MOST_TEXT]))
            for below in _parts(document, child, depth - 1):
                inner |= _names(below.get("properties"))
        required |= _names(part.get("required"))
    return Properties(frozenset(names), frozenset(inner), frozenset(required & names))


def _parts(document: Document, schema: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The schemas that make up one: itself, what it is composed of, the items of a list; bounded."""
    ahead = [(schema, depth)]
    seen: set[int] = set()
    while ahead and len(seen) < MOST_NAMES:
        one, left = ahead.pop()
        node = document.resolve(one)
        if not node or id(node) in seen or left < 0:
            continue
        seen.add(id(node))
        yield node
        for word in ("allOf", "oneOf", "anyOf"):
            listed = node.get(word)
            ahead += [(child, left - 1) for child in listed[:20]] if isinstance(listed, list) else []
        if "items" in node:
            ahead.append((node["items"], left - 1))


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """In Python, so that other threads may go on between objects: a large document takes longer than they may wait."""
    return dict(pairs)


def _names(listed: Any) -> set[str]:
    """The folded names in a map of properties or a list of names; at most this many."""
    if not isinstance(listed, dict | list):
        return set()
    return {folded(str(name)[:MOST_TEXT]) for name in islice(listed, MOST_NAMES)}


def plain_text(text: object) -> str:
    """Text of a document that is safe to show: one line, cut, without control or direction characters."""
    return _CONTROL.sub(" ", str(text)[: MOST_TEXT * 2]).strip()[:MOST_TEXT]


def _check_size(content: Mapping[str, Any]) -> None:
    """Raise `DocumentRefusedError` for more than we look at; without recursion, since depth is the attack."""
    ahead: list[tuple[Any, int]] = [(content, 1)]
    count = 0
    while ahead:
        node, depth = ahead.pop()
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        count += 1 + len(children)
        if depth > MOST_DEPTH:
            raise DocumentRefusedError(f"it is nested more than {MOST_DEPTH} deep")
        if count > MOST_NODES:
            raise DocumentRefusedError(f"it has more than {MOST_NODES} values")
        ahead += [(child, depth + 1) for child in children if isinstance(child, dict | list)]
    components = content.get("components")
    schemas = content.get("definitions") or (components.get("schemas") if isinstance(components, dict) else None)
    if isinstance(schemas, dict) and len(schemas) > MOST_SCHEMAS:
        raise DocumentRefusedError(f"it has more than {MOST_SCHEMAS} schemas")
    paths = content.get("paths")
    items = paths.values() if isinstance(paths, dict) else ()
    if sum(len(item) for item in items if isinstance(item, dict)) > MOST_OPERATIONS:
        raise DocumentRefusedError(f"it has more than {MOST_OPERATIONS} operations")


def _json_media(content: Any) -> Mapping[str, Any] | None:
    """The first media type that is JSON: some list one schema under three of them."""
    if not isinstance(content, dict):
        return None
    return next((media for kind, media in content.items() if "json" in str(kind).lower() and _is_map(media)), None)


def _elsewhere(node: Mapping[str, Any]) -> bool:
    """Whether a path or an operation names servers of its own with a host: it may not be on this site."""
    servers = node.get("servers")
    urls = [server.get("url") for server in servers if isinstance(server, dict)] if isinstance(servers, list) else []
    return any(isinstance(url, str) and _has_host(url) for url in urls)


def _has_host(url: str) -> bool:
    return "//" in url.replace("\\", "/")[:12]


def _path_of(url: Any) -> str:
    if not isinstance(url, str) or "{" in url.partition("//")[2].partition("/")[0]:
        return ""
    try:
        return urlsplit(url[:2000]).path
    except ValueError:
        return ""


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)
