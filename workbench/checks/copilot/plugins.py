"""Rules about plugin manifests that Microsoft's JSON schema does not hold. Source: plugin manifest 2.4."""

import re
from collections import Counter

from workbench.checks.copilot.package import DEFAULT_PLUGIN, Plugin
from workbench.checks.json_reading import mapping, names, nodes, pointer, sequence, text, texts
from workbench.checks.rules import Faults, RuleBook

plugin_rules: RuleBook[Plugin] = RuleBook()
rule = plugin_rules.rule

VERSION = "v2.4"
MAX_FUNCTIONS = 10
MAX_STRING = 4000
LIMITS = {"name_for_human": 20, "description_for_human": 100, "description_for_model": 2048}
DATA_HANDLING = ("GetPublicData", "GetPrivateData", "DataTransform", "DataExport", "ResourceStateUpdate")
RUNTIMES = ("OpenApi", "LocalPlugin", "RemoteMCPServer")
VAULTS = ("OAuthPluginVault", "ApiKeyPluginVault")

_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_PROPERTIES = names(
    "$schema schema_version name_for_human namespace description_for_model description_for_human logo_url "
    "contact_email legal_info_url privacy_policy_url functions runtimes capabilities"
)


@rule("PluginVersionNotCurrent")
def version(plugin: Plugin) -> Faults:
    """Write the plugin for schema version v2.4."""
    if plugin.document.get("schema_version") != VERSION:
        yield "/schema_version", f"The schema version is '{plugin.document.get('schema_version')}'."


@rule("PluginPropertyNotRecognized")
def properties(plugin: Plugin) -> Faults:
    """Remove the property; one that version 2.4 does not know makes the whole manifest invalid."""
    for key in plugin.document.keys() - _PROPERTIES:
        yield pointer(key), f"'{key}' is not a property of a plugin."


@rule("PluginTextTooLong")
def too_long(plugin: Plugin) -> Faults:
    """Shorten the text: name 20, description for people 100, for the model 2048 characters; the rest is cut off."""
    for key, limit in LIMITS.items():
        if len(text(plugin.document.get(key))) > limit:
            yield f"/{key}", f"'{key}' has {len(text(plugin.document.get(key)))} characters."


@rule("PluginStringTooLong")
def far_too_long(plugin: Plugin) -> Faults:
    """Shorten the text to 4000 characters."""
    for at, value in nodes(plugin.document):
        if len(text(value)) > MAX_STRING:
            yield at, f"The text has {len(text(value))} characters."


@rule("PluginModelDescriptionMissing")
def model_description(plugin: Plugin) -> Faults:
    """Add description_for_model; the agent chooses among plugins by it."""
    if not text(plugin.document.get("description_for_model")).strip():
        yield "", "There is no description for the model."


@rule("PluginNamespaceNotAlphanumeric")
def namespace(plugin: Plugin) -> Faults:
    """Use letters and digits only."""
    value = text(plugin.document.get("namespace"))
    if not (value.isalnum() and value.isascii()):
        yield "/namespace", f"The namespace is '{value}'."


@rule("PluginNamespaceNotUnique")
def namespace_unique(plugin: Plugin) -> Faults:
    """Give each plugin of the package a namespace of its own."""
    own = plugin.document.get("namespace")
    for other in plugin.package.plugins.values():
        if other.name < plugin.name and other.document.get("namespace") == own:
            yield "/namespace", f"'{other.name}' has the namespace '{own}' too."


@rule("TooManyFunctions")
def function_count(plugin: Plugin) -> Faults:
    """Move functions to another plugin; answers get worse beyond ten."""
    if plugin.name == DEFAULT_PLUGIN and len(plugin.functions) > MAX_FUNCTIONS:
        yield "/functions", f"There are {len(plugin.functions)} functions."


@rule("FunctionNameNotValid")
def function_names(plugin: Plugin) -> Faults:
    """Use at most 64 letters, digits and "_"."""
    for at, name, _ in plugin.functions:
        if not _FUNCTION_NAME.fullmatch(name):
            yield f"{at}/name", f"The function's name is '{name}'."


@rule("FunctionNameNotUnique")
def function_names_unique(plugin: Plugin) -> Faults:
    """Give each function a name of its own."""
    counts = Counter(name for _, name, _ in plugin.functions)
    for name in (name for name, count in counts.items() if count > 1):
        yield "/functions", f"There are {counts[name]} functions called '{name}'."


@rule("FunctionDescriptionMissing")
def function_descriptions(plugin: Plugin) -> Faults:
    """Say what the function does, for the model."""
    for at, name, node in plugin.functions:
        if not text(node.get("description")).strip():
            yield at, f"The function '{name}' has no description."


