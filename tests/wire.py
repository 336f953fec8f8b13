"""Compares a request on the wire with the vendor's two published definitions: method, path, query and body.

A body whose shape only the site knows is compared with the schema that the site publishes for it.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from tests.vendor_data import CONNECTOR_FILE, TECH_FILE, definition
from workbench.simulator import RecordedCall, Simulator

SURFACES = ("/api/v2/automate/connector/", "/api/v2/copilot/")
# The definition requires it, and the vendor's own flows leave it out.
OPTIONAL_AFTER_ALL = {"advancedFilters"}


@dataclass(frozen=True)
class Published:
    """An operation of a published definition."""

    method: str
    pattern: re.Pattern[str]
    content: dict[str, Any]

    def parameters(self, place: str) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.content.get("parameters", []) if one["in"] == place}


@cache
def published() -> list[Published]:
    """The operations of both definitions, those without path parameters first: literals win over parameters."""
    found = []
    for file in (CONNECTOR_FILE, TECH_FILE):
        for path, methods in definition(file)["paths"].items():
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
            found += [
                (path.count("{"), Published(method.upper(), pattern, content))
                for method, content in methods.items()
                if "operationId" in content
            ]
    return [one for _, one in sorted(found, key=lambda each: each[0])]


def disagreements(call: RecordedCall, simulator: Simulator) -> list[str]:
    """In what a request differs from the definition of its operation."""
    fits = (one for one in published() if one.method == call.method and one.pattern.fullmatch(call.path))
    operation = next(fits, None)
    if operation is None:
        return [f"{call.method} {call.path} is not published"]
    declared = operation.parameters("query")
    wrong = [f"{name} is no query of {call.path}" for name in call.query if name not in declared]
    wrong += [
        f"{call.path} needs the query {name}"
        for name, parameter in declared.items()
        if parameter.get("required") and not call.query.get(name)
    ]
    body = next(iter(operation.parameters("body").values()), None)
    if body is None:
        return [*wrong, f"{call.path} takes no body"] if call.body else wrong
    # The credential of a call is not recorded, so it may be of either edition.
    keys = {"tokity": simulator.tokity_key, "psa": simulator.psa_key}
    return wrong or min(
        (wrong_fields(call, body["schema"], simulator, keys[edition]) for edition in simulator.tenants), key=len
    )


def wrong_fields(call: RecordedCall, schema: dict[str, Any], simulator: Simulator, key: str) -> list[str]:
    """The fields that a body has too many or too few, by the definition or by the site's own schema."""
    if "x-ms-dynamic-properties" in schema:
        schema = site_schema(call, schema["x-ms-dynamic-properties"], simulator, key)
    properties = schema.get("properties", {})
    given = call.body or {}
    wrong = [f"{call.path} has no field {name}" for name in given if name not in properties]
    needed = set(schema.get("required", ())) - OPTIONAL_AFTER_ALL
    return wrong + [f"{call.path} needs the field {name}" for name in needed if given.get(name) is None]


def site_schema(call: RecordedCall, dynamic: dict[str, Any], simulator: Simulator, key: str) -> dict[str, Any]:
    """The schema that the site publishes for a body, found as the platform finds it."""
    paths = {
        content["operationId"]: path
        for path, methods in definition(CONNECTOR_FILE)["paths"].items()
        for content in methods.values()
        if "operationId" in content
    }
    path, query = paths[dynamic["operationId"]], dict(call.query)
    for name, how in dynamic["parameters"].items():
        value = how.get("value") or call.query.get(name) or path_value(call.path, how.get("parameterReference", name))
        path, query[name] = path.replace(f"{{{name}}}", str(value)), str(value)
    answer = httpx.get(
        f"http://{simulator.site}{path}",
        params=query,
        headers={"Authorization": f"DdApi {key}", "dd-host": simulator.site},
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    schema: dict[str, Any] = json.loads(answer.content)["schema"]
    return schema


def path_value(path: str, name: str) -> str:
    """The value of a path parameter in a request, by the template of the operation."""
    for template in definition(CONNECTOR_FILE)["paths"]:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        match = re.fullmatch(pattern, path)
        if match and name in match.groupdict():
            return match[name]
    return ""
