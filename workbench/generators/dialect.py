"""All that description languages and their readers differ in; what they share is written once, in `describing`.

Swagger 2.0 (`power_platform.dialect`) and OpenAPI 3.0 (`openapi.dialect`) each have a subclass.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from connector.operations.field_model import Field
from connector.operations.operation import Operation
from connector.operations.signature import Location
from workbench.generators.definitions import JsonObject


class Dialect(ABC):
    """How one language, for one kind of reader, says what every description has to say."""

    NOTHING_NEW: ClassVar[str]
    """What the 202 of a polling trigger means."""
    OPEN_OBJECT: ClassVar[JsonObject] = {}
    """What an object whose properties are unknown says beside its type."""

    def name(self, operation: Operation) -> str:
        """The operationId."""
        return operation.id

    def title(self, operation: Operation) -> str:
        """The summary."""
        return operation.title

    @abstractmethod
    def description(self, operation: Operation) -> str:
        """The prose of an operation."""

    def traits(self, operation: Operation) -> JsonObject:
        """Extensions of an operation."""
        del operation
        return {}

    def takes(self, field: Field) -> bool:
        """Whether an input or a part of an answer is shown at all."""
        del field
        return True

    def is_required(self, field: Field) -> bool:
        """Whether an input must be sent."""
        return field.required

    def has_default(self, field: Field) -> bool:
        """Whether the default of an input is worth showing."""
        return isinstance(field.default, bool | int | float) or (isinstance(field.default, str) and bool(field.default))

    def limits(self, field: Field) -> JsonObject:
        """What the schema of an input says of its limits; the Power Platform gives poor messages for them."""
        del field
        return {}

    @abstractmethod
    def labels(self, field: Field) -> JsonObject:
        """What people read of a property: its description and, where the language has them, title and prominence."""

    def choices(self, field: Field) -> JsonObject:
        """Extensions beside an `enum`."""
        del field
        return {}

    def hints(self, operation: Operation, field: Field) -> JsonObject:
        """Extensions about where the choices or the properties of a field come from."""
        del operation, field
        return {}

    @abstractmethod
    def parameters(self, operation: Operation, own: list[JsonObject]) -> list[JsonObject]:
        """The parameters of an operation: its `own`, and what the language adds to each operation."""

    @abstractmethod
    def parameter(self, operation: Operation, location: Location, field: Field, value: JsonObject) -> JsonObject:
        """What stands in a parameter beside its name, place and `required`; `value` is its schema."""

    @abstractmethod
    def add_body(self, operation: Operation, node: JsonObject, reference: JsonObject, schema: JsonObject) -> None:
        """Put the body, which is `schema` under `reference`, into the operation's `node`."""

    @abstractmethod
    def outcome(self, operation: Operation) -> str:
        """What a success means."""

    def finish_output(self, operation: Operation, schema: JsonObject) -> None:
        """Adjust the schema of an answer in place."""
        del operation, schema

    @abstractmethod
    def content(self, operation: Operation, reference: JsonObject) -> JsonObject:
        """What stands in a success beside its description."""

    @abstractmethod
    def failures(self, operation: Operation) -> JsonObject:
        """The failures of an operation, by status."""

    @abstractmethod
    def add_event(self, operation: Operation, node: JsonObject, reference: JsonObject) -> JsonObject:
        """Describe the event that a webhook trigger posts, in the operation's `node`; returns what its path adds."""

    def finish(self, operation: Operation, node: JsonObject) -> JsonObject:
        """The whole operation, with what stands at its end."""
        del operation
        return node
