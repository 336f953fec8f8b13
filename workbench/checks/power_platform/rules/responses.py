"""Rules about responses: which there must be, and which of them may carry a schema."""

import re

from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

_STATUS_CODE = re.compile(r"[1-5]\d\d")


@rule("OperationMustHaveResponse")
def some_response(definition: Definition) -> Faults:
    """Describe at least one response."""
    for operation in definition.operations:
        if not operation.responses:
            yield operation.pointer, f"'{operation.label}' has no response."


@rule("OperationShouldHaveSuccessfulResponse")
def some_success(definition: Definition) -> Faults:
    """Describe a response of the 2xx range."""
    for operation in definition.operations:
        if operation.responses and not any(response.successful for response in operation.responses):
            yield f"{operation.pointer}/responses", f"'{operation.label}' has no successful response."


@rule("ResponseMustBeDefaultOrHttpStatusCode")
def response_codes(definition: Definition) -> Faults:
    """Name a response by its status code, or "default"."""
    for operation in definition.operations:
        for response in operation.responses:
            if response.code != "default" and not _STATUS_CODE.fullmatch(response.code):
                yield response.pointer, f"'{response.code}' is not a status code."


@rule("OperationHasManyResponsesWithSchema", severity="warning")
def one_schema(definition: Definition) -> Faults:
    """Keep one successful response with a schema; the designer shows only one."""
    for operation in definition.operations:
        codes = [response.code for response in operation.responses if response.successful and "schema" in response.node]
        if len(codes) > 1:
            yield f"{operation.pointer}/responses", f"'{operation.label}' has schemas on {', '.join(codes)}."


@rule("DefaultResponseHasSchema")
def schema_on_default(definition: Definition) -> Faults:
    """Describe the default response without a schema; put the schema on 200 or 201."""
    for operation in definition.operations:
        for response in operation.responses:
            if response.code == "default" and "schema" in response.node:
                yield f"{response.pointer}/schema", f"The default response of '{operation.label}' has a schema."


@rule("ErrorResponseHasSchema", severity="warning")
def schema_on_error(definition: Definition) -> Faults:
    """Describe error responses in words; a schema there competes with the output's."""
    for operation in definition.operations:
        for response in operation.responses:
            if response.code[:1] in ("4", "5") and "schema" in response.node:
                yield f"{response.pointer}/schema", f"The {response.code} response of '{operation.label}' has a schema."


@rule("ErrorResponsesMissing", severity="warning")
def some_errors(definition: Definition) -> Faults:
    """List the 4xx and 5xx responses that are known, each with a description."""
    for operation in definition.operations:
        if (
            operation.responses
            and not operation.is_agentic
            and not any(response.code[:1] in ("4", "5") for response in operation.responses)
        ):
            yield f"{operation.pointer}/responses", f"'{operation.label}' describes no error response."


@rule("DefaultResponseMissing", severity="warning")
def some_default(definition: Definition) -> Faults:
    """Add a default response with a description and no schema, for what is not listed."""
    for operation in definition.operations:
        if (
            operation.responses
            and not operation.is_agentic
            and all(response.code != "default" for response in operation.responses)
        ):
            yield f"{operation.pointer}/responses", f"'{operation.label}' has no default response."
