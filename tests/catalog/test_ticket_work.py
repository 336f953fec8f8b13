"""Assigning, tagging and linking tickets, and the filters that only a member's own view has."""

from dataclasses import replace
from typing import Any

import pytest

from connector.resolving.searching.spent import MOST_CALLS
from tests.desk import Desk, generous


def open_ticket(desk: Desk) -> int:
    """An open ticket with somebody at work on it."""
    return next(
        one.id for one in desk.tenant.tickets.values() if one.closed_on is None and len(one.assigned_member_ids) == 1
    )


def test_assigning_replaces_or_adds(desk: Desk) -> None:
    ticket = desk.tenant.tickets[open_ticket(desk)]
    (present,) = ticket.assigned_member_ids
    other, third = [one for one in desk.tenant.members.values() if one.id != present and one.last_name != "Taylor"][:2]

    kept = desk.call("AssignTicket", ticketId=ticket.id, assignedTo=[other.email, str(present)], keepOthers=True)
    assert kept.json["assignedToIds"] == [present, other.id]

    desk.call("AssignTicket", ticketId=ticket.id, assignedTo=[third.name])
    assert ticket.assigned_member_ids == [third.id]

    desk.call("AssignTicket", ticketId=ticket.id, assignedTo=[])
    assert ticket.assigned_member_ids == []


def test_a_member_name_that_two_have_is_refused_with_both(desk: Desk) -> None:
    refused = desk.call("AssignTicket", ticketId=open_ticket(desk), assignedTo=["Chris Taylor"])

    assert (refused.status, refused.code) == (400, "MemberAmbiguous")
    assert len(refused.json["error"]["details"]) == 2


def test_tags_are_added_and_removed_without_regard_to_case(desk: Desk) -> None:
    ticket = desk.tenant.tickets[open_ticket(desk)]
    ticket.tags = ["Printer", "vip"]
    desk.tenant.touch(ticket)

    added = desk.call("AddTicketTags", ticketId=ticket.id, tags=["PRINTER", "onsite", "Onsite"])
    assert added.json["tags"] == ["Printer", "vip", "Onsite"]

    removed = desk.call("RemoveTicketTags", ticketId=ticket.id, tags=["VIP", "never there"])
    assert removed.json["tags"] == ticket.tags == ["Printer", "Onsite"]


def test_tags_that_are_there_already_change_nothing(desk: Desk) -> None:
    ticket = desk.tenant.tickets[open_ticket(desk)]
    ticket.tags = ["vip"]
    desk.tenant.touch(ticket)

    assert desk.call("AddTicketTags", ticketId=ticket.id, tags=["vip"]).json["tags"] == ["vip"]

    assert "PATCH" not in [call.method for call in desk.simulator.calls]


def test_an_empty_tag_is_refused(desk: Desk) -> None:
    assert desk.call("AddTicketTags", ticketId=open_ticket(desk), tags=[" "]).status == 400
    assert desk.call("AddTicketTags", ticketId=open_ticket(desk), tags=[]).status == 400


def test_links_lead_into_both_portals(desk: Desk) -> None:
    ticket = desk.tenant.tickets[open_ticket(desk)]

    link = desk.call("GetTicketLink", ticketId=ticket.id).json

    assert link["url"].endswith(f"/portal/v2/groups/my-tickets/tickets/{ticket.id}")
    assert link["techUrl"].endswith(f"/tech/tickets/{ticket.id}")
    assert link["title"] == ticket.name
    assert desk.call("GetTicketLink", ticketId=99).status == 404


def test_tickets_are_found_by_member_and_tag(desk: Desk) -> None:
    member = next(iter(desk.tenant.members.values()))
    ticket = next(one for one in desk.tenant.tickets.values() if member.id in one.assigned_member_ids)
    ticket.tags = ["rare"]
    desk.tenant.touch(ticket)

    page = desk.call("FindTickets", assignedTo=member.email, tag="RARE").json

    assert [one["id"] for one in page["results"]] == [ticket.id]


