"""Rules about drop-downs and schemas that the designer asks another operation for."""

from collections.abc import Iterator

from workbench.checks.json_reading import is_of_type, json_type, mapping, text
from workbench.checks.power_platform.calls import CHOICES, PAIRS, SCHEMAS, Argument, Call, calls, matching, tree_calls
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.power_platform.rulebook import Faults, rule
from workbench.checks.shapes import Field


@rule("OperationIdNotFound")
def target_exists(definition: Definition) -> Faults:
    """Name an operation of this definition."""
    for at, operation_id in _targets(definition):
        if operation_id and operation_id not in definition.by_id:
            yield at, f"The operationId '{operation_id}' could not be found."


@rule("DynamicExtensionIncomplete")
def incomplete(definition: Definition) -> Faults:
    """Name the operation and, for a drop-down, the paths of the value and of the text to show."""
    for call in calls(definition):
        built_in = {"builtInOperation", "capability"} & call.node.keys()
        if not call.target and not built_in:
            yield call.pointer, f"'{call.extension}' names no operation."
        if call.extension in CHOICES and not built_in and not (call.value_path and call.title_path):
            yield call.pointer, f"'{call.extension}' does not say where the value or its title is."


@rule("DynamicListExtensionMissing")
def list_missing(definition: Definition) -> Faults:
    """Add x-ms-dynamic-list beside it: Power Fx and references into a body or by an ambiguous name need it."""
    yield from _without(definition, "x-ms-dynamic-values", "x-ms-dynamic-list")


@rule("DynamicValuesExtensionMissing")
def values_missing(definition: Definition) -> Faults:
    """Add x-ms-dynamic-values beside it: the designer of Logic Apps reads nothing else."""
    yield from _without(definition, "x-ms-dynamic-list", "x-ms-dynamic-values")


@rule("DynamicPropertiesExtensionMissing")
def properties_missing(definition: Definition) -> Faults:
    """Add x-ms-dynamic-properties beside it: Power Fx and references into a body or by an ambiguous name need it."""
    yield from _without(definition, "x-ms-dynamic-schema", "x-ms-dynamic-properties")


@rule("DynamicSchemaExtensionMissing")
def schema_missing(definition: Definition) -> Faults:
    """Add x-ms-dynamic-schema beside it: the designer of Logic Apps reads nothing else."""
    yield from _without(definition, "x-ms-dynamic-properties", "x-ms-dynamic-schema")


@rule("DynamicExtensionsDisagree")
def disagreement(definition: Definition) -> Faults:
    """Say the same in both extensions of a pair: operation, paths and parameters."""
    for one, other in _pairs(definition):
        if one.target != other.target:
            yield other.pointer, f"It calls '{other.target}', '{one.extension}' calls '{one.target}'."
        elif one.extension in CHOICES and _paths(one) != _paths(other):
            yield other.pointer, f"Its paths differ from those of '{one.extension}'."
        elif _meanings(one) != _meanings(other):
            yield other.pointer, f"Its parameters differ from those of '{one.extension}'."


@rule("DynamicPropertiesItemValuePathMismatch")
def schema_paths(definition: Definition) -> Faults:
    """Point itemValuePath at the schema object: the value-path without a "properties" at its end."""
    for one, other in _pairs(definition):
        expected = one.value_path.removesuffix("properties").rstrip("/")
        if one.extension in SCHEMAS and other.value_path != expected:
            yield other.pointer, f"The itemValuePath is '{other.value_path}', expected is '{expected}'."


@rule("InvokedOperationShouldProduceArray")
def produces_array(definition: Definition) -> Faults:
    """Describe the list of choices in the 200 response of the operation called, or correct the path."""
    for call, target in _resolved(definition):
        if call.extension in CHOICES and not _is_array(target.output_at(call.collection)):
            yield call.pointer, f"'{target.label}' describes no array at '{call.collection}'."


@rule("InvokedOperationShouldProduceProperty")
def produces_property(definition: Definition) -> Faults:
    """Describe the property in the 200 response of the operation called, or correct the path."""
    for call, target in _resolved(definition):
        if call.extension in SCHEMAS and not target.output_at(call.value_path):
            yield call.pointer, f"'{target.label}' describes no property '{call.value_path}'."
        elif call.extension in CHOICES and _is_array(target.output_at(call.collection)):
            for path in (call.value_path, call.title_path):
                if path and not _in_choice(call, target, path):
                    yield call.pointer, f"'{target.label}' describes no property '{path}' in '{call.collection}'."


@rule("DynamicValueTypeMismatch", severity="warning")
def value_type(definition: Definition) -> Faults:
    """Give the input and the value of the choice one type."""
    for call, target in _resolved(definition):
        value = _in_choice(call, target, call.value_path) if call.extension in CHOICES else None
        if value and value.type and call.holder.type and value.type != call.holder.type:
            yield call.pointer, f"The input is {call.holder.type}, the value of '{target.label}' is {value.type}."


@rule("OperationMissingRequiredProperty")
def required_arguments(definition: Definition) -> Faults:
    """Supply the parameter; the operation called requires it."""
    for call, target in _resolved(definition):
        supplied = {field.pointer for argument in call.arguments for field in matching(target, argument.name)}
        for name, field in target.references.items():
            if field.required and "default" not in field.node and field.pointer not in supplied:
                yield call.pointer, f"'{target.label}' requires the parameter '{name}'."


