"""What an operation answers, as every face describes it."""

from connector.operations.field_model import Field, fields_of
from connector.operations.operation import Effects, Operation
from connector.operations.recovery import RECOVERED, REPEATED
from connector.operations.signature import signature_of


def answered_fields(operation: Operation) -> tuple[Field, ...]:
    """The fields of its answer; an operation that recognises repeats also says when nothing was done now."""
    model = operation.declared_output or signature_of(operation).output
    if model is None:
        return ()
    fields = fields_of(model, output=True)
    if not _has_marks(operation):
        return fields
    marks = (Field(mark.name, "boolean", mark.name.capitalize(), mark.description) for mark in (REPEATED, RECOVERED))
    return (*fields, *marks)


def answer_name(operation: Operation) -> str:
    """What the schema of its answer is called: `Ticket`, or `TicketReceipt` with the fields on repeats."""
    model = operation.declared_output or signature_of(operation).output
    return f"{model.__name__ if model else ''}{'Receipt' if _has_marks(operation) else ''}"


def _has_marks(operation: Operation) -> bool:
    """A loop that creates wants to notice that nothing new was made; of what is only sent there is nothing to count."""
    return operation.recognises_repeats and operation.effects is Effects.CREATES
