"""What triggers can wait for: event types of tickets and chats, workflows of the admin portal."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.service import Choices
from connector.operations.field_model import Reference
from connector.operations.fields import Line
from connector.operations.operation import lookup
from connector.resolving.lookup_cache import as_choices, listed
from connector.resolving.references import resolve

WorkflowTypeRef = Annotated[Line, Reference("ListWorkflowTypes", "workflow type")]


@lookup("ListTicketWebhookEvents", "GET", "lookups/ticket-events")
async def list_ticket_webhook_events(dd: DeskDirector) -> Choices:
    """List the events of tickets that a flow can wait for, with their ids."""
    return as_choices(await listed(dd, api.LIST_TICKET_WEBHOOK_EVENTS))


@lookup("ListChatWebhookEvents", "GET", "lookups/chat-events")
async def list_chat_webhook_events(dd: DeskDirector) -> Choices:
    """List the events of chats that a flow can wait for, with their ids."""
    return as_choices(await listed(dd, api.LIST_CHAT_WEBHOOK_EVENTS))


@lookup("ListWorkflowTypes", "GET", "lookups/workflow-types")
async def list_workflow_types(dd: DeskDirector) -> Choices:
    """List the types of workflows that can be made in the admin portal, with their ids."""
    return as_choices(await listed(dd, api.LIST_WORKFLOW_TYPES))


@lookup("ListWorkflows", "GET", "lookups/workflows")
async def list_workflows(
    dd: DeskDirector,
    type: Annotated[  # noqa: A002 (the vendor's name for it)
        WorkflowTypeRef | None, Field(description="Only workflows of this type, by name or id.")
    ] = None,
) -> Choices:
    """List the workflows made in the admin portal with their ids."""
    query = {"type": await resolve(dd, "workflow type", type)} if type else {}
    return as_choices(await listed(dd, api.LIST_WORKFLOWS, query=query, pages=True))
