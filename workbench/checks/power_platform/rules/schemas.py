"""Rules about how schemas are built: arrays, required properties, types."""

from workbench.checks.json_reading import mapping, texts
from workbench.checks.power_platform.calls import SCHEMAS
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

DYNAMIC = frozenset(SCHEMAS)


@rule("RequiredPropertyArrayEmpty")
def required_empty(definition: Definition) -> Faults:
    """Remove 'required' when nothing is."""
    for schema in definition.schemas:
        if schema.node.get("required") == []:
            yield f"{schema.pointer}/required", "The 'required' array is empty."


@rule("RequiredPropertyNotOnObject")
def required_on_scalar(definition: Definition) -> Faults:
    """Remove 'required'; only objects have it."""
    for schema in definition.schemas:
        if schema.node.get("required") and schema.node.get("type", "object") != "object":
            yield f"{schema.pointer}/required", f"{schema.label} is not an object."


@rule("RequiredPropertyDefinitionMissing")
def required_undefined(definition: Definition) -> Faults:
    """Define the property, or take it off the list."""
    for schema in definition.schemas:
        if schema.node.get("type", "object") == "object" and "allOf" not in schema.node:
            for name in texts(schema.node.get("required")):
                if name not in mapping(schema.node.get("properties")):
                    yield f"{schema.pointer}/required", f"The required property '{name}' is not defined."


@rule("RequiredReadOnlyPropertyNotAllowedAsInput")
def read_only_required(definition: Definition) -> Faults:
    """Take the property off the list of required ones; a read-only value cannot be sent."""
    for operation in definition.operations:
        for field in operation.body_fields:
            if field.path and field.required and field.node.get("readOnly") is True:
                yield field.pointer, f"The input '{field.path[-1]}' is read-only and required."


@rule("ArrayHasNoItems")
def items(definition: Definition) -> Faults:
    """Describe the array's items."""
    places = [(schema.pointer, schema.node) for schema in definition.schemas]
    for at, node in [*places, *definition.parameter_nodes()]:
        if node.get("type") == "array" and not node.get("items"):
            yield at, "The array has no items."


@rule("SchemaTypeMissing", severity="warning")
def typed(definition: Definition) -> Faults:
    """Give the schema a type; Power Apps and Copilot Studio treat an untyped value as unknown."""
    explained = {"type", "$ref", "allOf", *DYNAMIC}
    for schema in definition.schemas:
        if schema.node and not explained & schema.node.keys():
            yield schema.pointer, f"{schema.label} has no type."


@rule("SchemaTypeFileNotValid")
def file_type(definition: Definition) -> Faults:
    """Use type "file" in form data or as the whole answer only; elsewhere a file is a string of format byte."""
    for schema in definition.schemas:
        if schema.node.get("type") == "file" and (schema.role != "output" or schema.parent):
            yield f"{schema.pointer}/type", f"{schema.label} has the type 'file'."


@rule("InvalidStringBinaryProperty")
def binary_property(definition: Definition) -> Faults:
    """Use format byte; binary is for a whole body."""
    for schema in definition.schemas:
        if schema.node.get("format") == "binary" and schema.parent:
            yield f"{schema.pointer}/format", f"{schema.label} has the format 'binary'."


@rule("PropertiesEmpty")
def no_properties(definition: Definition) -> Faults:
    """Describe the properties, or remove the empty object."""
    for schema in definition.schemas:
        if schema.node.get("properties") == {}:
            yield f"{schema.pointer}/properties", f"{schema.label} has an empty list of properties."


@rule("ResponseSchemaOnlyDynamic", severity="warning")
def static_output(definition: Definition) -> Faults:
    """Describe the fields that are always there, and let the dynamic schema add the tenant's own."""
    for operation in definition.operations:
        root = next(iter(operation.output_fields), None)
        if root and not operation.internal and "properties" not in root.node and DYNAMIC & root.node.keys():
            yield root.pointer, f"Every output of '{operation.label}' is dynamic."


@rule("DiscriminatorMustBeARequiredStringProperty")
def discriminator(definition: Definition) -> Faults:
    """Name a required string property."""
    for schema in definition.schemas:
        name = schema.node.get("discriminator")
        if isinstance(name, str):
            target = mapping(mapping(schema.node.get("properties")).get(name))
            if target.get("type") != "string" or name not in texts(schema.node.get("required")):
                yield f"{schema.pointer}/discriminator", f"'{name}' is not a required string property."


@rule("InvalidCustomEditorExtensionDictionaryValue")
def dictionary_editor(definition: Definition) -> Faults:
    """Use the dictionary editor on an object with additionalProperties only."""
    for schema in definition.schemas:
        is_map = schema.node.get("type") == "object" and schema.node.get("additionalProperties")
        if schema.node.get("x-ms-editor") == "dictionary" and not is_map:
            yield f"{schema.pointer}/x-ms-editor", f"{schema.label} is not a map."
