"""The catalog -> paths, operations and schemas of any description language; a `Dialect` supplies the differences."""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.operations.answers import answer_name, answered_fields
from connector.operations.field_model import Field, fields_of
from connector.operations.operation import Kind, Operation
from connector.operations.signature import Location, signature_of
from workbench.generators.definitions import Definitions, JsonObject
from workbench.generators.dialect import Dialect


def paths_of(operations: Iterable[Operation], dialect: Dialect, definitions: Definitions) -> dict[str, JsonObject]:
    """The path items, in the order of the operations; schemas of bodies and answers go into `definitions`."""
    paths: dict[str, JsonObject] = {}
    for operation in operations:
        paths.setdefault(f"/{operation.path}", {}).update(_Writer(operation, dialect, definitions).path_item())
    return paths


@dataclass(frozen=True)
class _Writer:
    """Describes one operation."""

    operation: Operation
    dialect: Dialect
    definitions: Definitions

    def path_item(self) -> JsonObject:
        operation, dialect = self.operation, self.dialect
        node: JsonObject = {
            "operationId": dialect.name(operation),
            "summary": dialect.title(operation),
            "description": dialect.description(operation),
            "tags": [operation.group],
            **dialect.traits(operation),
        }
        self._add_inputs(node)
        node["responses"] = self._responses()
        beside: JsonObject = {}
        model = operation.notification
        if model is not None:
            schema = self._object(fields_of(model, output=True), output=True)
            beside = dialect.add_event(operation, node, self._refer(model.__name__, schema))
        return {operation.method.lower(): dialect.finish(operation, node), **beside}

    def _add_inputs(self, node: JsonObject) -> None:
        operation, dialect, signature = self.operation, self.dialect, signature_of(self.operation)
        fields = [(location, field) for location, field in signature.fields(operation) if dialect.takes(field)]
        own = [self._parameter(location, field) for location, field in fields if location != "body"]
        if parameters := dialect.parameters(operation, own):
            node["parameters"] = parameters
        if signature.body:
            schema = self._object([field for location, field in fields if location == "body"], output=False)
            dialect.add_body(operation, node, self._refer(signature.body[1].__name__, schema), schema)

    def _parameter(self, location: Location, field: Field) -> JsonObject:
        head: JsonObject = {"name": field.name, "in": location, "required": self.dialect.is_required(field)}
        return head | self.dialect.parameter(self.operation, location, field, self._value(field, output=False))

    def _responses(self) -> JsonObject:
        operation, dialect = self.operation, self.dialect
        success: JsonObject = {"description": dialect.outcome(operation)}
        model = operation.declared_output or signature_of(operation).output
        if model is not None:
            schema = self._object(answered_fields(operation), output=True)
            dialect.finish_output(operation, schema)
            success |= dialect.content(operation, self._refer(answer_name(operation), schema))
        responses: JsonObject = {str(operation.status): success}
        if operation.kind is Kind.POLLING_TRIGGER:
            responses["202"] = {"description": dialect.NOTHING_NEW}
        return responses | dialect.failures(operation)

    def _refer(self, name: str, schema: JsonObject) -> JsonObject:
        return self.definitions.refer(name, schema, self.dialect.name(self.operation))

    def _object(self, fields: Iterable[Field], *, output: bool) -> JsonObject:
        """In an answer, `required` lists what is never absent."""
        fields = [field for field in fields if self.dialect.takes(field)]
        node: JsonObject = {"type": "object"}
        required = [field.name for field in fields if (field.required if output else self.dialect.is_required(field))]
        if required:
            node["required"] = required
        node["properties"] = {field.name: self._property(field, output=output) for field in fields}
        return node

    def _property(self, field: Field, *, output: bool) -> JsonObject:
        """A group of inputs is described once, with its labels: nothing beside a reference is read."""
        node = self._value(field, output=output) | self.dialect.labels(field)
        return self._refer(field.model, node) if field.model and not output else node

    def _value(self, field: Field, *, output: bool) -> JsonObject:
        node: JsonObject = {"type": field.type}
        if field.format:
            node["format"] = field.format
        if field.enum:
            node |= {"enum": list(field.enum), **self.dialect.choices(field)}
        if not output:
            node |= self.dialect.limits(field)
        if not output and self.dialect.has_default(field):
            node["default"] = field.default
        if field.fields:
            node |= self._object(field.fields, output=output)
        elif field.type == "object":
            node |= self.dialect.OPEN_OBJECT
        hints = self.dialect.hints(self.operation, field)
        if field.items:
            items = self._value(field.items, output=output) | hints
            if field.items.model and output:
                self.definitions.offer(field.items.model, items)
            return {**node, "items": items}
        return node | hints
