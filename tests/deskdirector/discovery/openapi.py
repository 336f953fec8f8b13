"""OpenAPI documents for tests, as generators write them for the same routes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A route to document: property names of its body and answer (None: nothing is said), and what is required."""

    method: str
    path: str
    body: Sequence[str] | None = None
    answer: Sequence[str] | None = None
    required: Sequence[str] = ()
    query: Mapping[str, bool] = field(default_factory=dict)
    deprecated: bool = False


NOTE_BODY, NOTE_ANSWER = ("Note", "IsInternal"), ("Id", "Note", "IsInternal", "CreatedBy", "CreatedOn")
TICKET_ANSWER = ("Id", "Name", "Status", "Board", "Contact")
TIME_BODY = ("Note", "IsInternal", "StartTime", "EndTime", "ActualHours")
TIME_ANSWER = ("Id", "Note", "StartTime", "EndTime", "ActualHours")
CONTACT_BODY = ("Name", "FirstName", "LastName", "Email", "Phone", "Tags")
CONTACT_ANSWER = ("Id", "Name", "Email", "Phone")
FLAGS = ("IsActive", "HasPortalAccess", "IsManager", "IsApprover", "IsVip")

OURS = (
    Made("GET", "/api/v2/tickets/{id}/notes", answer=NOTE_ANSWER, query={"take": False}),
    Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/time-entries", TIME_BODY, TIME_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/approve", ("Comment",), TICKET_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/decline", ("Comment",), TICKET_ANSWER),
    Made("PATCH", "/api/v2/automate/connector/contacts/{id}", CONTACT_BODY, CONTACT_ANSWER),
    Made("PUT", "/api/v2/admin/contacts/{id}/permissions", FLAGS, CONTACT_ANSWER),
    Made("GET", "/api/v2/user/contact/{id}/userkey", answer=("UserKey", "ExpiresIn"), query={"expiresIn": False}),
)
"""Our assumed routes, as a site would document them that has each where we assume it."""


def openapi3(routes: Sequence[Made], version: str = "v2", **more: Any) -> JsonObject:
    """OpenAPI 3.0, as Swashbuckle writes it: one schema under three media types, references everywhere."""
    schemas: JsonObject = {}
    paths: JsonObject = {}
    for count, route in enumerate(routes):
        node: JsonObject = {"tags": ["Tickets"], "parameters": _parameters(route), "responses": {}}
        if route.body is not None:
            schemas[f"Body{count}"] = _schema(route.body, route.required)
            media = {"schema": {"$ref": f"#/components/schemas/Body{count}"}}
            kinds = ("application/json", "text/json", "application/*+json")
            node["requestBody"] = {"content": dict.fromkeys(kinds, media)}
        node["responses"]["200"] = {"description": "Success"}
        if route.answer is not None:
            schemas[f"Answer{count}"] = _schema(route.answer)
            schema = {"allOf": [{"$ref": f"#/components/schemas/Answer{count}"}]}
            node["responses"]["200"]["content"] = {"application/json": {"schema": schema}}
        if route.deprecated:
            node["deprecated"] = True
        paths.setdefault(route.path, {})[route.method.lower()] = node
    info = {"title": "API", "version": version}
    return {"openapi": "3.0.1", "info": info, "paths": paths, "components": {"schemas": schemas}, **more}


def swagger2(routes: Sequence[Made], version: str = "v2", base: str = "/", **more: Any) -> JsonObject:
    """Swagger 2.0, as the classic generator writes it."""
    definitions: JsonObject = {}
    paths: JsonObject = {}
    for count, route in enumerate(routes):
        node: JsonObject = {"parameters": _parameters(route), "responses": {"200": {"description": "OK"}}}
        if route.body is not None:
            definitions[f"Body{count}"] = _schema(route.body, route.required)
            node["parameters"].append({"name": "body", "in": "body", "schema": {"$ref": f"#/definitions/Body{count}"}})
        if route.answer is not None:
            definitions[f"Answer{count}"] = _schema(route.answer)
            node["responses"]["200"]["schema"] = {"$ref": f"#/definitions/Answer{count}"}
        if route.deprecated:
            node["deprecated"] = True
        paths.setdefault(route.path, {})[route.method.lower()] = node
    info = {"title": "API", "version": version}
    return {
        "swagger": "2.0", "info": info, "basePath": base, "paths": paths, "definitions": definitions, **more
    }  # fmt: skip


def raw(document: JsonObject) -> bytes:
    """A document as it is served."""
    return json.dumps(document).encode()


def _parameters(route: Made) -> list[JsonObject]:
    names = [piece.strip("{}") for piece in route.path.split("/") if piece.startswith("{")]
    path = [{"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in names]
    return [*path, *({"name": name, "in": "query", "required": needed} for name, needed in route.query.items())]


def _schema(names: Sequence[str], required: Sequence[str] = ()) -> JsonObject:
    properties: JsonObject = {name: {"type": "string", "nullable": True} for name in names}
    return {"type": "object", "properties": properties, **({"required": [*required]} if required else {})}
