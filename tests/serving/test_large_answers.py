"""Pages that are too large for one answer: cut at a whole result, and what was cut off is found where they point."""

from tests.desk import Desk


def test_the_next_link_of_a_cut_page_leads_to_what_was_cut_off(desk: Desk) -> None:
    for ticket in desk.tenant.tickets.values():
        ticket.description = "Words in a line. " * 300
        desk.tenant.touch(ticket)

    page = desk.call("FindTickets", take=200).json
    assert "fit into one answer" in page["notice"]
    seen = [one["id"] for one in page["results"]]
    while page["hasMore"]:
        page = desk.send("GET", page["nextLink"].removeprefix(desk.url), headers=desk.headers()).json
        seen += [one["id"] for one in page["results"]]

    assert len(seen) == len(set(seen)) == len(desk.tenant.tickets)
