"""Rules about references: where they may point, and that they stand alone."""

from workbench.checks.json_reading import follow, mapping, pointer, text, texts
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule


@rule("SchemaReferenceNotValid")
def schema_reference_form(definition: Definition) -> Faults:
    """Refer to a schema as "#/definitions/<name>"."""
    for schema in definition.schemas:
        if "$ref" in schema.node and not text(schema.node["$ref"]).startswith("#/definitions/"):
            yield f"{schema.pointer}/$ref", f"The schema reference '{schema.node['$ref']}' is not valid."


@rule("SchemaReferenceNotFound")
def schema_reference_target(definition: Definition) -> Faults:
    """Define the schema under 'definitions', or correct the reference."""
    for schema in definition.schemas:
        reference = text(schema.node.get("$ref"))
        if reference.startswith("#/definitions/") and not mapping(follow(definition.document, reference[1:])):
            yield f"{schema.pointer}/$ref", f"The schema reference '{reference}' leads nowhere."


@rule("SchemaRefLoopNotAllowed")
def schema_reference_chain(definition: Definition) -> Faults:
    """Write the schema out; a definition cannot be a reference itself."""
    for schema in definition.schemas:
        if schema.role == "shared" and schema.parent is None and "$ref" in schema.node:
            yield schema.pointer, "The schema definition is a reference."


@rule("RequiredLoopInSchemaNotAllowed")
def endless(definition: Definition) -> Faults:
    """Make a property on the loop optional; no value could ever satisfy it."""
    for name in mapping(definition.document.get("definitions")):
        start = pointer("definitions", name)
        seen, waiting = set[str](), [start]
        while waiting:
            node = mapping(follow(definition.document, waiting.pop()))
            for key in texts(node.get("required")):
                target = text(mapping(mapping(node.get("properties")).get(key)).get("$ref"))[1:]
                if target == start:
                    yield start, f"The schema '{name}' requires itself."
                elif target and target not in seen:
                    seen.add(target)
                    waiting.append(target)


@rule("ResponseReferenceNotValid")
def response_reference_form(definition: Definition) -> Faults:
    """Refer to a response as "#/responses/<name>"."""
    for at, node in definition.response_nodes():
        if "$ref" in node and not text(node["$ref"]).startswith("#/responses/"):
            yield f"{at}/$ref", f"The response reference '{node['$ref']}' is not valid."


@rule("ResponseReferenceNotFound")
def response_reference_target(definition: Definition) -> Faults:
    """Define the response under 'responses', or correct the reference."""
    for at, node in definition.response_nodes():
        reference = text(node.get("$ref"))
        if reference.startswith("#/responses/") and not mapping(follow(definition.document, reference[1:])):
            yield f"{at}/$ref", f"The response reference '{reference}' leads nowhere."


@rule("ParameterReferenceNotValid")
def parameter_reference_form(definition: Definition) -> Faults:
    """Refer to a parameter as "#/parameters/<name>"."""
    for at, node in definition.parameter_nodes():
        if "$ref" in node and not text(node["$ref"]).startswith("#/parameters/"):
            yield f"{at}/$ref", f"The parameter reference '{node['$ref']}' is not valid."


@rule("ParameterReferenceNotFound")
def parameter_reference_target(definition: Definition) -> Faults:
    """Define the parameter under 'parameters', or correct the reference."""
    for at, node in definition.parameter_nodes():
        reference = text(node.get("$ref"))
        if reference.startswith("#/parameters/") and not mapping(follow(definition.document, reference[1:])):
            yield f"{at}/$ref", f"The parameter reference '{reference}' leads nowhere."


@rule("ParameterRefLoopNotAllowed")
def parameter_reference_chain(definition: Definition) -> Faults:
    """Write the parameter out; a definition cannot be a reference itself."""
    for at, node in definition.parameter_nodes():
        if at.startswith("/parameters/") and "$ref" in node:
            yield at, "The parameter definition is a reference."


@rule("AdditionalPropertyNotAllowedAdjacentToRef")
def parameter_reference_alone(definition: Definition) -> Faults:
    """Keep $ref alone in its object; what stands beside it is ignored."""
    places = [*definition.parameter_nodes(), *definition.response_nodes()]
    places += [(schema.pointer, schema.node) for schema in definition.schemas]
    for at, node in places:
        if "$ref" in node:
            yield from ((at + pointer(key), f"'{key}' stands beside a $ref.") for key in node if key != "$ref")
