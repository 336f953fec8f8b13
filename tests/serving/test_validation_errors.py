"""What is said about input that cannot be used."""

from tests.desk import Desk


def test_a_field_in_the_wrong_place_is_told_where_it_belongs(desk: Desk) -> None:
    answer = desk.send("POST", "/api/find/tickets?take=1", json={}, headers=desk.headers())

    assert answer.json["message"] == "'take' is not taken here; give it in the body."


def test_a_misspelt_field_is_told_in_one_sentence(desk: Desk) -> None:
    answer = desk.call("FindTickets", bord="Support")

    assert answer.json["message"] == "'bord' is not a field of this operation; perhaps 'board' is meant."


def test_a_list_that_may_not_be_empty(desk: Desk) -> None:
    answer = desk.call("AddTicketTags", ticketId=next(iter(desk.tenant.tickets)), tags=[])

    assert answer.json["message"] == "'tags' is required."


def test_a_request_id_that_fits_into_no_header_is_not_repeated(desk: Desk) -> None:
    answer = desk.call("GetTicket", ticketId=1, headers={"x-request-id": "漢字".encode()})  # type: ignore[dict-item]

    assert answer.status == 404
    assert answer.json["requestId"].isascii()
