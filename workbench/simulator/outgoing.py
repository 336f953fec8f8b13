"""What goes out to people: e-mails made from templates, and notifications."""

import re
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import wire
from workbench.simulator.contacts import contact_of
from workbench.simulator.people import member_of
from workbench.simulator.records import Contact, EmailTemplate, Member, Notification
from workbench.simulator.router import Routes
from workbench.simulator.service import listed_page
from workbench.simulator.shapes import Field, Fields, moment, needed, read, text, whole
from workbench.simulator.wire import CONNECTOR, bad_request, forbidden, not_found

routes = Routes(CONNECTOR)
_TOKEN = re.compile(r"\{\{\s*(\w+)\s*\}\}")

RENDERED: Fields = {"subject": text("Subject"), "body": text("HTML body")}
NOTIFICATION: Fields = {"id": text("Id"), "createdOn": moment("Created on")}
CREATE_NOTIFICATION: Fields = {
    "title": text("Title", required=True),
    "message": text("Message", required=True),
    "ticketId": whole("Ticket"),
}


def token_fields(template: EmailTemplate) -> Fields:
    """What a template needs to be filled with."""
    kinds: dict[str, Field] = {"string": text(""), "integer": whole(""), "date-time": moment("")}
    return {name: needed(kinds[kind]) for name, kind in template.tokens.items()}


def template_of(call: Call) -> EmailTemplate:
    """The template that the path names."""
    template = call.tenant.email_templates.get(call.params["emailTemplateId"])
    if template is None:
        raise not_found("E-mail template", call.params["emailTemplateId"])
    return template


@routes.get("/email-templates", allow=Access.STAFF)
def list_templates(call: Call) -> dict[str, Any]:
    """Templates, for pickers."""
    return listed_page(call, list(call.tenant.email_templates.values()))


@routes.post("/email-templates/{emailTemplateId}/render", allow=Access.STAFF, reads=True)
def render(call: Call) -> dict[str, Any]:
    """The finished e-mail; nothing is sent."""
    template = template_of(call)
    fields = read(token_fields(template), call.body)
    values = {
        name: wire(value) if template.tokens[name] == "date-time" else str(value) for name, value in fields.items()
    }

    def fill(content: str) -> str:
        return _TOKEN.sub(lambda token: values.get(token[1], ""), content)

    return {"subject": fill(template.subject), "body": fill(template.html)}


@routes.post("/contacts/{contactId}/notifications", allow=Access.STAFF)
def notify_contact(call: Call) -> dict[str, Any]:
    """A notification in the client portal."""
    contact = contact_of(call)
    if not contact.has_portal_access:
        raise forbidden(f"{contact.name} has no portal access.")
    return _notify(call, contact)


@routes.post("/members/{memberId}/notifications", allow=Access.STAFF)
def notify_member(call: Call) -> dict[str, Any]:
    """A notification in TECH."""
    return _notify(call, member_of(call))


def _notify(call: Call, user: Member | Contact) -> dict[str, Any]:
    tenant, values = call.tenant, read(CREATE_NOTIFICATION, call.body)
    ticket_id = values.get("ticketId")
    if ticket_id is not None and ticket_id not in tenant.tickets:
        raise bad_request(ticketId=f"Ticket {ticket_id} does not exist.")
    notification = Notification(
        tenant.next_name("notification"),
        tenant.user_id(user),
        values["title"],
        values["message"],
        tenant.clock.now(),
        ticket_id,
    )
    tenant.notifications.append(notification)
    return {"id": notification.id, "createdOn": wire(notification.created_on)}
