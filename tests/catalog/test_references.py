"""References that name nothing, or no number that an id can be."""

import pytest

from tests.desk import Desk


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
    answer = desk.call("FindTickets", **{field: misspelt})

    assert (answer.status, answer.code) == (400, f"{field.capitalize()}NotFound")
    assert any(meant in one for one in answer.json["error"]["details"])