@generous
def test_my_open_tickets_are_those_of_the_member(desk: Desk) -> None:
    member = next(one for one in desk.tenant.members.values() if one.last_name != "Taylor")
    mine = [
        one.id for one in desk.tenant.tickets.values() if member.id in one.assigned_member_ids and not one.closed_on
    ]

    page = desk.call("FindTickets", assigned="me", isClosed=False, onBehalfOf=member.name, take=200).json

    assert sorted(one["id"] for one in page["results"]) == mine
    assert page["total"] == len(mine)
    assert page["results"][0]["company"]


@generous
def test_the_other_filters_hold_in_a_members_view_too(desk: Desk) -> None:
    page = desk.call("FindTickets", assigned="unassigned", board="Support", onBehalfOf="member:14").json

    assert page["results"]
    assert {one["board"] for one in page["results"]} == {"Support"}
    assert not any(one["assignedTo"] for one in page["results"])


@generous
def test_a_members_view_is_read_whole_and_paged_here(desk: Desk) -> None:
    first = desk.call("FindTickets", assigned="any", onBehalfOf="member:14", take=200).json
    second = desk.call("FindTickets", continuation=first["continuation"]).json

    shown = [one["id"] for one in [*first["results"], *second["results"]]]
    assert sorted(shown) == list(desk.tenant.tickets)
    assert (first["isComplete"], first["total"], first["hasMore"], second["hasMore"]) == (True, 300, True, False)
    assert first["upstreamCalls"] <= MOST_CALLS


@generous
def test_a_members_view_says_when_it_could_not_be_read_whole(desk: Desk) -> None:
    for ticket in list(desk.tenant.tickets.values()):
        for place in (1000, 2000):
            desk.tenant.tickets[ticket.id + place] = replace(ticket, id=ticket.id + place, wire=None)

    page = desk.call("FindTickets", assigned="any", onBehalfOf="member:14").json

    assert (page["isComplete"], page["upstreamCalls"]) == (False, MOST_CALLS)
    assert "of 900 tickets were read" in page["notice"]
    assert "total" not in page


@generous
@pytest.mark.parametrize("filters", [{"taskProgress": "incomplete"}, {"lastContactMessage": True}])
def test_a_members_view_asks_deskdirector_for_it(desk: Desk, filters: dict[str, Any]) -> None:
    page = desk.call("FindTickets", onBehalfOf="member:14", take=200, **filters).json

    expected = [
        one.id
        for one in desk.tenant.tickets.values()
        if ("taskProgress" in filters and any(tasks.done < len(tasks.items) for tasks in one.task_lists))
        or ("lastContactMessage" in filters and one.notes and one.notes[-1].author_type == "contact")
    ]
    assert sorted(one["id"] for one in page["results"]) == expected


def test_a_members_view_needs_a_member(desk: Desk) -> None:
    refused = desk.call("FindTickets", assigned="me")

    assert (refused.status, refused.code) == (403, "UserNeeded")
    assert "name one in onBehalfOf, or connect with a personal access token" in refused.json["message"]


@generous
def test_a_member_connection_needs_no_name(desk: Desk) -> None:
    headers = {"dd-agent": "14"}

    mine = desk.call("FindTickets", assigned="me", take=200, headers=headers).json

    assert all(14 in one["assignedToIds"] for one in mine["results"])


def test_a_user_group_is_found_by_name_within_the_company(desk: Desk) -> None:
    group = next(one for one in desk.tenant.user_groups.values() if one.company_id == 203)
    contact = desk.tenant.contacts[next(iter(group.users))]

    made = desk.call(
        "CreateTicket", title="For the team", contact=str(contact.id), company="203", userGroup=group.name.upper()
    )
    assert made.json["userGroupId"] == group.id

    page = desk.call("FindTickets", userGroup=group.id).json
    assert made.json["id"] in [one["id"] for one in page["results"]]
    moved = desk.call("UpdateTicket", ticketId=made.json["id"], userGroup="team-203-1")
    assert moved.json["userGroupId"] == "team-203-1"
