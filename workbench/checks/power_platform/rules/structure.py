"""Rules about the shape of the JSON: which keys, of which types, with which values."""

from collections import Counter

from workbench.checks.json_reading import is_of_type, json_type, mapping, pointer, texts
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule
from workbench.checks.power_platform.swagger_keywords import ANY, FOREIGN_KEYWORDS, KEYS, enumerated, objects


@rule("JsonTypeIncorrect")
def json_types(definition: Definition) -> Faults:
    """Give the value the JSON type that swagger 2.0 or the extension asks for."""
    for kind, at, node in objects(definition):
        for key, expected in KEYS[kind].items():
            if key in node and expected != ANY and not is_of_type(node[key], expected):
                yield at + pointer(key), f"'{key}' of the {kind} is {json_type(node[key])}, it must be {expected}."
    for path, item in definition.paths.items():
        if not isinstance(item, dict):
            yield pointer("paths", path), f"A path is {json_type(item)}, it must be object."


@rule("JsonValueNotInEnum")
def closed_lists(definition: Definition) -> Faults:
    """Use one of the values listed; for normal visibility leave x-ms-visibility out."""
    for at, node, lists in enumerated(definition):
        for key, allowed in lists.items():
            if isinstance(node.get(key), str) and node[key] not in allowed:
                yield at + pointer(key), f"'{key}' is '{node[key]}', it must be one of: {', '.join(allowed)}."


@rule("AdditionalPropertyNotAllowed")
def unknown_keys(definition: Definition) -> Faults:
    """Remove the key; swagger 2.0 does not have it."""
    for kind, at, node in objects(definition):
        for key in (key for key in node if key not in KEYS[kind]):
            foreign = kind == "schema" and key in FOREIGN_KEYWORDS
            if not key.startswith("x-") and not foreign:
                yield at + pointer(key), f"'{key}' is not allowed in a {kind}."


@rule("SwaggerKeywordNotSupported")
def foreign_keywords(definition: Definition) -> Faults:
    """Describe the value without this keyword; it belongs to JSON Schema or OpenAPI 3, not to swagger 2.0."""
    for kind, at, node in objects(definition):
        if kind == "schema":
            for key in (key for key in node if key in FOREIGN_KEYWORDS):
                yield at + pointer(key), f"The keyword '{key}' is not supported in a schema."


@rule("ExtensionNotRecognized")
def unknown_extensions(definition: Definition) -> Faults:
    """Remove the extension or move it where it belongs; Power Fx refuses operations that carry one it does not know."""
    for kind, at, node in objects(definition):
        for key in (key for key in node if key not in KEYS[kind]):
            if key.startswith("x-"):
                yield at + pointer(key), f"The extension '{key}' is not known on a {kind}."


@rule("RequiredPropertyMissing")
def required_properties(definition: Definition) -> Faults:
    """Add the property; certification asks for it."""
    for at, node, keys in (
        ("", definition.document, ("info", "host", "schemes", "paths")),
        ("/info", definition.info, ("title", "description", "version", "contact")),
        ("/info/contact", mapping(definition.info.get("contact")), ("name", "url", "email")),
    ):
        if at != "/info/contact" or "contact" in definition.info:
            yield from ((at, f"The property '{key}' is required.") for key in keys if key not in node)
    for at, node in definition.parameter_nodes():
        if "$ref" not in node:
            yield from ((at, f"The parameter has no '{key}'.") for key in ("name", "in") if key not in node)
    for at, node in definition.response_nodes():
        if not ({"description", "$ref"} & node.keys()):
            yield at, "The response has no 'description'."


@rule("RequiredValueEmpty")
def empty_texts(definition: Definition) -> Faults:
    """Write a text, or remove the property when it is optional."""
    for _, at, node in objects(definition):
        for key in ("title", "description", "summary", "operationId", "x-ms-summary", "name", "email", "url", "host"):
            if isinstance(node.get(key), str) and not node[key].strip():
                yield at + pointer(key), f"'{key}' is empty."


@rule("ArrayDuplicateValue")
def duplicates(definition: Definition) -> Faults:
    """Remove the repeated value."""
    for _, at, node in objects(definition):
        for key in ("schemes", "consumes", "produces", "tags", "required", "enum"):
            counts = Counter(texts(node.get(key)))
            for value in (value for value, count in counts.items() if count > 1):
                yield at + pointer(key), f"'{value}' is listed more than once."
