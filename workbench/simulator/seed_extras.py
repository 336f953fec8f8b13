"""What a tenant has besides people and tickets: forms with results, chats, templates, task lists, workflows."""

from random import Random

from workbench.simulator.clock import DAY, HOUR, MINUTE
from workbench.simulator.event_types import EventKind
from workbench.simulator.hooks import Workflow
from workbench.simulator.records import (
    Attachment,
    Chat,
    Contact,
    EmailTemplate,
    Form,
    FormField,
    FormResult,
    SyncError,
    Task,
    TaskList,
    TaskTemplate,
    Ticket,
)
from workbench.simulator.tenant import Tenant

FIRST_RESULT = 5_000_000_001
RESULTS = 40
CHATS_BEGAN = 1782889200
"""The first part of a chat's id is a moment; one that stands still lets people write ids into examples."""


def add_extras(tenant: Tenant, chance: Random) -> None:
    """Fill everything that stands on the people and tickets."""
    _forms(tenant, chance)
    _attachments(tenant)
    _templates(tenant)
    _chats(tenant)
    _workflows(tenant)
    for ticket in tenant.tickets.values():
        if ticket.id % 40 == 0:
            ticket.task_lists.append(_task_list(tenant, ticket, chance.randrange(4)))
    if tenant.edition == "psa":
        now = tenant.clock.now()
        tenant.sync_errors = [
            SyncError(1, "contact", 1007, "The PSA answered 409: duplicate e-mail.", now - 3 * HOUR, 4),
            SyncError(2, "ticket", 10_004, "The PSA did not answer within 60 seconds.", now - 20 * MINUTE, 1),
        ]


def _forms(tenant: Tenant, chance: Random) -> None:
    starter = _starter_form()
    tenant.forms = {form.id: form for form in (starter, _feedback_form())}
    contacts, tickets = list(tenant.contacts.values()), list(tenant.tickets.values())
    sent: list[tuple[int, int | None]] = []
    for number in range(RESULTS):
        submitted = tenant.clock.now() - (RESULTS - number) * DAY - chance.randrange(HOUR)
        made = min(tickets, key=lambda one: abs(one.created_on - submitted)) if tickets and number % 4 else None
        if made is not None:
            # A form is sent when it makes its ticket.
            tickets.remove(made)
            submitted = made.created_on
        sent.append((submitted, made.id if made else None))
    for number, (submitted, ticket_id) in enumerate(sorted(sent, key=lambda one: one[0])):
        contact = contacts[(number * 13) % len(contacts)]
        key = FIRST_RESULT + number
        answers = _starter_answers(number, contact)
        starter.results[key] = FormResult(key, starter.id, ticket_id, contact.id, submitted, answers)


def _starter_form() -> Form:
    """Ten kinds of fields, and a statement."""
    yes_no = {"yes": "Yes", "no": "No"}
    systems = {"m365": "Microsoft 365", "vpn": "VPN", "erp": "ERP — Zürich", "other": "Other"}
    fields = [
        FormField("intro", "Please send this a week ahead.", "statement"),
        FormField("full_name", "Full name", "short_text", required=True),
        FormField("about", "Anything else", "long_text"),
        FormField("needs_laptop", "Needs a laptop?", "single_choice", required=True, choices=yes_no, render="radio"),
        FormField("systems", "Systems", "multiple_choice", choices=systems),
        FormField("desk_number", "Desk number", "number"),
        FormField("private_email", "Private e-mail", "email"),
        FormField("profile", "Public profile", "url"),
        FormField("first_day", "First day", "date", required=True),
        FormField("mobile", "Mobile", "phone"),
        FormField("manager", "Manager", "api_single_select"),
    ]
    about = "Everything that IT must know before the first day."
    return Form(801, "New starter", about, "New starter: {{full_name}}", fields)


def _starter_answers(number: int, contact: Contact) -> dict[str, str | None]:
    return {
        "full_name": f"{contact.first_name} Newcomer",
        "about": "Vegetarian.\nSits by the window." if number % 2 else None,
        "needs_laptop": "yes" if number % 3 else "no",
        "systems": "m365;vpn" if number % 2 else "other",
        "desk_number": str(number),
        "private_email": f"newcomer{number}@home.example",
        "profile": "https://people.example/newcomer",
        "first_day": "2030-01-24",
        "mobile": "+64211234567",
        "manager": str(contact.id),
    }


