"""Rules about parameters: their labels, places, encoding and what an operation may combine."""

import re
from collections import Counter

from workbench.checks.power_platform.calls import EXTENSIONS
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

_CONTENT_HEADERS = ("content-type", "content-length", "content-encoding", "accept", "host")
_SIMPLE_NAME = re.compile(r"[A-Za-z0-9_.$@-]+")


@rule("PathParameterMustBeRequired")
def path_required(definition: Definition) -> Faults:
    """Set "required": true."""
    for _, parameter in definition.inputs:
        if parameter.location == "path" and not parameter.required:
            yield parameter.pointer, f"The path parameter '{parameter.name}' is not required."


@rule("PathParameterMissingEncoding", severity="warning")
def path_encoding(definition: Definition) -> Faults:
    """Add "x-ms-url-encoding": "single"."""
    for _, parameter in definition.inputs:
        if parameter.location == "path" and parameter.node.get("x-ms-url-encoding") not in ("single", "double"):
            yield parameter.pointer, f"The path parameter '{parameter.name}' has no x-ms-url-encoding."


@rule("QueryParameterEncodingNotSupported")
def query_encoding(definition: Definition) -> Faults:
    """Remove x-ms-url-encoding; only path parameters have it."""
    for _, parameter in definition.inputs:
        if parameter.location != "path" and "x-ms-url-encoding" in parameter.node:
            yield parameter.pointer, f"The {parameter.location} parameter '{parameter.name}' sets an encoding."


@rule("ConnectionIdParameterNotAllowed")
def connection_id(definition: Definition) -> Faults:
    """Rename the parameter; the platform keeps connectionId for itself."""
    for _, parameter in definition.inputs:
        if parameter.name.lower() == "connectionid":
            yield parameter.pointer, "A parameter is called 'connectionId'."


@rule("ReservedParameterIsUsed")
def authorization_header(definition: Definition) -> Faults:
    """Take credentials from the connection; the platform refuses an Authorization header as a parameter."""
    for _, parameter in definition.inputs:
        if parameter.location == "header" and parameter.name.lower() == "authorization":
            yield parameter.pointer, "The header 'Authorization' is a parameter."


@rule("MisusedHeaderName")
def content_headers(definition: Definition) -> Faults:
    """Remove the header; the platform sets it, and dynamic calls fail with "Misused header name"."""
    for _, parameter in definition.inputs:
        if parameter.location == "header" and parameter.name.lower() in _CONTENT_HEADERS:
            yield parameter.pointer, f"The header '{parameter.name}' is a parameter."


@rule("ParameterNameNotPlain", severity="warning")
def plain_names(definition: Definition) -> Faults:
    """Use letters, digits, "_", "-", "." and "$" only; Logic Apps mangles brackets in query names."""
    for _, parameter in definition.inputs:
        if parameter.name and parameter.location != "formData" and not _SIMPLE_NAME.fullmatch(parameter.name):
            yield parameter.pointer, f"The parameter name '{parameter.name}' has other characters."


@rule("InvalidFormDataParameterName")
def form_names(definition: Definition) -> Faults:
    """Name the form field in ASCII."""
    for _, parameter in definition.inputs:
        if parameter.location == "formData" and not parameter.name.isascii():
            yield parameter.pointer, f"The form field name '{parameter.name}' is not ASCII."


@rule("OperationParametersContainDuplicateParameter")
def duplicates(definition: Definition) -> Faults:
    """Keep one of the parameters of the same name and place."""
    for operation in definition.operations:
        counts = Counter(
            (parameter.name, parameter.location)
            for parameter in operation.own_parameters
            if parameter.location != "body"
        )
        for (name, location), count in counts.items():
            if name and count > 1:
                yield operation.pointer, f"'{operation.label}' has {count} {location} parameters called '{name}'."


@rule("OperationParametersContainMultipleBodyParameters")
def one_body(definition: Definition) -> Faults:
    """Put everything into one body."""
    for operation in definition.operations:
        if (
            sum(parameter.location == "body" for parameter in (*operation.own_parameters, *operation.path_parameters))
            > 1
        ):
            yield operation.pointer, f"'{operation.label}' has more than one body."


@rule("BodyOrFormDataParameterInFetchOperationNotAllowed")
def body_in_get(definition: Definition) -> Faults:
    """Take the input from the query, or make the operation a POST."""
    for operation in definition.operations:
        for parameter in operation.parameters:
            if operation.method in ("get", "head") and parameter.location in ("body", "formData"):
                yield parameter.pointer, f"'{operation.label}' is a GET with a {parameter.location} parameter."


@rule("ParameterListContainsFormDataAndBody")
def form_and_body(definition: Definition) -> Faults:
    """Use either a body or form data."""
    for operation in definition.operations:
        if {"body", "formData"} <= {parameter.location for parameter in operation.parameters}:
            yield operation.pointer, f"'{operation.label}' has a body and form data."


@rule("FileParameterMustBeInFormData")
def files(definition: Definition) -> Faults:
    """Take files as form data of multipart/form-data."""
    for _, parameter in definition.inputs:
        if parameter.node.get("type") == "file" and parameter.location != "formData":
            yield parameter.pointer, f"The file '{parameter.name}' is in the {parameter.location}."


@rule("BodyParameterSchemaRequired")
def body_schema(definition: Definition) -> Faults:
    """Describe the body with a schema."""
    for at, node in definition.parameter_nodes():
        if node.get("in") == "body" and "schema" not in node:
            yield at, "The body has no schema."


@rule("NonBodyParameterSchemaNotValid")
def schema_outside_body(definition: Definition) -> Faults:
    """Describe the parameter with type and format; only a body has a schema."""
    for _, parameter in definition.inputs:
        if "schema" in parameter.node:
            yield f"{parameter.pointer}/schema", f"The {parameter.location} parameter '{parameter.name}' has a schema."


@rule("BodyParameterPropertyNotValid")
def type_of_body(definition: Definition) -> Faults:
    """Move the property into the body's schema."""
    for at, node in definition.parameter_nodes():
        if node.get("in") == "body":
            for key in ("type", "format", "items", "enum", "default", "collectionFormat"):
                if key in node:
                    yield f"{at}/{key}", f"The body parameter has '{key}'."


@rule("DynamicExtensionDefinitionNotAllowedInParameter")
def dynamic_body(definition: Definition) -> Faults:
    """Move the extension into the body's schema."""
    for at, node in definition.parameter_nodes():
        if node.get("in") == "body":
            for key in EXTENSIONS:
                if key in node:
                    yield f"{at}/{key}", f"'{key}' is on the body parameter itself."


@rule("CollectionFormatValueNotSupported")
def collection_format(definition: Definition) -> Faults:
    """Use csv, ssv, tsv, pipes, or multi (in query and form data only)."""
    for _, parameter in definition.inputs:
        value = parameter.node.get("collectionFormat")
        allowed = ("csv", "ssv", "tsv", "pipes", *(("multi",) if parameter.location in ("query", "formData") else ()))
        if isinstance(value, str) and value not in allowed:
            yield f"{parameter.pointer}/collectionFormat", f"The collectionFormat '{value}' is not supported."


@rule("AllowEmptyValueOnlyValidForQueryFormData")
def empty_values(definition: Definition) -> Faults:
    """Remove allowEmptyValue; only query and form data know it."""
    for _, parameter in definition.inputs:
        if "allowEmptyValue" in parameter.node and parameter.location not in ("query", "formData"):
            yield f"{parameter.pointer}/allowEmptyValue", f"'{parameter.name}' is in the {parameter.location}."
