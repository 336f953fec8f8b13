"""Approvals: approve or decline a ticket on behalf of a contact."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.tickets import Ticket
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import ContactRef, Creating, Text, TicketId
from connector.operations.operation import Effects, action
from connector.resolving.on_behalf_of import as_contact


class Decision(Creating):
    """A decision about a ticket."""

    on_behalf_of: Annotated[ContactRef | None, IMPORTANT] = Field(
        None,
        description="The contact whose decision it is, by e-mail address, name or id; needed unless the connection is "
        "that contact's own.",
    )
    comment: Annotated[Text | None, IMPORTANT] = Field(None, description="What the contact says about it.")


@action("ApproveTicket", "POST", "tickets/{ticketId}/approve", effects=Effects.SENDS, stands_on=api.APPROVE_TICKET)
async def approve_ticket(dd: DeskDirector, ticket_id: TicketId, decision: Decision) -> Ticket:
    """Approve a ticket that waits for approval, on behalf of a contact who may approve, with an optional comment.

    Decline ticket is the other answer. A contact who is no approver is refused; Set contact permissions can make one.
    """
    return await _decide(dd, api.APPROVE_TICKET, ticket_id, decision)


@action("DeclineTicket", "POST", "tickets/{ticketId}/decline", effects=Effects.SENDS, stands_on=api.DECLINE_TICKET)
async def decline_ticket(dd: DeskDirector, ticket_id: TicketId, decision: Decision) -> Ticket:
    """Decline a ticket that waits for approval, on behalf of a contact who may approve, with an optional comment.

    Approve ticket is the other answer. Whether this closes the ticket is the site's own rule; Close ticket always does.
    """
    return await _decide(dd, api.DECLINE_TICKET, ticket_id, decision)


async def _decide(dd: DeskDirector, endpoint: Endpoint, ticket_id: int, decision: Decision) -> Ticket:
    user = await as_contact(dd, decision.on_behalf_of)
    body = {"comment": decision.comment} if decision.comment else {}
    return await dd.fetch(endpoint, Ticket, path={"ticketId": ticket_id}, body=body, user=user)
