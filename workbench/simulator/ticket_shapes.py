"""How the connector surface writes a ticket, and what it takes to make, change and find one."""

from typing import Any

from workbench.simulator.clock import wire
from workbench.simulator.filters import filter_fields
from workbench.simulator.records import Note, Ticket
from workbench.simulator.shapes import (
    Field,
    Fields,
    decimal,
    flag,
    many,
    moment,
    needed,
    record,
    reference,
    text,
    whole,
)
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import dump

PROGRESS = record("Task progress", {"done": whole("Done"), "total": whole("Total")})
AUTHOR = record("Author", {"id": whole("Id"), "name": text("Name"), "userType": text("User type")})
NOTE: Fields = {
    "id": whole("Id"),
    "note": text("Note"),
    "type": text("Type"),
    "isInternal": flag("Is internal"),
    "createdOn": moment("Created on"),
    "createdBy": AUTHOR,
    "timeEntry": record(
        "Time entry",
        {
            "timeStart": moment("Start"),
            "timeEnd": moment("End"),
            "actualHours": decimal("Hours"),
            "hoursBilled": decimal("Hours billed"),
        },
    ),
    "attachments": many(reference("Attachment", key="string"), "Attachments"),
}
PAGING: Fields = {"take": whole("Take"), "skip": whole("Skip")}

TICKET: Fields = {
    "id": whole("Id"),
    "name": text("Title"),
    "description": text("Description"),
    "board": reference("Board"),
    "status": reference("Status"),
    "priority": reference("Priority"),
    "source": reference("Source"),
    "requestType": reference("Request type"),
    "company": reference("Company"),
    "contact": reference("Contact"),
    "userGroup": reference("User group", key="string"),
    "assignedMembers": many(reference("Member"), "Assigned members"),
    "tags": many(text("Tag"), "Tags"),
    "isClosed": flag("Is closed"),
    "enteredBy": text("Entered by"),
    "createdOn": moment("Created on"),
    "modifiedOn": moment("Modified on"),
    "closedOn": moment("Closed on"),
    "dueDate": moment("Due date"),
    "taskProgress": PROGRESS,
}
_REFERENCES: Fields = {
    "boardId": whole("Board", picker="ListBoards"),
    "statusId": whole("Status", picker="ListStatuses"),
    "priorityId": whole("Priority", picker="ListPriorities"),
    "sourceId": whole("Source", picker="ListSources"),
    "requestTypeId": whole("Request type", picker="ListRequestTypes"),
    "companyId": whole("Company", picker="ListCompanies"),
    "contactId": whole("Contact"),
}
_WRITTEN: Fields = {
    "name": text("Title"),
    "description": text("Description"),
    **_REFERENCES,
    "userGroupId": text("User group", picker="ListCompanyTeams"),
    "assignedMemberIds": many(whole("Member", picker="ListMembers"), "Assigned members"),
    "tags": many(text("Tag"), "Tags"),
    "dueDate": moment("Due date"),
}
_NOTE_WRITTEN: Fields = {"noteContent": text("Note"), "noteIsInternal": flag("Note is internal")}
FIND: Fields = {
    "search": text("Search"),
    **_REFERENCES,
    "memberId": whole("Assigned member", picker="ListMembers"),
    "userGroupId": text("User group", picker="ListCompanyTeams"),
    "tag": text("Tag"),
    "isClosed": flag("Is closed"),
    **PAGING,
}
_DUE: Fields = {"dueAfter": moment("Due at or after"), "dueBefore": moment("Due before")}


def find_shape(item: Fields) -> Fields:
    """The shape of a find answer."""
    return {"results": many(record("Item", item), "Results"), "totalResults": whole("Total results", large=True)}


def custom_fields(tenant: Tenant) -> Fields:
    """The tenant's own two fields on tickets; the first is named differently in each edition."""
    named: dict[str, Field] = {
        "tokity": {"assetTag": text("Asset tag")},
        "psa": {"configurationItem": text("Configuration item")},
    }[tenant.edition]
    return named | {"outageMinutes": whole("Outage in minutes")}


