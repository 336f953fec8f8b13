"""Tickets on the connector surface: create, get, find, update."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.event_types import EventKind
from workbench.simulator.filters import DATES, fits, lowered, read_filters, within
from workbench.simulator.note_writing import append_note
from workbench.simulator.records import Ticket
from workbench.simulator.router import Routes
from workbench.simulator.shapes import read
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import create_fields, custom_fields, ticket_filters, ticket_json, update_fields
from workbench.simulator.wire import CONNECTOR, bad_request, not_found, page

routes = Routes(f"{CONNECTOR}/tickets")
PSA_TITLE_LIMIT = 100
REFERENCES: Mapping[str, tuple[str, Callable[[Tenant], Mapping[Any, Any]]]] = {
    "boardId": ("Board", lambda tenant: tenant.boards),
    "statusId": ("Status", lambda tenant: tenant.statuses),
    "priorityId": ("Priority", lambda tenant: tenant.priorities),
    "sourceId": ("Source", lambda tenant: tenant.sources),
    "requestTypeId": ("Request type", lambda tenant: tenant.request_types),
    "companyId": ("Company", lambda tenant: tenant.companies),
    "contactId": ("Contact", lambda tenant: tenant.contacts),
    "userGroupId": ("User group", lambda tenant: tenant.user_groups),
}
# Wire name -> attribute, for what a caller may set and filter by.
ATTRIBUTES = {
    "boardId": "board_id",
    "statusId": "status_id",
    "priorityId": "priority_id",
    "sourceId": "source_id",
    "requestTypeId": "request_type_id",
    "companyId": "company_id",
    "contactId": "contact_id",
    "userGroupId": "user_group_id",
}
CLEARABLE = {"contactId", "userGroupId"}


def ticket_of(call: Call) -> Ticket:
    """The ticket that the path names."""
    key = call.number("ticketId")
    ticket = call.tenant.tickets.get(key)
    if ticket is None:
        raise not_found("Ticket", key)
    return ticket


@routes.get("/{ticketId}", allow=Access.STAFF)
def get_ticket(call: Call) -> bytes:
    """One ticket."""
    return ticket_json(call.tenant, ticket_of(call))


@routes.post("/find", allow=Access.STAFF, reads=True)
def find_tickets(call: Call) -> bytes:
    """Tickets that match every given filter, newest first. `…After` is inclusive, `…Before` exclusive."""
    tenant = call.tenant
    values = read_filters(tenant.profile, ticket_filters(tenant), call.body, dated=True)
    matches = [ticket for ticket in reversed(tenant.tickets.values()) if _matches(tenant, ticket, values)]
    window = page(matches, values.get("take"), values.get("skip"))
    results = b",".join(ticket_json(tenant, ticket) for ticket in window)
    return b'{"results":[%b],"totalResults":%d}' % (results, len(matches))


def _matches(tenant: Tenant, ticket: Ticket, values: dict[str, Any]) -> bool:
    return within(values, ticket.created_on, ticket.modified_on) and all(
        _meets(tenant, ticket, name, value) for name, value in values.items() if name not in {"take", "skip", *DATES}
    )


def _meets(tenant: Tenant, ticket: Ticket, name: str, value: Any) -> bool:
    if name in ATTRIBUTES:
        return fits(value, getattr(ticket, ATTRIBUTES[name]))
    if name in custom_fields(tenant):
        return bool(ticket.custom.get(name) == value)
    return _TESTS[name](ticket, value)


def _mentions(ticket: Ticket, search: str) -> bool:
    haystack = f"{ticket.id} {ticket.name} {ticket.description}".lower()
    return all(word in haystack for word in search.lower().split())


_TESTS: Mapping[str, Callable[[Ticket, Any], bool]] = {
    "search": _mentions,
    "memberId": lambda ticket, value: any(fits(value, key) for key in ticket.assigned_member_ids),
    "tag": lambda ticket, value: any(fits(lowered(value), tag.lower()) for tag in ticket.tags),
    "isClosed": lambda ticket, value: (ticket.closed_on is not None) == value,
    "dueAfter": lambda ticket, value: ticket.due_date is not None and ticket.due_date >= value,
    "dueBefore": lambda ticket, value: ticket.due_date is not None and ticket.due_date < value,
}


@routes.post("", allow=Access.STAFF)
def create_ticket(call: Call) -> bytes:
    """A new ticket; the request type comes in the query, as the connector sends it."""
    tenant = call.tenant
    values = read(create_fields(tenant), call.body)
    values["requestTypeId"] = call.query_number("requestTypeId")
    contact = tenant.contacts.get(values.get("contactId") or 0)
    if values.get("companyId") is None and contact is not None:
        values["companyId"] = contact.company_id
    if values.get("companyId") is None and values.get("contactId") is None:
        raise bad_request(companyId="A company or a contact is required.")
    ticket = new_ticket(call, {name: value for name, value in values.items() if value is not None})
    return ticket_json(tenant, ticket)


def new_ticket(call: Call, values: dict[str, Any]) -> Ticket:
    """A ticket on the first board, of medium priority, made by Power Automate, unless asked otherwise."""
    tenant = call.tenant
    now = tenant.clock.now()
    ticket = Ticket(
        max(tenant.tickets, default=10_000) + 1,
        "",
        "",
        board_id=next(iter(tenant.boards)),
        status_id=0,
        priority_id=list(tenant.priorities)[1],
        source_id=next(key for key, source in tenant.sources.items() if source.name == "Power Automate"),
        request_type_id=0,
        company_id=0,
        contact_id=None,
        user_group_id=None,
        created_on=now,
        modified_on=now,
        entered_by=(call.caller.user or tenant.api_member).name,
        custom=dict.fromkeys(custom_fields(tenant)),
    )
    write_ticket(tenant, ticket, values)
    tenant.tickets[ticket.id] = ticket
    _raise_created(call, ticket)
    return ticket


def _raise_created(call: Call, ticket: Ticket) -> None:
    """A new ticket; that a member who has it from the start also counts as assigned is a guess."""
    events = call.simulator.events
    events.ticket(call.tenant, EventKind.TICKET_CREATED, ticket)
    if ticket.assigned_member_ids:
        members = frozenset(ticket.assigned_member_ids)
        events.ticket(call.tenant, EventKind.MEMBER_ASSIGNED, ticket, new_member_ids=members)


def copy_ticket(call: Call, ticket: Ticket, name: str) -> Ticket:
    """A new ticket for the same people and the same matter."""
    same = {key: getattr(ticket, attribute) for key, attribute in ATTRIBUTES.items() if key != "statusId"}
    return new_ticket(call, {"name": name, "description": ticket.description, "tags": ticket.tags, **same})


@routes.on("PATCH", "/{ticketId}", allow=Access.STAFF)
def update_ticket(call: Call) -> bytes:
    """Change what is given: absent keeps, null clears; `noteContent` adds a note."""
    ticket = ticket_of(call)
    values = read(update_fields(call.tenant), call.body)
    note, internal = (values.get("noteContent") or "").strip(), bool(values.get("noteIsInternal"))
    if note and call.tenant.profile.refuses_notes:
        raise bad_request(noteContent="Notes cannot be added by an update.")
    with call.simulator.events.watching(call.tenant, ticket):
        write_ticket(call.tenant, ticket, values)
    if note:
        append_note(call, ticket, note, internal=internal)
    return ticket_json(call.tenant, ticket)


def set_status(tenant: Tenant, ticket: Ticket, status_id: int) -> None:
    """Move a ticket to another status of its board."""
    write_ticket(tenant, ticket, {"statusId": status_id})


def write_ticket(tenant: Tenant, ticket: Ticket, values: dict[str, Any]) -> None:
    """Check everything first, so that a refused change leaves the ticket as it was."""
    board_id = values.get("boardId") or ticket.board_id
    if board_id in tenant.boards and (board_id != ticket.board_id or not ticket.status_id):
        values.setdefault("statusId", tenant.statuses_of(board_id)[0].id)
    _check_references(tenant, values)
    _check_belonging(tenant, ticket, values, board_id)
    _check_texts(tenant, values)
    for name, attribute in ATTRIBUTES.items():
        if name in values:
            setattr(ticket, attribute, values[name])
    for name in ("name", "description"):
        if name in values:
            setattr(ticket, name, _plain(values[name] or "") if tenant.edition == "psa" else values[name] or "")
    if "assignedMemberIds" in values:
        ticket.assigned_member_ids = list(dict.fromkeys(values["assignedMemberIds"] or []))
    if "tags" in values:
        ticket.tags = list(dict.fromkeys(values["tags"] or []))
    if "cc" in values:
        ticket.cc = list(dict.fromkeys(values["cc"] or []))
    ticket.due_date = values.get("dueDate", ticket.due_date)
    ticket.custom |= {name: values[name] for name in custom_fields(tenant) if name in values}
    tenant.touch(ticket)
    if not tenant.statuses[ticket.status_id].is_closed:
        ticket.closed_on = None
    elif ticket.closed_on is None:
        ticket.closed_on = ticket.modified_on


def _check_references(tenant: Tenant, values: dict[str, Any]) -> None:
    for name, (label, table) in REFERENCES.items():
        if name not in values or (values[name] is None and name in CLEARABLE):
            continue
        if values[name] not in table(tenant):
            raise bad_request(**{name: f"{label} {values[name]} does not exist."})
    for member_id in values.get("assignedMemberIds") or []:
        if member_id not in tenant.members:
            raise bad_request(assignedMemberIds=f"Member {member_id} does not exist.")


def _check_belonging(tenant: Tenant, ticket: Ticket, values: dict[str, Any], board_id: int) -> None:
    if "statusId" in values and tenant.statuses[values["statusId"]].board_id != board_id:
        raise bad_request(statusId=f"Status {values['statusId']} does not belong to board {board_id}.")
    company_id = values.get("companyId", ticket.company_id)
    contact_id, group_id = values.get("contactId"), values.get("userGroupId")
    if contact_id is not None and tenant.contacts[contact_id].company_id != company_id:
        raise bad_request(contactId=f"Contact {contact_id} does not belong to company {company_id}.")
    if group_id is not None and tenant.user_groups[group_id].company_id != company_id:
        raise bad_request(userGroupId=f"User group {group_id} does not belong to company {company_id}.")


def _check_texts(tenant: Tenant, values: dict[str, Any]) -> None:
    if "name" in values and not (values["name"] or "").strip():
        raise bad_request(name="The name field is required.")
    if tenant.edition == "psa" and len(values.get("name", "")) > PSA_TITLE_LIMIT:
        raise bad_request(name=f"The summary must be at most {PSA_TITLE_LIMIT} characters.")
    for place, tag in enumerate(values.get("tags") or []):
        if not tag:
            raise bad_request(**{f"tags[{place}]": "A tag cannot be empty."})


def _plain(rich: str) -> str:
    """PSA editions keep plain text only (rich text may be downgraded)."""
    return html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", rich))
