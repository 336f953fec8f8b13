"""A Microsoft 365 Copilot package on disk: the app manifest, agents, plugins and OpenAPI files in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench.checks.json_reading import JsonObject, mapping, pointer, sequence, text
from workbench.checks.reading import read_object
from workbench.checks.shapes import Field, fields, resolve

MANIFEST = "manifest.json"
DEFAULT_PLUGIN = "ai-plugin.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True, eq=False)
class ApiOperation:
    """One operation of an OpenAPI 3 document."""

    document: JsonObject
    pointer: str
    method: str
    node: JsonObject

    @property
    def id(self) -> str:
        """The operationId."""
        return text(self.node.get("operationId"))

    @property
    def label(self) -> str:
        """What a message calls it."""
        return self.id or self.pointer

    @property
    def parameters(self) -> list[tuple[str, JsonObject]]:
        """Its parameters, references followed, with their pointers."""
        listed = enumerate(sequence(self.node.get("parameters")))
        return [resolve(self.document, f"{self.pointer}/parameters/{index}", entry) for index, entry in listed]

    @property
    def body(self) -> Iterator[Field]:
        """Everything in its request body, the body itself first."""
        at, node = resolve(self.document, f"{self.pointer}/requestBody", self.node.get("requestBody"))
        yield from _content(self.document, at, node)

    @property
    def output(self) -> Iterator[Field]:
        """Everything in its first successful answer, the answer itself first."""
        for code, entry in sorted(mapping(self.node.get("responses")).items()):
            if code.startswith("2"):
                at, node = resolve(self.document, f"{self.pointer}/responses/{code}", entry)
                yield from _content(self.document, at, node)
                return


class Api:
    """One OpenAPI 3 document."""

    def __init__(self, document: JsonObject) -> None:
        self.document = document
        self.info = mapping(document.get("info"))
        self.components = mapping(document.get("components"))

    @cached_property
    def operations(self) -> tuple[ApiOperation, ...]:
        """Every operation, in document order."""
        return tuple(
            ApiOperation(self.document, pointer("paths", path, method), method, item[method])
            for path, item in mapping(self.document.get("paths")).items()
            for method in METHODS
            if isinstance(mapping(item).get(method), dict)
        )


class Plugin:
    """One plugin manifest, with the package that it is in."""

    def __init__(self, package: "Package", name: str, document: JsonObject) -> None:
        self.package = package
        self.name = name
        self.document = document

    @property
    def functions(self) -> list[tuple[str, str, JsonObject]]:
        """Its functions: pointer, name, node."""
        listed = [mapping(entry) for entry in sequence(self.document.get("functions"))]
        return [(f"/functions/{index}", text(node.get("name")), node) for index, node in enumerate(listed)]

    @property
    def runtimes(self) -> list[tuple[str, JsonObject]]:
        """Its runtimes with their pointers."""
        listed = enumerate(sequence(self.document.get("runtimes")))
        return [(f"/runtimes/{index}", mapping(entry)) for index, entry in listed]

    def served(self, function: str) -> list[JsonObject]:
        """The runtimes that serve a function; one without a list serves all."""
        return [node for _, node in self.runtimes if _serves(node, function)]

    def operation(self, function: str) -> ApiOperation | None:
        """The operation of the package's OpenAPI files that a function calls."""
        for node in self.served(function):
            api = self.package.apis.get(text(mapping(node.get("spec")).get("url")))
            for operation in api.operations if api else ():
                if operation.id == function:
                    return operation
        return None


class Package:
    """The files of a package; missing or broken ones are left out, and rules of their own say so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: dict[str, str] = {}
        self.documents: dict[str, JsonObject] = {}
        for file in sorted(path.rglob("*.json")):
            self._read(file)
        self.manifest = self.documents.get(MANIFEST, {})

    @cached_property
    def agents(self) -> dict[str, JsonObject]:
        """The declarative agents, by file name."""
        return {name: node for name, node in self.documents.items() if "instructions" in node}

    @cached_property
    def plugins(self) -> dict[str, Plugin]:
        """The plugin manifests, by file name."""
        return {name: Plugin(self, name, node) for name, node in self.documents.items() if "name_for_human" in node}

    @cached_property
    def apis(self) -> dict[str, Api]:
        """The OpenAPI documents, by file name."""
        return {name: Api(node) for name, node in self.documents.items() if "openapi" in node}

    def has(self, name: str) -> bool:
        """Whether a file is there, and inside the package."""
        file = (self.path / name).resolve()
        return file.is_relative_to(self.path.resolve()) and file.is_file()

    def _read(self, file: Path) -> None:
        name = file.relative_to(self.path).as_posix()
        document, problem = read_object(file)
        if problem:
            self.problems[name] = problem
        else:
            self.documents[name] = document


def _serves(runtime: JsonObject, function: str) -> bool:
    listed = runtime.get("run_for_functions")
    return listed is None or function in sequence(listed) or "*" in sequence(listed)


def _content(document: JsonObject, at: str, node: JsonObject) -> Iterator[Field]:
    for mime_type, content in mapping(node.get("content")).items():
        inner = f"{at}/content{pointer(mime_type)}/schema"
        yield from fields(document, inner, mapping(content).get("schema"))