def _feedback_form() -> Form:
    scores = {str(score): str(score) for score in range(1, 6)}
    fields = [
        FormField("score", "Score", "single_choice", required=True, choices=scores, render="dropdown"),
        FormField("words", "In your words", "long_text"),
        FormField("call_at", "Call me at", "time"),
    ]
    return Form(802, "Feedback", "", "Feedback", fields)


def _attachments(tenant: Tenant) -> None:
    first = tenant.tickets.get(min(tenant.tickets, default=0))
    if first:
        first.attachments.append(Attachment("file-1", "printout.txt", "text/plain", b"Page 1 of 2"))


def _templates(tenant: Tenant) -> None:
    steps = ["Create the account", "Assign the licence", "Prepare the laptop", "Welcome call"]
    checks = [f"Check number {number}" for number in range(1, 15)]
    tenant.task_templates = {
        template.id: template
        for template in (
            TaskTemplate("template-onboarding", "Onboarding", "For new starters.", steps, request_type_id=704),
            TaskTemplate("template-audit", "Security audit", "", checks, is_internal=True),
            TaskTemplate("template-audit-2", "Security audit", "Second round.", checks),
            TaskTemplate("template-northwind", "Northwind checks", "", ["Call Alex"], company_ids=[201]),
        )
    }
    tenant.email_templates = {
        template.id: template
        for template in (
            EmailTemplate(
                "email-welcome",
                "Welcome",
                "Welcome, {{firstName}}",
                "<html><body><p>Kia ora {{ firstName }},</p><p>Sign in at {{portalUrl}}.</p></body></html>",
                {"firstName": "string", "portalUrl": "string"},
            ),
            EmailTemplate(
                "email-outage",
                "Outage notice",
                "Outage of {{service}} (ticket {{ticketId}})",
                "<html><body><p>{{service}} is down since {{since}}.</p></body></html>",
                {"service": "string", "ticketId": "integer", "since": "date-time"},
            ),
        )
    }


def _chats(tenant: Tenant) -> None:
    statuses = ("created", "handled", "completed", "missed", "callback")
    contacts, members, tickets = list(tenant.contacts), list(tenant.members), list(tenant.tickets)
    for number, status in enumerate(statuses):
        begun = tenant.clock.now() - (number + 1) * HOUR
        changed = begun + 2 * MINUTE
        closed = changed if status in {"completed", "missed"} else None
        key = f"{CHATS_BEGAN}-{4711 + number}"
        tenant.chats[key] = Chat(
            key,
            f"Chat {number + 1}",
            "push" if number == 3 else "request",
            status,
            contacts[number * 11],
            begun,
            begun if status == "created" else changed,
            tickets[number % len(tickets)] if tickets and number % 2 else None,
            past_status=[] if status == "created" else ["created"],
            member_ids=[members[number]] if status in {"handled", "completed"} else [],
            closed_on=closed,
        )


def _workflows(tenant: Tenant) -> None:
    made = (
        Workflow("workflow-101", "A VIP opened a ticket", "ticket", EventKind.TICKET_CREATED, {"tag": "vip"}),
        Workflow("workflow-102", "Status changed", "ticket", EventKind.STATUS_CHANGED),
        Workflow("workflow-103", "Approval needed", "ticket", EventKind.APPROVAL_REQUIRED),
        Workflow("workflow-104", "Somebody wants to chat", "chat", EventKind.CHAT_CREATED),
        Workflow("workflow-105", "New starter form", "form", EventKind.FORM_SUBMITTED, {"formId": 801}),
        Workflow("workflow-106", "Switched off", "ticket", EventKind.TICKET_CREATED, is_enabled=False),
    )
    tenant.workflows = {workflow.id: workflow for workflow in made}


def _task_list(tenant: Tenant, ticket: Ticket, done: int) -> TaskList:
    steps = tenant.task_templates["template-onboarding"].items
    items = [Task(f"task-{ticket.id}-{place}", name, "", place < done) for place, name in enumerate(steps)]
    author = (tenant.user_id(tenant.api_member), tenant.api_member.name)
    return TaskList(f"list-{ticket.id}", "Onboarding", items, ticket.created_on, ticket.created_on, author)
