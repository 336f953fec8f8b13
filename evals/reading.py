"""Requests that only read."""

from datetime import UTC, datetime, timedelta

from evals.model import Desk, Request, Trace, call
from workbench.simulator.clock import TICKS_PER_SECOND
from workbench.simulator.records import Ticket

COMPANY = "Contoso Freight"


def ago(desk: Desk, **span: float) -> str:
    """A time before now by the site's clock, as models write it."""
    return moment(desk, -timedelta(**span))


def moment(desk: Desk, distance: timedelta = timedelta()) -> str:
    """A time by the site's clock."""
    now = datetime.fromtimestamp(desk.tenant.clock.now() / TICKS_PER_SECOND, UTC)
    return (now + distance).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_open(desk: Desk, ticket: Ticket) -> bool:
    """Whether a ticket is open, by its status."""
    return not desk.tenant.statuses[ticket.status_id].is_closed


def open_tickets(desk: Desk) -> list[Ticket]:
    """All open tickets of the site."""
    return [ticket for ticket in desk.tenant.tickets.values() if is_open(desk, ticket)]


def of_company(desk: Desk) -> list[Ticket]:
    """All open tickets of `COMPANY`."""
    return [ticket for ticket in open_tickets(desk) if desk.tenant.companies[ticket.company_id].name == COMPANY]


def numbers(answer: str) -> set[int]:
    """The ticket numbers that an answer names."""
    return {int(word) for word in answer.replace(",", " ").split() if word.isdecimal()}


def listed(desk: Desk) -> Trace:
    seen = yield call("findTickets", company=COMPANY, isClosed=False)
    found = [ticket["id"] for ticket in seen.results]
    if seen.data.get("hasMore"):
        seen = yield call("findTickets", continuation=seen.data["continuation"])
        found += [ticket["id"] for ticket in seen.results]
    return " ".join(map(str, found))


def per_board(desk: Desk) -> Trace:
    seen = yield call("countTickets", by="board", isClosed=False)
    return " ".join(f"{row['name']}:{row['count']}" for row in seen.results)


def counted_by_board(desk: Desk) -> set[str]:
    names = [desk.tenant.boards[ticket.board_id].name for ticket in open_tickets(desk)]
    return {f"{name}:{names.count(name)}" for name in set(names)}


def vips(desk: Desk) -> Trace:
    seen = yield call(
        "findTickets", isVip=True, waitingFor="us", createdBefore=ago(desk, days=7), lastNoteBefore=ago(desk, days=7), take=50
    )  # fmt: skip
    return " ".join(str(ticket["id"]) for ticket in seen.results)


def waiting_vips(desk: Desk) -> set[int]:
    week = desk.tenant.clock.now() - 7 * 86_400 * TICKS_PER_SECOND
    found = set()
    for ticket in open_tickets(desk):
        contact = desk.tenant.contacts.get(ticket.contact_id or 0)
        last = max(ticket.notes, key=lambda note: note.created_on, default=None)
        since = last.created_on if last else ticket.created_on
        is_ours = last is None or last.author_type == "contact"
        if contact and contact.is_vip and is_ours and since < week and ticket.created_on < week:
            found.add(ticket.id)
    return found


def misspelt(desk: Desk) -> Trace:
    seen = yield call("findTickets", board="Suport", isOverdue=True)
    if seen.error:
        seen = yield call("findTickets", board=next(n for n in seen.candidates() if n == "Support"), isOverdue=True)
    return " ".join(str(ticket["id"]) for ticket in seen.results)


def overdue(desk: Desk, board: str) -> set[int]:
    now = desk.tenant.clock.now()
    return {
        ticket.id
        for ticket in open_tickets(desk)
        if desk.tenant.boards[ticket.board_id].name == board and ticket.due_date and ticket.due_date < now
    }


def summarised(desk: Desk) -> Trace:
    seen = yield call("getTicket", ticketId=10_010, includeNotes=5)
    notes = [note.get("author", "") for note in seen.data.get("notes", ())]
    return f"{seen.data['title']} | {seen.data['status']} | {len(notes)}"


def phone(desk: Desk) -> Trace:
    seen = yield call("findContacts", search="Jane", company=COMPANY)
    return " ".join(str(contact.get("phone")) for contact in seen.results)


def changed(desk: Desk) -> Trace:
    seen = yield call("countTickets", updatedAfter=ago(desk, days=2))
    return str(seen.data["total"])


def due(desk: Desk) -> Trace:
    seen = yield call(
        "findTickets", isClosed=False, dueAfter=moment(desk), dueBefore=moment(desk, timedelta(days=14)), sort="due"
    )
    return " ".join(str(ticket["id"]) for ticket in seen.results)


def due_soon(desk: Desk) -> set[int]:
    now = desk.tenant.clock.now()
    until = now + 14 * 86_400 * TICKS_PER_SECOND
    return {ticket.id for ticket in open_tickets(desk) if ticket.due_date and now <= ticket.due_date < until}


