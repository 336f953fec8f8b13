"""Checks a cloud flow against the definition of the connector that it uses: what a platform finds only at run time.

Names of operations and parameters, required parameters, order of steps, references to steps and parameters, and the
paths in expressions: the answers of our operations are typed, so a path that does not exist is found here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = Mapping[str, Any]

MAX_NAME: Final = 80
_STEP: Final = re.compile(r"(?:outputs|body)\('(\w+)'\)")
_STEP_PATH: Final = re.compile(r"outputs\('(\w+)'\)\?\['body/([\w/]+)'\]")
_TRIGGER_PATH: Final = re.compile(r"triggerOutputs\(\)\?\['body/([\w/]+)'\]")
_ITEM_PATH: Final = re.compile(r"items\('(\w+)'\)\?\['(\w+)'\]")
_PARAMETER: Final = re.compile(r"parameters\('([^']+)'\)")
_ITEMS: Final = re.compile(r"items\('(\w+)'\)")


def check_flow(flow: Json, swagger: Json, api: str) -> list[str]:
    """The problems of a flow's file, in sentences; `api` is the id of the connector that `swagger` describes."""
    return list(_Flow(flow["properties"]["definition"], _Definition(swagger), api).problems())


@dataclass(frozen=True)
class _Definition:
    swagger: Json
    operations: dict[str, tuple[Json, Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.swagger["paths"].values():
            for node in item.values():
                if isinstance(node, dict) and "operationId" in node:
                    self.operations[node["operationId"]] = (node, item)

    def schema(self, node: Json) -> Json:
        if "$ref" in node:
            found: Json = self.swagger["definitions"][node["$ref"].rpartition("/")[2]]
            return found
        return node

    def answer(self, operation: str) -> Json:
        """The schema of an operation's answer, or of what its webhook trigger gets."""
        node, item = self.operations[operation]
        if "x-ms-notification-content" in item:
            return self.schema(item["x-ms-notification-content"]["schema"])
        success: Json = next((one for status, one in node["responses"].items() if status.startswith("2")), {})
        return self.schema(success.get("schema", {}))

    def parameters(self, operation: str) -> dict[str, bool]:
        """What it takes, `body/…` for the fields of the body, and whether each is required."""
        node, _ = self.operations[operation]
        taken: dict[str, bool] = {}
        for parameter in node.get("parameters", []):
            if parameter["in"] == "body":
                schema = self.schema(parameter["schema"])
                required = schema.get("required", [])
                taken |= {f"body/{name}": name in required for name in schema.get("properties", {})}
            else:
                taken[parameter["name"]] = bool(parameter.get("required"))
        return taken

    def lacks(self, schema: Json, way: list[str]) -> bool:
        """Whether a path leads nowhere in a schema; objects without listed properties may hold anything."""
        for part in way:
            schema = self.schema(schema)
            properties = schema.get("properties")
            if not properties:
                return schema.get("type") not in ("object", None)
            if part not in properties:
                return True
            schema = properties[part]
        return False


@dataclass(frozen=True)
class _Flow:
    definition: Json
    known: _Definition
    api: str

    def problems(self) -> Iterator[str]:
        steps = dict(self._steps(self.definition["actions"]))
        names = [name for name, _ in self._steps(self.definition["actions"])]
        twice = sorted({name for name in names if names.count(name) > 1})
        yield from (f"{name}: the name is used twice" for name in twice)
        yield from (f"{name}: the name is longer than {MAX_NAME}" for name in steps if len(name) > MAX_NAME)
        yield from self._order(self.definition["actions"])
        for name, step in [*self.definition["triggers"].items(), *steps.items()]:
            is_trigger = name in self.definition["triggers"]
            yield from (f"{name}: {problem}" for problem in self._call(step, is_trigger=is_trigger))
            for text in _texts({key: value for key, value in step.items() if key not in ("actions", "else")}):
                yield from (f"{name}: {problem}" for problem in self._expressions(text, steps))

    def _steps(self, actions: Json) -> Iterator[tuple[str, Json]]:
        for name, step in actions.items():
            yield name, step
            yield from self._steps(step.get("actions", {}))
            yield from self._steps(step.get("else", {}).get("actions", {}))

    def _order(self, actions: Json) -> Iterator[str]:
        """Every step runs after siblings, and some step can run first."""
        for name, step in actions.items():
            for other in step.get("runAfter", {}):
                if other not in actions:
                    yield f"{name}: runs after {other}, which is no step beside it"
            yield from self._order(step.get("actions", {}))
            yield from self._order(step.get("else", {}).get("actions", {}))
        left = {name: set(step.get("runAfter", {})) & actions.keys() for name, step in actions.items()}
        while ready := [name for name, after in left.items() if not after & left.keys()]:
            for name in ready:
                del left[name]
        yield from (f"{name}: waits for itself" for name in left)

    def _call(self, step: Json, *, is_trigger: bool) -> Iterator[str]:
        host = step.get("inputs", {}).get("host") if isinstance(step.get("inputs"), dict) else None
        if not host or host.get("apiId") != self.api:
            return
        operation = host["operationId"]
        if operation not in self.known.operations:
            yield f"there is no operation {operation}"
            return
        starts = "x-ms-trigger" in self.known.operations[operation][0]
        if starts != is_trigger:
            yield f"{operation} is {'a trigger' if starts else 'no trigger'}"
        taken, given = self.known.parameters(operation), step["inputs"].get("parameters", {})
        yield from (f"{operation} takes no {name}" for name in given if not _is_taken(name, taken))
        hidden = {"body/callbackUrl"}
        missing = {name for name, required in taken.items() if required} - hidden
        missing = {name for name in missing if not any(path == name or path.startswith(f"{name}/") for path in given)}
        yield from (f"{operation} needs {name}" for name in sorted(missing))

    def _expressions(self, text: str, steps: Mapping[str, Json]) -> Iterator[str]:
        for name in _STEP.findall(text):
            if name not in steps:
                yield f"there is no step {name}"
        for name in _PARAMETER.findall(text):
            if name not in self.definition.get("parameters", {}):
                yield f"there is no parameter {name}"
        for name in _ITEMS.findall(text):
            if steps.get(name, {}).get("type") != "Foreach":
                yield f"there is no loop {name}"
        yield from self._paths(text, steps)

    def _paths(self, text: str, steps: Mapping[str, Json]) -> Iterator[str]:
        for name, path in _STEP_PATH.findall(text):
            schema = self._answer(steps.get(name, {}))
            if schema is not None and self.known.lacks(schema, path.split("/")):
                yield f"the answer of {name} has no {path}"
        start = next(iter(self.definition["triggers"].values()))
        schema = self._answer(start)
        if schema is not None and "splitOn" in start:
            schema = schema.get("properties", {}).get("results", {}).get("items", {})
        for path in _TRIGGER_PATH.findall(re.sub(r"splitOn.*", "", text)):
            if schema is not None and text != start.get("splitOn") and self.known.lacks(schema, path.split("/")):
                yield f"the trigger has no {path}"
        for name, path in _ITEM_PATH.findall(text):
            item = self._item(steps.get(name, {}), steps)
            if item is not None and self.known.lacks(item, [path]):
                yield f"an item of {name} has no {path}"

    def _answer(self, step: Json) -> Json | None:
        host = step.get("inputs", {}).get("host") if isinstance(step.get("inputs"), dict) else None
        if not host or host.get("apiId") != self.api or host["operationId"] not in self.known.operations:
            return None
        return self.known.answer(host["operationId"])

    def _item(self, loop: Json, steps: Mapping[str, Json]) -> Json | None:
        """The schema of what a loop goes over; None where that is not an answer of ours."""
        over = str(loop.get("foreach", ""))
        while filtered := re.fullmatch(r"@(?:outputs\('(\w+)'\)\?\['body'\]|body\('(\w+)'\))", over):
            source = steps.get(filtered[1] or filtered[2], {})
            if source.get("type") != "Query":
                return None
            over = source["inputs"]["from"]
        found = re.fullmatch(r"@outputs\('(\w+)'\)\?\['body/([\w/]+)'\]", over)
        schema = self._answer(steps.get(found[1], {})) if found else None
        if schema is None or found is None:
            return None
        for part in found[2].split("/"):
            schema = self.known.schema(schema).get("properties", {}).get(part, {})
        return self.known.schema(schema.get("items", {}))


def _is_taken(name: str, taken: Mapping[str, bool]) -> bool:
    """Objects of the tenant's own fields take any field inside."""
    return any(name == path or name.startswith(f"{path}/") for path in taken)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
