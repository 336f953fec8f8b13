"""Rules about the definition as a whole: version, address, formats, security, counts."""

import re
from collections import Counter
from collections.abc import Iterator

from workbench.checks.json_reading import JsonObject, mapping, names, pointer, sequence, text, texts
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+(:\d+)?")
MIME_TYPES = ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded")

_NOT_PRODUCTION = names("dev test testing staging stage qa uat sandbox localhost local")
_SCHEME_KEYS = {"basic": (), "apiKey": ("name", "in"), "oauth2": ("flow", "scopes", "authorizationUrl", "tokenUrl")}


@rule("SpecificationVersionIncorrect")
def swagger_version(definition: Definition) -> Faults:
    """Write "swagger": "2.0"; the platform reads no other version."""
    if definition.document.get("swagger") != "2.0":
        yield "/swagger", "The 'swagger' property is not the string \"2.0\"."


@rule("HostNameNotValid")
def host(definition: Definition) -> Faults:
    """Write the host alone, without scheme or path, for example "contoso.example.com"."""
    value = definition.document.get("host")
    if isinstance(value, str) and value and not HOST.fullmatch(value) and not _is_environment_variable(value):
        yield "/host", f"'{value}' is not a host name."


@rule("HostMustBeProduction")
def production_host(definition: Definition) -> Faults:
    """Name the production host; certification refuses development, test and staging hosts."""
    value = text(definition.document.get("host"))
    for label in sorted(_NOT_PRODUCTION & set(re.split(r"[.\-:]", value.lower()))):
        yield "/host", f"The host '{value}' looks like a '{label}' host."


@rule("BasePathNotValid")
def base_path(definition: Definition) -> Faults:
    """Begin the basePath with "/"."""
    value = definition.document.get("basePath")
    if isinstance(value, str) and not value.startswith("/") and not _is_environment_variable(value):
        yield "/basePath", f"The basePath '{value}' does not start with '/'."


@rule("SchemesArrayEmpty")
def no_schemes(definition: Definition) -> Faults:
    """List "https"."""
    if definition.document.get("schemes") == []:
        yield "/schemes", "The 'schemes' array is empty."


@rule("SchemeNotValid")
def https_only(definition: Definition) -> Faults:
    """List "https" and nothing else; certification refuses plain http."""
    for index, scheme in enumerate(sequence(definition.document.get("schemes"))):
        if scheme != "https":
            yield f"/schemes/{index}", f"The scheme '{scheme}' is not https."


@rule("MimeTypeNotValid")
def mime_types(definition: Definition) -> Faults:
    """Use application/json, text/plain, multipart/form-data or application/x-www-form-urlencoded."""
    places = [("", definition.document)] + [(operation.pointer, operation.node) for operation in definition.operations]
    for at, node in places:
        for key in ("consumes", "produces"):
            for index, value in enumerate(sequence(node.get(key))):
                if text(value).partition(";")[0].strip() not in MIME_TYPES:
                    yield f"{at}/{key}/{index}", f"The MIME type '{value}' is not valid."


@rule("TagRedefined")
def tags(definition: Definition) -> Faults:
    """Define each tag once."""
    names = Counter(text(mapping(tag).get("name")) for tag in sequence(definition.document.get("tags")))
    for name in (name for name, count in names.items() if count > 1):
        yield "/tags", f"The tag '{name}' is defined more than once."


def _is_environment_variable(value: str) -> bool:
    return value.startswith("@environmentVariables(")


@rule("SecurityRequirementMustBeDefined")
def undefined_security(definition: Definition) -> Faults:
    """Define the scheme under securityDefinitions, or correct the name."""
    schemes = mapping(definition.document.get("securityDefinitions"))
    for at, name, _ in _requirements(definition):
        if name not in schemes:
            yield at, f"The security requirement '{name}' is not defined."


@rule("SecurityRequirementMustHaveEmptyValue")
def scopes_without_oauth(definition: Definition) -> Faults:
    """Give an empty array: only OAuth 2.0 has scopes."""
    schemes = mapping(definition.document.get("securityDefinitions"))
    for at, name, scopes in _requirements(definition):
        if scopes and name in schemes and mapping(schemes[name]).get("type") != "oauth2":
            yield at, f"The security requirement '{name}' specifies scopes."


@rule("OAuthSecurityRequirementValueMustBeScopeName")
def unknown_scopes(definition: Definition) -> Faults:
    """Declare the scope in the security definition, or correct its name."""
    schemes = mapping(definition.document.get("securityDefinitions"))
    for at, name, scopes in _requirements(definition):
        scheme = mapping(schemes.get(name))
        for scope in scopes if scheme.get("type") == "oauth2" else ():
            if scope not in mapping(scheme.get("scopes")):
                yield at, f"The scope '{scope}' of '{name}' is not defined."


@rule("SecuritySchemePropertyRequired")
def scheme_incomplete(definition: Definition) -> Faults:
    """Complete the security definition."""
    for name, scheme in mapping(definition.document.get("securityDefinitions")).items():
        for key in _scheme_keys(mapping(scheme)):
            if key not in mapping(scheme):
                yield pointer("securityDefinitions", name), f"The security definition '{name}' has no '{key}'."


@rule("SecuritySchemePropertyNotValid")
def scheme_excess(definition: Definition) -> Faults:
    """Remove the property; this type of security definition does not have it."""
    for name, scheme in mapping(definition.document.get("securityDefinitions")).items():
        node = mapping(scheme)
        allowed = {"type", "description", *_scheme_keys(node)}
        for key in node if text(node.get("type")) in _SCHEME_KEYS else ():
            if key not in allowed and any(key in keys for keys in _SCHEME_KEYS.values()):
                at = pointer("securityDefinitions", name, key)
                yield at, f"'{key}' does not belong to a security definition of type '{node['type']}'."


def _requirements(definition: Definition) -> Iterator[tuple[str, str, list[str]]]:
    """Every security requirement, of the document and of single operations: pointer, scheme name, scopes."""
    places = [("", definition.document), *((operation.pointer, operation.node) for operation in definition.operations)]
    for at, node in places:
        for index, requirement in enumerate(sequence(node.get("security"))):
            for name, scopes in mapping(requirement).items():
                yield f"{at}/security/{index}{pointer(name)}", name, texts(scopes)


def _scheme_keys(scheme: JsonObject) -> tuple[str, ...]:
    """The keys that a security definition needs, by its type (for OAuth 2.0 also by its flow)."""
    needed = _SCHEME_KEYS.get(text(scheme.get("type")), ())
    without = {"implicit": ("tokenUrl",), "password": ("authorizationUrl",), "application": ("authorizationUrl",)}
    return tuple(key for key in needed if key not in without.get(text(scheme.get("flow")), ()))
