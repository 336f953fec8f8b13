"""Control routes that make something happen: by names, as people at the desk would do it.

`POST /_control/happen` makes one thing happen and answers what it made; `GET /_control/choices` lists what can be
named.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from workbench.simulator.auth import Access, Caller
from workbench.simulator.call import Call
from workbench.simulator.chat_shapes import chat_object
from workbench.simulator.chats import move_chat, open_chat
from workbench.simulator.event_types import EventKind
from workbench.simulator.events import SURVEY
from workbench.simulator.forms import submit
from workbench.simulator.note_writing import append_note
from workbench.simulator.records import Contact, SurveyAnswer, Ticket
from workbench.simulator.router import Routes
from workbench.simulator.service import SOMETHING_ELSE
from workbench.simulator.shapes import Fields, flag, read, record, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.tickets import new_ticket, write_ticket
from workbench.simulator.wire import bad_request, not_found

routes = Routes("/_control")
WHAT = ("ticket", "note", "status", "tag", "form", "chat", "survey")
MOST_LISTED = 200
_HAPPEN: Fields = {
    "what": text("What", enum=WHAT, required=True),
    "edition": text("Edition", enum=("tokity", "psa")),
    "ticket": whole("Ticket"),
    "title": text("Title of a new ticket"),
    "text": text("Description or note"),
    "company": text("Company"),
    "contact": text("Contact"),
    "board": text("Board"),
    "priority": text("Priority"),
    "status": text("Status"),
    "tag": text("Tag"),
    "internal": flag("An internal note"),
    "by": text("Who writes the note", enum=("contact", "member")),
    "form": text("Form"),
    "answers": record("Answers by identifier or question"),
    "missed": flag("Nobody takes the chat"),
    "score": whole("Score of the survey, 1 to 5"),
}
Named = TypeVar("Named")
Json = dict[str, Any]


@routes.post("/happen", allow=Access.OPEN)
def happen(call: Call) -> Json:
    """Let it happen; raises the event that belongs to it."""
    values = {name: value for name, value in read(_HAPPEN, call.body).items() if value is not None}
    tenants = call.simulator.tenants
    tenant = tenants.get(values.get("edition", "")) or next(iter(tenants.values()))
    call = replace(call, tenant=tenant, caller=Caller(tenant, Access.STAFF))
    return {"made": _HAPPENINGS[values["what"]](call, values)}


@routes.get("/choices", allow=Access.OPEN)
def choices(call: Call) -> Json:
    """What can be named, of the edition in the query or the first one; the newest tickets first."""
    tenants = call.simulator.tenants
    tenant = tenants.get(call.query.get("edition", "")) or next(iter(tenants.values()))
    contacts = [contact for contact in tenant.contacts.values() if contact.is_active][:MOST_LISTED]
    tickets = sorted(tenant.tickets.values(), key=lambda one: one.id, reverse=True)[:MOST_LISTED]
    return {
        "companies": _listed(tenant.companies),
        "boards": _listed(tenant.boards),
        "priorities": _listed(tenant.priorities),
        "statuses": [
            {"id": status.id, "name": status.name, "board": tenant.boards[status.board_id].name}
            for status in tenant.statuses.values()
        ],
        "contacts": [
            {
                "id": contact.id,
                "name": contact.name,
                "email": contact.email,
                "company": tenant.companies[contact.company_id].name,
            }
            for contact in contacts
        ],
        "tickets": [
            {"id": ticket.id, "title": ticket.name, "status": tenant.statuses[ticket.status_id].name}
            for ticket in tickets
        ],
        "forms": [
            {"id": form.id, "name": form.name, "fields": [field.name for field in form.fields]}
            for form in tenant.forms.values()
        ],
        "surveys": [{"id": 1, "name": SURVEY}],
    }


def _ticket(call: Call, values: Json) -> Json:
    tenant = call.tenant
    company = _found("company", values.get("company"), tenant.companies.values(), lambda one: one.name)
    contact = _contact(tenant, values.get("contact"), company.id if company else None)
    board = _found("board", values.get("board"), tenant.boards.values(), lambda one: one.name)
    priority = _found("priority", values.get("priority"), tenant.priorities.values(), lambda one: one.name)
    fields = {
        "name": values.get("title") or "Something is broken",
        "description": values.get("text", ""),
        "companyId": company.id if company else contact.company_id,
        "contactId": contact.id,
        "boardId": board.id if board else None,
        "priorityId": priority.id if priority else None,
        "tags": [values["tag"]] if values.get("tag") else None,
        "requestTypeId": SOMETHING_ELSE,
    }
    ticket = new_ticket(call, {name: value for name, value in fields.items() if value is not None})
    return _made_ticket(ticket)


def _note(call: Call, values: Json) -> Json:
    ticket = _ticket_of(call, values)
    tenant = call.tenant
    writer = tenant.contacts.get(ticket.contact_id or 0) if values.get("by") == "contact" else None
    user = writer or next(iter(tenant.members.values()))
    caller = Caller(tenant, Access.CONTACT if writer else Access.MEMBER, user)
    content = values.get("text") or "Any news?"
    note = append_note(replace(call, caller=caller), ticket, content, internal=bool(values.get("internal")))
    return {"kind": "note", "id": note.id, "ticket": ticket.id, "title": content[:80]}


def _status(call: Call, values: Json) -> Json:
    ticket = _ticket_of(call, values)
    there = call.tenant.statuses_of(ticket.board_id)
    given = values.get("status") or next(status.name for status in there if status.id != ticket.status_id)
    status = _found("status", given, there, lambda one: one.name)
    return _changed(call, ticket, {"statusId": status.id if status else ticket.status_id})


def _tag(call: Call, values: Json) -> Json:
    ticket = _ticket_of(call, values)
    return _changed(call, ticket, {"tags": [*ticket.tags, values.get("tag") or "vip"]})


def _form(call: Call, values: Json) -> Json:
    tenant = call.tenant
    form = _found("form", values.get("form"), tenant.forms.values(), lambda one: one.name)
    form = form or next(iter(tenant.forms.values()))
    by_name = {_folded(name): field.identifier for field in form.fields for name in (field.name, field.identifier)}
    given: Mapping[str, Any] = values.get("answers") or {field.identifier: "yes" for field in form.fields}
    answers = {by_name[_folded(name)]: value for name, value in given.items() if _folded(name) in by_name}
    contact = _contact(tenant, values.get("contact"), None)
    result = submit(tenant, form, contact.id, values.get("ticket"), answers)
    call.simulator.events.form(tenant, result)
    return {"kind": "form", "id": result.id, "title": form.name}


def _chat(call: Call, values: Json) -> Json:
    tenant, events = call.tenant, call.simulator.events
    chat = open_chat(tenant, _contact(tenant, values.get("contact"), None).id, values.get("ticket"))
    events.chat(tenant, EventKind.CHAT_CREATED, chat)
    if values.get("missed"):
        move_chat(tenant, chat, "missed")
        events.chat(tenant, EventKind.CHAT_STATUS_CHANGED, chat)
    return {"kind": "chat", "id": chat.id, "title": chat_object(tenant, chat)["name"]}


def _survey(call: Call, values: Json) -> Json:
    ticket, tenant = _ticket_of(call, values), call.tenant
    score = values.get("score", 5)
    if not 1 <= score <= 5:
        raise bad_request(score="The score must be from 1 to 5.")
    who = ticket.contact_id or next(iter(tenant.contacts))
    comment = values.get("text", "")
    answer = SurveyAnswer(tenant.next_number(), 1, ticket.id, who, tenant.clock.now(), score, comment)
    tenant.survey_answers.append(answer)
    call.simulator.events.survey(tenant, answer)
    return {"kind": "survey", "id": answer.id, "ticket": ticket.id, "title": f"{score} of 5"}


def _changed(call: Call, ticket: Ticket, fields: Json) -> Json:
    with call.simulator.events.watching(call.tenant, ticket):
        write_ticket(call.tenant, ticket, fields)
    return _made_ticket(ticket)


def _made_ticket(ticket: Ticket) -> Json:
    return {"kind": "ticket", "id": ticket.id, "title": ticket.name}


def _ticket_of(call: Call, values: Json) -> Ticket:
    """The ticket that is named, or the newest."""
    key = values.get("ticket") or max(call.tenant.tickets)
    ticket = call.tenant.tickets.get(key)
    if ticket is None:
        raise not_found("Ticket", key)
    return ticket


def _contact(tenant: Tenant, given: str | None, company_id: int | None) -> Contact:
    """The contact that is named by e-mail or name, else an active one, of the company if there is one."""
    named = _found("contact", given, tenant.contacts.values(), lambda one: one.email or one.name)
    ours = (
        contact
        for contact in tenant.contacts.values()
        if contact.is_active and company_id in (None, contact.company_id)
    )
    contact = named or next(ours, None)
    if contact is None:
        raise bad_request(contact="The company has no active contact.")
    return contact


def _found(noun: str, given: str | None, among: Iterable[Named], name_of: Callable[[Named], str]) -> Named | None:
    """The one with this name or id; None when nothing is named, 400 with the names when nothing fits."""
    if not given:
        return None
    there = list(among)
    wanted = _folded(given)
    for candidate in there:
        names = (name_of(candidate), str(getattr(candidate, "name", "")), str(getattr(candidate, "id", "")))
        if wanted in map(_folded, names):
            return candidate
    known = ", ".join(name_of(candidate) for candidate in there[:20])
    raise bad_request(**{noun: f"There is no {noun} '{given}'; there are {known}."})


def _listed(table: Mapping[int, Any]) -> list[Json]:
    return [{"id": record.id, "name": record.name} for record in list(table.values())[:MOST_LISTED]]


def _folded(given: str) -> str:
    return " ".join(given.casefold().split())


_HAPPENINGS: Mapping[str, Callable[[Call, Json], Json]] = {
    "ticket": _ticket,
    "note": _note,
    "status": _status,
    "tag": _tag,
    "form": _form,
    "chat": _chat,
    "survey": _survey,
}
