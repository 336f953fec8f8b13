"""Every operation of the vendor's two published definitions, called against the simulator.

Request bodies are made from the schemas that the simulator itself publishes, and answers are checked against them, so
this also proves that the dynamic schemas describe what is really taken and given. Skipped where the vendor's files are
absent: they are not ours to copy.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.vendor_data import CONNECTOR_FILE, TECH_FILE
from tests.workbench.simulator.conftest import Desk, Reply

CALLBACK = "https://prod-12.example.com/workflows/1"

VALUES: dict[str, Any] = {
    "typeId": "TicketDetails",
    "ticketId": 10001, "companyId": 201, "contactId": 1003, "memberId": 12, "formId": 801, "resultId": 5_000_000_002,
    "fieldId": "systems", "emailTemplateId": "email-outage", "workflowId": "workflow-101", "function": "findFreeMember",
    "eventType": "approvalRequested", "requestTypeId": 701, "boardId": 31, "statusId": 101, "priorityId": 6,
    "sourceId": 61, "userGroupId": "team-201-1", "assignedMemberIds": [12], "memberIds": [13], "contactIds": [1004],
    "templateIds": ["template-onboarding"], "url": CALLBACK, "email": "ada@x.example", "name": "Ada",
    "take": 5, "skip": 0, "search": "", "decision": "approve",
}  # fmt: skip


def operations(file: Path) -> list[Any]:
    if not file.exists():
        return [pytest.param("", "", {}, id="absent", marks=pytest.mark.skip(reason="the vendor's file is not here"))]
    return [
        pytest.param(method.upper(), path, operation, id=operation["operationId"])
        for path, methods in json.loads(file.read_text())["paths"].items()
        for method, operation in methods.items()
        if "operationId" in operation
    ]


def of(file: Path, operation_id: str) -> tuple[str, str, dict[str, Any]]:
    found: tuple[str, str, dict[str, Any]] = next(p.values for p in operations(file) if p.id == operation_id)
    return found


class Caller:
    """Calls an operation as the platform would: dynamic schemas first, then the operation itself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        tenant = desk.simulator.tenant("tokity")
        self.values = VALUES | {
            "sessionId": next(key for key, chat in tenant.chats.items() if chat.status == "created")
        }

    def value(self, path: str, parameter: dict[str, Any]) -> Any:
        if parameter["name"] == "type":
            return "chat.created" if "chat-w" in path else "ticket.new" if "ticket-w" in path else "ticket"
        if parameter["name"] == "category":
            return "service" if "/functions" in path else "approvals"
        return self.values.get(parameter["name"], "")

    async def call(self, method: str, path: str, operation: dict[str, Any], body: Any = None) -> Reply:
        query = {}
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(self.value(path, parameter)))
            elif parameter["in"] == "query":
                query[parameter["name"]] = str(self.value(path, parameter))
            elif parameter["in"] == "body" and body is None:
                body = await self.body(path, parameter["schema"])
        return await self.desk.call(method, path, body, **{name: text for name, text in query.items() if text})

    async def body(self, path: str, schema: dict[str, Any]) -> Any:
        return self.sample("", await self.resolved(path, schema), path)

    async def resolved(self, path: str, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with every dynamic part fetched."""
        dynamic = schema.get("x-ms-dynamic-properties")
        if dynamic:
            self.values |= {name: how["value"] for name, how in dynamic["parameters"].items() if "value" in how}
            reply = await self.call(*of(CONNECTOR_FILE, dynamic["operationId"]))
            assert reply.status == 200, reply.body
            fetched: dict[str, Any] = reply.body["schema"]
            return fetched
        properties = {name: await self.resolved(path, inner) for name, inner in schema.get("properties", {}).items()}
        return schema | ({"properties": properties} if properties else {})

    def sample(self, name: str, schema: dict[str, Any], path: str) -> Any:
        if name in self.values and not ("task" in path and name == "name"):
            return self.values[name]
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                return {key: self.sample(key, inner, path) for key, inner in schema.get("properties", {}).items()}
            case "array":
                return [self.sample("", schema["items"], path)]
            case "integer" | "number":
                return 1
            case "boolean":
                return False
        return "2030-01-02T03:04:05Z" if schema.get("format") == "date-time" else f"text for {name}"


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A Swagger 2 schema as JSON schema: nulls allowed, and nothing beyond what is declared."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-") and key != "format"}
    if "type" in made:
        made["type"] = [made["type"], "null"]
    if "properties" in made:
        made["properties"] = {name: nullable(inner) for name, inner in made["properties"].items()}
        made["additionalProperties"] = False
    if "items" in made:
        made["items"] = nullable(made["items"])
    return made


async def prepare(desk: Desk, caller: Caller, operation_id: str) -> None:
    """What must exist before an operation can succeed."""
    made = {
        "DeleteChatWebhook": ("CreateChatWebhook", "workflowId"),
        "DeleteTicketWorkflow": ("CreateTicketWorkflow", "workflowId"),
        "UnsubscribeFromWorkflow": ("SubscribeToWorkflow", "actionId"),
        "AdvancedEventUnsubscribe": ("AdvancedEventSubscribe", "subscriptionId"),
    }
    if operation_id in made:
        create, name = made[operation_id]
        caller.values[name] = (await caller.call(*of(CONNECTOR_FILE, create))).body["id"]
    if operation_id == "AdvancedEventResponseHandle":
        ticket = await desk.ticket(boardId=31, statusId=101)
        await desk.patch(f"tickets/{ticket['id']}", {"statusId": 104})
        caller.values["eventId"] = next(iter(desk.simulator.tenant("tokity").pending_events))
    if operation_id == "CreateTicketTasks":
        caller.values["ticketId"] = (await desk.ticket())["id"]


@pytest.mark.parametrize(("method", "path", "operation"), operations(CONNECTOR_FILE))
async def test_every_operation_of_the_connector_succeeds(
    desk: Desk, method: str, path: str, operation: dict[str, Any]
) -> None:
    caller = Caller(desk)
    await prepare(desk, caller, operation["operationId"])
    reply = await caller.call(method, path, operation)
    subscribes = "x-ms-trigger" in operation
    assert reply.status == (201 if subscribes else 200), reply.body
    assert isinstance(reply.body, dict)
    if subscribes:
        assert reply.headers["Location"].startswith(f"http://{desk.simulator.site}/")
    declared = operation["responses"]["200"].get("schema", {})
    if "$ref" in declared:
        assert {"results", "totalResults"} == set(reply.body) or {"schema"} == set(reply.body)
    elif "x-ms-dynamic-properties" in declared:
        jsonschema.validate(reply.body, nullable(await caller.resolved(path, declared)))


@pytest.mark.parametrize(("method", "path", "operation"), operations(TECH_FILE))
async def test_every_operation_of_the_tech_connector_answers_its_schema(
    desk: Desk, method: str, path: str, operation: dict[str, Any]
) -> None:
    definitions = json.loads(TECH_FILE.read_text())["definitions"]
    auth = f"Basic {desk.simulator.personal_token(12)}"
    reply = await desk.call(method, path.replace("{ticketId}", "10040"), auth=auth)
    assert reply.status == 200, reply.body
    reference = operation["responses"]["200"]["schema"].get("$ref")
    if reference:
        jsonschema.validate(reply.body, nullable(_inlined(definitions, {"$ref": reference})))


def _inlined(definitions: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    made = dict(schema)
    if "properties" in made:
        made["properties"] = {name: _inlined(definitions, inner) for name, inner in made["properties"].items()}
    if "items" in made:
        made["items"] = _inlined(definitions, made["items"])
    return made


def test_all_88_operations_are_there() -> None:
    if not CONNECTOR_FILE.exists():
        pytest.skip("the vendor's definition is not here")
    assert len(list(operations(CONNECTOR_FILE))) == 88
