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
