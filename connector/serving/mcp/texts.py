"""What models read about tools and their inputs, in few tokens: every word is paid for in every conversation.

Names mean the same in every tool (docs/architecture.md has the vocabulary), so an input is described once, by its name;
where a tool needs other words they stand under `tool.input`. What has no words here is described as for makers.
"""

from collections.abc import Mapping
from typing import Final

_REFERENCE: Final = "Name or id."
_PERSON: Final = "E-mail, name or id."
_TIME: Final = "Time, UTC."
_SINCE, _UNTIL = "Since.", "Until."

INPUTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("board", "status", "priority", "company", "requestType", "source", "userGroup"), _REFERENCE),
    **dict.fromkeys(("form", "formId", "emailTemplate", "category", "eventType", "action", "type"), _REFERENCE),
    **dict.fromkeys(("contact", "member"), _PERSON),
    **dict.fromkeys(("contacts", "members", "assignedTo"), "E-mails, names or ids."),
    **dict.fromkeys(("dueAt", "startedAt", "endedAt"), _TIME),
    **dict.fromkeys(("createdAfter", "updatedAfter", "dueAfter", "submittedAfter", "answeredAfter"), _SINCE),
    "startedAfter": _SINCE,
    "startedBefore": _UNTIL,
    **dict.fromkeys(("createdBefore", "updatedBefore", "dueBefore", "submittedBefore", "answeredBefore"), _UNTIL),
    "additionalFields": "This site's own.",
    "cc": "E-mails, where the site has it.",
    "clear": "Fields to empty:",
    "comment": "What the contact says.",
    "companyId": "From findCompanies.",
    "contactId": "From findContacts.",
    "continuation": "From the last answer.",
    "description": "In full.",
    "dryRun": "true: only show.",
    "email": "E-mail.",
    "firstName": "First name.",
    "hours": "Instead of endedAt.",
    "idempotencyKey": "Same for each retry.",
    "isActive": "true or false only.",
    "isApprover": "Approver.",
    "isClosed": "false: open ones.",
    "isInternal": "true: for the desk only.",
    "isPrivate": "true: for the desk only.",
    "includeAttachments": "Its files.",
    "includeLastNote": "Who wrote last.",
    "includeNotes": "How many.",
    "includeTasks": "Its task lists.",
    "includeTime": "Time spent on it.",
    "isOverdue": "Past due.",
    "isVip": "VIP.",
    "lastNoteBefore": "Silent since.",
    "lastName": "Last name.",
    "memberId": "From findMembers.",
    "name": "Full name.",
    "note": "With a note.",
    "noteIsInternal": "true: for the desk only.",
    "onBehalfOf": "E-mail, name, contact:ID or member:ID.",
    "phone": "Phone.",
    "search": "Part of the name or e-mail.",
    "sessionId": "Chat session id.",
    "tag": "One tag.",
    "tags": "Tags.",
    "take": "1-200.",
    "ticketId": "Ticket number.",
    "ticketIds": "At most 50.",
    "title": "One line.",
    "token": "Runs that dry run.",
    "where": "Or filters of findTickets: dry run first.",
    "assignTicket.assignedTo": "E-mails, names or ids; [] for nobody.",
    "assignTicket.keepOthers": "true: add to those assigned.",
    "closeTicket.status": "Name or id, if it cannot tell which closes.",
    "createTicket.status": "Name or id, with its board.",
    "countTickets.by": "board, status, priority, assignedTo, company, age",
    "createTicketTasks.name": "List name.",
    "createTicketTasks.tasks": "One text a task, at most 25.",
    "createTicketTasks.templates": "Template names or ids.",
    "findTickets.assigned": "me, assigned, unassigned, any",
    "findTickets.assignedTo": "E-mail, name or id.",
    "findTimeEntries.period": "today, this_week, last_week, this_month, last_month",
    "findTickets.search": "Words of title or description.",
    "findTickets.sort": "newest, oldest, due, updated, priority",
    "findTickets.waitingFor": "us, contact",
    "listTicketNotes.sort": "newest, oldest.",
    "findCompanies.search": "Part of the name.",
    "listTicketAttachments.noteId": "Only of this note.",
    "reopenTicket.status": "Name or id, if it cannot tell which reopens.",
    "updateContact.tags": "Replace the present tags.",
    "updateTicket.assignedTo": "Replace those assigned: e-mails, names or ids.",
    "updateTicket.tags": "Replace the present tags.",
    "updateTickets.addTags": "Tags to add.",
    "updateTickets.removeTags": "Tags to take off.",
}