def ticket_fields(tenant: Tenant) -> Fields:
    """What a ticket answer holds in this tenant."""
    return {**TICKET, **_copied(tenant), **custom_fields(tenant)}


def create_fields(tenant: Tenant) -> Fields:
    """What CreateTicket takes in this tenant."""
    return {**_WRITTEN, "name": needed(_WRITTEN["name"]), **_copied(tenant), **custom_fields(tenant)}


def _copied(tenant: Tenant) -> Fields:
    return {"cc": many(text("E-mail"), "People in copy")} if tenant.profile.has_cc else {}


def update_fields(tenant: Tenant) -> Fields:
    """What UpdateTicket takes in this tenant."""
    note = _NOTE_WRITTEN if tenant.profile.notes_in_update else {}
    written = _WRITTEN
    if not tenant.profile.members_in_update:
        written = {name: field for name, field in _WRITTEN.items() if name != "assignedMemberIds"}
    return {**written, **note, **_copied(tenant), **custom_fields(tenant)}


def ticket_filters(tenant: Tenant) -> Fields:
    """What tickets of this tenant can be found by, besides dates."""
    due = _DUE if tenant.profile.due_filters else {}
    return {**FIND, **due, **custom_fields(tenant)}


def find_fields(tenant: Tenant) -> Fields:
    """What FindTickets takes in this tenant."""
    return filter_fields(tenant.profile, ticket_filters(tenant), dated=True)


def named(table: Any, key: Any) -> dict[str, Any] | None:
    """`{id, name}` of what a ticket points to, null when it points to nothing."""
    return None if key is None else {"id": key, "name": table[key].name}


def ticket_json(tenant: Tenant, ticket: Ticket) -> bytes:
    """The ticket as JSON, prepared once for each state of it."""
    if ticket.wire is None:
        ticket.wire = dump(ticket_object(tenant, ticket))
    return ticket.wire


def ticket_object(tenant: Tenant, ticket: Ticket) -> dict[str, Any]:
    """TicketDetails."""
    return {
        "id": ticket.id,
        "name": ticket.name,
        "description": ticket.description,
        "board": named(tenant.boards, ticket.board_id),
        "status": named(tenant.statuses, ticket.status_id),
        "priority": named(tenant.priorities, ticket.priority_id),
        "source": named(tenant.sources, ticket.source_id),
        "requestType": named(tenant.request_types, ticket.request_type_id),
        "company": named(tenant.companies, ticket.company_id),
        "contact": named(tenant.contacts, ticket.contact_id),
        "userGroup": named(tenant.user_groups, ticket.user_group_id),
        "assignedMembers": [named(tenant.members, key) for key in ticket.assigned_member_ids],
        "tags": ticket.tags,
        "isClosed": ticket.closed_on is not None,
        "enteredBy": ticket.entered_by,
        "createdOn": wire(ticket.created_on),
        "modifiedOn": wire(ticket.modified_on),
        "closedOn": None if ticket.closed_on is None else wire(ticket.closed_on),
        "dueDate": None if ticket.due_date is None else wire(ticket.due_date),
        "taskProgress": task_progress(ticket),
        **({"cc": ticket.cc} if tenant.profile.has_cc else {}),
        **ticket.custom,
    }


def task_progress(ticket: Ticket) -> dict[str, int]:
    """Items done and in all, of the lists that are not archived."""
    lists = [tasks for tasks in ticket.task_lists if not tasks.is_archived]
    return {"done": sum(tasks.done for tasks in lists), "total": sum(len(tasks.items) for tasks in lists)}


def note_object(note: Note) -> dict[str, Any]:
    """A TicketNote: inside a note a time entry says `timeStart`, elsewhere `startTime`."""
    entry = note.time_entry
    return {
        "id": note.id,
        "note": note.text,
        "type": "timeEntry" if entry else "note",
        "isInternal": note.is_internal,
        "createdOn": wire(note.created_on),
        "createdBy": {"id": note.author_id, "name": note.author_name, "userType": note.author_type},
        "timeEntry": entry
        and {
            "timeStart": wire(entry.start),
            "timeEnd": wire(entry.end),
            "actualHours": entry.actual_hours,
            "hoursBilled": entry.billed_hours,
        },
        "attachments": [],
    }
