"""Rules about values: formats, defaults, enumerations, limits."""

import re
from collections import Counter
from collections.abc import Iterator

from workbench.checks.json_reading import JsonObject, is_of_type, json_type, mapping, names, pointer, sequence
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

# The formats of the platform (Microsoft's JSON schema) that Power Fx can use with the type; others lose the field.
FORMATS = {
    "string": names("byte binary date date-time date-no-tz email html password uri uuid"),
    "integer": ("int32", "int64"),
    "number": ("float", "double"),
}


@rule("UnrecognizedTypeFormat")
def formats(definition: Definition) -> Faults:
    """Use a format that the platform knows for the type (int32, int64, double, date-time, uuid …), or none."""
    for at, node in _values(definition):
        kind, value = node.get("type"), node.get("format")
        if isinstance(kind, str) and isinstance(value, str) and value not in FORMATS.get(kind, ()):
            yield f"{at}/format", f"The type/format '{kind}/{value}' is not recognized."


@rule("DefaultValueMustMatchType")
def default_type(definition: Definition) -> Faults:
    """Give a default of the declared type."""
    for at, node in _values(definition):
        expected = node.get("type")
        if "default" in node and isinstance(expected, str) and not is_of_type(node["default"], expected):
            yield f"{at}/default", f"The default is {json_type(node['default'])}, the type is {expected}."


@rule("DefaultNotInEnum")
def default_listed(definition: Definition) -> Faults:
    """Choose the default from the enum."""
    for at, node in _values(definition):
        if "default" in node and sequence(node.get("enum")) and node["default"] not in node["enum"]:
            yield f"{at}/default", f"The default '{node['default']}' is not in the enum."


@rule("EnumMustContainAtLeastOneElement")
def enum_empty(definition: Definition) -> Faults:
    """List the values, or remove the enum."""
    for at, node in _values(definition):
        if node.get("enum") == []:
            yield f"{at}/enum", "The enum is empty."


@rule("InvalidEnumValue")
def enum_type(definition: Definition) -> Faults:
    """Give enum values of the declared type."""
    for at, node in _values(definition):
        expected = node.get("type")
        for index, value in enumerate(sequence(node.get("enum"))):
            if isinstance(expected, str) and not is_of_type(value, expected):
                yield f"{at}/enum/{index}", f"The enum value is {json_type(value)}, the type is {expected}."


@rule("InvalidEnumValuesExtensionValue")
def display_unknown(definition: Definition) -> Faults:
    """Take the values of x-ms-enum-values from the enum, all of them."""
    for at, node in _values(definition):
        if "x-ms-enum-values" in node:
            shown = [mapping(entry).get("value") for entry in sequence(node["x-ms-enum-values"])]
            for value in shown:
                if value not in sequence(node.get("enum")):
                    yield f"{at}/x-ms-enum-values", f"The value '{value}' is not in the enum."
            for value in sequence(node.get("enum")):
                if value not in shown:
                    yield f"{at}/x-ms-enum-values", f"The enum value '{value}' has no entry."


@rule("MissingEnumValuesDisplayName")
def display_name(definition: Definition) -> Faults:
    """Give each entry of x-ms-enum-values a displayName."""
    for at, node in _values(definition):
        for index, entry in enumerate(sequence(node.get("x-ms-enum-values"))):
            if not mapping(entry).get("displayName"):
                yield f"{at}/x-ms-enum-values/{index}", "The entry has no displayName."


@rule("DuplicateEnumValuesInExtension")
def display_twice(definition: Definition) -> Faults:
    """Give each enum value one entry in x-ms-enum-values."""
    for at, node in _values(definition):
        values = Counter(str(mapping(entry).get("value")) for entry in sequence(node.get("x-ms-enum-values")))
        for value in (value for value, count in values.items() if count > 1):
            yield f"{at}/x-ms-enum-values", f"The value '{value}' has more than one entry."


@rule("MultipleOfMustBeGreaterThanZero")
def multiple(definition: Definition) -> Faults:
    """Give a step greater than zero."""
    for at, node in _values(definition):
        step = _number(node, "multipleOf")
        if step is not None and step <= 0:
            yield f"{at}/multipleOf", f"multipleOf is {step}."


@rule("LimitMustBeGreaterThanOrEqualToZero")
def negative(definition: Definition) -> Faults:
    """Give a limit of zero or more."""
    for at, node in _values(definition):
        for key in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"):
            value = _number(node, key)
            if value is not None and value < 0:
                yield f"{at}/{key}", f"{key} is {value}."


@rule("ExclusiveLimitRequiresLimit")
def exclusive(definition: Definition) -> Faults:
    """Give minimum or maximum too; in swagger 2.0 "exclusive" is a yes or no about it."""
    for at, node in _values(definition):
        for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if key in node and limit not in node:
                yield f"{at}/{key}", f"{key} stands without {limit}."


@rule("PatternShouldBeValidRegularExpression")
def pattern(definition: Definition) -> Faults:
    """Correct the regular expression."""
    for at, node in _values(definition):
        if isinstance(node.get("pattern"), str):
            try:
                re.compile(node["pattern"])
            except re.error as problem:
                yield f"{at}/pattern", f"The pattern is not a regular expression: {problem}."


@rule("MinimumShouldBeLessThanOrEqualToMaximum")
def crossed(definition: Definition) -> Faults:
    """Make the lower limit at most the upper one."""
    for at, node in _values(definition):
        for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
            least, most = _number(node, low), _number(node, high)
            if least is not None and most is not None and least > most:
                yield f"{at}/{low}", f"{low} {least} is greater than {high} {most}."


def _values(definition: Definition) -> Iterator[tuple[str, JsonObject]]:
    """Everything that describes a value: schemas, parameters, response headers."""
    yield from ((schema.pointer, schema.node) for schema in definition.schemas)
    yield from definition.parameter_nodes()
    for at, node in definition.response_nodes():
        for name, header in mapping(node.get("headers")).items():
            yield at + pointer("headers", name), mapping(header)


def _number(node: JsonObject, key: str) -> float | None:
    value = node.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
