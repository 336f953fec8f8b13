"""Rules about apiProperties.json: publisher, brand colour and what makers are asked for when they connect."""

import re

from workbench.checks.json_reading import mapping, names, sequence, text
from workbench.checks.power_platform.properties import Properties
from workbench.checks.power_platform.rulebook import Faults, properties_rules

rule = properties_rules.rule

KEYS = names(
    "iconBrandColor publisher stackOwner capabilities connectionParameters connectionParameterSets "
    "policyTemplateInstances scriptOperations"
)
TYPES = ("string", "securestring", "int", "bool", "oauthSetting", "gatewaySetting")
IDENTITY_PROVIDERS = ("oauth2", "oauth2generic", "aad", "aadcertificate", "facebook")
REDIRECT_URL = "https://global.consent.azure-apim.net/redirect"
CAPABILITIES = ("actions", "triggers", "gateway", "cloud")
FORBIDDEN_COLOURS = ("#007ee5", "#ffffff")

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_COMPANY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,&'()-]*")
_NAME = re.compile(r"[0-9a-zA-Z_]+(:[0-9a-zA-Z_]+)?")
_SECRET = re.compile(r"key|secret|password|token|pwd", re.IGNORECASE)


@rule("PropertiesKeyNotAllowed")
def unknown_keys(properties: Properties) -> Faults:
    """Remove the key; the platform does not know it."""
    for key in properties.node:
        if key not in KEYS:
            yield f"/properties/{key}", f"'{key}' is not a property of a connector."


@rule("IconBrandColorNotValid")
def colour(properties: Properties) -> Faults:
    """Give a hexadecimal colour such as "#1f6feb", neither the default blue (#007ee5) nor white."""
    value = text(properties.node.get("iconBrandColor"))
    if not _COLOUR.fullmatch(value) or value.lower() in FORBIDDEN_COLOURS:
        yield "/properties/iconBrandColor", f"The iconBrandColor is '{value}'."


@rule("PublisherNotValid")
def publisher(properties: Properties) -> Faults:
    """Name the company that publishes the connector."""
    if not _COMPANY.fullmatch(text(properties.node.get("publisher"))):
        yield "/properties/publisher", "The publisher is missing or not a company name."


@rule("StackOwnerNotValid")
def stack_owner(properties: Properties) -> Faults:
    """Name the company that owns the service behind the connector."""
    if not _COMPANY.fullmatch(text(properties.node.get("stackOwner"))):
        yield "/properties/stackOwner", "The stackOwner is missing or not a company name."


@rule("CapabilityNotValid")
def capabilities(properties: Properties) -> Faults:
    """Use actions, triggers, gateway or cloud, or leave the list empty."""
    for index, value in enumerate(sequence(properties.node.get("capabilities"))):
        if value not in CAPABILITIES:
            yield f"/properties/capabilities/{index}", f"'{value}' is not a capability."


@rule("ConnectionParametersMissing", severity="warning")
def something_to_ask(properties: Properties) -> Faults:
    """Declare connectionParameters, or connectionParameterSets for several ways to connect."""
    if not properties.connection_parameters:
        yield "/properties", "Nothing is asked for when makers connect."


@rule("ConnectionParameterNameNotValid")
def parameter_names(properties: Properties) -> Faults:
    """Use letters, digits and "_"."""
    for parameter in properties.connection_parameters:
        if not _NAME.fullmatch(parameter.name):
            yield parameter.pointer, f"'{parameter.name}' is not a valid name."


@rule("ConnectionParameterTypeNotValid")
def types(properties: Properties) -> Faults:
    """Use string, securestring, int, bool, oauthSetting or gatewaySetting."""
    for parameter in properties.connection_parameters:
        if parameter.node.get("type") not in TYPES:
            yield f"{parameter.pointer}/type", f"The type of '{parameter.name}' is '{parameter.node.get('type')}'."


@rule("ConnectionParameterNotExplained")
def explained(properties: Properties) -> Faults:
    """Give it a displayName and a description; makers see nothing else when they connect."""
    for parameter in properties.connection_parameters:
        if not text(parameter.ui.get("displayName")) or not parameter.hint:
            yield f"{parameter.pointer}/uiDefinition", f"'{parameter.name}' has no display name or no description."


@rule("ConnectionConstraintNotString")
def required_text(properties: Properties) -> Faults:
    """Write the constraint 'required' as the text "true" or "false"."""
    for parameter in properties.connection_parameters:
        if parameter.constraints.get("required", "true") not in ("true", "false"):
            yield (
                f"{parameter.pointer}/uiDefinition/constraints/required",
                f"'required' of '{parameter.name}' is not that text.",
            )


@rule("ConnectionSecretNotSecureString")
def secrets(properties: Properties) -> Faults:
    """Give a key, token or password the type securestring."""
    for parameter in properties.connection_parameters:
        if parameter.node.get("type") == "string" and _SECRET.search(parameter.name):
            yield f"{parameter.pointer}/type", f"'{parameter.name}' sounds like a secret, yet is a plain string."


@rule("ConnectionSecretInClearText", severity="warning")
def clear_text(properties: Properties) -> Faults:
    """Remove clearText from a securestring; it shows the secret while it is typed."""
    for parameter in properties.connection_parameters:
        if parameter.node.get("type") == "securestring" and parameter.constraints.get("clearText"):
            yield (
                f"{parameter.pointer}/uiDefinition/constraints/clearText",
                f"'{parameter.name}' is shown in clear text.",
            )


@rule("ConnectionParameterSetNotValid")
def sets(properties: Properties) -> Faults:
    """Give each set a unique name, a displayName and a description, and parameters of its own."""
    seen: set[str] = set()
    for at, one in properties.sets:
        name, ui = text(one.get("name")), mapping(one.get("uiDefinition"))
        if not name or name in seen:
            yield at, f"The set's name '{name}' is missing or used twice."
        if not text(ui.get("displayName")) or not text(ui.get("description")):
            yield at, f"The set '{name}' has no display name or no description."
        if not mapping(one.get("parameters")):
            yield at, f"The set '{name}' asks for nothing."
        seen.add(name)


@rule("ConnectionParameterSetsNotExplained")
def sets_explained(properties: Properties) -> Faults:
    """Give connectionParameterSets a displayName and a description; makers choose a set by them."""
    ui = mapping(mapping(properties.node.get("connectionParameterSets")).get("uiDefinition"))
    if properties.sets and not (text(ui.get("displayName")) and text(ui.get("description"))):
        yield "/properties/connectionParameterSets", "The choice of sets has no display name or no description."


@rule("IdentityProviderNotValid")
def identity_provider(properties: Properties) -> Faults:
    """Use oauth2, oauth2generic, aad, aadcertificate or facebook."""
    for parameter in properties.connection_parameters:
        provider = mapping(parameter.node.get("oAuthSettings")).get("identityProvider")
        if parameter.node.get("type") == "oauthSetting" and provider not in IDENTITY_PROVIDERS:
            yield f"{parameter.pointer}/oAuthSettings", f"The identity provider of '{parameter.name}' is '{provider}'."


@rule("RedirectUrlNotValid")
def redirect(properties: Properties) -> Faults:
    """Use https://global.consent.azure-apim.net/redirect."""
    for parameter in properties.connection_parameters:
        url = mapping(parameter.node.get("oAuthSettings")).get("redirectUrl", REDIRECT_URL)
        if url != REDIRECT_URL:
            yield (
                f"{parameter.pointer}/oAuthSettings/redirectUrl",
                f"The redirect URL of '{parameter.name}' is '{url}'.",
            )