def oldest(desk: Desk) -> Trace:
    seen = yield call("findTickets", board="Projects", isClosed=False, sort="oldest", take=1)
    return str(seen.results[0]["id"])


def oldest_project(desk: Desk) -> int:
    of_board = [t for t in open_tickets(desk) if desk.tenant.boards[t.board_id].name == "Projects"]
    return min(of_board, key=lambda ticket: (ticket.created_on, ticket.id)).id


def two_months(desk: Desk) -> Trace:
    now = yield call("countTickets", company=COMPANY, createdAfter=ago(desk, days=30))
    before = yield call(
        "countTickets", company=COMPANY, createdAfter=ago(desk, days=60), createdBefore=ago(desk, days=30)
    )
    return f"{now.data['total']} {before.data['total']}"


def compared(desk: Desk) -> str:
    month, now = 30 * 86_400 * TICKS_PER_SECOND, desk.tenant.clock.now()
    made = [
        now - t.created_on for t in desk.tenant.tickets.values() if desk.tenant.companies[t.company_id].name == COMPANY
    ]
    return f"{sum(age <= month for age in made)} {sum(month < age <= 2 * month for age in made)}"


def statuses(desk: Desk) -> Trace:
    seen = yield call("getHelpDesk")
    return ", ".join(next(board["statuses"] for board in seen.data["boards"] if board["name"] == "Support"))


def known(desk: Desk) -> Trace:
    seen = yield call("findTickets", query="Backup job failed")  # not what the input is called
    if seen.error:
        seen = yield call("findTickets", search="Backup job failed", isClosed=False)
    return " ".join(str(ticket["id"]) for ticket in seen.results)


def nobodys(desk: Desk) -> Trace:
    seen = yield call("getWorkload")
    return str(next(row["open"] for row in seen.results if not row.get("memberId")))


def report(desk: Desk) -> Trace:
    opened = yield call("countTickets", company=COMPANY, createdAfter=ago(desk, days=7))
    closed = yield call("countTickets", company=COMPANY, isClosed=True, updatedAfter=ago(desk, days=7))
    left = yield call("countTickets", company=COMPANY, isClosed=False, by="status")
    return f"{opened.data['total']} opened, {closed.data['total']} closed, {left.data['total']} open"


def busiest(desk: Desk) -> Trace:
    seen = yield call("getWorkload", board="Support")
    rows = [row for row in seen.results if row.get("memberId")]
    return str(max(rows, key=lambda row: row["open"])["memberId"])


def most_open(desk: Desk) -> set[str]:
    count: dict[int, int] = {}
    for ticket in open_tickets(desk):
        if desk.tenant.boards[ticket.board_id].name == "Support":
            for member in ticket.assigned_member_ids:
                count[member] = count.get(member, 0) + 1
    return {str(member) for member, number in count.items() if number == max(count.values())}


READING = (
    Request("What is open for Contoso Freight?", listed, lambda d, a: numbers(a) == {t.id for t in of_company(d)}),
    Request("How many open tickets has each board?", per_board, lambda d, a: all(row in a for row in counted_by_board(d))),
    Request("VIPs who have waited for our reply for more than a week", vips, lambda d, a: numbers(a) == waiting_vips(d)),
    Request("What is overdue on Suport?", misspelt, lambda d, a: numbers(a) == overdue(d, "Support")),
    Request("Sum up ticket 10010", summarised, lambda d, a: a.startswith(d.tenant.tickets[10_010].name)),
    Request("Jane's phone number at Contoso", phone, lambda d, a: any(
        str(c.phone) in a for c in d.tenant.contacts.values()
        if c.first_name == "Jane" and d.tenant.companies[c.company_id].name == COMPANY)),
    Request("How many tickets changed since the day before yesterday?", changed, lambda d, a: int(a) == sum(
        t.modified_on >= d.tenant.clock.now() - 2 * 86_400 * TICKS_PER_SECOND for t in d.tenant.tickets.values())),
    Request("What is due within two weeks, the most urgent first?", due, lambda d, a: numbers(a) == due_soon(d)),
    Request("The oldest open ticket of Projects", oldest, lambda d, a: int(a) == oldest_project(d)),
    Request("Contoso: tickets of the last 30 days against the 30 before", two_months, lambda d, a: a == compared(d)),
    Request("Which statuses may a Support ticket have?", statuses, lambda _d, a: "Waiting on Customer" in a),
    Request("Is there a ticket about the failed backup?", known, lambda d, a: numbers(a) == {
        t.id for t in open_tickets(d) if t.name == "Backup job failed last night"}),
    Request("How many open tickets are nobody's?", nobodys, lambda d, a: int(a) == sum(
        not t.assigned_member_ids for t in open_tickets(d))),
    Request("Numbers of the week for Contoso", report, lambda d, a: a.endswith(f"{len(of_company(d))} open")),
    Request("Who has the most on Support?", busiest, lambda d, a: a in most_open(d)),
)  # fmt: skip
