"""The fields that only one site has, in what operations answer."""

import pytest

from connector.deskdirector.entities.people import Company, Contact
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.models import Entity, read
from tests.desk import Desk


@pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)
def test_a_tickets_own_fields_are_answered(desk: Desk) -> None:
    ticket = next(one for one in reversed(desk.tenant.tickets.values()) if one.closed_on is None)
    ticket.custom["assetTag"] = "LT-4711"
    desk.tenant.touch(ticket)
    own = {"assetTag": "LT-4711"}

    got = desk.call("GetTicket", ticketId=ticket.id).json
    found = desk.call("FindTickets", take=200).json["results"]

    assert got["additionalFields"].items() >= own.items()
    assert next(one for one in found if one["id"] == ticket.id)["additionalFields"].items() >= own.items()


@pytest.mark.parametrize("kind", ["TicketDetails", "ContactDetails", "CompanyDetails"])
def test_their_schema_leaves_out_what_has_a_field_of_ours(desk: Desk, kind: str) -> None:
    schema = desk.call("GetAdditionalFieldsSchema", operation=kind).json["schema"]

    assert schema["type"] == "object"
    assert not {"id", "name", "status", "board", "email", "company"} & schema["properties"].keys()


@pytest.mark.parametrize("model", [Ticket, Contact, Company])
def test_what_has_no_value_is_no_additional_field(model: type[Entity]) -> None:
    entity = read(model, b'{"id": 1, "name": "x", "own": "y", "empty": "", "none": null, "nothing": []}')

    assert entity.model_dump()["additional_fields"] == {"own": "y"}


def test_an_envelope_is_no_additional_field() -> None:
    ticket = read(Ticket, b'{"ticket": {"id": 1, "name": "x"}, "other": 1}')

    assert (ticket.id, ticket.additional_fields) == (1, None)