@rule("OperationParameterNameNotFound")
def unknown_arguments(definition: Definition) -> Faults:
    """Name a parameter of the operation called, and refer to an input of the operation that calls."""
    for call, target in _resolved(definition):
        for argument in call.arguments:
            if not matching(target, argument.name):
                yield call.pointer, f"'{target.label}' has no parameter '{argument.name}'."
            if argument.reference and not argument.sources:
                yield call.pointer, f"'{call.caller.label}' has no input '{argument.reference}'."


@rule("OperationParameterRequiredMismatch", severity="warning")
def optional_source(definition: Definition) -> Faults:
    """Make the input required, or the parameter of the operation called optional."""
    for call, argument, parameter, source in _passed(definition):
        if (
            parameter.required
            and not source.required
            and not {"default"} & (source.node.keys() | parameter.node.keys())
        ):
            yield call.pointer, f"'{argument.name}' is required, yet '{argument.reference}' is optional."


@rule("OperationParameterTypeMismatch")
def source_type(definition: Definition) -> Faults:
    """Give the input and the parameter of the operation called one type."""
    for call, argument, parameter, source in _passed(definition):
        if parameter.type and source.type and parameter.type != source.type:
            yield call.pointer, f"'{argument.name}' is {parameter.type}, '{argument.reference}' is {source.type}."


@rule("OperationParameterStaticTypeMismatch")
def literal_type(definition: Definition) -> Faults:
    """Give the literal the type of the parameter."""
    for call, target in _resolved(definition):
        for argument in call.arguments:
            for parameter in matching(target, argument.name) if argument.is_literal else ():
                if parameter.type and not is_of_type(argument.literal, parameter.type):
                    given = json_type(argument.literal)
                    yield call.pointer, f"'{argument.name}' is {parameter.type}, the literal is {given}."


@rule("SourcePropertyInternal")
def internal_source(definition: Definition) -> Faults:
    """Show the input, or pass a literal; makers cannot fill in what they do not see."""
    for call, argument, _, source in _passed(definition):
        if source.internal:
            yield call.pointer, f"'{argument.reference}' of '{call.caller.label}' is internal."


@rule("SelectedItemValuePathNotAllowedInThisPosition")
def selected_item(definition: Definition) -> Faults:
    """Use selectedItemValuePath in the browse step of x-ms-dynamic-tree only."""
    places = [(call.pointer, call.node) for call in calls(definition)]
    places += [(at, node) for at, step, node in tree_calls(definition) if step == "open"]
    for at, node in places:
        if any("selectedItemValuePath" in mapping(given) for given in mapping(node.get("parameters")).values()):
            yield at, "'selectedItemValuePath' is used outside a browse step."


def _targets(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every place that names an operation of this definition: pointer and id."""
    for call in calls(definition):
        yield call.pointer, call.target
    for at, _, step in tree_calls(definition):
        yield at, text(step.get("operationId"))
    for operation in definition.operations:
        for key, inner in (("x-ms-notification", ""), ("x-ms-operation-context", "simulate")):
            extension = mapping(operation.node.get(key))
            target = mapping(extension.get(inner)) if inner else extension
            yield f"{operation.pointer}/{key}", text(target.get("operationId"))
    capabilities = mapping(definition.document.get("x-ms-capabilities"))
    picker = mapping(capabilities.get("file-picker"))
    for at, node in (
        ("/x-ms-capabilities/testConnection", capabilities.get("testConnection")),
        ("/x-ms-capabilities/file-picker/open", picker.get("open")),
        ("/x-ms-capabilities/file-picker/browse", picker.get("browse")),
    ):
        yield at, text(mapping(node).get("operationId"))


def _without(definition: Definition, extension: str, partner: str) -> Faults:
    for call in calls(definition):
        if call.extension == extension and partner not in call.holder.node:
            yield call.pointer, f"'{extension}' stands without '{partner}'."


def _pairs(definition: Definition) -> Iterator[tuple[Call, Call]]:
    """The two calls of every pair that is complete."""
    found = {call.pointer: call for call in calls(definition)}
    for call in found.values():
        partner = found.get(f"{call.holder.pointer}/{PAIRS.get(call.extension)}")
        if partner:
            yield call, partner


def _resolved(definition: Definition) -> Iterator[tuple[Call, Operation]]:
    """Every call whose target exists, with the target."""
    for call in calls(definition):
        if call.target in definition.by_id:
            yield call, definition.by_id[call.target]


def _passed(definition: Definition) -> Iterator[tuple[Call, Argument, Field, Field]]:
    """Every input that is passed on: call, argument, parameter of the target, input of the caller."""
    for call, target in _resolved(definition):
        for argument in call.arguments:
            parameters = matching(target, argument.name)
            if len(parameters) == 1 and len(argument.sources) == 1:
                yield call, argument, parameters[0], argument.sources[0]


def _in_choice(call: Call, target: Operation, path: str) -> Field | None:
    return target.output_at(call.collection, "[]", *(part for part in path.split("/") if part))


def _is_array(field: Field | None) -> bool:
    return field is not None and field.type == "array"


def _paths(call: Call) -> tuple[str, str, str]:
    return call.collection, call.value_path, call.title_path


def _meanings(call: Call) -> dict[str, str]:
    """What is passed to which parameter, spelled alike for both extensions of a pair."""
    return {
        argument.name: argument.sources[0].pointer
        if argument.sources
        else argument.reference or f"{json_type(argument.literal)} {argument.literal}"
        for argument in call.arguments
    }
