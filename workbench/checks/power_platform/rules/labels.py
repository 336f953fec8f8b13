"""Rules about what makers read on parameters and properties."""

from workbench.checks.json_reading import text
from workbench.checks.power_platform import wording
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule


@rule("ParameterSummaryRequired")
def summary_required(definition: Definition) -> Faults:
    """Add an x-ms-summary in title case; makers see it as the parameter's name."""
    for _, parameter in definition.inputs:
        if "x-ms-summary" not in parameter.node:
            yield parameter.pointer, f"The parameter '{parameter.name}' has no x-ms-summary."


@rule("ParameterDescriptionRequired")
def description_required(definition: Definition) -> Faults:
    """Add a description; makers see it inside the empty box."""
    for _, parameter in definition.inputs:
        if "description" not in parameter.node:
            yield parameter.pointer, f"The parameter '{parameter.name}' has no description."


@rule("ParameterDescriptionSameAsSummary", severity="warning")
def description_repeats(definition: Definition) -> Faults:
    """Say in the description what the x-ms-summary does not."""
    for _, parameter in definition.inputs:
        if wording.same(text(parameter.node.get("x-ms-summary")), text(parameter.node.get("description"))):
            yield parameter.pointer, f"The description of the parameter '{parameter.name}' repeats its summary."


@rule("PropertySummaryRequired", severity="warning")
def property_summary(definition: Definition) -> Faults:
    """Add an x-ms-summary in title case; makers see it as the field's name."""
    for schema in definition.schemas:
        if schema.name and not {"x-ms-summary", "$ref"} & schema.node.keys():
            yield schema.pointer, f"{schema.label} has no x-ms-summary."


@rule("PropertyDescriptionRequired", severity="warning")
def property_description(definition: Definition) -> Faults:
    """Add a description; makers and models read it."""
    for schema in definition.schemas:
        if schema.name and not {"description", "$ref"} & schema.node.keys():
            yield schema.pointer, f"{schema.label} has no description."


@rule("SummaryNotTitleCase", severity="warning")
def title_case(definition: Definition) -> Faults:
    """Capitalise every word of an x-ms-summary but the small ones: "Date of Birth"."""
    places = [*definition.parameter_nodes(), *((schema.pointer, schema.node) for schema in definition.schemas)]
    for at, node in places:
        summary = text(node.get("x-ms-summary"))
        if not wording.is_title_case(summary):
            yield f"{at}/x-ms-summary", f"'{summary}' is not in title case."


@rule("SchemaTitleUsed", severity="warning")
def title(definition: Definition) -> Faults:
    """Use x-ms-summary alone; the designer and Power Fx would show the title instead of it."""
    for schema in definition.schemas:
        if "title" in schema.node:
            yield f"{schema.pointer}/title", f"{schema.label} has a title."
