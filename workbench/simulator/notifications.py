"""What the proven profile posts to a flow: `{"ticket": …, "note": …}`.

Only the paths that the vendor's own flows read: everything else must be fetched. That contact and author also have an
`id`, as references have elsewhere, is likely.
"""

from typing import Any

from workbench.simulator.event_types import EventKind
from workbench.simulator.records import Note, Ticket
from workbench.simulator.shapes import Fields, flag, record, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import ticket_fields, ticket_object

_TICKET: Fields = {
    "id": whole("Id"),
    "name": text("Title"),
    "contact": record("Contact", {"id": whole("Id"), "name": text("Name"), "emailAddress": text("E-mail")}),
}
_NOTE: Fields = {
    "content": text("Content"),
    "isInternal": flag("Is internal"),
    "user": record("User", {"id": whole("Id"), "name": text("Name")}),
}
WITH_NOTE = (EventKind.NOTE_ADDED, EventKind.TIME_ENTRY_ADDED)


def notification_fields(tenant: Tenant, event_kind: EventKind | None = None) -> Fields:
    """The shape of a ticket notification; events without a note have no key for it (a guess: it may be null)."""
    fields: Fields = {"ticket": record("Ticket", ticket_fields(tenant) if tenant.profile.rich_events else _TICKET)}
    return {**fields, "note": record("Note", _NOTE)} if event_kind in WITH_NOTE else fields


def ticket_in_event(tenant: Tenant, ticket: Ticket) -> dict[str, Any]:
    """The ticket of a notification."""
    contact = tenant.contacts.get(ticket.contact_id or 0)
    whole = ticket_object(tenant, ticket) if tenant.profile.rich_events else {}
    return {
        **whole,
        "id": ticket.id,
        "name": ticket.name,
        "contact": contact and {"id": contact.id, "name": contact.name, "emailAddress": contact.email},
    }


def note_in_event(_: Tenant, note: Note) -> dict[str, Any]:
    """The note of a notification; a time entry comes as a note, too."""
    return {
        "content": note.text,
        "isInternal": note.is_internal,
        "user": {"id": note.author_id, "name": note.author_name},
    }