TOOLS: Final[Mapping[str, str]] = {
    "addNotes": "Write the same note on many tickets.",
    "addTicketNote": "Write a note on a ticket, public unless isInternal.",
    "addTicketTags": "Add tags to a ticket.",
    "addTimeEntry": "Record time that a member spent on a ticket.",
    "assignTicket": "Assign a ticket to members.",
    "closeTicket": "Close a ticket, if wanted with a note.",
    "closeTickets": "Close many tickets.",
    "countTickets": "Count tickets.",
    "createContact": "Create a contact. findOrCreateContact looks first.",
    "createTicket": "Create a ticket for a contact or company.",
    "createTicketTasks": "Add a task list to an open ticket, from templates or texts.",
    "findCompanies": "Find companies.",
    "findContacts": "Find contacts: the people who ask for help.",
    "findMembers": "Find members: the people of the desk.",
    "findOrCreateContact": "Find a contact by e-mail, or create it.",
    "findTickets": "Find tickets; names and ids may be several, with commas.",
    "findTimeEntries": "Find time of members or a ticket.",
    "getCompany": "Read a company.",
    "getContact": "Read a contact.",
    "getHelpDesk": "Begin here: who you are, boards with statuses, priorities, open counts.",
    "getTicket": "Read a ticket in full.",
    "getTicketTasks": "Read the task lists of a ticket.",
    "getWorkload": "Count open, overdue and urgent tickets of each member.",
    "listBoards": "List the boards (queues).",
    "listPriorities": "List the priorities.",
    "listRequestTypes": "List the request types.",
    "listStatuses": "List the statuses of a board, or of all.",
    "listTicketAttachments": "List the files of a ticket and its notes.",
    "listTicketNotes": "Read the notes of a ticket, public and internal.",
    "removeTicketTags": "Take tags off a ticket.",
    "reopenTicket": "Reopen a closed ticket, if wanted with a note.",
    "updateTickets": "Change many tickets.",
    "updateTicket": "Change a ticket; what is left out stays.",
}


HIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "addNotes": ("onBehalfOf", "idempotencyKey"),
    "closeTickets": ("onBehalfOf", "status"),
    "countTickets": (
        *("contact", "dueAfter", "dueBefore", "requestType", "search", "source", "tag", "updatedAfter"),
        *("updatedBefore", "userGroup"),
    ),
    "updateTickets": (
        *("additionalFields", "clear", "company", "contact", "dueAt", "requestType", "source", "tags", "userGroup"),
    ),
    "findCompanies": ("additionalFields",),
    "findContacts": (
        *("additionalFields", "createdAfter", "createdBefore", "updatedAfter", "updatedBefore"),
        *("isManager", "isVip", "userGroup"),
    ),
    "findTimeEntries": ("onBehalfOf", "period"),
    "findOrCreateContact": ("additionalFields", "userGroup", "tags"),
    "createContact": ("additionalFields", "userGroup", "tags"),
    "findTickets": (
        "additionalFields",
        "source",
        "userGroup",
        "taskProgress",
        "lastContactMessage",
        "dueAfter",
        "includeLastNote",
        "requestType",
        "onBehalfOf",
    ),
    "listTicketNotes": ("sort",),
    "createTicket": ("cc", "userGroup", "source"),
    "updateTicket": ("cc", "userGroup", "source"),
}
"""What a tool takes but does not list: each of these costs every conversation, and hardly any needs it."""


def input_text(tool: str, name: str) -> str | None:
    """What there is to say about an input; None to say what makers read."""
    return INPUTS.get(f"{tool}.{name}") or INPUTS.get(name)
