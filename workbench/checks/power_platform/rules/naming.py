"""Rules about what operations are called and how they describe themselves."""

import re
from collections import Counter

from workbench.checks.power_platform import wording
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

# Model tools take names of at most 64 characters; Microsoft's own limit for an operationId is not published.
MAX_OPERATION_ID = 64

_PASCAL_CASE = re.compile(r"([A-Z]+[a-z0-9]*)+(_V\d+)?")


@rule("OperationIdRequired")
def id_required(definition: Definition) -> Faults:
    """Give the operation an operationId such as "GetTicket"."""
    for operation in definition.operations:
        if "operationId" not in operation.node:
            yield operation.pointer, f"{operation.label} has no operationId."


@rule("OperationIdNotUnique")
def id_unique(definition: Definition) -> Faults:
    """Give each operation an id of its own."""
    counts = Counter(operation.id for operation in definition.operations if operation.id)
    for operation in definition.operations:
        if counts[operation.id] > 1:
            yield f"{operation.pointer}/operationId", f"The operationId '{operation.id}' is used more than once."


@rule("OperationIdSanitized")
def id_characters(definition: Definition) -> Faults:
    """Use letters and digits only (and "_" before a revision suffix)."""
    for operation in definition.operations:
        if re.search(r"[^A-Za-z0-9_]", operation.id):
            yield f"{operation.pointer}/operationId", f"'{operation.id}' has characters other than letters and digits."


@rule("OperationIdNotPascalCase", severity="warning")
def id_case(definition: Definition) -> Faults:
    """Capitalise every word and join them without separators: "GetTicketNotes", "GetTicket_V2"."""
    for operation in definition.operations:
        if re.fullmatch(r"\w+", operation.id, re.ASCII) and not _PASCAL_CASE.fullmatch(operation.id):
            yield f"{operation.pointer}/operationId", f"'{operation.id}' is not in PascalCase."


@rule("OperationIdTooLong", severity="warning")
def id_length(definition: Definition) -> Faults:
    """Shorten the operationId to at most 64 characters."""
    for operation in definition.operations:
        if len(operation.id) > MAX_OPERATION_ID:
            yield f"{operation.pointer}/operationId", f"'{operation.id}' has {len(operation.id)} characters."


@rule("OperationSummaryRequired")
def summary_required(definition: Definition) -> Faults:
    """Add a summary; makers see it as the name of the operation."""
    for operation in definition.operations:
        if "summary" not in operation.node:
            yield operation.pointer, f"'{operation.label}' has no summary."


@rule("OperationSummaryTooLong")
def summary_length(definition: Definition) -> Faults:
    """Shorten the summary to at most 80 characters (the validator stops at 120, the string guidance at 80)."""
    for operation in definition.operations:
        if len(operation.summary) > wording.MAX_SUMMARY:
            yield f"{operation.pointer}/summary", f"The summary has {len(operation.summary)} characters."


@rule("RestrictedCharactersInSummary")
def summary_restricted(definition: Definition) -> Faults:
    """Rephrase without slashes, angle brackets, asterisk, percent sign, ampersand and question mark."""
    for operation in definition.operations:
        for character in wording.restricted_characters(operation.summary):
            yield f"{operation.pointer}/summary", f"The summary of '{operation.label}' contains '{character}'."


@rule("SummaryNotAlphanumeric", severity="warning")
def summary_characters(definition: Definition) -> Faults:
    """Use letters, digits, spaces and parentheses only."""
    for operation in definition.operations:
        for character in wording.unusual_characters(operation.summary[:-1]):
            yield f"{operation.pointer}/summary", f"The summary of '{operation.label}' contains '{character}'."


@rule("SummaryNotSentenceCase", severity="warning")
def summary_case(definition: Definition) -> Faults:
    """Capitalise the first word and proper nouns only: "Get a ticket"."""
    names = str(definition.info.get("title", "")).split()
    for operation in definition.operations:
        if not wording.is_sentence_case(operation.summary, names):
            yield f"{operation.pointer}/summary", f"'{operation.summary}' is not in sentence case."


@rule("ActionSummaryMustStartWithVerb", severity="warning")
def summary_verb(definition: Definition) -> Faults:
    """Begin with what the action does: "Get a ticket", "Add a note"."""
    for operation in definition.operations:
        if operation.summary and not operation.starts_flow and not wording.starts_with_verb(operation.summary):
            yield f"{operation.pointer}/summary", f"'{operation.summary}' does not begin with a verb."


@rule("OperationDescriptionRequired")
def description_required(definition: Definition) -> Faults:
    """Add a description; makers and models decide by it."""
    for operation in definition.operations:
        if "description" not in operation.node:
            yield operation.pointer, f"'{operation.label}' has no description."


@rule("OperationDescriptionSameAsSummary", severity="warning")
def description_repeats(definition: Definition) -> Faults:
    """Say in the description what the summary does not."""
    for operation in definition.operations:
        if wording.same(operation.summary, operation.description):
            yield f"{operation.pointer}/description", f"The description of '{operation.label}' repeats its summary."


@rule("OperationDescriptionNotSentence", severity="warning")
def description_sentence(definition: Definition) -> Faults:
    """Write whole sentences: a capital at the beginning, a full stop at the end."""
    for operation in definition.operations:
        if operation.description and not wording.is_full_sentence(operation.description):
            yield f"{operation.pointer}/description", f"The description of '{operation.label}' is not a full sentence."
