"""Made-up help desks and made-up questions: what is answered is what an oracle finds that reads every ticket itself.

The oracle knows the state of the simulator and nothing of the connector. Where an answer says that it is not complete,
or that a field is not known, it may miss tickets, and must not have wrong ones.
"""

import os
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from connector.resolving.searching.counting import AGES
from tests.catalog.test_ticket_reads import AGENT, FILTERS, KEYS, RANKS, is_overdue, is_sorted, is_vip, now
from tests.desk import Desk
from workbench.simulator.clock import DAY
from workbench.simulator.records import Ticket

Test = Callable[[Ticket], bool]
QUESTIONS: Final = 60 if os.environ.get("READS") == "whole" else 8
COUNTED: Final[Mapping[str, Callable[[Desk, Ticket], list[Any]]]] = {
    "board": lambda _desk, one: [one.board_id],
    "status": lambda desk, one: [desk.tenant.statuses[one.status_id].name],
    "priority": lambda _desk, one: [one.priority_id],
    "company": lambda _desk, one: [one.company_id],
    "assignedTo": lambda _desk, one: one.assigned_member_ids or [None],
    "age": lambda desk, one: [age(desk, one)],
}


def age(desk: Desk, one: Ticket) -> str:
    days = (now(desk) - one.created_on) / DAY
    return next(name for name, end in AGES.items() if end is None or days <= end)


def made_up(desk: Desk, chance: random.Random) -> None:
    """Tickets without dates, contacts, members; of several members; of other ages; with the same times."""
    members, contacts = [*desk.tenant.members], [*desk.tenant.contacts]
    ages = [chance.choice([0.5, 2, 5, 20, 60, 200]) * DAY for _ in range(9)]
    second = DAY // 86_400
    start = now(desk) // second * second
    for one in desk.tenant.tickets.values():
        one.due_date = None if chance.random() < 0.4 else start + chance.randint(-40, 40) * DAY + 900 * second
        one.assigned_member_ids = chance.sample(members, chance.choice([0, 1, 1, 2, 3]))
        one.priority_id = chance.choice([*desk.tenant.priorities])
        one.created_on = start - int(chance.choice(ages)) - second * chance.randint(0, 9)
        one.wire = None
        one.contact_id = None if chance.random() < 0.2 else chance.choice(contacts)
    for contact in desk.tenant.contacts.values():
        contact.is_vip = chance.random() < 0.1


def question(desk: Desk, chance: random.Random) -> tuple[dict[str, Any], Test]:
    """Up to three filters that do not contradict each other's names, and their test."""
    given: dict[str, Any] = {}
    judges = []
    for filters, judge in chance.sample(FILTERS, chance.randint(1, 3)):
        if not given.keys() & filters.keys() and not ("status" in filters and "board" in given):
            given |= filters
            judges.append(judge)
    return given, lambda one: all(judge(desk, one) for judge in judges)


def found_by(desk: Desk, asked: Mapping[str, Any]) -> tuple[list[int], bool]:
    page = desk.call("FindTickets", take=200, fields="id", headers=AGENT, **asked)
    found: list[int] = []
    is_complete = True
    while True:
        assert page.status == 200, (asked, page.json)
        is_complete &= page.json["isComplete"]
        found += [one["id"] for one in page.json["results"]]
        if not page.json["hasMore"]:
            return found, is_complete
        page = desk.call("FindTickets", continuation=page.json["continuation"], headers=AGENT)


@pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)
@pytest.mark.parametrize("seed", range(2))
def test_made_up_desks_are_read_right(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    made_up(desk, chance)
    tickets = [*desk.tenant.tickets.values()]
    for _ in range(QUESTIONS):
        given, holds = question(desk, chance)
        sort = chance.choice([*KEYS])
        expected = [ticket for ticket in tickets if holds(ticket)]

        found, is_complete = found_by(desk, {**given, **({"sort": sort} if sort else {})})

        assert (sorted(found), is_complete) == ([one.id for one in expected], True), (given, sort)
        assert is_sorted([KEYS[sort](desk, desk.tenant.tickets[one]) for one in found]), (given, sort)
        by = chance.choice([*COUNTED])
        _check_counts(desk, given, by, expected)
    _check_workload(desk, tickets)


def _check_counts(desk: Desk, given: Mapping[str, Any], by: str, expected: list[Ticket]) -> None:
    counted = desk.call("CountTickets", by=by, headers=AGENT, **given)
    names = [name for one in expected for name in COUNTED[by](desk, one)]

    assert counted.status == 200, (given, counted.json)
    assert counted.json["total"] == len(expected), (given, by)
    by_name = by in ("status", "age")
    seen = [(one["name"] if by_name else one.get("id"), one["count"]) for one in counted.json["results"]]
    assert dict(seen) == {name: names.count(name) for name in set(names)}, (given, by)
    assert len(dict(seen)) == len(seen), (given, by)


def _check_workload(desk: Desk, tickets: list[Ticket]) -> None:
    rows = {row.get("memberId"): row for row in desk.call("GetWorkload").json["results"]}
    opened = [ticket for ticket in tickets if ticket.closed_on is None]
    for member in (None, *desk.tenant.members):
        mine = [one for one in opened if (member in one.assigned_member_ids if member else not one.assigned_member_ids)]
        row = rows.get(member, {"open": 0, "overdue": 0, "urgent": 0})
        urgent = [one for one in mine if desk.tenant.priorities[one.priority_id].name in RANKS[:2]]
        assert (row["open"], row["overdue"]) == (len(mine), sum(is_overdue(desk, one) for one in mine))
        assert row["urgent"] == len(urgent)
        if mine:
            assert row["oldestId"] in {one.id for one in mine if one.created_on == min(o.created_on for o in mine)}


def test_the_oracle_can_fail(desk: Desk) -> None:
    """Two of its judges disagree about some ticket, or it would find nothing."""
    tickets = [*desk.tenant.tickets.values()]
    assert 0 < sum(is_vip(desk, ticket) for ticket in tickets) < len(tickets)
