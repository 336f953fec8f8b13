"""Requests that change something; checked in the state of the site."""

from evals.model import Desk, Request, Seen, Trace, call
from evals.reading import COMPANY, ago, is_open, open_tickets
from workbench.simulator.clock import TICKS_PER_SECOND
from workbench.simulator.records import Ticket

TICKET = 10_008
"""An open one on Support."""


def ticket(desk: Desk, number: int = TICKET) -> Ticket:
    return desk.tenant.tickets[number]


def status(desk: Desk, number: int = TICKET) -> str:
    return desk.tenant.statuses[ticket(desk, number).status_id].name


def priority(desk: Desk, number: int = TICKET) -> str:
    return desk.tenant.priorities[ticket(desk, number).priority_id].name


def newest(desk: Desk) -> Ticket:
    return max(desk.tenant.tickets.values(), key=lambda one: one.id)


def closed_with_note(desk: Desk) -> Trace:
    yield call("closeTicket", ticketId=TICKET, note="The cable was loose; all is well again.")
    return "closed"


def told(desk: Desk) -> Trace:
    seen = yield call(
        "findTickets", search=ticket(desk).name.split()[0], company=company_of(desk), isClosed=False, take=50
    )
    assert any(found["id"] == TICKET for found in seen.results) or not is_open(desk, ticket(desk))
    yield call("addTicketNote", ticketId=TICKET, text="We are on it and call you before noon.")
    return "told"


def company_of(desk: Desk) -> str:
    return desk.tenant.companies[ticket(desk).company_id].name


def noted(desk: Desk) -> Trace:
    yield call("addTicketNote", ticketId=TICKET, note="Part ordered.", isInternal="true")  # two small mistakes
    yield call("addTicketNote", ticketId=TICKET, text="Part ordered.", isInternal=True)
    return "noted"


def moved(desk: Desk) -> Trace:
    seen = yield call("updateTicket", ticketId=f"#{TICKET}", status="in progress")  # as people write numbers
    if seen.error:
        yield call("updateTicket", ticketId=TICKET, status="In Progress")
    return "moved"


def created(desk: Desk) -> Trace:
    seen = yield call(
        "createTicket", title="Two monitors for the new desk", contact="Jane", board="Support", priority="high"
    )
    if seen.error:  # several people are called Jane
        found = yield call("findContacts", search="Jane", company=COMPANY)
        who = str(found.results[0]["id"])
        yield call("createTicket", title="Two monitors for the new desk", contact=who, board="Support", priority="High")
    return "created"


def newcomer(desk: Desk) -> Trace:
    who = yield call("findOrCreateContact", email="kim.lee@contoso.example", name="Kim Lee", company=COMPANY)
    yield call("createTicket", title="Welcome kit for Kim", contact=who.data["email"], board="Onboarding")
    return "welcome"


def made_once(desk: Desk) -> Trace:
    first = yield call(
        "createTicket", title="Backup of server 7", company=COMPANY, board="Support", idempotencyKey="b7"
    )
    again = yield call(
        "createTicket", title="Backup of server 7", company=COMPANY, board="Support", idempotencyKey="b7"
    )
    return f"{first.data['id']} {again.data['id']}"


def fairly(desk: Desk) -> Trace:
    load = yield call("getWorkload")
    rows = [row for row in load.results if row.get("memberId")]
    least = min(rows, key=lambda row: row["open"])
    yield call("assignTicket", ticketId=TICKET, assignedTo=[str(least["memberId"])])
    return str(least["memberId"])


def handed_over(desk: Desk) -> Trace:
    plan = yield call(
        "updateTickets", where={"assignedTo": "Daniel Kim", "isClosed": False}, assignedTo=["Grace Okafor"]
    )
    yield call("updateTickets", token=plan.data["token"])
    return str(plan.data["changed"])


def open_of(desk: Desk, name: str) -> int:
    member = next(member.id for member in desk.tenant.members.values() if member.name == name)
    return sum(member in one.assigned_member_ids for one in open_tickets(desk))


def raised(desk: Desk) -> Trace:
    plan = yield call("updateTickets", where='{"isVip": true, "isClosed": false, "priority": "Low"}', priority="Medium")
    if not plan.error and plan.data.get("token"):
        yield call("updateTickets", token=plan.data["token"], priority="Medium")
    return "raised"


