"""Finding, sorting and counting tickets by what the site's own find may not know: right on every kind of site."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from connector.resolving.searching.last_notes import MOST_NOTED
from connector.resolving.searching.spent import MOST_CALLS
from tests.desk import Desk, generous
from workbench.simulator.clock import DAY, wire
from workbench.simulator.records import Ticket

AGENT = {"dd-agent": "14"}
RANKS = ["Critical", "High", "Medium", "Low"]
Judge = Callable[[Desk, Ticket], bool]
every_site = pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)


def now(desk: Desk) -> int:
    return desk.simulator.clock.now()


def board(desk: Desk, ticket: Ticket) -> str:
    return desk.tenant.boards[ticket.board_id].name


def is_vip(desk: Desk, ticket: Ticket) -> bool:
    return ticket.contact_id is not None and desk.tenant.contacts[ticket.contact_id].is_vip


def is_overdue(desk: Desk, ticket: Ticket) -> bool:
    return ticket.closed_on is None and ticket.due_date is not None and ticket.due_date < now(desk)


def waits_for_us(ticket: Ticket) -> bool:
    return ticket.closed_on is None and (not ticket.notes or ticket.notes[-1].author_type == "contact")


def named(desk: Desk, one: Ticket, *statuses: str) -> bool:
    return desk.tenant.statuses[one.status_id].name in statuses


def is_high(desk: Desk, one: Ticket) -> bool:
    return desk.tenant.priorities[one.priority_id].name in RANKS[:2]


FILTERS: list[tuple[Mapping[str, Any], Judge]] = [
    ({}, lambda _desk, _one: True),
    ({"board": "Support, Security"}, lambda desk, one: board(desk, one) in ("Support", "Security")),
    ({"board": ["Projects"], "status": "On Hold"}, lambda desk, one: named(desk, one, "On Hold")),
    ({"status": "new, in progress"}, lambda desk, one: named(desk, one, "New", "In Progress")),
    ({"priority": "High;Critical"}, is_high),
    ({"company": "201, 202, 203, 204, 205, 206, 207"}, lambda _desk, one: one.company_id <= 207),
    ({"assignedTo": "14, niamh.walsh.13@msp.example"}, lambda _desk, one: bool({13, 14} & {*one.assigned_member_ids})),
    ({"assignedTo": "me"}, lambda _desk, one: 14 in one.assigned_member_ids),
    ({"isClosed": False}, lambda _desk, one: one.closed_on is None),
    ({"isOverdue": True}, is_overdue),
    ({"isOverdue": False}, lambda desk, one: not is_overdue(desk, one)),
    ({"isVip": True}, is_vip),
    ({"isVip": False}, lambda desk, one: not is_vip(desk, one)),
    ({"createdBefore": "-7d"}, lambda desk, one: one.created_on < now(desk) - 7 * DAY),
    ({"updatedBefore": "-30d"}, lambda desk, one: one.modified_on < now(desk) - 30 * DAY),
    ({"dueBefore": "now"}, lambda desk, one: one.due_date is not None and one.due_date < now(desk)),
    ({"dueAfter": "-90d"}, lambda desk, one: one.due_date is not None and one.due_date >= now(desk) - 90 * DAY),
]
KEYS: Mapping[str | None, Callable[[Desk, Ticket], Any]] = {
    None: lambda _desk, _one: 0,
    "newest": lambda _desk, one: -one.created_on,
    "oldest": lambda _desk, one: one.created_on,
    "updated": lambda _desk, one: -one.modified_on,
    "due": lambda _desk, one: (one.due_date is None, one.due_date),
    "priority": lambda desk, one: RANKS.index(desk.tenant.priorities[one.priority_id].name),
}


SORTS = list(KEYS)
WHOLE = os.environ.get("READS") == "whole"
"""`READS=whole`: every filter in every order; else each filter in one, and each order with three of them."""


@every_site
@pytest.mark.parametrize("sort", SORTS)
def test_every_filter_in_every_order(desk: Desk, sort: str | None) -> None:
    shift = 0 if desk.simulator.profile.name == "proven" else 3
    chosen = FILTERS if WHOLE else FILTERS[(SORTS.index(sort) + shift) % len(SORTS) :: len(SORTS)]
    for given, judge in chosen:
        asked = {**given, **({"sort": sort} if sort else {})}
        found: list[int] = []
        page = desk.call("FindTickets", take=200, fields="id", headers=AGENT, **asked)
        while True:
            assert page.status == 200, (asked, page.json)
            assert page.json["isComplete"], (asked, page.json)
            found += [one["id"] for one in page.json["results"]]
            if not page.json["hasMore"]:
                break
            page = desk.call("FindTickets", continuation=page.json["continuation"], headers=AGENT)

        assert sorted(found) == [one.id for one in desk.tenant.tickets.values() if judge(desk, one)], asked
        assert is_sorted([KEYS[sort](desk, desk.tenant.tickets[one]) for one in found]), asked


def is_sorted(keys: list[Any]) -> bool:
    """Tickets without a date are last, in any order."""
    dated = [key for key in keys if not (isinstance(key, tuple) and key[0])]
    return keys[: len(dated)] == dated == sorted(dated)


@generous
@pytest.mark.parametrize(
    "given", [{"waitingFor": "us"}, {"waitingFor": "contact"}, {"lastNoteBefore": "-30d", "isClosed": False}]
)
@pytest.mark.parametrize("sort", [None, "oldest"])
def test_who_wrote_last_decides(desk: Desk, given: dict[str, Any], sort: str | None) -> None:
    def holds(one: Ticket) -> bool:
        if "lastNoteBefore" in given:
            written = one.notes[-1].created_on if one.notes else one.created_on
            return one.closed_on is None and written < now(desk) - 30 * DAY
        return one.closed_on is None and waits_for_us(one) is (given["waitingFor"] == "us")

    page = desk.call("FindTickets", take=200, headers=AGENT, sort="oldest", **given).json

    assert sorted(one["id"] for one in page["results"]) == [
        one.id for one in desk.tenant.tickets.values() if holds(one)
    ]
    noted = next(one for one in page["results"] if desk.tenant.tickets[one["id"]].notes)
    last = desk.tenant.tickets[noted["id"]].notes[-1]
    assert (noted["lastNoteAt"], noted["lastNoteBy"]) == (wire(last.created_on), last.author_name)
    assert page["upstreamCalls"] <= MOST_CALLS


@generous
@pytest.mark.parametrize("sort", [None, "newest"])
def test_what_a_members_view_does_not_show_is_not_taken_for_none(desk: Desk, sort: str | None) -> None:
    """It has no due dates, so that nothing is known to be overdue there."""
    given: dict[str, Any] = {"isOverdue": True, "lastNoteBefore": "now", **({"sort": sort} if sort else {})}
    page = desk.call("FindTickets", headers=AGENT, **given).json

    assert any(is_overdue(desk, one) for one in desk.tenant.tickets.values())
    assert (page["results"], page["isComplete"], page["notKnown"]) == ([], False, ["dueAt"])


@generous
def test_a_total_counts_no_ticket_whose_notes_were_not_read(desk: Desk) -> None:
    page = desk.call("FindTickets", lastNoteBefore="-48d", isClosed=False, sort="oldest").json

    assert (len(page["results"]), page["isComplete"], page["hasMore"]) == (MOST_NOTED, False, False)
    assert "total" not in page


@generous
def test_vips_that_wait_for_us_for_a_week_cost_a_few_calls(desk: Desk) -> None:
    expected = {
        one.id
        for one in desk.tenant.tickets.values()
        if is_vip(desk, one) and waits_for_us(one) and one.created_on < now(desk) - 7 * DAY
    }
    asked: dict[str, Any] = {"isVip": True, "waitingFor": "us", "createdBefore": "-7d", "sort": "oldest"}

    seen = desk.call("FindTickets", headers=AGENT, **asked).json
    calls = len(desk.simulator.calls)
    read = desk.call("FindTickets", **asked).json

    assert expected
    assert {one["id"] for one in seen["results"]} == {one["id"] for one in read["results"]} == expected
    assert (seen["isComplete"], read["isComplete"]) == (True, True)
    assert calls <= MOST_CALLS
    assert read["upstreamCalls"] <= MOST_CALLS + 20


@pytest.mark.parametrize("headers", [{}, AGENT], ids=["key", "agent"])
def test_a_site_that_shows_no_notes_says_so(desk: Desk, headers: dict[str, str]) -> None:
    refused = desk.call("FindTickets", waitingFor="us", headers=headers)
    shown = desk.call("FindTickets", includeLastNote=True, take=3, headers=headers).json

    assert (refused.status, refused.code) == (403, "PersonalKeyNeeded")
    assert (len(shown["results"]), shown["notKnown"]) == (3, ["lastNoteAt"])
    assert "personal API key" in shown["notice"]


@pytest.fixture
def large(desk: Desk) -> Desk:
    """A desk with more tickets than one search reads, numbered as they were created."""
    originals = list(desk.tenant.tickets.values())
    desk.tenant.tickets.clear()
    for number in range(3600):
        made = replace(originals[number % len(originals)], id=20_000 + number, wire=None)
        made.created_on = now(desk) - (3600 - number) * DAY // 100
        desk.tenant.tickets[made.id] = made
    return desk


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_the_ends_of_a_long_list_are_exact_and_cheap(large: Desk, sort: str) -> None:
    page = large.call("FindTickets", sort=sort, take=5).json

    numbers = sorted(large.tenant.tickets, reverse=sort == "newest")
    assert [one["id"] for one in page["results"]] == numbers[:5]
    assert (page["isComplete"], page["hasMore"]) == (True, True)
    assert page["upstreamCalls"] <= 5


def test_what_was_not_read_is_said(large: Desk) -> None:
    page = large.call("FindTickets", sort="updated", take=5).json

    assert (page["isComplete"], page["upstreamCalls"], page["recordsRead"]) == (False, MOST_CALLS, 3000)
    assert "Only 3000 of 3600 tickets were read" in page["notice"]
    assert "total" not in page


def test_a_rare_ticket_is_found_by_going_on(large: Desk) -> None:
    rare = large.tenant.tickets[20_003]
    rare.due_date = now(large) + 5 * DAY
    large.tenant.touch(rare)
    for one in large.tenant.tickets.values():
        one.due_date = rare.due_date if one is rare else None
        one.wire = None

    first = large.call("FindTickets", dueAfter="now").json
    second = large.call("FindTickets", continuation=first["continuation"]).json

    assert (first["results"], first["hasMore"]) == ([], True)
    assert ([one["id"] for one in second["results"]], second["hasMore"]) == ([20_003], False)
    assert (second["isComplete"], "notKnown" in second) == (True, False)


def test_counts_are_the_sites_own_where_there_are_too_many_to_read(large: Desk) -> None:
    by_board = large.call("CountTickets", by="board").json
    by_company = large.call("CountTickets", by="company").json

    boards = {one.name: 0 for one in large.tenant.boards.values()}
    for one in large.tenant.tickets.values():
        boards[board(large, one)] += 1
    assert {one["name"]: one["count"] for one in by_board["results"]} == boards
    assert (by_board["total"], by_board["isComplete"], by_board["upstreamCalls"]) == (3600, True, 6)
    assert (by_company["total"], by_company["isComplete"]) == (3600, False)
    assert by_company["upstreamCalls"] <= MOST_CALLS
    assert "3600 tickets were read" in by_company["notice"]


@every_site
@pytest.mark.parametrize("by", ["board", "status", "priority", "assignedTo", "company", "age"])
def test_counts_by_anything_add_up(desk: Desk, by: str) -> None:
    answer = desk.call("CountTickets", by=by, isClosed=False).json

    tickets = [one for one in desk.tenant.tickets.values() if one.closed_on is None]
    assert (answer["total"], answer["isComplete"]) == (len(tickets), True)
    several = sum(max(0, len(one.assigned_member_ids) - 1) for one in tickets) if by == "assignedTo" else 0
    assert sum(one["count"] for one in answer["results"]) == len(tickets) + several


def test_a_count_of_all_is_one_call(desk: Desk) -> None:
    answer = desk.call("CountTickets").json

    assert (answer["total"], answer["upstreamCalls"]) == (300, 1)


@every_site
def test_the_workload_of_members(desk: Desk) -> None:
    answer = desk.call("GetWorkload", assignedTo="14, 15").json

    rows = {one["memberId"]: one for one in answer["results"]}
    assert rows.keys() == {14, 15}
    for member, row in rows.items():
        mine = [one for one in desk.tenant.tickets.values() if member in one.assigned_member_ids and not one.closed_on]
        assert (row["open"], row["overdue"]) == (len(mine), sum(is_overdue(desk, one) for one in mine))
        assert row["oldestId"] == min(mine, key=lambda one: one.created_on).id
        urgent = sum(desk.tenant.priorities[one.priority_id].name in RANKS[:2] for one in mine)
        assert (row["member"], row["urgent"]) == (desk.tenant.members[member].name, urgent)
    assert desk.call("GetWorkload").json["results"][-1]["member"] == "unassigned"


@generous
def test_me_is_whoever_the_personal_key_belongs_to(desk: Desk) -> None:
    headers = {"dd-api-key": f"Basic {desk.simulator.personal_token(14)}"}

    mine = desk.call("FindTickets", assignedTo="me", take=200, headers=headers).json
    desk_ = desk.call("GetHelpDesk", headers=headers).json

    assert {one["id"] for one in mine["results"]} == {
        one.id for one in desk.tenant.tickets.values() if 14 in one.assigned_member_ids
    }
    assert (desk_["memberId"], desk_["member"]) == (14, desk.tenant.members[14].name)


def test_me_is_unknown_to_a_key_of_nobody(desk: Desk) -> None:
    refused = desk.call("FindTickets", assignedTo="me")

    assert (refused.status, refused.code) == (400, "MemberUnknown")
    assert "dd-agent" in refused.json["message"]


def test_the_help_desk_at_a_glance(desk: Desk) -> None:
    answer = desk.call("GetHelpDesk", headers=AGENT).json
    nobody = desk.call("GetHelpDesk").json

    opened = [one for one in desk.tenant.tickets.values() if one.closed_on is None]
    mine = [one for one in opened if 14 in one.assigned_member_ids]
    assert {one["name"] for one in answer["boards"]} == {one.name for one in desk.tenant.boards.values()}
    support = next(one for one in answer["boards"] if one["name"] == "Support")
    assert "Waiting on Customer" in support["statuses"]
    assert answer["priorities"] == RANKS
    assert (answer["openTickets"], answer["myOpenTickets"]) == (len(opened), len(mine))
    assert answer["myOverdueTickets"] == sum(is_overdue(desk, one) for one in mine)
    assert (answer["member"], answer["memberEmail"]) == (desk.tenant.members[14].name, desk.tenant.members[14].email)
    assert (nobody["notKnown"], nobody["openTickets"]) == (["member"], len(opened))


def test_a_name_with_a_comma_is_one_name(desk: Desk) -> None:
    company = desk.tenant.companies[201]
    company.name = "Smith, Jones, and Sons"

    page = desk.call("FindTickets", company="smith, jones, and sons, 202", take=200)
    alone = desk.call("FindTickets", company="Smith, Jones, and Sons", take=200).json
    listed = desk.call("FindTickets", company=["Smith, Jones, and Sons", "202"], take=200).json

    assert page.code == "CompanyNotFound"
    assert {one["companyId"] for one in alone["results"]} == {201}
    assert {one["companyId"] for one in listed["results"]} == {201, 202}


def test_an_unknown_name_among_several_is_named(desk: Desk) -> None:
    refused = desk.call("FindTickets", board="Support, Suport")

    assert (refused.status, refused.code) == (400, "BoardNotFound")
    assert "'Suport'" in refused.json["message"]


def test_a_status_is_looked_up_on_the_boards_given(desk: Desk) -> None:
    refused = desk.call("FindTickets", board="Support, Security", status="On Hold")

    assert (refused.status, refused.code) == (400, "StatusNotFound")


@pytest.mark.parametrize(
    "mutated", ["plural_filters tokity_names due_filters", "state_words window_filters"], indirect=True
)
def test_several_values_are_one_find_where_the_site_takes_them(mutated: Desk) -> None:
    given: dict[str, Any] = {
        "board": "Support, Security",
        "priority": "High, Critical",
        "isClosed": False,
        "dueBefore": "+400d",
    }
    page = mutated.call("FindTickets", take=50, sort="due", **given).json

    tenant = mutated.tenant
    expected = [
        one.id
        for one in tenant.tickets.values()
        if board(mutated, one) in ("Support", "Security")
        and tenant.priorities[one.priority_id].name in RANKS[:2]
        and not one.closed_on
        and one.due_date
    ]
    assert sorted(one["id"] for one in page["results"]) == expected
    plural = "plural_filters" in mutated.simulator.profile.mutations
    assert page["upstreamCalls"] == (1 if plural else 4)


def test_a_site_without_due_dates_is_not_taken_for_one_without_overdue_tickets(desk: Desk) -> None:
    for one in desk.tenant.tickets.values():
        one.due_date = None
        desk.tenant.touch(one)

    page = desk.call("FindTickets", dueBefore="now").json
    overdue = desk.call("FindTickets", isOverdue=True).json
    workload = desk.call("GetWorkload").json

    assert (page["results"], page["isComplete"], page["notKnown"]) == ([], False, ["dueAt"])
    assert (overdue["results"], overdue["isComplete"], overdue["notKnown"]) == ([], False, ["dueAt"])
    assert workload["notKnown"] == ["dueAt"]
    cases: list[dict[str, Any]] = [{}, {"lastNoteBefore": "now", "headers": AGENT}]
    for given in cases:
        in_order = desk.call("FindTickets", sort="due", **given).json
        if "error" not in in_order:  # the notes of single tickets are not shown everywhere
            assert (in_order["isComplete"], in_order["notKnown"]) == (False, ["dueAt"])
    mine = desk.call("GetHelpDesk", headers=AGENT).json
    assert mine["myOpenTickets"] > 0
    assert "myOverdueTickets" not in mine
    assert "myOverdueTickets" in mine["notKnown"]
    assert "is not known which are overdue" in mine["notice"]
    assert "DeskDirector gave dueAt for none of the" in page["notice"]


def test_a_site_without_contacts_is_not_taken_for_one_without_vips(desk: Desk) -> None:
    for one in desk.tenant.tickets.values():
        one.contact_id = None
        desk.tenant.touch(one)

    page = desk.call("FindTickets", isVip=True, sort="oldest").json

    assert (page["results"], page["isComplete"], page["notKnown"]) == ([], False, ["contact"])
