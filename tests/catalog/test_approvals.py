"""Approving and declining on behalf of a contact."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.catalog.approvals import Decision, approve_ticket, decline_ticket
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import BadRequest, NotFound
from connector.settings import Settings
from tests.desk import Desk, generous
from workbench.simulator import Simulator, Tenant


def waiting_ticket(tenant: Tenant, status: str = "Approval Required") -> int:
    """A ticket of a company that waits for approval, on a board that has this status too."""
    return next(
        one.id
        for one in tenant.tickets.values()
        if tenant.statuses[one.status_id].name == "Approval Required"
        and one.contact_id
        and any(other.name == status and other.board_id == one.board_id for other in tenant.statuses.values())
    )


def contact_of(tenant: Tenant, ticket_id: int, *, approver: bool) -> int:
    """An active contact of the ticket's company who may, or may not, approve."""
    company_id = tenant.tickets[ticket_id].company_id
    return next(
        contact.id
        for contact in tenant.contacts.values()
        if contact.company_id == company_id and contact.is_approver is approver and contact.is_active
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


def bare_site(simulator: Simulator, folder: Path, **values: Any) -> DeskDirector:
    """A connection to a site without routes for approvals, with these settings."""
    settings = Settings(development_sites=(simulator.site,), data_dir=str(folder), **values)
    headers = {"dd-host": simulator.site, "dd-api-key": simulator.tokity_key}
    return DeskDirector(Connection.from_headers(headers, settings), settings)


DECISIONS = [
    (approve_ticket, "approved_status", "CONNECTOR_APPROVED_STATUS", "In Progress", "Approved"),
    (decline_ticket, "declined_status", "CONNECTOR_DECLINED_STATUS", "New", "Declined"),
]


@pytest.fixture
async def proven_site() -> AsyncIterator[Simulator]:
    async with Simulator(edition="tokity", tickets=60, profile="proven") as running:
        yield running


@pytest.mark.parametrize(("decide", "setting", "variable", "status", "word"), DECISIONS)
async def test_without_a_route_the_operators_status_decides(
    proven_site: Simulator, tmp_path: Path, decide: Any, setting: str, variable: str, status: str, word: str
) -> None:
    tenant = proven_site.tenant("tokity")
    ticket = tenant.tickets[waiting_ticket(tenant, status)]
    dd = bare_site(proven_site, tmp_path, **{setting: status})

    decided = await decide(dd, ticket.id, Decision(comment="As discussed"))
    again = await decide(dd, ticket.id, Decision(comment="As discussed"))

    assert tenant.statuses[ticket.status_id].name == status
    assert (decided.status, decided.is_decision_recorded, again.is_decision_recorded) == (status, False, False)
    assert [note.text for note in ticket.notes if note.text == "As discussed"] == ["As discussed"]


@pytest.mark.parametrize(("decide", "setting", "variable", "status", "word"), DECISIONS)
async def test_the_note_names_who_decided(
    proven_site: Simulator, tmp_path: Path, decide: Any, setting: str, variable: str, status: str, word: str
) -> None:
    tenant = proven_site.tenant("tokity")
    ticket = tenant.tickets[waiting_ticket(tenant, status)]
    approver = tenant.contacts[contact_of(tenant, ticket.id, approver=True)]

    await decide(
        bare_site(proven_site, tmp_path, **{setting: status}),
        ticket.id,
        Decision.model_validate({"onBehalfOf": str(approver.id), "comment": "As discussed"}),
    )

    assert ticket.notes[-1].text == f"{word} by {approver.name}. As discussed"


@pytest.mark.parametrize(("decide", "setting", "variable", "status", "word"), DECISIONS)
async def test_without_a_route_and_a_status_the_way_out_is_named(
    proven_site: Simulator, tmp_path: Path, decide: Any, setting: str, variable: str, status: str, word: str
) -> None:
    ticket_id = waiting_ticket(proven_site.tenant("tokity"))

    with pytest.raises(NotFound) as caught:
        await decide(bare_site(proven_site, tmp_path), ticket_id, Decision())

    assert caught.value.code == "RouteNotFound"
    assert variable in caught.value.message


async def test_a_status_that_the_board_does_not_have_changes_nothing(proven_site: Simulator, tmp_path: Path) -> None:
    tenant = proven_site.tenant("tokity")
    ticket = tenant.tickets[waiting_ticket(tenant)]
    before = (ticket.status_id, len(ticket.notes))

    with pytest.raises(BadRequest, match="Blessed"):
        await approve_ticket(bare_site(proven_site, tmp_path, approved_status="Blessed"), ticket.id, Decision())

    assert (ticket.status_id, len(ticket.notes)) == before


async def test_a_missing_ticket_is_missing_whatever_the_settings(proven_site: Simulator, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        await approve_ticket(bare_site(proven_site, tmp_path, approved_status="Closed"), 999_999_999, Decision())

    assert caught.value.code == "TicketNotFound"


@generous
def test_a_recorded_decision_says_so(desk: Desk) -> None:
    ticket_id = waiting_ticket(desk.tenant)
    approver = str(contact_of(desk.tenant, ticket_id, approver=True))

    assert desk.call("ApproveTicket", ticketId=ticket_id, onBehalfOf=approver).json["isDecisionRecorded"] is True
