"""Rules about paths: their spelling, their variables, and that no two of them can be confused."""

import re
from collections.abc import Iterator
from itertools import combinations

from workbench.checks.json_reading import mapping, pointer
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.power_platform.rulebook import Faults, rule

_VARIABLE = re.compile(r"{([^{}]*)}")


@rule("OperationPathMustStartWithSlash")
def leading_slash(definition: Definition) -> Faults:
    """Begin the path with "/"."""
    for path in definition.paths:
        if not path.startswith(("/", "x-")):
            yield pointer("paths", path), f"The path '{path}' does not start with '/'."


@rule("OperationPathMayNotContainQueryOrFragment")
def query_in_path(definition: Definition) -> Faults:
    """Declare query parameters as parameters, and encode a literal "?" or "#"."""
    for path in definition.paths:
        if "?" in path or "#" in path:
            yield pointer("paths", path), f"The path '{path}' contains a query or fragment."


@rule("OperationPathContainsUnsupportedCharacters")
def wildcard_in_path(definition: Definition) -> Faults:
    """Name the segment instead of using "*"."""
    for path in definition.paths:
        if "*" in path:
            yield pointer("paths", path), f"The path '{path}' contains '*'."


@rule("OperationPathVariablesContainDefaults")
def default_in_path(definition: Definition) -> Faults:
    """Give the parameter a default instead of writing "=" into the path."""
    for path in definition.paths:
        if any("=" in variable for variable in _VARIABLE.findall(path)):
            yield pointer("paths", path), f"The path '{path}' sets a default for a variable."


@rule("OperationPathTemplateNotValid")
def template(definition: Definition) -> Faults:
    """Close every "{" with a "}" inside the same segment, and name the variable between them."""
    for path in definition.paths:
        if any(not _is_valid_template(segment) for segment in path.split("/")):
            yield pointer("paths", path), f"The path '{path}' has an unbalanced or empty variable."


@rule("PathItemRefNotSuppored")  # Microsoft's spelling
def path_reference(definition: Definition) -> Faults:
    """Write the operations where the path is; a path cannot be a $ref."""
    for path, item in definition.paths.items():
        if "$ref" in mapping(item):
            yield pointer("paths", path, "$ref"), f"The path '{path}' is a $ref."


@rule("PathRedefined")
def same_path_in_other_case(definition: Definition) -> Faults:
    """Keep one of the paths; they are compared without regard to case."""
    first: dict[str, str] = {}
    for path in definition.paths:
        other = first.setdefault(path.lower(), path)
        if other != path:
            yield pointer("paths", path), f"The path '{path}' is '{other}' in other letters."


@rule("DuplicateOperationPath")
def indistinguishable_paths(definition: Definition) -> Faults:
    """Make a literal segment differ; variables of another name do not distinguish two paths."""
    for one, other in _rivals(definition):
        if all(_is_variable(a) == _is_variable(b) for a, b in _segments(one, other)):
            yield other.pointer, f"'{other.label}' and '{one.label}' have paths that cannot be distinguished."


@rule("PartialDuplicateOperationPath", severity="warning")
def shadowing_paths(definition: Definition) -> Faults:
    """Give the literal path another depth or prefix; a value of the variable could equal the literal."""
    for one, other in _rivals(definition):
        if any(_is_variable(a) != _is_variable(b) for a, b in _segments(one, other)):
            yield other.pointer, f"A call of '{other.label}' could be routed to '{one.label}', or the other way round."


@rule("OperationMissingPathParameter")
def variable_without_parameter(definition: Definition) -> Faults:
    """Declare a path parameter for each variable of the path."""
    for operation in definition.operations:
        declared = {parameter.name for parameter in operation.inputs if parameter.location == "path"}
        for name in _variables(operation.path):
            if name and name not in declared:
                yield operation.pointer, f"'{operation.label}' does not define the path parameter '{name}'."


@rule("PathParameterNotDefinedInTemplate")
def parameter_without_variable(definition: Definition) -> Faults:
    """Put the parameter into the path between braces, or give it another place."""
    for operation, parameter in definition.inputs:
        if parameter.location == "path" and parameter.name not in _variables(operation.path):
            yield parameter.pointer, f"The path parameter '{parameter.name}' does not occur in '{operation.path}'."


def _variables(path: str) -> list[str]:
    return [variable.partition("=")[0] for variable in _VARIABLE.findall(path)]


def _is_valid_template(segment: str) -> bool:
    return bool(re.fullmatch(r"([^{}]|{[^{}]+})*", segment))


def _is_variable(segment: str) -> bool:
    return "{" in segment


def _rivals(definition: Definition) -> Iterator[tuple[Operation, Operation]]:
    """Pairs of operations of one method whose differing segments all involve a variable."""
    shapes: dict[tuple[str, int], list[Operation]] = {}
    for operation in definition.operations:
        shapes.setdefault((operation.method, operation.path.count("/")), []).append(operation)
    for group in shapes.values():
        for one, other in combinations(group, 2):
            if one.path.lower() != other.path.lower() and all(
                a == b or _is_variable(a) or _is_variable(b) for a, b in _segments(one, other)
            ):
                yield one, other


def _segments(one: Operation, other: Operation) -> Iterator[tuple[str, str]]:
    return zip(one.path.lower().split("/"), other.path.lower().split("/"), strict=True)
