"""References that name nothing, or no number that an id can be."""

import pytest

from tests.catalog.test_tickets import ticket_of_a_contact
from tests.desk import Desk, generous


def test_an_empty_name_is_not_everybody_without_an_address(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets))

    answer = desk.call("AddTicketNote", ticketId=ticket, text="Hello", onBehalfOf="contact:")

    assert (answer.status, answer.code) == (400, "ContactNotFound")


@pytest.mark.parametrize("number", ["2147483648", "9" * 900])
def test_a_number_that_no_id_can_be_is_not_sent(desk: Desk, number: str) -> None:
    answer = desk.call("FindTickets", board=number)

    assert (answer.status, answer.code) == (400, "BoardNotFound")
    assert "Support" in answer.json["message"]


@pytest.mark.parametrize(
    ("field", "misspelt", "meant"),
    [
        ("company", "Contosso Freight", "Contoso Freight"),
        ("company", "cafe lumiere", "Café Lumière"),
        ("contact", "Alex Morgen", "Alex Morgan"),
        ("contact", "user1001@northwind.exmple", "user1001@northwind.example"),
        ("board", "Suport", "Support"),
    ],
)
def test_a_misspelt_name_is_told_with_what_may_be_meant(desk: Desk, field: str, misspelt: str, meant: str) -> None:
    answer = desk.call("FindTickets", headers=None, **{field: misspelt})

    assert (answer.status, answer.code) == (400, f"{field.capitalize()}NotFound")
    assert any(meant in one for one in answer.json["error"]["details"])


def test_an_id_may_come_as_a_number(desk: Desk) -> None:
    board = next(iter(desk.tenant.boards))
    company = next(iter(desk.tenant.companies))

    made = desk.call("CreateTicket", title="By number", board=board, company=company)

    assert (made.status, made.json["boardId"], made.json["companyId"]) == (200, board, company)


@pytest.mark.parametrize("value", [True, 1.5e300, [[31]], {"id": 31}])
def test_what_is_neither_id_nor_name_is_refused(desk: Desk, value: object) -> None:
    assert desk.call("FindTickets", board=value).status == 400


def test_a_member_where_only_a_contact_will_do_is_told(desk: Desk) -> None:
    answer = desk.call("ApproveTicket", ticketId=next(iter(desk.tenant.tickets)), onBehalfOf="member:13")

    assert answer.code == "PersonOfWrongKind"
    assert "Only a contact can do this" in answer.json["message"]


@generous
def test_who_cannot_see_a_ticket_is_named(desk: Desk) -> None:
    ticket_id, _ = ticket_of_a_contact(desk)
    company = desk.tenant.tickets[ticket_id].company_id
    stranger = next(one.id for one in desk.tenant.contacts.values() if one.company_id != company and one.is_active)

    answer = desk.call("AddTicketNote", ticketId=ticket_id, text="Hi", onBehalfOf=f"contact:{stranger}")

    assert answer.status == 404
    assert f"There is no ticket {ticket_id} that contact {stranger} can see" in answer.json["message"]


def test_a_compressed_body_is_told(desk: Desk) -> None:
    answer = desk.send(
        "POST", "/api/find/tickets", content=b"\x1f\x8b", headers={**desk.headers(), "content-encoding": "gzip"}
    )

    assert (answer.status, answer.code) == (400, "BodyCompressed")


def test_a_firewalls_page_is_not_taken_for_missing_rights(desk: Desk) -> None:
    desk.simulator.add_fault(kind="html", status=403, path="/tickets/", times=1)

    answer = desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets)))

    assert (answer.status, answer.code) == (403, "RefusedOnTheWay")


def test_nobody_inactive_is_assigned_by_name(desk: Desk) -> None:
    ticket_id = next(iter(desk.tenant.tickets))
    member = next(iter(desk.tenant.members.values()))
    member.first_name, member.is_active = "Zebedee", False

    refused = desk.call("AssignTicket", ticketId=ticket_id, assignedTo=[member.name])

    assert (refused.status, refused.code) == (400, "MemberInactive")
    assert "inactive" in refused.json["error"]["details"][0]
    assert desk.call("AssignTicket", ticketId=ticket_id, assignedTo=[str(member.id)]).status == 200
    assert desk.call("FindTickets", assignedTo=member.name).status == 200


def test_an_active_namesake_is_meant(desk: Desk) -> None:
    gone, present = list(desk.tenant.members.values())[:2]
    gone.first_name, gone.last_name, gone.is_active = "Kim", "Lee", False
    present.first_name, present.last_name = "Kim", "Lee"

    answer = desk.call("AssignTicket", ticketId=next(iter(desk.tenant.tickets)), assignedTo=["Kim Lee"])

    assert answer.json["assignedToIds"] == [present.id]


def test_a_name_beyond_the_first_page_is_found(desk: Desk) -> None:
    contacts = list(desk.tenant.contacts.values())
    for number, contact in enumerate(contacts):
        contact.first_name, contact.last_name = "Pat", f"Smith {number}"
    last = contacts[120]
    last.last_name = "Smith"

    assert desk.call("CreateTicket", title="x", contact="Pat Smith").json["contactId"] == last.id
