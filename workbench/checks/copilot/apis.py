"""Rules about OpenAPI files: for people's tools, for Copilot plugins, and for the Foundry tool which takes least."""

import re
from collections import Counter
from collections.abc import Iterator

from workbench.checks.copilot.package import Api
from workbench.checks.json_reading import follow, mapping, nodes, pointer, sequence, text
from workbench.checks.rules import Faults, RuleBook

people_rules: RuleBook[Api] = RuleBook()
api_rules: RuleBook[Api] = RuleBook()
foundry_rules: RuleBook[Api] = RuleBook()
rule = api_rules.rule

_COMPOSITIONS = ("oneOf", "anyOf", "allOf", "not")
_FOUNDRY_ID = re.compile(r"[A-Za-z_-]{1,64}")


@people_rules.rule("OpenApiVersionNotSupported")
def version(api: Api) -> Faults:
    """Write OpenAPI 3.0; 3.1 is converted or refused."""
    if not text(api.document.get("openapi")).startswith("3.0."):
        yield "/openapi", f"The version is '{api.document.get('openapi')}'."


@people_rules.rule("ApiTitleMissing")
def title(api: Api) -> Faults:
    """Give info a title and a version; OpenAPI requires both."""
    for key in ("title", "version"):
        if not text(api.info.get(key)).strip():
            yield "/info", f"There is no info.{key}."


@people_rules.rule("ApiReferenceNotFound")
def dead_references(api: Api) -> Faults:
    """Correct the $ref, or add what it names."""
    for at, node in nodes(api.document):
        reference = text(mapping(node).get("$ref"))
        if reference and not (reference.startswith("#/") and follow(api.document, reference[1:]) is not None):
            yield f"{at}/$ref", f"'{reference}' leads to nothing."


@people_rules.rule("ApiDescriptionMissing")
def description(api: Api) -> Faults:
    """Describe the whole under info.description; of a plugin's file it becomes the description."""
    if not text(api.info.get("description")).strip():
        yield "/info", "There is no info.description."


@rule("ServerNotHttps")
def servers(api: Api) -> Faults:
    """Name at least one server with an absolute https address."""
    addresses = [text(mapping(server).get("url")) for server in sequence(api.document.get("servers"))]
    if not addresses or any(not address.startswith("https://") for address in addresses):
        yield "/servers", f"The servers are: {', '.join(addresses) or 'none'}."


@people_rules.rule("ApiOperationIdNotUnique")
def operation_ids(api: Api) -> Faults:
    """Give each operation an operationId of its own."""
    counts = Counter(operation.id for operation in api.operations)
    for operation in api.operations:
        if not operation.id or counts[operation.id] > 1:
            yield operation.pointer, f"The operationId '{operation.id}' is missing or used more than once."


@people_rules.rule("ApiOperationDescriptionMissing")
def operation_descriptions(api: Api) -> Faults:
    """Say what the operation does; the model chooses by it."""
    for operation in api.operations:
        if not text(operation.node.get("description")).strip():
            yield operation.pointer, f"'{operation.label}' has no description."


@people_rules.rule("ApiInputDescriptionMissing")
def input_descriptions(api: Api) -> Faults:
    """Describe every parameter and every property of a body."""
    for operation in api.operations:
        for at, node in operation.parameters:
            if not text(node.get("description")).strip():
                yield at, f"The parameter '{node.get('name')}' of '{operation.label}' has no description."
        for field in operation.body:
            if field.path and field.path[-1] != "[]" and not text(field.node.get("description")).strip():
                yield field.pointer, f"The input '{field.path[-1]}' of '{operation.label}' has no description."


@rule("ApiOutputSchemaMissing")
def outputs(api: Api) -> Faults:
    """Describe a successful answer with a schema."""
    for operation in api.operations:
        codes = mapping(operation.node.get("responses"))
        if "204" not in codes and not any(operation.output):
            yield operation.pointer, f"'{operation.label}' describes no answer."


