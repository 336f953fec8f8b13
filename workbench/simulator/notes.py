"""Ticket notes. No public document gives these paths: they are the assumption that the client makes too."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.note_writing import append_note
from workbench.simulator.records import Ticket
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, flag, read, text
from workbench.simulator.ticket_shapes import NOTE, find_shape, note_object
from workbench.simulator.tickets import ticket_of
from workbench.simulator.wire import forbidden, not_found, page

routes = Routes("/api/v2/tickets/{ticketId}")
NEW_NOTE: Fields = {"note": text("Note", required=True), "isInternal": flag("Is internal")}


@routes.get(
    "/notes",
    allow=Access.ANYONE,
    assumed=True,
    moved_to="/api/v2/tickets/{ticketId}/comments",
    answers=find_shape(NOTE),
)
def list_notes(call: Call) -> dict[str, Any]:
    """The notes of a ticket, oldest first; a contact sees the public ones of its own company's tickets."""
    ticket = visible_ticket(call)
    hidden = call.caller.access is Access.CONTACT
    notes = [note for note in ticket.notes if not (hidden and note.is_internal)]
    window = page(notes, call.query_number("take", 50), call.query_number("skip", 0))
    return {"results": [note_object(note) for note in window], "totalResults": len(notes)}


@routes.post(
    "/notes",
    allow=Access.ANYONE,
    assumed=True,
    moved_to="/api/v2/tickets/{ticketId}/comments",
    takes=NEW_NOTE,
    answers=NOTE,
)
def add_note(call: Call) -> dict[str, Any]:
    """A note of the caller: the API member, or the user of the access token."""
    ticket = visible_ticket(call)
    values = read(NEW_NOTE, call.body)
    internal = bool(values.get("isInternal"))
    if internal and call.caller.access is Access.CONTACT:
        raise forbidden("A contact cannot write internal notes.")
    return note_object(append_note(call, ticket, values["note"], internal=internal))


def visible_ticket(call: Call) -> Ticket:
    """The ticket of the path, unless a contact of another company asks for it."""
    ticket = ticket_of(call)
    if call.caller.access is Access.CONTACT and call.caller.contact.company_id != ticket.company_id:
        raise not_found("Ticket", ticket.id)
    return ticket
