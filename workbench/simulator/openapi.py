"""The site's OpenAPI documents, one an API version, made of the routes that the site really has.

What such a document looks like is known of its generator, Swashbuckle; what the vendor's
says is not. So these are guesses in form: PascalCase properties as the help article describes, schemas by reference,
cycles, optional wrappers, and routes of other things whose names resemble those that a client looks for.
"""

import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.simulator.records import Edition
from workbench.simulator.router import Route
from workbench.simulator.shapes import Fields, schema_of

VERSIONS: Mapping[Edition, tuple[str, ...]] = {"tokity": ("v1", "v2", "v3", "v4"), "psa": ("v1", "v2", "v3")}
# Routes of other things, there to be mistaken: documented, never to be called.
DECOYS = (
    *("POST /api/v2/forms/{formId}/comments", "POST /api/v2/quotes/{quoteId}/approve"),
    *("GET /api/v2/ticket-templates/{templateId}/notes", "POST /api/v2/chats/{chatId}/messages"),
    *("GET /api/v2/oauth/client/{clientId}/token", "POST /api/v2/tickets/{ticketId}/time-entries/{entryId}/approve"),
    *("DELETE /api/v2/tickets/{ticketId}", "PUT /api/v2/tickets/{ticketId}/tasks/{taskId}/notes"),
    *("GET /api/v4/tickets/{ticketId}/comments/$read", "POST /api/v4/tickets/{ticketId}/comments"),
    *("POST /api/v3/tech/tickets/{ticketId}/merge", "GET /api/v4/tickets/{ticketId}/$info"),
)
_VERSION = re.compile(r"/api/(v\d)/|/api2/")
_CYCLE: Mapping[str, Any] = {
    "Company": {"type": "object", "properties": {"Contacts": {"type": "array", "items": {"$ref": "#/S/Contact"}}}},
    "Contact": {
        "type": "object",
        "properties": {
            "Company": {"allOf": [{"$ref": "#/S/Company"}], "description": "The company.", "nullable": True},
            "Manager": {"$ref": "#/S/Contact"},
            "Elsewhere": {"$ref": "#/S/NotThere"},
        },
    },
}


def version_of(path: str) -> str:
    """The document that lists a path: by its version; `/api2/` is taken for v2 (a guess)."""
    match = _VERSION.match(path)
    return (match[1] or "v2") if match else ""


def document(routes: Iterable[Route], version: str, *, partial: bool = False) -> dict[str, Any]:
    """The OpenAPI 3.0 document of a version; a partial one leaves out every other path."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = dict(_CYCLE)
    for route in routes:
        if version_of(route.path) == version:
            operation = _operation(route, version, schemas)
            paths.setdefault(_documented_path(route), {})[route.method.lower()] = operation
    for decoy in DECOYS:
        method, _, path = decoy.partition(" ")
        if version_of(path) == version:
            tag = path.split("/")[3].title()
            paths.setdefault(path, {})[method.lower()] = {"tags": [tag], "responses": {"200": {"description": "OK"}}}
    if partial:
        paths = {path: item for place, (path, item) in enumerate(sorted(paths.items())) if place % 2}
    return _pointed(
        {
            "openapi": "3.0.4",
            "info": {"title": "DeskDirector API", "version": version},
            "paths": paths,
            "components": {"schemas": schemas},
        },
        "#/components/schemas/",
    )


def classic(made: dict[str, Any], host: str) -> dict[str, Any]:
    """The same as Swagger 2.0, as Web API on .NET Framework documents itself."""
    paths = {
        path: {method: _classic_operation(operation) for method, operation in item.items()}
        for path, item in made["paths"].items()
    }
    older = {
        "swagger": "2.0",
        "info": made["info"],
        "host": host,
        "schemes": ["http"],
        "paths": paths,
        "definitions": made["components"]["schemas"],
    }
    return _pointed(older, "#/definitions/", "#/components/schemas/")


def _classic_operation(operation: dict[str, Any]) -> dict[str, Any]:
    made = {**operation, "parameters": [_classic_parameter(parameter) for parameter in operation.get("parameters", [])]}
    body = made.pop("requestBody", None)
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        made["parameters"].append({"name": "req", "in": "body", "required": True, "schema": schema})
    made["responses"] = {status: _classic_answer(answer) for status, answer in operation["responses"].items()}
    return made


def _classic_answer(answer: dict[str, Any]) -> dict[str, Any]:
    content = answer.get("content", {}).get("application/json")
    return {"description": "OK", **({"schema": content["schema"]} if content else {})}


def _classic_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in parameter.items() if key != "schema"}, **parameter["schema"]}


def _documented_path(route: Route) -> str:
    """The path with names of its parameters that are not those which a caller would guess."""
    if route.presence == "proven":
        return route.path
    return re.sub(r"\{\w+\}", "{entityId}", route.path, count=1)


def _operation(route: Route, version: str, schemas: dict[str, Any]) -> dict[str, Any]:
    name = "".join(word.title() for word in route.handler.__name__.strip("_<>").split("_"))
    parameters = [
        {"name": parameter, "in": "path", "required": True, "schema": {"type": "string"}}
        for parameter in re.findall(r"\{(\w+)\}", _documented_path(route))
    ]
    operation: dict[str, Any] = {
        "tags": [_tag(route.path)],
        "operationId": f"{version.upper()}{route.method.title()}{name}{zlib.crc32(route.path.encode()) % 10_000}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
    }
    if route.takes is not None:
        content = {"schema": _component(f"{name}Request", route.takes, schemas)}
        types = ("application/json", "text/json", "application/*+json")
        operation["requestBody"] = {"content": dict.fromkeys(types, content)}
    if route.answers is not None:
        content = {"schema": _component(f"{name}Response", route.answers, schemas)}
        operation["responses"]["200"]["content"] = {"application/json": content}
    return operation


def _tag(path: str) -> str:
    words = [part for part in path.split("/")[3:] if part and not part.startswith("{")]
    return (words[0] if words else "api").title()


def _component(name: str, fields: Fields, schemas: dict[str, Any]) -> dict[str, str]:
    schema = schema_of(fields)
    required = [pascal(needed) for needed in schema.get("required", ())]
    schemas[name] = {
        "type": "object",
        "properties": pascal_case_names(schema["properties"]),
        **({"required": required} if required else {}),
    }
    return {"$ref": f"#/S/{name}"}


def pascal(name: str) -> str:
    """A name with a capital."""
    return name[:1].upper() + name[1:]


def pascal_case_names(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Property names with capitals, at every depth; keywords of the schemas stay as they are."""
    return {pascal(name): _with_pascal_names(schema) for name, schema in properties.items()}


def _with_pascal_names(schema: dict[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in schema.items() if not key.startswith("x-")}
    if "properties" in made:
        made["properties"] = pascal_case_names(made["properties"])
        made.pop("required", None)
    if "items" in made:
        made["items"] = _with_pascal_names(made["items"])
    return made


def _pointed(document: dict[str, Any], base: str, old: str = "#/S/") -> dict[str, Any]:
    """The document with its references pointing below `base`."""
    return {key: _value_pointed(value, base, old) for key, value in document.items()}


def _value_pointed(value: Any, base: str, old: str) -> Any:
    match value:
        case list():
            return [_value_pointed(item, base, old) for item in value]
        case dict():
            return _pointed(value, base, old)
        case str() if value.startswith(old):
            return base + value.removeprefix(old)
    return value