def low_vips(desk: Desk) -> int:
    vips = {contact.id for contact in desk.tenant.contacts.values() if contact.is_vip}
    return sum(one.contact_id in vips and priority(desk, one.id) == "Low" for one in open_tickets(desk))


def tidied(desk: Desk) -> Trace:
    where = {"status": "Waiting on Customer", "updatedBefore": ago(desk, days=14)}
    plan = yield call("closeTickets", where=where, note="Closed, since we did not hear from you.")
    yield from until_done("closeTickets", plan)
    return "tidied"


def until_done(tool: str, plan: Seen) -> Trace:
    token = plan.data["token"]
    while True:
        run = yield call(tool, token=token)
        if run.error or not run.data.get("notDone"):
            return "done"


def long_waiting(desk: Desk) -> int:
    since = desk.tenant.clock.now() - 14 * 86_400 * TICKS_PER_SECOND
    waiting = [one for one in open_tickets(desk) if status(desk, one.id) == "Waiting on Customer"]
    return sum(one.modified_on < since for one in waiting)


def same_note(desk: Desk) -> Trace:
    yield call("addNotes", ticketIds=[10_008, 10_009, 10_010], text="The mail server is slow today.", isInternal=True)
    return "written"


def logged(desk: Desk) -> Trace:
    seen = yield call("addTimeEntry", ticketId=TICKET, text="Changed the cable", hours=0.5, onBehalfOf="Daniel Kim")
    if seen.error:  # it wants to know when
        yield call(
            "addTimeEntry", ticketId=TICKET, text="Changed the cable", hours=0.5, startedAt=ago(desk, hours=1), onBehalfOf="Daniel Kim"
        )  # fmt: skip
    return "logged"


def reopened(desk: Desk) -> Trace:
    yield call("closeTicket", ticketId=TICKET)
    yield call("reopenTicket", ticketId=TICKET, note="Closed by mistake.")
    return "reopened"


def renamed(desk: Desk) -> Trace:
    yield call(
        "updateTicket", ticketId=TICKET, title="Printer: third floor", priority="Urgent"
    )  # there is no such priority
    yield call("updateTicket", ticketId=TICKET, title="Printer: third floor", priority="Critical")
    return "renamed"


ACTING = (
    Request("Close 10008, the cable was loose", closed_with_note, lambda d, _: not is_open(d, ticket(d)) and any(
        "cable" in n.text for n in ticket(d).notes)),
    Request("Tell the contact of 10008 that we are on it", told, lambda d, _: [
        n.is_internal for n in ticket(d).notes if "before noon" in n.text] == [False]),
    Request("Note for us on 10008: part ordered", noted, lambda d, _: {
        n.is_internal for n in ticket(d).notes if "Part ordered" in n.text} == {True}),
    Request("#10008 is in progress now", moved, lambda d, _: status(d) == "In Progress"),
    Request("Jane needs two monitors", created, lambda d, _: newest(d).name == "Two monitors for the new desk"),
    Request("Kim Lee is new at Contoso: welcome kit", newcomer, lambda d, _: newest(d).name.startswith("Welcome") and any(
        c.email == "kim.lee@contoso.example" for c in d.tenant.contacts.values())),
    Request("A ticket, asked for twice by a client that repeats", made_once, lambda _d, a: len(set(a.split())) == 1),
    Request("Give 10008 to the member with the least work", fairly, lambda d, a: ticket(d).assigned_member_ids == [int(a)]),
    Request("Grace takes over everything open of Daniel Kim", handed_over, lambda d, _: open_of(d, "Daniel Kim") == 0),
    Request("Open VIP tickets must not be Low", raised, lambda d, _: low_vips(d) == 0),
    Request("Close what waits for customers for two weeks", tidied, lambda d, _: long_waiting(d) == 0),
    Request("Same note on 10008, 10009, 10010", same_note, lambda d, _: all(
        any("mail server" in n.text and n.is_internal for n in ticket(d, number).notes) for number in (10_008, 10_009, 10_010))),
    Request("Daniel worked half an hour on 10008", logged, lambda d, _: any(
        n.time_entry and n.time_entry.actual_hours == 0.5 and "cable" in n.text for n in ticket(d).notes)),
    Request("10008 was closed by mistake", reopened, lambda d, _: is_open(d, ticket(d)), query="toolsets=technician"),
    Request("Rename 10008, make it urgent", renamed, lambda d, _: (ticket(d).name, priority(d)) == (
        "Printer: third floor", "Critical")),
)  # fmt: skip
