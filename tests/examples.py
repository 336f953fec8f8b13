"""A good input for every operation, against the seeded simulator."""

from typing import Any

from connector.catalog.operation import Operation
from connector.catalog.signature import signature_of
from tests.desk import Desk


def example_of(operation: Operation, desk: Desk) -> dict[str, Any]:
    """Arguments with which the operation succeeds."""
    tenant = desk.tenant
    ticket = next(iter(tenant.tickets.values()))
    known: dict[str, Any] = {
        "ticketId": ticket.id,
        "contactId": next(iter(tenant.contacts)),
        "companyId": next(iter(tenant.companies)),
        "memberId": next(iter(tenant.members)),
        "title": "An example",
        "text": "An example",
        "contact": str(next(iter(tenant.contacts))),
        "board": "Support",
    }
    fields = signature_of(operation).fields(operation)
    wanted = {field.name for _, field in fields if field.required}
    if operation.id == "CreateTicket":
        wanted.add("contact")
    return {name: known[name] for name in wanted}