@rule("FunctionParametersDeclared", severity="warning")
def function_parameters(plugin: Plugin) -> Faults:
    """Leave 'parameters' out and let the OpenAPI file speak; here only a small part of JSON Schema is allowed."""
    for at, name, node in plugin.functions:
        if "parameters" in node:
            yield f"{at}/parameters", f"The function '{name}' declares parameters."


@rule("FunctionRuntimeNotOne")
def one_runtime(plugin: Plugin) -> Faults:
    """Serve each function by exactly one runtime."""
    for at, name, _ in plugin.functions:
        if len(plugin.served(name)) != 1:
            yield at, f"{len(plugin.served(name))} runtimes serve the function '{name}'."


@rule("FunctionNotInOpenApi")
def function_operations(plugin: Plugin) -> Faults:
    """Call the function as an operationId of the runtime's OpenAPI file."""
    for at, name, _ in plugin.functions:
        for runtime in plugin.served(name):
            file = text(mapping(runtime.get("spec")).get("url"))
            if file in plugin.package.apis and not plugin.operation(name):
                yield f"{at}/name", f"'{file}' has no operation '{name}'."


@rule("RuntimeFunctionUnknown")
def runtime_functions(plugin: Plugin) -> Faults:
    """List declared functions under run_for_functions, or "*"."""
    declared = {name for _, name, _ in plugin.functions} | {"*"}
    for at, runtime in plugin.runtimes:
        for name in texts(runtime.get("run_for_functions")):
            if name not in declared:
                yield f"{at}/run_for_functions", f"There is no function '{name}'."


@rule("RuntimeTypeNotValid")
def runtime_types(plugin: Plugin) -> Faults:
    """Use OpenApi, LocalPlugin or RemoteMCPServer."""
    for at, runtime in plugin.runtimes:
        if runtime.get("type") not in RUNTIMES:
            yield f"{at}/type", f"The runtime's type is '{runtime.get('type')}'."


@rule("RuntimeSpecMissing")
def runtime_specs(plugin: Plugin) -> Faults:
    """Name the OpenAPI file (or give it inline), or the absolute https address of the MCP server."""
    for at, runtime in plugin.runtimes:
        spec = mapping(runtime.get("spec"))
        url = text(spec.get("url"))
        if runtime.get("type") == "OpenApi" and not (url or spec.get("api_description")):
            yield f"{at}/spec", "The runtime names no OpenAPI file."
        if runtime.get("type") == "RemoteMCPServer" and not url.startswith("https://"):
            yield f"{at}/spec", f"The MCP server's address is '{url}'."


@rule("RuntimeAuthNotValid")
def runtime_auth(plugin: Plugin) -> Faults:
    """Use None, OAuthPluginVault or ApiKeyPluginVault (not for MCP), a vault with its reference_id."""
    for at, runtime in plugin.runtimes:
        auth = mapping(runtime.get("auth"))
        kind = auth.get("type")
        key_for_mcp = kind == "ApiKeyPluginVault" and runtime.get("type") == "RemoteMCPServer"
        if kind not in ("None", *VAULTS) or key_for_mcp:
            yield f"{at}/auth", f"The authentication is '{kind}'."
        elif kind in VAULTS and not text(auth.get("reference_id")):
            yield f"{at}/auth", f"'{kind}' has no reference_id."


@rule("SecurityInfoMissing")
def security_info(plugin: Plugin) -> Faults:
    """Add security_info with its data_handling; without it the function cannot be combined with other plugins."""
    for at, name, node in plugin.functions:
        info = mapping(mapping(node.get("capabilities")).get("security_info"))
        handling = sequence(info.get("data_handling"))
        if not handling or any(word not in DATA_HANDLING for word in handling):
            yield f"{at}/capabilities", f"The function '{name}' does not say how it handles data."


@rule("WriteWithoutConfirmation", severity="warning")
def confirmations(plugin: Plugin) -> Faults:
    """Add a confirmation card that says what will be changed."""
    for at, name, node in plugin.functions:
        operation = plugin.operation(name)
        writes = operation and operation.method != "get" and operation.node.get("x-openai-isConsequential") is not False
        if writes and "confirmation" not in mapping(node.get("capabilities")):
            yield f"{at}/capabilities", f"The function '{name}' changes something without a confirmation text."


@rule("ResponseSemanticsNotValid")
def semantics(plugin: Plugin) -> Faults:
    """Give a data_path that begins with "$"."""
    for at, name, node in plugin.functions:
        capabilities = mapping(node.get("capabilities"))
        if "response_semantics" in capabilities:
            path = text(mapping(capabilities["response_semantics"]).get("data_path"))
            if not path.startswith("$"):
                yield f"{at}/capabilities/response_semantics", f"The data_path of '{name}' is '{path}'."
