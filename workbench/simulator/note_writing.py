"""Writes a note into a ticket; for the update of a ticket, the notes route and time entries."""

from workbench.simulator.call import Call
from workbench.simulator.event_types import EventKind
from workbench.simulator.records import Note, Ticket, TimeEntry


def append_note(call: Call, ticket: Ticket, content: str, *, internal: bool, entry: TimeEntry | None = None) -> Note:
    """Write a note as the caller, mark the ticket as changed, and raise the event."""
    tenant = call.tenant
    author = call.caller.user or tenant.api_member
    tenant.touch(ticket)
    note = Note(
        tenant.next_number(),
        content,
        internal,
        ticket.modified_on,
        author.id,
        author.name,
        call.caller.user_type,
        entry,
    )
    ticket.notes.append(note)
    event_kind = EventKind.TIME_ENTRY_ADDED if entry else EventKind.NOTE_ADDED
    call.simulator.events.ticket(tenant, event_kind, ticket, note=note)
    return note
