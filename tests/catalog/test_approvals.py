"""Approving and declining on behalf of a contact."""

import pytest

from tests.desk import Desk, generous
from workbench.simulator import Tenant


def waiting_ticket(tenant: Tenant) -> int:
    """A ticket of a company that waits for approval."""
    return next(
        one.id
        for one in tenant.tickets.values()
        if tenant.statuses[one.status_id].name == "Approval Required" and one.contact_id
    )


def contact_of(tenant: Tenant, ticket_id: int, *, approver: bool) -> int:
    """An active contact of the ticket's company who may, or may not, approve."""
    company_id = tenant.tickets[ticket_id].company_id
    return next(
        one.id
        for one in tenant.contacts.values()
        if one.company_id == company_id and one.is_approver is approver and one.is_active
    )


@generous
@pytest.mark.parametrize(("operation", "closed"), [("ApproveTicket", False), ("DeclineTicket", True)])
def test_a_decision_moves_the_ticket_on_and_says_who_made_it(desk: Desk, operation: str, closed: bool) -> None:
    ticket = desk.tenant.tickets[waiting_ticket(desk.tenant)]
    approver = contact_of(desk.tenant, ticket.id, approver=True)

    decided = desk.call(operation, ticketId=ticket.id, onBehalfOf=str(approver), comment="As discussed")

    assert (decided.status, decided.json["isClosed"]) == (200, closed)
    assert (ticket.notes[-1].author_id, ticket.notes[-1].author_type) == (approver, "contact")
    assert ticket.notes[-1].text == "As discussed"


@generous
def test_a_contact_who_may_not_approve_is_refused(desk: Desk) -> None:
    ticket = desk.tenant.tickets[waiting_ticket(desk.tenant)]
    other = contact_of(desk.tenant, ticket.id, approver=False)

    refused = desk.call("ApproveTicket", ticketId=ticket.id, onBehalfOf=str(other))

    assert refused.status == 403
    assert "not an approver" in refused.json["message"]
    assert desk.tenant.statuses[ticket.status_id].name == "Approval Required"


@generous
def test_nobody_named_and_nothing_to_decide(desk: Desk) -> None:
    ticket_id = waiting_ticket(desk.tenant)
    assert desk.call("ApproveTicket", ticketId=ticket_id).code == "UserNeeded"

    approver = str(contact_of(desk.tenant, ticket_id, approver=True))
    desk.call("ApproveTicket", ticketId=ticket_id, onBehalfOf=approver)
    again = desk.call("ApproveTicket", ticketId=ticket_id, onBehalfOf=approver)
    assert again.status == 409
