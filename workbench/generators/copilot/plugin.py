"""A plugin manifest (schema v2.4): functions, how their answers are shown, what they ask before they act."""

from collections.abc import Iterable

from connector.operations.operation import Effects, Operation
from connector.operations.signature import signature_of
from workbench.generators.copilot.cards import shown_as
from workbench.generators.copilot.toolsets import Toolset
from workbench.generators.definitions import JsonObject
from workbench.generators.identity import publisher
from workbench.generators.openapi.dialect import COPILOT, model_name

VERSION = "v2.4"
NAMESPACE = "deskdirector"

_WHAT_HAPPENS = {
    Effects.CREATES: "This makes something new in DeskDirector.",
    Effects.UPDATES: "This changes something in DeskDirector.",
    Effects.SENDS: "This reaches people through DeskDirector.",
    Effects.DELETES: "This removes something from DeskDirector for good.",
}


def plugin(toolset: Toolset, operations: Iterable[Operation], key_reference: str) -> JsonObject:
    """The manifest of a toolset."""
    operations = tuple(operations)
    functions = [_function(operation) for operation in operations]
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/copilot/plugin/{VERSION}/schema.json",
        "schema_version": VERSION,
        "name_for_human": toolset.title,
        "namespace": f"{NAMESPACE}{toolset.name}",
        "description_for_human": toolset.about,
        "description_for_model": toolset.about_for_model,
        "contact_email": publisher().email,
        "legal_info_url": publisher().terms_of_use,
        "privacy_policy_url": publisher().privacy_policy,
        "functions": functions,
        "runtimes": [
            {
                "type": "OpenApi",
                "auth": {"type": "ApiKeyPluginVault", "reference_id": key_reference},
                "spec": {"url": toolset.api_file},
                "run_for_functions": [function["name"] for function in functions],
            }
        ],
    }


def _function(operation: Operation) -> JsonObject:
    capabilities: JsonObject = {}
    if not operation.effects.read_only:
        capabilities["confirmation"] = _confirmation(operation)
    if semantics := shown_as(operation):
        capabilities["response_semantics"] = semantics
    capabilities["security_info"] = {"data_handling": [operation.effects.data_handling]}
    return {
        "name": model_name(operation),
        "description": " ".join(COPILOT.description(operation).split()),
        "capabilities": capabilities,
    }


def _confirmation(operation: Operation) -> JsonObject:
    """What is about to happen, with all that the function was given: an input that is not shown is not agreed to."""
    given = [field for _, field in signature_of(operation).fields(operation) if COPILOT.takes(field)]
    lines = [f"* **{field.title}**: {{{{function.parameters.{field.name}}}}}" for field in given]
    body = "\n".join((_WHAT_HAPPENS[operation.effects], *lines))
    return {"type": "AdaptiveCard", "title": operation.title, "body": body}
