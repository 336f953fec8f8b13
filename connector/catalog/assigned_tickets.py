"""Flows that start when a ticket is assigned: the event whose id and filter the vendor has published."""

from typing import Annotated

from pydantic import Field

from connector.catalog.events import ASSIGNED, Subscribed, Subscription, TicketSubscription, create_ticket_workflow
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.events import TicketEvent
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import BoardRef, CompanyRef, MemberRef, PriorityRef
from connector.operations.operation import webhook_trigger
from connector.operations.request import OperationResponse, Request


class AssignmentSubscription(Subscription):
    """Which assignments a flow waits for; conditions given together must all hold for the ticket after the event."""

    assigned_to: Annotated[MemberRef | None, IMPORTANT] = Field(
        None, description="Only tickets that this member works on, by e-mail address, name, id or me."
    )
    board: BoardRef | None = Field(None, description="Only tickets on this board, by name or id.")
    priority: PriorityRef | None = Field(None, description="Only tickets with this priority, by name or id.")
    company: CompanyRef | None = Field(None, description="Only tickets of this company, by name or id.")
    contact_is_vip: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes for only the tickets of VIP contacts, no for all others."
    )


@webhook_trigger(
    "WhenTicketIsAssigned",
    "triggers/assigned-tickets",
    title="When a ticket is assigned",
    hint="To see it work now, assign a ticket to the member.",
    notification=TicketEvent,
    output=Subscribed,
)
async def when_ticket_is_assigned(
    dd: DeskDirector, request: Request, subscription: AssignmentSubscription
) -> OperationResponse:
    """This operation triggers when a ticket is assigned to a member of the service desk.

    It is the event ticket.assigned, which not every site has; When a ticket event occurs has the others. The event
    lists all members who work on the ticket at that time.
    """
    fields = {name: getattr(subscription, name) for name in type(subscription).model_fields}
    return await create_ticket_workflow(dd, request, TicketSubscription.model_construct(event_type=ASSIGNED, **fields))
