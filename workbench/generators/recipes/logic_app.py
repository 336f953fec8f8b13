"""A flow of a recipe as a Logic Apps workflow definition (consumption), over a custom connector of our definition."""

from collections.abc import Iterable
from typing import Any, Final

from connector.operations.operation import Kind
from connector.operations.signature import signature_of
from workbench.generators.definitions import JsonObject
from workbench.generators.power_platform.solution import DEFINITION_SCHEMA
from workbench.generators.recipes.cloud_flow import DESKDIRECTOR, POLL_MINUTES
from workbench.generators.recipes.expressions import Dialect, expression, inside, written
from workbench.generators.recipes.foreign import ROUTES
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
)
from workbench.generators.recipes.shared_steps import condition, recurrence, shared_action

DIALECT: Final = Dialect(
    trigger=lambda parts: "triggerBody()" + inside(parts),
    step=lambda name, parts: f"body('{name}')" + inside(parts),
    setting=lambda name: f"parameters('{name}')",
)


def logic_app(recipe: Recipe, flow: Flow) -> JsonObject:
    """The workflow definition; `$connections` is what the deployment fills in."""
    parameters: JsonObject = {"$connections": {"defaultValue": {}, "type": "Object"}}
    for setting in recipe.settings:
        parameters[setting.name] = {
            "defaultValue": setting.default,
            "type": "String",
            "metadata": {"description": setting.about},
        }
    definition = {
        "$schema": DEFINITION_SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "triggers": {"Start": _trigger(flow)},
        "actions": _actions(flow.steps),
        "outputs": {},
    }
    return {"definition": definition}


def _connection(connector: str) -> JsonObject:
    return {"connection": {"name": f"@parameters('$connections')['{connector}']['connectionId']"}}


def _call(step: Call | Event) -> JsonObject:
    operation, inputs = operation_of(step), placed(step)
    path = f"/{operation.path}"
    for name in operation.path_names:
        value = written(inputs["path"][name], DIALECT)
        inner = value[1:] if isinstance(value, str) and value.startswith("@") else repr(value).replace('"', "'")
        path = path.replace(f"{{{name}}}", f"@{{encodeURIComponent({inner})}}")
    node: JsonObject = {"host": _connection(DESKDIRECTOR), "method": operation.method.lower(), "path": path}
    if inputs["query"]:
        node["queries"] = written(inputs["query"], DIALECT)
    if signature_of(operation).body:
        node["body"] = written(inputs["body"], DIALECT)
    return node


def _trigger(flow: Flow) -> JsonObject:
    trigger = flow.trigger
    if isinstance(trigger, Schedule):
        return {"type": "Recurrence", "recurrence": recurrence(trigger)}
    if isinstance(trigger, ForeignEvent):
        node = {"host": _connection(trigger.connector), "method": "get", "path": "/v2/Mail/OnNewEmail"}
        clock = {"frequency": "Minute", "interval": POLL_MINUTES}
        return {"type": "ApiConnection", "recurrence": clock, "inputs": {**node, "queries": dict(trigger.inputs)}}
    inputs = _call(trigger)
    if operation_of(trigger).kind is Kind.WEBHOOK_TRIGGER:
        inputs["body"] = {**inputs.get("body", {}), "callbackUrl": "@{listCallbackUrl()}"}
        return {"type": "ApiConnectionWebhook", "inputs": inputs}
    clock = {"frequency": "Minute", "interval": POLL_MINUTES}
    split = {"splitOn": "@triggerBody()?['results']"} if trigger.each else {}
    return {"type": "ApiConnection", "recurrence": clock, **split, "inputs": inputs}


def _actions(steps: Iterable[Step], after: str = "") -> JsonObject:
    actions: JsonObject = {}
    for step in steps:
        actions[step.name] = {"runAfter": {after: ["Succeeded"]} if after else {}, **_action(step)}
        after = step.name
    return actions


def _action(step: Step) -> JsonObject:
    match step:
        case Call():
            return {"type": "ApiConnection", "inputs": _call(step)}
        case Foreign():
            return {"type": "ApiConnection", "inputs": _foreign(step)}
        case If():
            no: Any = {"actions": _actions(step.no)}
            return {
                "type": "If",
                "expression": condition(step.condition, DIALECT),
                "actions": _actions(step.yes),
                **({"else": no} if step.no else {}),
            }
        case ForEach():
            runtime = {"runtimeConfiguration": {"concurrency": {"repetitions": step.at_once}}}
            over = "@" + expression(step.over, DIALECT)
            return {"type": "Foreach", "foreach": over, "actions": _actions(step.steps), **runtime}
        case _:
            return shared_action(step, DIALECT)


def _foreign(step: Foreign) -> JsonObject:
    route = ROUTES[step.operation]
    path = route.path
    body: JsonObject = {}
    for name, value in step.inputs.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", f"@{{encodeURIComponent('{value}')}}")
        else:
            _put(body, name.removeprefix("body/").removeprefix("emailMessage/").split("/"), written(value, DIALECT))
    return {"host": _connection(step.connector), "method": route.method, "path": path, "body": body}


def _put(body: JsonObject, way: list[str], value: Any) -> None:
    for name in way[:-1]:
        body = body.setdefault(name, {})
    body[way[-1]] = value
