"""The site's own fields around events: the filters that an event has, and what a notification carries."""

from typing import Annotated, Any

from pydantic import Field

from connector.catalog.advanced import EventCategory, EventType
from connector.catalog.workflows import WorkflowTypeRef
from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import read_schema
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError
from connector.operations.field_model import IMPORTANT, Reference
from connector.operations.fields import Line
from connector.operations.operation import support
from connector.resolving.dynamic_schemas import SchemaAnswer, object_schema, tenant_schema
from connector.resolving.references import resolve

_TicketEventRef = Annotated[Line, Reference("ListTicketWebhookEvents", "ticket event")]
_ChatEventRef = Annotated[Line, Reference("ListChatWebhookEvents", "chat event")]
_WorkflowRef = Annotated[Line, Reference("ListWorkflows", "workflow", (("type", "workflowType"),))]

TicketEventType = Annotated[_TicketEventRef, IMPORTANT, Field(description="The event to wait for, by name or id.")]
ChatEventType = Annotated[_ChatEventRef, IMPORTANT, Field(description="The event to wait for, by name or id.")]
WorkflowType = Annotated[WorkflowTypeRef, IMPORTANT, Field(description="The type of the workflow, by name or id.")]
Workflow = Annotated[_WorkflowRef, IMPORTANT, Field(description="The workflow, by name or id.")]


_MEMBER_FILTERS = ("memberid", "memberids", "assignedmemberid", "assignedmemberids", "members", "assignedto")
"""What a site may call its filter by the assigned member; that there is one is sure, its name is not."""


async def assigned_member_filter(dd: DeskDirector, member_id: int) -> dict[str, Any]:
    """The upstream filter of `ticket.assigned` for a member; empty where the site's schema shows none."""
    try:
        schema = object_schema(
            await read_schema(
                dd,
                api.GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA2,
                api.GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA,
                query={"type": "ticket.assigned"},
            )
        )
    except ConnectorError:
        return {}
    for name, property_ in schema["properties"].items():
        if name.lower() in _MEMBER_FILTERS:
            return {name: [member_id] if property_.get("type") == "array" else member_id}
    return {}


@support("GetTicketEventSchema", "GET", "schemas/ticket-event")
async def get_ticket_event_schema(dd: DeskDirector, event_type: TicketEventType) -> SchemaAnswer:
    """Get the schema of what DeskDirector sends for a ticket event."""
    query = {"type": await resolve(dd, "ticket event", event_type)}
    return await tenant_schema(
        dd, api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2, api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA, query=query
    )


@support("GetTicketEventFilterSchema", "GET", "schemas/ticket-event-filter")
async def get_ticket_event_filter_schema(dd: DeskDirector, event_type: TicketEventType) -> SchemaAnswer:
    """Get the schema of the further filters of a ticket event."""
    query = {"type": await resolve(dd, "ticket event", event_type)}
    return await tenant_schema(
        dd, api.GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA2, api.GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA, query=query
    )


@support("GetChatEventFilterSchema", "GET", "schemas/chat-event-filter")
async def get_chat_event_filter_schema(dd: DeskDirector, event_type: ChatEventType) -> SchemaAnswer:
    """Get the schema of the parameters of a chat event."""
    query = {"type": await resolve(dd, "chat event", event_type)}
    return await tenant_schema(
        dd,
        api.GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA2,
        api.GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA,
        query=query,
    )


@support("GetWorkflowFilterSchema", "GET", "schemas/workflow-filter")
async def get_workflow_filter_schema(dd: DeskDirector, workflow_type: WorkflowType, workflow: Workflow) -> SchemaAnswer:
    """Get the schema of the parameters of a workflow of the admin portal."""
    kind = await resolve(dd, "workflow type", workflow_type)
    return await tenant_schema(
        dd,
        api.GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA2,
        api.GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA,
        path={"type": kind},
        query={"workflowId": await resolve(dd, "workflow", workflow, {"type": kind})},
    )


@support("GetAdvancedEventFilterSchema", "GET", "schemas/advanced-event-filter")
async def get_advanced_event_filter_schema(
    dd: DeskDirector, category: EventCategory, event_type: EventType
) -> SchemaAnswer:
    """Get the schema of the parameters of an advanced event."""
    category_id = await resolve(dd, "advanced event category", category)
    kind = await resolve(dd, "advanced event type", event_type, {"category": category_id})
    return await tenant_schema(
        dd,
        api.ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA2,
        api.ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA,
        path={"eventType": kind},
        query={"category": category_id},
    )
