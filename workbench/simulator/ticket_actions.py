"""Things done to a ticket as a user: time entries by a member, approval by a contact. The paths are assumed."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import HOUR, wire
from workbench.simulator.note_writing import append_note
from workbench.simulator.notes import visible_ticket
from workbench.simulator.records import Note, Ticket, TimeEntry
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, decimal, flag, moment, read, reference, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import TICKET, ticket_json
from workbench.simulator.tickets import set_status, ticket_of
from workbench.simulator.wire import bad_request, conflict, forbidden

routes = Routes("/api/v2/tickets/{ticketId}")
MAX_HOURS = 24

_NEW_ENTRY: Fields = {
    "note": text("Note"),
    "isInternal": flag("Is internal"),
    "startTime": moment("Start"),
    "endTime": moment("End"),
    "actualHours": decimal("Hours"),
}
TIME_ENTRY: Fields = {
    "id": whole("Id"),
    **_NEW_ENTRY,
    "createdOn": moment("Created on"),
    "parentTicket": reference("Ticket"),
}
_DECISION: Fields = {"comment": text("Comment")}


def time_entry_object(ticket: Ticket, note: Note, entry: TimeEntry) -> dict[str, Any]:
    """A time entry of the copilot surface: here it says `startTime`, inside a note `timeStart`."""
    return {
        "id": note.id,
        "note": note.text,
        "isInternal": note.is_internal,
        "startTime": wire(entry.start),
        "endTime": wire(entry.end),
        "actualHours": entry.actual_hours,
        "createdOn": wire(note.created_on),
        "parentTicket": {"id": ticket.id, "name": ticket.name},
    }


@routes.post(
    "/time-entries",
    allow=Access.MEMBER,
    assumed=True,
    moved_to="/api/v2/tech/tickets/{ticketId}/timeentries",
    takes=_NEW_ENTRY,
    answers=TIME_ENTRY,
)
def create_time_entry(call: Call) -> dict[str, Any]:
    """Hours of the calling member, by start and end, by hours, or both; without times they end now."""
    ticket = ticket_of(call)
    values = read(_NEW_ENTRY, call.body)
    entry = _entry(call.tenant, values)
    internal = bool(values.get("isInternal"))
    note = append_note(call, ticket, values.get("note") or "", internal=internal, entry=entry)
    return time_entry_object(ticket, note, entry)


def _entry(tenant: Tenant, values: dict[str, Any]) -> TimeEntry:
    start, end, hours = values.get("startTime"), values.get("endTime"), values.get("actualHours")
    if hours is None and start is not None and end is not None:
        hours = round((end - start) / HOUR, 4)
    if hours is None:
        raise bad_request(actualHours="Give the hours, or a start and an end.")
    if not 0 < hours <= MAX_HOURS:
        raise bad_request(actualHours=f"The hours must be more than 0 and at most {MAX_HOURS}.")
    span = round(hours * HOUR)
    if end is None:
        end = tenant.clock.now() if start is None else start + span
    return TimeEntry(end - span if start is None else start, end, hours, hours)


@routes.post(
    "/approve",
    allow=Access.ANYONE,
    assumed=True,
    moved_to="/api/v2/portal/tickets/{ticketId}/approval/approve",
    takes=_DECISION,
    answers=TICKET,
)
def approve(call: Call) -> bytes:
    """Let the work go on."""
    return _decided(call, "In Progress")


@routes.post(
    "/decline",
    allow=Access.ANYONE,
    assumed=True,
    moved_to="/api/v2/portal/tickets/{ticketId}/approval/decline",
    takes=_DECISION,
    answers=TICKET,
)
def decline(call: Call) -> bytes:
    """Close the ticket without the work."""
    return _decided(call, "")


def _decided(call: Call, next_status: str) -> bytes:
    ticket = visible_ticket(call)
    if not call.caller.contact.is_approver:
        raise forbidden(f"{call.caller.contact.name} is not an approver.")
    comment = read(_DECISION, call.body or {}).get("comment")
    decide(call, ticket, approved=bool(next_status))
    if comment:
        append_note(call, ticket, comment, internal=False)
    return ticket_json(call.tenant, ticket)


def decide(call: Call, ticket: Ticket, *, approved: bool) -> None:
    """Move a ticket that waits for approval on: into work, or to the first closed status of its board."""
    statuses = call.tenant.statuses_of(ticket.board_id)
    waiting = next((status for status in statuses if status.name == "Approval Required"), None)
    if waiting is None or ticket.status_id != waiting.id:
        raise conflict(f"Ticket {ticket.id} does not wait for approval.")
    fits = [status for status in statuses if (status.name == "In Progress" if approved else status.is_closed)]
    with call.simulator.events.watching(call.tenant, ticket):
        set_status(call.tenant, ticket, fits[0].id)
