"""An operation as an MCP tool: a flat input of single types, a described output, hints about what it does.

Clients differ in how much JSON Schema they bear: Copilot Studio drops tools with a `$ref`, cuts schemas off at a list
of types and forgets enums, others break on arrays without items. What is written here, all of them understand. An input
whose fields only the tenant knows is a text of JSON; such an output is answered, but not described.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, get_args

from connector.catalog import operations
from connector.deskdirector.models import Entity, Page
from connector.naming import camel
from connector.operations.answers import answered_fields
from connector.operations.field_model import Field
from connector.operations.operation import Effects, Kind, Operation
from connector.operations.prose import description_for_models, for_models
from connector.operations.signature import signature_of
from connector.serving.mcp.protocol import as_json
from connector.serving.mcp.texts import HIDDEN, TOOLS, input_text

_OFFERED = (Kind.ACTION, Kind.LOOKUP)
_NESTED = ("object", "array")
_FOR_PLATFORMS = "nextLink"
_KEY_FORMAT = "password"
NAMES: Final = frozenset(
    (
        *("action", "assignedTo", "attachments", "attended", "author", "authorId", "authorType", "board", "boards"),
        *("callbackPhone", "callbackType", "category", "choiceIds", "choiceNames", "closedBy", "company"),
        *("contact", "contactEmail", "contacts", "contentType", "continuation", "country", "createdBy", "creator"),
        *("creatorId", "email", "emailDomains", "entityId", "entityType", "error", "errorCode", "eventId"),
        *("eventType", "firstName", "form", "id", "identifier", "invited", "lastName", "managers", "member"),
        *("method", "name", "nextLink", "notKnown", "notice", "path", "phone", "priorities", "priority"),
        *("recipient", "requestType", "results", "role", "score", "sessionId", "site", "source", "state", "status"),
        *("statuses", "tags", "taskNames", "techUrl", "templateId", "titleFormat", "token", "type", "updatedBy"),
        *("url", "user", "userGroup", "userGroupId", "value"),
    )
)
"""Texts of answers that are names, of people and of what a desk has set up, or our own. In all others people write what
they like."""
TEXT_FROM: Final = "textFrom"
"""Every tool that reads takes it, to go on with a text that was cut; the place of the cut says so, no schema does."""
_ADDITIVE: Final = (Effects.CREATES, Effects.SENDS)
_ADDING: Final = "Add"
"""Operations whose name begins so add to what there is and change nothing else."""

JsonObject = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Tool:
    """One tool. What is derived from the operation's signature is built at first use."""

    operation: Operation

    @cached_property
    def name(self) -> str:
        """`addTicketNote`."""
        return self.operation.id[0].lower() + self.operation.id[1:]

    @cached_property
    def listed(self) -> bytes:
        """Its entry in `tools/list`."""
        return as_json(self.described())

    @cached_property
    def listed_without_output(self) -> bytes:
        """Its entry for clients that read the text of an answer."""
        return as_json({name: part for name, part in self.described().items() if name != "outputSchema"})

    @property
    def read_only(self) -> bool:
        """Whether it changes nothing."""
        return self.operation.effects.read_only

    @cached_property
    def is_outgoing(self) -> bool:
        """Whether people outside the service desk may read or get what it is given."""
        return any(field.outgoing for field in self.inputs)

    @cached_property
    def pages(self) -> bool:
        """Whether it takes the size of a page."""
        return any(field.name == "take" for field in self.inputs) and self.operation.pages

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """What it takes."""
        return tuple(field for _, field in signature_of(self.operation).fields(self.operation))

    @cached_property
    def written_by_others(self) -> tuple[bytes, ...]:
        """The fields of its answer in which people write what they like, as JSON has them."""
        return tuple(f'"{name}":'.encode() for name in sorted(_texts(answered_fields(self.operation)) - NAMES))

    def described(self) -> JsonObject:
        """Everything that a model and its client learn about the tool."""
        return {
            "name": self.name,
            "description": self._description,
            "inputSchema": self._input_schema(),
            "outputSchema": self._output_schema(),
            "annotations": self._annotations(),
        }

    @property
    def _description(self) -> str:
        operation = self.operation
        if self.name in TOOLS:
            return TOOLS[self.name]
        own = (f"The answer also has {field.name}: {field.description}" for field in self._answered_objects())
        return " ".join((description_for_models(_prose(), operation.description, operation.guidance), *own))

    def _answered_objects(self) -> Iterable[Field]:
        """What is answered though no schema has it: only the tenant knows its fields."""
        return (field for field in answered_fields(self.operation) if field.type == "object" and not self._is_brief)

    def _annotations(self) -> JsonObject:
        """The hints, truthful by the specification: destructive means more than adding."""
        effects = self.operation.effects
        is_additive = effects in _ADDITIVE or self.operation.id.startswith(_ADDING)
        hints = {
            "title": self.operation.shown_title,
            "readOnlyHint": effects.read_only,
            "destructiveHint": not effects.read_only and not is_additive,
            "openWorldHint": effects.open_world or self.is_outgoing,
        }
        return hints if effects.read_only else {**hints, "idempotentHint": effects.idempotent}

    def _input_schema(self) -> JsonObject:
        shown = [field for field in self.inputs if field.required or field.name not in HIDDEN.get(self.name, ())]
        properties = {field.name: self._input(field) for field in shown}
        return {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in shown if field.required],
        }

    def _input(self, field: Field) -> JsonObject:
        said = input_text(self.name, field.name) or _prose()(field.description)
        if field.name == "fields" and self.pages:
            said = f"Which; also {', '.join([*self._asked_for(), 'ids', 'all'])}."
        if _is_nested(field):
            return {"type": "string", "description": f"{said} As JSON text."}
        choices = field.enum or (field.items.enum if field.items else ())
        if any(choice not in said for choice in choices):
            said = f"{said}{'' if said.endswith(':') else ' One of:'} {', '.join(choices)}."
        return {**_value(field), "description": said}

    def _details(self) -> list[str]:
        """What a list leaves out, by the names that callers use."""
        return [camel(name) for name in _result_details(self.operation)]

    def _asked_for(self) -> list[str]:
        """The same, with one word for all ids."""
        return [name for name in self._details() if not name.endswith(("Id", "Ids"))]

    @property
    def _is_brief(self) -> bool:
        return self.pages or not self.operation.effects.read_only

    def _output_schema(self) -> JsonObject:
        left_out = {camel(name) for name in _details_of(signature_of(self.operation).output)} if self._is_brief else ()
        shown = (
            field
            for field in answered_fields(self.operation)
            if field.type != "object" and field.name != _FOR_PLATFORMS and field.name not in left_out
        )
        inside = set(self._details()) if self._is_brief else set()
        return {"type": "object", "properties": {field.name: _output(field, inside) for field in shown}}


