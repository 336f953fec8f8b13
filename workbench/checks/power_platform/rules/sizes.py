"""Rules about size: operations, schemas and depth."""

from collections.abc import Iterator

from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.power_platform.rulebook import Faults, rule
from workbench.checks.shapes import MAX_SCHEMAS_PER_OPERATION, Field, fields

MAX_OPERATIONS = 256
MAX_SCHEMAS_PER_BODY = 512
# Microsoft does not publish its depth limit; Power Fx, which Power Apps and Copilot Studio use, stops at 30.
MAX_DEPTH = 30


@rule("TotalOperationsCountExceedsMaxAllowed")
def operation_count(definition: Definition) -> Faults:
    """Split the connector; a definition holds at most 256 operations."""
    if len(definition.operations) > MAX_OPERATIONS:
        yield "/paths", f"There are {len(definition.operations)} operations."


@rule("OperationSchemaCountExceedsMaxAllowed")
def schemas_of_operation(definition: Definition) -> Faults:
    """Remove properties; an operation holds at most 16,384 schemas."""
    for operation in definition.operations:
        count = len(operation.inputs) + sum(len(body) for _, body in _bodies(operation))
        if count > MAX_SCHEMAS_PER_OPERATION:
            yield operation.pointer, f"'{operation.label}' holds more than {MAX_SCHEMAS_PER_OPERATION} schemas."


@rule("BodySchemaCountExceedsMaxAllowed")
def schemas_of_body(definition: Definition) -> Faults:
    """Remove properties; a body holds at most 512 schemas."""
    for operation in definition.operations:
        for at, body in _bodies(operation):
            if len(body) > MAX_SCHEMAS_PER_BODY:
                yield at, f"A body of '{operation.label}' holds {len(body)} schemas."


@rule("SchemaTooDeep", severity="warning")
def depth(definition: Definition) -> Faults:
    """Flatten the schema to fewer than 30 levels; Power Fx reads no further."""
    for operation in definition.operations:
        for _, body in _bodies(operation):
            for field in body:
                if len(field.path) == MAX_DEPTH:
                    yield field.pointer, f"'{operation.label}' reaches a depth of {MAX_DEPTH} here."


def _bodies(operation: Operation) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """The schemas of what is sent and of everything that may come back, each with its pointer."""
    yield operation.pointer, operation.body_fields
    for response in operation.responses:
        at = f"{response.pointer}/schema"
        yield at, tuple(fields(operation.document, at, response.node.get("schema")))
