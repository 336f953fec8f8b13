"""The surface of the certified connector "DeskDirector Tech": a member's own view, read-only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import TICKS_PER_SECOND, ticks, wire
from workbench.simulator.people import mentions
from workbench.simulator.records import Note, Ticket
from workbench.simulator.router import Routes
from workbench.simulator.tasks import task_list_object
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_actions import time_entry_object
from workbench.simulator.ticket_shapes import named, note_object, task_progress
from workbench.simulator.tickets import ticket_of
from workbench.simulator.wire import bad_request

routes = Routes("/api/v2/copilot")
MAX_RESULTS = 50
PREVIEW = 200
PERIODS = ("today", "this_week", "last_week", "this_month", "last_month")
_CHOICES = {
    "status": ("open", "closed", "any"),
    "assigned": ("me", "assigned", "unassigned", "any"),
    "taskProgress": ("completed", "incomplete", "any"),
}


@routes.get("/connections/test", allow=Access.MEMBER)
def test_connection(call: Call) -> dict[str, Any]:
    """Who the token acts as."""
    return {"status": "ok", "member": call.caller.member.name}


@routes.get("/tickets/{ticketId}", allow=Access.MEMBER)
def get_ticket(call: Call) -> dict[str, Any]:
    """A ticket with its notes, activities and task lists."""
    tenant, ticket = call.tenant, ticket_of(call)
    return {
        **_common(tenant, ticket),
        "description": ticket.description,
        "notes": [note_object(note) for note in ticket.notes],
        "activities": [_activity(tenant, ticket)],
        "taskProgress": task_progress(ticket),
        "taskLists": [task_list_object(tasks, items=False) for tasks in ticket.task_lists],
    }


@routes.get("/tickets", allow=Access.MEMBER)
def find_tickets(call: Call) -> dict[str, Any]:
    """The newest matching tickets, at most 50: `total` counts all, `resultsCount` those in the answer."""
    for name, choices in _CHOICES.items():
        if call.query.get(name, "any") not in choices:
            raise bad_request(**{name: f"The value must be one of {', '.join(choices)}."})
    values = {name: call.query.get(name, "any") for name in _CHOICES}
    start, end = _moment(call, "startTime"), _moment(call, "endTime")
    search, tag = call.query.get("search"), call.query.get("tag")
    last_by_contact = call.query_flag("lastContactMessage")
    matches = [
        ticket
        for ticket in reversed(call.tenant.tickets.values())
        if _fits(call, ticket, values)
        and mentions(search, ticket.name, ticket.description)
        and (not tag or tag in ticket.tags)
        and (start is None or ticket.created_on >= start)
        and (end is None or ticket.created_on < end)
        and (not last_by_contact or (bool(ticket.notes) and ticket.notes[-1].author_type == "contact"))
    ]
    return _counted(matches, lambda ticket: _summary(call.tenant, ticket))


def _fits(call: Call, ticket: Ticket, values: dict[str, str]) -> bool:
    me, progress = call.caller.member.id, task_progress(ticket)
    unfinished = progress["done"] < progress["total"]
    return (
        {"any": True, "open": ticket.closed_on is None, "closed": ticket.closed_on is not None}[values["status"]]
        and {
            "any": True,
            "me": me in ticket.assigned_member_ids,
            "assigned": bool(ticket.assigned_member_ids),
            "unassigned": not ticket.assigned_member_ids,
        }[values["assigned"]]
        and {"any": True, "incomplete": unfinished, "completed": progress["total"] > 0 and not unfinished}[
            values["taskProgress"]
        ]
    )


def _moment(call: Call, name: str) -> int | None:
    value = call.query.get(name)
    try:
        return ticks(value) if value else None
    except ValueError:
        raise bad_request(**{name: f"The value '{value}' is not valid."}) from None


def _counted(items: list[Any], describe: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    results = [describe(item) for item in items[:MAX_RESULTS]]
    return {"total": len(items), "resultsCount": len(results), "results": results}


def _common(tenant: Tenant, ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "summary": ticket.name,
        "requestType": named(tenant.request_types, ticket.request_type_id),
        "account": named(tenant.companies, ticket.company_id),
        "contactGroup": named(tenant.user_groups, ticket.user_group_id),
        "contact": named(tenant.contacts, ticket.contact_id),
        "categories": [],
        "source": named(tenant.sources, ticket.source_id),
        "queue": named(tenant.boards, ticket.board_id),
        "status": named(tenant.statuses, ticket.status_id),
        "priority": named(tenant.priorities, ticket.priority_id),
        "assignedAgents": [named(tenant.members, key) for key in ticket.assigned_member_ids],
        "createdOn": wire(ticket.created_on),
        "modifiedOn": wire(ticket.modified_on),
        "closedOn": None if ticket.closed_on is None else wire(ticket.closed_on),
        "isClosed": ticket.closed_on is not None,
        "tags": ticket.tags,
    }


def _summary(tenant: Tenant, ticket: Ticket) -> dict[str, Any]:
    latest = ticket.notes[-1] if ticket.notes else None
    return {
        **_common(tenant, ticket),
        "descriptionPreview": ticket.description[:PREVIEW],
        "latestNote": latest and _note_preview(latest),
    }


def _note_preview(note: Note) -> dict[str, Any]:
    described = note_object(note)
    return {
        "id": note.id,
        "notePreview": note.text[:PREVIEW],
        "createdOn": described["createdOn"],
        "createdBy": described["createdBy"],
    }


def _activity(tenant: Tenant, ticket: Ticket) -> dict[str, Any]:
    """Here the id of `createdBy` is a text, unlike that of a note."""
    contact = tenant.contacts.get(ticket.contact_id or 0)
    author = contact or tenant.api_member
    kind = "contact" if contact else "member"
    return {
        "id": f"activity-{ticket.id}",
        "type": "created",
        "createdOn": wire(ticket.created_on),
        "createdBy": {"id": tenant.user_id(author), "name": ticket.entered_by, "userType": kind},
    }


@routes.get("/time-entries", allow=Access.MEMBER)
def find_time_entries(call: Call) -> dict[str, Any]:
    """The calling member's own time entries of a period, newest first."""
    period = call.query.get("period") or "today"
    if period not in PERIODS:
        raise bad_request(period=f"The value must be one of {', '.join(PERIODS)}.")
    start, end = _span(period, call.tenant.clock.now())
    mine = [
        time_entry_object(ticket, note, note.time_entry)
        for ticket in call.tenant.tickets.values()
        for note in ticket.notes
        if note.time_entry and note.author_id == call.caller.member.id and start <= note.time_entry.start < end
    ]
    mine.sort(key=lambda entry: entry["startTime"], reverse=True)
    return _counted(mine, lambda entry: entry)


def _span(period: str, now: int) -> tuple[int, int]:
    """First and last tick (exclusive) of a period; weeks start on Monday, in UTC."""
    today = datetime.fromtimestamp(now // TICKS_PER_SECOND, UTC).replace(hour=0, minute=0, second=0)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = {
        "today": (today, today + timedelta(days=1)),
        "this_week": (monday, monday + timedelta(days=7)),
        "last_week": (monday - timedelta(days=7), monday),
        "this_month": (first, after),
        "last_month": (before, first),
    }[period]
    return int(start.timestamp()) * TICKS_PER_SECOND, int(end.timestamp()) * TICKS_PER_SECOND
