"""A flow of a recipe as Power Automate stores it in a solution: `Workflows/NAME-GUID.json`."""

from collections.abc import Iterable
from typing import Any, Final

from connector.operations.operation import Kind
from workbench.generators.definitions import JsonObject
from workbench.generators.power_platform import solution
from workbench.generators.recipes.expressions import Dialect, expression, written
from workbench.generators.recipes.model import (
    Call,
    Event,
    Flow,
    ForEach,
    Foreign,
    ForeignEvent,
    If,
    Recipe,
    Schedule,
    Step,
    operation_of,
    placed,
    steps_of,
)
from workbench.generators.recipes.shared_steps import condition, recurrence, shared_action

DESKDIRECTOR: Final = "deskdirector"
AUTHENTICATION: Final = "@parameters('$authentication')"
POLL_MINUTES: Final = 3


def _at(function: str, parts: list[str]) -> str:
    return f"{function}?['{'/'.join(['body', *parts])}']"


def setting_name(name: str) -> str:
    """The parameter of a flow that stands for an environment variable."""
    return f"{name} ({solution.PREFIX}_{name})"


DIALECT: Final = Dialect(
    trigger=lambda parts: _at("triggerOutputs()", parts),
    step=lambda name, parts: _at(f"outputs('{name}')", parts),
    setting=lambda name: f"parameters('{setting_name(name)}')",
)


def reference_name(connector: str) -> str:
    """The logical name of the connection reference of a connector."""
    return solution.CONNECTION if connector == DESKDIRECTOR else f"{solution.PREFIX}_{connector}_connection"


def api_id(connector: str) -> str:
    """The id of a connector."""
    return solution.API if connector == DESKDIRECTOR else f"/providers/Microsoft.PowerApps/apis/shared_{connector}"


def connectors_of(flow: Flow) -> list[str]:
    """The connectors that a flow uses, ours first."""
    used = [step.connector for step in steps_of(flow.steps) if isinstance(step, Foreign)]
    if isinstance(flow.trigger, ForeignEvent):
        used.append(flow.trigger.connector)
    return list(dict.fromkeys([DESKDIRECTOR, *used]))


def cloud_flow(recipe: Recipe, flow: Flow) -> JsonObject:
    """The content of the flow's file."""
    references = {}
    for connector in connectors_of(flow):
        api: JsonObject = {"name": api_id(connector).rpartition("/")[2]}
        if connector == DESKDIRECTOR:
            api["logicalName"] = solution.NAME
        references[api["name"]] = {
            "runtimeSource": "embedded",
            "connection": {"connectionReferenceLogicalName": reference_name(connector)},
            "api": api,
        }
    parameters: JsonObject = {
        "$connections": {"defaultValue": {}, "type": "Object"},
        "$authentication": {"defaultValue": {}, "type": "SecureObject"},
    }
    for setting in recipe.settings:
        parameters[setting_name(setting.name)] = {
            "defaultValue": setting.default,
            "type": "String",
            "metadata": {"schemaName": f"{solution.PREFIX}_{setting.name}", "description": setting.about},
        }
    definition = {
        "$schema": solution.DEFINITION_SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "triggers": {"Start": _trigger(flow)},
        "actions": _actions(flow.steps),
    }
    return {"properties": {"connectionReferences": references, "definition": definition}, "schemaVersion": "1.0.0.0"}


def _host(connector: str, operation: str) -> JsonObject:
    api = api_id(connector)
    return {"connectionName": api.rpartition("/")[2], "operationId": operation, "apiId": api}


def _inputs(connector: str, operation: str, parameters: JsonObject) -> JsonObject:
    return {"host": _host(connector, operation), "parameters": parameters, "authentication": AUTHENTICATION}


def _parameters(step: Call | Event) -> JsonObject:
    """Path and query by name, body fields below `body/`."""
    inputs = placed(step)
    flat = {**inputs["path"], **inputs["query"], **_flattened("body", inputs["body"])}
    return {name: written(value, DIALECT) for name, value in flat.items()}


def _flattened(prefix: str, values: JsonObject) -> JsonObject:
    flat: JsonObject = {}
    for name, value in values.items():
        key = f"{prefix}/{name}"
        flat |= _flattened(key, value) if isinstance(value, dict) else {key: value}
    return flat


def _trigger(flow: Flow) -> JsonObject:
    trigger = flow.trigger
    if isinstance(trigger, Schedule):
        return {"type": "Recurrence", "recurrence": recurrence(trigger)}
    if isinstance(trigger, ForeignEvent):
        parameters = {name: written(value, DIALECT) for name, value in trigger.inputs.items()}
        return {
            "type": "OpenApiConnection",
            "recurrence": {"frequency": "Minute", "interval": POLL_MINUTES},
            "inputs": _inputs(trigger.connector, trigger.operation, parameters),
        }
    node: JsonObject = {"inputs": _inputs(DESKDIRECTOR, trigger.operation, _parameters(trigger))}
    if operation_of(trigger).kind is Kind.WEBHOOK_TRIGGER:
        return {"type": "OpenApiConnectionWebhook", **node}
    node["recurrence"] = {"frequency": "Minute", "interval": POLL_MINUTES}
    if trigger.each:
        node["splitOn"] = "@triggerOutputs()?['body/results']"
    return {"type": "OpenApiConnection", **node}


def _actions(steps: Iterable[Step], after: str = "") -> JsonObject:
    actions: JsonObject = {}
    for step in steps:
        actions[step.name] = {"runAfter": {after: ["Succeeded"]} if after else {}, **_action(step)}
        after = step.name
    return actions


def _action(step: Step) -> JsonObject:
    match step:
        case Call():
            return {"type": "OpenApiConnection", "inputs": _inputs(DESKDIRECTOR, step.operation, _parameters(step))}
        case Foreign():
            parameters = {name: written(value, DIALECT) for name, value in step.inputs.items()}
            kind = "OpenApiConnectionWebhook" if step.webhook else "OpenApiConnection"
            return {"type": kind, "inputs": _inputs(step.connector, step.operation, parameters)}
        case If():
            no: Any = {"actions": _actions(step.no)}
            return {
                "type": "If",
                "expression": condition(step.condition, DIALECT),
                "actions": _actions(step.yes),
                **({"else": no} if step.no else {}),
            }
        case ForEach():
            over = "@" + expression(step.over, DIALECT)
            runtime = {"runtimeConfiguration": {"concurrency": {"repetitions": step.at_once}}}
            return {"type": "Foreach", "foreach": over, "actions": _actions(step.steps), **runtime}
        case _:
            return shared_action(step, DIALECT)