@rule("CompositionNotSupported")
def compositions(api: Api) -> Faults:
    """Describe one plain type; oneOf, anyOf, allOf and not are unsupported."""
    for at, node in nodes({"paths": api.document.get("paths"), "components": api.components}):
        if not at.endswith("/properties"):
            for key in _COMPOSITIONS:
                if key in mapping(node):
                    yield at + pointer(key), f"The schema uses '{key}'."


@rule("NestedInputNotSupported")
def nested_inputs(api: Api) -> Faults:
    """Flatten the input to scalars and arrays of scalars."""
    for operation in api.operations:
        for at, node in operation.parameters:
            if mapping(node.get("schema")).get("type") == "object":
                yield at, f"The parameter '{node.get('name')}' of '{operation.label}' is an object."
        for field in operation.body:
            if field.path and field.type == "object":
                yield field.pointer, f"The input '{'/'.join(field.path)}' of '{operation.label}' is an object."


@rule("CircularReference")
def circles(api: Api) -> Faults:
    """Cut the circle; a model's tool cannot be described without end."""
    schemas = mapping(api.components.get("schemas"))
    uses = {pointer("components", "schemas", name): set(_references(node)) for name, node in schemas.items()}
    for start in uses:
        reached, waiting = set[str](), [start]
        while waiting:
            for target in uses.get(waiting.pop(), set()) - reached:
                reached.add(target)
                waiting.append(target)
        if start in reached:
            yield start, "The schema contains itself."


@rule("SeveralSecuritySchemes")
def one_scheme(api: Api) -> Faults:
    """Protect an operation with one scheme."""
    for operation in api.operations:
        wanted = sequence(operation.node.get("security", api.document.get("security")))
        names = {name for requirement in wanted for name in mapping(requirement)}
        if len(names) > 1:
            yield operation.pointer, f"'{operation.label}' asks for {', '.join(sorted(names))}."


@rule("ConsequentialNotDeclared", severity="warning")
def consequential(api: Api) -> Faults:
    """Set x-openai-isConsequential: false on what only reads, true on what changes something."""
    for operation in api.operations:
        if operation.method != "get" and not isinstance(operation.node.get("x-openai-isConsequential"), bool):
            yield operation.pointer, f"'{operation.label}' does not say whether it changes something."


@foundry_rules.rule("FoundryOperationIdNotLetters")
def foundry_ids(api: Api) -> Faults:
    """Use letters, "-" and "_" only, at most 64."""
    for operation in api.operations:
        if not _FOUNDRY_ID.fullmatch(operation.id):
            yield f"{operation.pointer}/operationId", f"The operationId is '{operation.id}'."


@foundry_rules.rule("FoundryKeySchemeNotOne")
def foundry_scheme(api: Api) -> Faults:
    """Define exactly one security scheme, of type apiKey."""
    schemes = mapping(api.components.get("securitySchemes"))
    if [mapping(scheme).get("type") for scheme in schemes.values()] != ["apiKey"]:
        yield "/components/securitySchemes", f"The security schemes are: {', '.join(schemes) or 'none'}."


@foundry_rules.rule("FoundrySecurityBlockMissing")
def foundry_security(api: Api) -> Faults:
    """Require the scheme in a top-level 'security' block; without it the key is never sent."""
    if not sequence(api.document.get("security")):
        yield "/security", "There is no top-level security block."


@foundry_rules.rule("FoundryKeyIsParameter")
def foundry_key(api: Api) -> Faults:
    """Remove the parameter; the connection sends the key."""
    schemes = mapping(api.components.get("securitySchemes")).values()
    keys = [(mapping(scheme).get("in"), mapping(scheme).get("name")) for scheme in schemes]
    for operation in api.operations:
        for at, node in operation.parameters:
            if (node.get("in"), node.get("name")) in keys:
                yield at, f"'{node.get('name')}' of '{operation.label}' carries the key."


def _references(node: object) -> Iterator[str]:
    for _, inner in nodes(node):
        reference = text(mapping(inner).get("$ref"))
        if reference.startswith("#/"):
            yield reference[1:]
