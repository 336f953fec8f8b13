"""Rules about what models (Copilot) read about the actions that makers see."""

import re
from collections import Counter

from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@rule("ModelNameMissing", severity="warning")
def name_missing(definition: Definition) -> Faults:
    """Add x-ms-name-for-model in snake_case, so that a model can call the action by a good name."""
    for operation in definition.operations:
        if operation.is_visible_action and "x-ms-name-for-model" not in operation.node:
            yield operation.pointer, f"'{operation.label}' has no name for models."


@rule("ModelNameNotSnakeCase", severity="warning")
def name_case(definition: Definition) -> Faults:
    """Write x-ms-name-for-model in snake_case: "get_ticket"."""
    for operation in definition.operations:
        name = operation.node.get("x-ms-name-for-model")
        if isinstance(name, str) and not _SNAKE_CASE.fullmatch(name):
            yield f"{operation.pointer}/x-ms-name-for-model", f"'{name}' is not in snake_case."


@rule("ModelNameNotUnique", severity="warning")
def name_unique(definition: Definition) -> Faults:
    """Give each operation a name for models of its own."""
    names = Counter(str(operation.node.get("x-ms-name-for-model", "")) for operation in definition.operations)
    for operation in definition.operations:
        name = str(operation.node.get("x-ms-name-for-model", ""))
        if name and names[name] > 1:
            yield f"{operation.pointer}/x-ms-name-for-model", f"The name '{name}' is used more than once."


@rule("ModelDescriptionMissing", severity="warning")
def description_missing(definition: Definition) -> Faults:
    """Add x-ms-description-for-model: what the action does, what it does not, and where its ids come from."""
    for operation in definition.operations:
        if operation.is_visible_action and "x-ms-description-for-model" not in operation.node:
            yield operation.pointer, f"'{operation.label}' has no description for models."


@rule("UserConfirmationMissing", severity="warning")
def confirmation_missing(definition: Definition) -> Faults:
    """Say with x-ms-require-user-confirmation whether a model must ask first: true on writes, false on reads."""
    for operation in definition.operations:
        if operation.is_visible_action and "x-ms-require-user-confirmation" not in operation.node:
            yield operation.pointer, f"'{operation.label}' does not say whether a model must ask first."


@rule("UserConfirmationMismatch", severity="warning")
def confirmation_mismatch(definition: Definition) -> Faults:
    """Set x-ms-require-user-confirmation to true on what changes something, and to false on what only reads."""
    for operation in definition.operations:
        asks = operation.node.get("x-ms-require-user-confirmation")
        if (operation.method == "get" and asks is True) or (
            operation.method in ("put", "patch", "delete") and asks is False
        ):
            at, what = f"{operation.pointer}/x-ms-require-user-confirmation", operation.method.upper()
            yield at, f"'{operation.label}' is a {what}, and models {'must' if asks else 'need not'} ask."
