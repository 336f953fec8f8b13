"""Rules about what operations take and answer as a whole."""

from workbench.checks.json_reading import JsonObject, mapping, pointer, text, texts
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

NEXT_LINKS = ("nextLink", "@odata.nextLink")


@rule("ConsumesMissing")
def consumes(definition: Definition) -> Faults:
    """List the MIME type of the body under 'consumes', of the operation or of the whole definition."""
    for operation in definition.operations:
        has_body = any(parameter.location in ("body", "formData") for parameter in operation.parameters)
        if has_body and not (operation.node.get("consumes") or definition.document.get("consumes")):
            yield operation.pointer, f"'{operation.label}' has a body but no MIME type under 'consumes'."


@rule("MimeTypeNotCompatibleWithRequestContentSchemaType")
def body_mime_type(definition: Definition) -> Faults:
    """Send a body as JSON or text, form data as a form, and files as multipart/form-data."""
    for operation in definition.operations:
        consumed = texts(operation.node.get("consumes") or definition.document.get("consumes"))
        wanted = {one for parameter in operation.parameters if (one := _content(parameter.location, parameter.node))}
        for content in wanted if consumed else ():
            if not any(_carries(mime_type, content) for mime_type in consumed):
                yield operation.pointer, f"'{operation.label}' sends {content} as {', '.join(consumed)}."


@rule("SchemaDefinitionSetIncorrectly")
def output_schema(definition: Definition) -> Faults:
    """Describe the output on 200 or 201 (for a webhook under x-ms-notification-content), or the designer shows none."""
    for operation in definition.operations:
        answers = any(response.code in ("200", "201") for response in operation.responses)
        elsewhere = any("schema" in response.node for response in operation.responses if response.successful)
        missing = operation.output[1] is None
        if missing and (answers or elsewhere or operation.is_webhook) and not operation.is_agentic:
            yield operation.output[0], f"'{operation.label}' has no output schema where the designer looks for it."


@rule("EmptyResponseSchema")
def empty_schema(definition: Definition) -> Faults:
    """Describe the answer, or answer 204 without a schema."""
    for at, node in definition.response_nodes():
        if node.get("schema") == {}:
            yield f"{at}/schema", "The response schema is empty."


@rule("InvalidNextLinkNameValue")
def next_link_name(definition: Definition) -> Faults:
    """Call the link nextLink or @odata.nextLink; the runtime follows no other."""
    for operation in definition.operations:
        if "x-ms-pageable" in operation.node:
            name = mapping(operation.node["x-ms-pageable"]).get("nextLinkName")
            if name not in NEXT_LINKS:
                yield f"{operation.pointer}/x-ms-pageable", f"The nextLinkName of '{operation.label}' is '{name}'."


@rule("PageableNextLinkNotInResponse")
def next_link_property(definition: Definition) -> Faults:
    """Declare the next link as a string property at the root of the answer."""
    for operation in definition.operations:
        name = mapping(operation.node.get("x-ms-pageable")).get("nextLinkName")
        if name in NEXT_LINKS and not any(field.path == (name,) for field in operation.output_fields):
            yield f"{operation.pointer}/x-ms-pageable", f"The answer of '{operation.label}' has no property '{name}'."


@rule("AgenticOperationNotValid")
def agentic(definition: Definition) -> Faults:
    """Keep the MCP operation a POST without parameters that answers 200."""
    for operation in definition.operations:
        plain = operation.method == "post" and not operation.parameters
        if operation.is_agentic and not (plain and any(response.code == "200" for response in operation.responses)):
            yield operation.pointer, f"'{operation.label}' is not a plain POST that answers 200."


@rule("ResponseExampleMustBeProducedByOperation")
def examples(definition: Definition) -> Faults:
    """List the example's MIME type under 'produces'."""
    for operation in definition.operations:
        produced = texts(operation.node.get("produces") or definition.document.get("produces"))
        for response in operation.responses:
            for mime_type in mapping(response.node.get("examples")):
                if mime_type not in produced:
                    yield f"{response.pointer}/examples{pointer(mime_type)}", f"'{mime_type}' is not produced."


@rule("TestConnectionMissing", severity="warning")
def connection_test(definition: Definition) -> Faults:
    """Name an operation under x-ms-capabilities.testConnection that proves the credentials."""
    if not _connection_test(definition) and not any(operation.is_agentic for operation in definition.operations):
        yield "/x-ms-capabilities", "Nothing tests a connection."


@rule("TestConnectionOperationNotValid")
def connection_test_call(definition: Definition) -> Faults:
    """Test the connection with an internal GET that needs no input from the maker."""
    test = _connection_test(definition)
    operation = definition.by_id.get(text(test.get("operationId")))
    if operation:
        given = mapping(test.get("parameters"))
        asked = [field.name for field in operation.inputs if field.required and "default" not in field.node]
        if operation.method != "get" or not operation.internal or set(asked) - set(given):
            yield "/x-ms-capabilities/testConnection", f"'{operation.label}' is not an internal GET without input."
        for name, value in given.items():
            if isinstance(value, dict):
                yield "/x-ms-capabilities/testConnection", f"The parameter '{name}' is not a literal."


def _connection_test(definition: Definition) -> JsonObject:
    return mapping(mapping(definition.document.get("x-ms-capabilities")).get("testConnection"))


def _content(location: str, node: JsonObject) -> str:
    if location == "formData":
        return "a file" if node.get("type") == "file" else "form data"
    return "a body" if location == "body" else ""


def _carries(mime_type: str, content: str) -> bool:
    carriers = {
        "a file": ("multipart/form-data",),
        "form data": ("multipart/form-data", "application/x-www-form-urlencoded"),
        "a body": ("application/json", "text/plain"),
    }
    return mime_type.partition(";")[0].strip() in carriers[content]
