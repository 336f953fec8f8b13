"""One operation of a definition, with its parameters, responses, inputs and output."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.checks.json_reading import JsonObject, mapping, pointer, sequence, text
from workbench.checks.shapes import Field, fields, resolve


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter of one operation, its reference followed."""

    pointer: str
    node: JsonObject

    @property
    def name(self) -> str:
        """Its name on the wire."""
        return text(self.node.get("name"))

    @property
    def location(self) -> str:
        """`path`, `query`, `header`, `body` or `formData`."""
        return text(self.node.get("in"))

    @property
    def required(self) -> bool:
        """Whether a call must have it."""
        return self.node.get("required") is True

    @property
    def internal(self) -> bool:
        """Whether makers never see it."""
        return self.node.get("x-ms-visibility") == "internal"


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """One response of one operation, its reference followed; `code` is `200`, `404`, `default` …"""

    code: str
    pointer: str
    node: JsonObject

    @property
    def successful(self) -> bool:
        """Whether the code is in the 2xx range."""
        return len(self.code) == 3 and self.code.startswith("2")


class Operation:
    """One method of one path."""

    def __init__(self, document: JsonObject, path: str, method: str) -> None:
        self.document = document
        self.path = path
        self.method = method
        self.pointer = pointer("paths", path, method)
        self.path_item = mapping(mapping(document.get("paths")).get(path))
        self.node = mapping(self.path_item.get(method))

    @property
    def id(self) -> str:
        """The operationId."""
        return text(self.node.get("operationId"))

    @property
    def label(self) -> str:
        """What a message calls it: its id, else its method and path."""
        return self.id or f"{self.method.upper()} {self.path}"

    @property
    def summary(self) -> str:
        """What makers see as its name."""
        return text(self.node.get("summary"))

    @property
    def description(self) -> str:
        """What makers read about it."""
        return text(self.node.get("description"))

    @property
    def deprecated(self) -> bool:
        """Whether it is deprecated."""
        return self.node.get("deprecated") is True

    @property
    def internal(self) -> bool:
        """Whether makers never see it."""
        return self.node.get("x-ms-visibility") == "internal"

    @property
    def annotation(self) -> JsonObject:
        """Its place in a family of versions: `x-ms-api-annotation`."""
        return mapping(self.node.get("x-ms-api-annotation"))

    @property
    def is_trigger(self) -> bool:
        """Whether it starts a flow."""
        return "x-ms-trigger" in self.node

    @property
    def is_webhook(self) -> bool:
        """Whether its path describes what will be posted to a flow."""
        return "x-ms-notification-content" in self.path_item

    @property
    def starts_flow(self) -> bool:
        """Whether it is a trigger, or a webhook that is meant to be one."""
        return self.is_trigger or self.is_webhook

    @property
    def is_agentic(self) -> bool:
        """Whether it is the one operation of an MCP connector, which has no inputs and no output schema."""
        return "x-ms-agentic-protocol" in self.node

    @property
    def is_visible_action(self) -> bool:
        """Whether makers and models can pick it as a step."""
        return not (self.internal or self.starts_flow or self.is_agentic)

    @cached_property
    def own_parameters(self) -> tuple[Parameter, ...]:
        """Those written in the operation itself, duplicates included."""
        return tuple(self._parameters(self.pointer, self.node))

    @cached_property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """Those written once for every method of the path."""
        return tuple(self._parameters(pointer("paths", self.path), self.path_item))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the path and its own; its own replace the path's of the same name and place."""
        merged = {
            (parameter.location, parameter.name): parameter
            for parameter in (*self.path_parameters, *self.own_parameters)
        }
        return tuple(merged.values())

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters outside the body."""
        return tuple(parameter for parameter in self.parameters if parameter.location != "body")

    @cached_property
    def responses(self) -> tuple[Response, ...]:
        """Its responses in the order in which they are written."""
        return tuple(
            Response(code, *resolve(self.document, f"{self.pointer}/responses{pointer(code)}", node))
            for code, node in mapping(self.node.get("responses")).items()
            if not code.startswith("x-")
        )

    @cached_property
    def body_fields(self) -> tuple[Field, ...]:
        """Everything in the JSON body, the body itself first with an empty path."""
        return tuple(
            field
            for body in self.parameters
            if body.location == "body"
            for field in fields(
                self.document,
                f"{body.pointer}/schema",
                body.node.get("schema"),
                required=body.required,
                internal=body.internal,
            )
        )

    @cached_property
    def output(self) -> tuple[str, Any]:
        """Pointer and schema of what the designer shows: the notification's, else that of 200 or 201, else None."""
        if self.is_webhook:
            content = mapping(self.path_item.get("x-ms-notification-content"))
            return pointer("paths", self.path, "x-ms-notification-content", "schema"), content.get("schema")
        for code in ("200", "201"):
            for response in self.responses:
                if response.code == code and "schema" in response.node:
                    return f"{response.pointer}/schema", response.node["schema"]
        return f"{self.pointer}/responses", None

    @cached_property
    def output_fields(self) -> tuple[Field, ...]:
        """Everything in the output, the output itself first with an empty path."""
        return tuple(fields(self.document, *self.output))

    def output_at(self, path: str, *below: str) -> Field | None:
        """The output field at a path like `results`, or at `below` inside it; an empty path is the output itself."""
        wanted = (*(part for part in path.split("/") if part), *below)
        return next((field for field in self.output_fields if field.path == wanted), None)

    @cached_property
    def references(self) -> dict[str, Field]:
        """The inputs as dynamic extensions refer to them: `boardId` (a parameter), `body/boardId` (inside the body)."""
        found = {
            field.name: Field((field.name,), field.pointer, field.node, field.required, field.internal)
            for field in self.inputs
        }
        body = next((parameter.name for parameter in self.parameters if parameter.location == "body"), "")
        for field in self.body_fields:
            if field.path and "[]" not in field.path:
                found["/".join((body, *field.path))] = field
        return found

    def _parameters(self, at: str, node: JsonObject) -> Iterator[Parameter]:
        for index, entry in enumerate(sequence(node.get("parameters"))):
            parameter = Parameter(*resolve(self.document, f"{at}/parameters/{index}", entry))
            if parameter.node:
                yield parameter