@lru_cache(maxsize=1)
def _prose() -> Callable[[str], str]:
    """What rewrites texts for makers into texts for models."""
    return for_models({tool.operation.title: tool.name for tool in all_tools().values()})


@lru_cache(maxsize=1)
def all_tools() -> Mapping[str, Tool]:
    """Every tool by name, in alphabetical order: models' caches live on an order that stays."""
    found = (Tool(one) for one in operations().values() if one.kind in _OFFERED and not answers_secret(one))
    return {tool.name: tool for tool in sorted(found, key=lambda tool: tool.name)}


def answers_secret(operation: Operation) -> bool:
    """Whether its answer is a key, which should not get into a chat."""
    return any(field.format == _KEY_FORMAT for field in answered_fields(operation))


def _texts(fields: Iterable[Field]) -> set[str]:
    """The names of the fields that are texts or hold some, and of those inside them."""
    found = set()
    for field in fields:
        inside = field.items.fields if field.items else field.fields
        holds_texts = field.type == "object" or (field.items is not None and field.items.type == "string")
        if holds_texts or (field.type == "string" and not field.enum and not field.format):
            found.add(field.name)
        found |= _texts(inside)
    return found


def _details_of(model: Any) -> tuple[str, ...]:
    return (
        model.details if isinstance(model, type) and issubclass(model, Entity) and not issubclass(model, Page) else ()
    )


def _result_details(operation: Operation) -> tuple[str, ...]:
    """What a brief answer leaves out of each result."""
    output = signature_of(operation).output
    if output is None or "results" not in output.model_fields:
        return ()
    (model,) = get_args(output.model_fields["results"].annotation) or (None,)
    return tuple(name for name in _details_of(model) if name in model.model_fields)


def _output(field: Field, left_out: Container[str]) -> JsonObject:
    if field.type == "array" and field.items and field.items.type == "object":
        if field.name != "results":
            # What belongs to one answer explains itself; described, a ticket with its notes costs three times as much.
            return {"type": "array", "items": {"type": "object", "properties": {}}}
        # Nothing is required of a result: `fields` may have left it out.
        inside = (one for one in field.items.fields if one.type != "object" and one.name not in left_out)
        return {
            "type": "array",
            "items": {"type": "object", "properties": {one.name: _value(one) for one in inside}},
        }
    return _value(field)


def _value(field: Field) -> JsonObject:
    node: JsonObject = {"type": field.type}
    if field.type == "array" and field.items:
        fields = field.items.fields
        node["items"] = {"type": field.items.type}
        if field.items.type == "object":
            node["items"]["properties"] = {one.name: _value(one) for one in fields if one.type != "object"}
    return node


def _is_nested(field: Field) -> bool:
    return field.type == "object" or bool(field.items and field.items.type in _NESTED)
