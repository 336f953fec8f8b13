"""Approvals: approve or decline a ticket on behalf of a contact."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.tickets import DecidedTicket, Ticket
from connector.deskdirector.errors import NotFound
from connector.deskdirector.missing_routes import ROUTE_NOT_FOUND
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import ContactRef, Creating, Text, TicketId
from connector.operations.operation import Effects, action
from connector.relay.own_notes import remember_own_note
from connector.resolving.on_behalf_of import as_contact
from connector.resolving.ticket_notes import change_with_note
from connector.resolving.ticket_statuses import status_on_board


class Decision(Creating):
    """A decision about a ticket."""

    on_behalf_of: Annotated[ContactRef | None, IMPORTANT] = Field(
        None,
        description="The contact whose decision it is, by e-mail address, name or id; needed unless the connection is "
        "that contact's own.",
    )
    comment: Annotated[Text | None, IMPORTANT] = Field(None, description="The contact's comment on the decision.")


@action("ApproveTicket", "POST", "tickets/{ticketId}/approve", effects=Effects.SENDS, stands_on=api.APPROVE_TICKET)
async def approve_ticket(dd: DeskDirector, ticket_id: TicketId, decision: Decision) -> DecidedTicket:
    """Approve a ticket that waits for approval, on behalf of a contact who may approve, with an optional comment.

    Decline ticket is the opposite. A contact who is not an approver is refused; Set contact permissions makes one.
    Where the site has no route for it, the ticket is moved to the approved status that the operator has set, and a note
    names the contact; DeskDirector then does not record or check who approved.
    """
    by_status = _ByStatus(dd.settings.approved_status, "CONNECTOR_APPROVED_STATUS", "Approved")
    return await _decide(dd, api.APPROVE_TICKET, by_status, ticket_id, decision)


@action("DeclineTicket", "POST", "tickets/{ticketId}/decline", effects=Effects.SENDS, stands_on=api.DECLINE_TICKET)
async def decline_ticket(dd: DeskDirector, ticket_id: TicketId, decision: Decision) -> DecidedTicket:
    """Decline a ticket that waits for approval, on behalf of a contact who may approve, with an optional comment.

    Approve ticket is the opposite. Whether this closes the ticket is the site's own rule; Close ticket always does.
    Where the site has no route for it, the ticket is moved to the declined status that the operator has set, and a note
    names the contact; DeskDirector then does not record or check who declined.
    """
    by_status = _ByStatus(dd.settings.declined_status, "CONNECTOR_DECLINED_STATUS", "Declined")
    return await _decide(dd, api.DECLINE_TICKET, by_status, ticket_id, decision)


async def _decide(
    dd: DeskDirector, endpoint: Endpoint, by_status: "_ByStatus", ticket_id: int, decision: Decision
) -> DecidedTicket:
    user = await as_contact(dd, decision.on_behalf_of)
    body = {"comment": decision.comment} if decision.comment else {}
    try:
        return await dd.fetch(endpoint, DecidedTicket, path={"ticketId": ticket_id}, body=body, user=user)
    except NotFound as missing:
        if missing.code != ROUTE_NOT_FOUND:
            raise
        if not by_status.status:
            sentence = f"Or {by_status.setting} names the status that means it; who decided is then not recorded."
            raise NotFound("RouteNotFound", f"{missing.message} {sentence}") from None
    return await _move(dd, by_status, ticket_id, decision.comment, user)


@dataclass(frozen=True, slots=True)
class _ByStatus:
    """How a decision is made where the site has no route for it: by the status that means it, as the operator set it.

    DeskDirector itself decides by status (facts: the admin names the statuses that mean approved and declined).
    """

    status: str
    setting: str
    word: str


async def _move(
    dd: DeskDirector, by_status: _ByStatus, ticket_id: int, comment: str | None, user: User | None
) -> DecidedTicket:
    """Move the ticket to the status; a note says who decided, since DeskDirector does not record it."""
    path = {"ticketId": ticket_id}
    ticket = await dd.fetch(api.GET_TICKET, DecidedTicket, path=path)
    status = await status_on_board(dd, by_status.status, ticket)
    if ticket.status_id == status:
        ticket.is_decision_recorded = False
        return ticket
    text = await _note(dd, by_status.word, comment, user)
    change = {"statusId": status}
    if text:
        await remember_own_note(dd, ticket_id, text)
        moved = await change_with_note(dd, ticket_id, change, text, is_internal=False, user=None)
    else:
        moved = await dd.fetch(api.UPDATE_TICKET, Ticket, path=path, body=change)
    return DecidedTicket.model_construct(**dict(moved), is_decision_recorded=False)


async def _note(dd: DeskDirector, word: str, comment: str | None, user: User | None) -> str:
    if user is None:
        return comment or ""
    person = await dd.fetch(api.GET_CONTACT, Contact, path={"contactId": user.id})
    return f"{word} by {person.name}." + (f" {comment}" if comment else "")
