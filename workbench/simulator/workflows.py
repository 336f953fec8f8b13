"""Subscriptions of flows: ticket and chat workflows, and actions of portal-made workflows.

A subscribe call answers 201 with `Location: …/{id}?token=…`; DELETE takes that token, which then must be right.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.chat_shapes import PARAMETERS as CHAT_PARAMETERS
from workbench.simulator.event_types import EventKind, EventTypes, chat_events, names_by_id, ticket_events
from workbench.simulator.hooks import Hook, Workflow
from workbench.simulator.people import mentions
from workbench.simulator.router import Routes
from workbench.simulator.service import listed_page
from workbench.simulator.shapes import Fields, many, read, record, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import CONNECTOR, Answer, bad_request, conflict, forbidden, not_found

routes = Routes(CONNECTOR)
FLOW_LIMIT = 50
WORKFLOW_TYPES = {"ticket": "Ticket workflow", "chat": "Chat workflow", "form": "Form workflow"}

_GENEROUS_FILTERS: Fields = {
    "tag": text("Tag"),
    "priorityId": whole("Priority", picker="ListPriorities"),
    "companyId": whole("Company", picker="ListCompanies"),
}
# The name `memberId` is a guess: only that one can filter by the member's id is known.
_PROVEN_FILTERS: Mapping[EventKind, Fields] = {
    EventKind.TAGS_CHANGED: {"newTags": many(text("Tag"), "New tags")},
    EventKind.MEMBER_ASSIGNED: {"memberId": whole("Member", picker="ListMembers")},
}
WORKFLOW_PARAMETERS: Mapping[str, Fields] = {
    "ticket": {"companyId": whole("Company", picker="ListCompanies")},
    "chat": CHAT_PARAMETERS,
    "form": {},
}
_CALLBACK: Fields = {"url": text("Callback URL", required=True)}


def advanced_filters(tenant: Tenant, event_kind: EventKind) -> Fields:
    """The filters of a ticket event beside board and status."""
    if tenant.profile.name == "generous":
        return _GENEROUS_FILTERS
    return _PROVEN_FILTERS.get(event_kind, {})


def _new_ticket_workflow(filters: Fields) -> Fields:
    """Flows leave `advancedFilters` out although the definition requires it."""
    return {
        "description": text("Description", required=True),
        "boardId": whole("Board"),
        "statusId": whole("Status"),
        "advancedFilters": record("Advanced filters", filters),
        **_CALLBACK,
    }


def _new_chat_workflow() -> Fields:
    return {"parameters": record("Parameters", CHAT_PARAMETERS, required=True), **_CALLBACK}


def asked_event(call: Call, events: EventTypes) -> EventKind:
    """The event whose id is the `type` of the query."""
    chosen = call.required_query("type")
    for event_kind, event in events.items():
        if event.id == chosen:
            return event_kind
    raise bad_request(type=f"The type '{chosen}' does not exist.")


def workflow_type(call: Call) -> str:
    """The `type` of the query, one of the workflow types."""
    chosen = call.required_query("type")
    if chosen not in WORKFLOW_TYPES:
        raise bad_request(type=f"The type '{chosen}' does not exist.")
    return chosen


def _listed(names: Mapping[str, str]) -> dict[str, Any]:
    return {"results": [{"id": key, "name": name} for key, name in names.items()], "totalResults": len(names)}


@routes.get("/ticket-workflow-events", allow=Access.STAFF)
def list_ticket_events(call: Call) -> dict[str, Any]:
    """Event types of tickets."""
    return _listed(names_by_id(ticket_events(call.tenant.profile)))


@routes.get("/chat-webhook-events", allow=Access.STAFF)
def list_chat_events(call: Call) -> dict[str, Any]:
    """Event types of chats."""
    return _listed(names_by_id(chat_events(call.tenant.profile)))


@routes.get("/workflow-types", allow=Access.STAFF)
def list_workflow_types(_: Call) -> dict[str, Any]:
    """Types of portal-made workflows."""
    return _listed(WORKFLOW_TYPES)


@routes.get("/workflows", allow=Access.STAFF)
def list_workflows(call: Call) -> dict[str, Any]:
    """Portal-made workflows by type and name."""
    chosen, search = call.query.get("type"), call.query.get("search")
    return listed_page(
        call,
        [
            workflow
            for workflow in call.tenant.workflows.values()
            if workflow.made_by == "portal" and chosen in {None, "", workflow.type} and mentions(search, workflow.name)
        ],
    )


@routes.post("/ticket-workflows", allow=Access.STAFF)
def create_ticket_workflow(call: Call) -> Answer:
    """A flow listens to one event type of tickets, by board, status and more."""
    chosen = asked_event(call, ticket_events(call.tenant.profile))
    values = read(_new_ticket_workflow(advanced_filters(call.tenant, chosen)), call.body)
    board_id, status_id = values.get("boardId"), values.get("statusId")
    if board_id is not None and board_id not in call.tenant.boards:
        raise bad_request(boardId=f"Board {board_id} does not exist.")
    status = call.tenant.statuses.get(status_id or 0)
    if status_id is not None and (status is None or board_id not in {None, status.board_id}):
        raise bad_request(statusId=f"Status {status_id} does not exist on that board.")
    filters = {"boardId": board_id, "statusId": status_id, **(values.get("advancedFilters") or {})}
    return _flow_made(call, "ticket", values["description"], chosen, filters, values["url"])


@routes.post("/chat-workflows", allow=Access.STAFF)
def create_chat_workflow(call: Call) -> Answer:
    """A flow listens to one event type of chats."""
    chosen = asked_event(call, chat_events(call.tenant.profile))
    values = read(_new_chat_workflow(), call.body)
    name = chat_events(call.tenant.profile)[chosen].name
    return _flow_made(call, "chat", name, chosen, values["parameters"], values["url"])


def _flow_made(
    call: Call, kind: Literal["ticket", "chat"], name: str, event: EventKind, filters: dict[str, Any], url: str
) -> Answer:
    tenant = call.tenant
    if sum(workflow.made_by == "flow" for workflow in tenant.workflows.values()) >= FLOW_LIMIT:
        raise conflict(f"At most {FLOW_LIMIT} workflows can be made by flows.")
    key = tenant.next_name("workflow")
    hook = new_hook(tenant, "action", url)
    tenant.workflows[key] = Workflow(key, name, kind, event, filters, "flow", actions={hook.id: hook})
    return subscribed(call, f"{CONNECTOR}/{kind}-workflows/{key}", key, hook.token)


@routes.on("DELETE", "/ticket-workflows/{workflowId}", allow=Access.STAFF)
def delete_ticket_workflow(call: Call) -> dict[str, Any]:
    """The flow is gone."""
    return _delete_flow_made(call, "ticket")


@routes.on("DELETE", "/chat-workflows/{workflowId}", allow=Access.STAFF)
def delete_chat_workflow(call: Call) -> dict[str, Any]:
    """The flow is gone."""
    return _delete_flow_made(call, "chat")


def _delete_flow_made(call: Call, kind: str) -> dict[str, Any]:
    workflow = call.tenant.workflows.get(call.params["workflowId"])
    if workflow is None or workflow.made_by != "flow" or workflow.type != kind:
        raise not_found("Workflow", call.params["workflowId"])
    check_token(call, next(iter(workflow.actions.values())))
    del call.tenant.workflows[workflow.id]
    return {}


def workflow_of(call: Call) -> Workflow:
    """The workflow that the path names."""
    workflow = call.tenant.workflows.get(call.params["workflowId"])
    if workflow is None:
        raise not_found("Workflow", call.params["workflowId"])
    return workflow


@routes.post("/workflows/{workflowId}/actions", allow=Access.STAFF)
def subscribe_to_workflow(call: Call) -> Answer:
    """A flow becomes an action of a portal-made workflow."""
    workflow = workflow_of(call)
    chosen = workflow_type(call)
    if workflow.type != chosen:
        raise bad_request(type=f"Workflow {workflow.id} is of type {workflow.type}.")
    fields: Fields = {"parameters": record("Parameters", WORKFLOW_PARAMETERS[chosen], required=True), **_CALLBACK}
    values = read(fields, call.body)
    hook = new_hook(call.tenant, "action", values["url"])
    hook.parameters = values["parameters"]
    workflow.actions[hook.id] = hook
    return subscribed(call, f"{CONNECTOR}/workflows/{workflow.id}/actions/{hook.id}", hook.id, hook.token)


@routes.on("DELETE", "/workflows/{workflowId}/actions/{actionId}", allow=Access.STAFF)
def unsubscribe_from_workflow(call: Call) -> dict[str, Any]:
    """The flow is gone; the workflow stays."""
    workflow = workflow_of(call)
    hook = workflow.actions.get(call.params["actionId"])
    if hook is None:
        raise not_found("Action", call.params["actionId"])
    check_token(call, hook)
    del workflow.actions[hook.id]
    return {}


def new_hook(tenant: Tenant, kind: str, url: str) -> Hook:
    """A hook with an unguessable token. Any URL is taken, but only loopback ones are ever called."""
    if "://" not in url:
        raise bad_request(url="The url field is not a valid address.")
    return Hook(tenant.next_name(kind), url, secrets.token_urlsafe(24))


def subscribed(call: Call, path: str, key: str, token: str) -> Answer:
    """201 with the address that ends the subscription."""
    host = call.headers.get("Host", call.simulator.site)
    location = f"http://{host}{path}" + (f"?token={token}" if token else "")
    return Answer.of({"id": key}, 201, {"Location": location})


def check_token(call: Call, hook: Hook) -> None:
    """A token that comes along must be the right one."""
    token = call.query.get("token")
    if token is not None and not secrets.compare_digest(token.encode(), hook.token.encode()):
        raise forbidden("The token is not that of this subscription.")
