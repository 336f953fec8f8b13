"""A few routes beside API v2: v1 with its PascalCase, v3 and v4 as seen in use, and the documented admin sample."""

import csv
import io
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import ticks, wire
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, read, text
from workbench.simulator.ticket_shapes import ticket_object
from workbench.simulator.tickets import ticket_of
from workbench.simulator.wire import Answer, bad_request, conflict, forbidden, not_found

routes = Routes()
ROLES = ("guest", "member", "manager")
ADMIN_ROLES = ("admin", "master admin")
MAX_GROUPS = 50
_SET_ROLE: Fields = {"role": text("Role", enum=ROLES, required=True)}


@routes.on("PUT", "/api/v3/tech/companies/{companyId}/teams/{teamId}/users/{userId}", allow=Access.MEMBER)
def set_team_user(call: Call) -> dict[str, Any]:
    """Put a contact into a user group, or change its role there."""
    tenant = call.tenant
    company_id, contact_id = call.number("companyId"), call.number("userId")
    group, contact = tenant.user_groups.get(call.params["teamId"]), tenant.contacts.get(contact_id)
    if group is None or group.company_id != company_id:
        raise not_found("Team", call.params["teamId"])
    if contact is None or contact.company_id != company_id:
        raise not_found("User", contact_id)
    role = read(_SET_ROLE, call.body)["role"]
    joined = sum(contact_id in other.users for other in tenant.user_groups.values())
    if contact_id not in group.users and joined >= MAX_GROUPS:
        raise conflict(f"A contact joins at most {MAX_GROUPS} groups.")
    group.users[contact_id] = role
    return {"id": contact_id, "name": contact.name, "role": role}


@routes.on(
    "DELETE", "/api/v3/tech/companies/{companyId}/teams/{teamId}/users/{userId}", allow=Access.MEMBER, assumed=True
)
def remove_team_user(call: Call) -> Answer:
    """Take a contact out of a user group. A guess: only the advanced action is known to exist."""
    group = call.tenant.user_groups.get(call.params["teamId"])
    if group is None or group.company_id != call.number("companyId"):
        raise not_found("Team", call.params["teamId"])
    group.users.pop(call.number("userId"), None)
    return Answer(204, b"")


@routes.get("/api/v3/tech/customers/surveys/{surveyId}/results.csv", allow=Access.STAFF)
def survey_results(call: Call) -> Answer:
    """Survey results as CSV, oldest first; `start` is inclusive, `end` exclusive. The columns are a guess."""
    if call.query.get("format", "excel") not in {"powerbi", "excel"}:
        raise bad_request(format="The value must be powerbi or excel.")
    tenant, survey_id = call.tenant, call.number("surveyId")
    start, end = (ticks(call.query[name]) if call.query.get(name) else None for name in ("start", "end"))
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(("Id", "Survey", "Submitted On", "Ticket Id", "Contact", "Company", "Score", "Comment"))
    for answer in tenant.survey_answers:
        if answer.survey_id != survey_id or not (start or 0) <= answer.answered_on < (end or answer.answered_on + 1):
            continue
        contact = tenant.contacts[answer.contact_id]
        company = tenant.companies[contact.company_id].name
        moment = wire(answer.answered_on)
        rows.writerow(
            (answer.id, survey_id, moment, answer.ticket_id, contact.name, company, answer.score, answer.comment)
        )
    return Answer(200, out.getvalue().encode(), content_type="text/csv; charset=utf-8")


@routes.get("/api/v4/files", allow=Access.STAFF, assumed=True)
def list_files(_: Call) -> dict[str, Any]:
    """The public file API; there are no files here."""
    return {"results": [], "totalResults": 0}


@routes.get("/api/v4/tickets/{ticketId}", allow=Access.STAFF, assumed=True)
def ticket_v4(call: Call) -> dict[str, Any]:
    """A ticket with what v4 adds: what the caller may do with it."""
    access = "read" if call.caller.read_only else "readWrite"
    return ticket_object(call.tenant, ticket_of(call)) | {"$info": {"access": access}}


@routes.get("/api/v1/tickets/{ticketId}", allow=Access.STAFF, assumed=True)
def ticket_v1(call: Call) -> dict[str, Any]:
    """A ticket of the legacy version, in PascalCase."""
    ticket = ticket_of(call)
    return {
        "EntityId": ticket.id,
        "Summary": ticket.name,
        "StatusName": call.tenant.statuses[ticket.status_id].name,
        "CompanyName": call.tenant.companies[ticket.company_id].name,
        "DateEntered": wire(ticket.created_on),
    }


@routes.get("/api2/admin/stats/sync/errors", allow=Access.STAFF)
def sync_errors(call: Call) -> dict[str, Any]:
    """What could not be copied from the PSA; an API key counts as an admin."""
    if call.caller.access is Access.MEMBER and call.caller.member.role not in ADMIN_ROLES:
        raise forbidden("Only an admin can do this.")
    results = [
        {
            "id": error.id,
            "entityType": error.entity_type,
            "entityId": error.entity_id,
            "message": error.message,
            "occurredOn": wire(error.occurred_on),
            "attempts": error.attempts,
        }
        for error in call.tenant.sync_errors
    ]
    return {"results": results, "totalResults": len(results)}
