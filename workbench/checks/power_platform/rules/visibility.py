"""Rules about what makers see, and what is sent although they do not see it."""

from collections.abc import Iterator

from workbench.checks.json_reading import JsonObject
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule


@rule("VisibleOperationMissing")
def nothing_visible(definition: Definition) -> Faults:
    """Leave at least one operation visible, so that the connector offers something."""
    if definition.operations and all(operation.internal for operation in definition.operations):
        yield "/paths", "Every operation is internal."


@rule("InternalRequiredMissingDefault")
def hidden_required(definition: Definition) -> Faults:
    """Give the hidden input a default, or show it; makers cannot fill in what they do not see."""
    for at, name, node, required in _hidden(definition):
        if required and "default" not in node:
            yield at, f"The input '{name}' is internal and required, and has no default."


@rule("InternalPropertyWithDefaultOptional", severity="warning")
def hidden_optional(definition: Definition) -> Faults:
    """Make the input required; the default of an optional hidden input is never sent."""
    for at, name, node, required in _hidden(definition):
        if not required and "default" in node:
            yield at, f"The input '{name}' is internal and optional, and has a default."


def _hidden(definition: Definition) -> Iterator[tuple[str, str, JsonObject, bool]]:
    """Every input that is internal itself: pointer, name, node, whether it is required.

    The notification URL is not among them: the platform fills it in.
    """
    for operation in definition.operations:
        for parameter in operation.inputs:
            if parameter.internal:
                yield parameter.pointer, parameter.name, parameter.node, parameter.required
        for field in operation.body_fields:
            hidden = field.node.get("x-ms-visibility") == "internal"
            if field.path and hidden and not field.node.get("x-ms-notification-url"):
                yield field.pointer, field.path[-1], field.node, field.required
