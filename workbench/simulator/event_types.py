"""The types of events, with the id that a site gives each.

Proven are the ids of five ticket events. The other ticket ids of the proven profile are formed after the same pattern
and are guesses, as are all ids of chats, forms and surveys. The generous profile has two events more, both guesses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from workbench.simulator.profiles import Profile


class EventKind(Enum):
    """Something that can raise an event."""

    TICKET_CREATED = auto()
    TICKET_UPDATED = auto()
    MEMBER_ASSIGNED = auto()
    BOARD_CHANGED = auto()
    STATUS_CHANGED = auto()
    PRIORITY_CHANGED = auto()
    CUSTOMER_CHANGED = auto()
    TAGS_CHANGED = auto()
    NOTE_ADDED = auto()
    TIME_ENTRY_ADDED = auto()
    APPROVAL_REQUIRED = auto()
    CHAT_CREATED = auto()
    CHAT_STATUS_CHANGED = auto()
    FORM_SUBMITTED = auto()
    SURVEY_RECEIVED = auto()


@dataclass(frozen=True, slots=True)
class EventType:
    """An event that a site offers."""

    id: str
    name: str


EventTypes = Mapping[EventKind, EventType]

_PROVEN: EventTypes = {
    EventKind.TICKET_CREATED: EventType("ticket.new", "Ticket created"),
    EventKind.MEMBER_ASSIGNED: EventType("ticket.assigned", "Ticket assigned"),
    EventKind.TAGS_CHANGED: EventType("ticket.tags.updated", "Ticket tagged"),
    EventKind.NOTE_ADDED: EventType("ticket.notes.added", "Note added"),
    EventKind.TIME_ENTRY_ADDED: EventType("ticket.timeentries.added", "Time entry added"),
    # Guesses after the pattern of the five above.
    EventKind.STATUS_CHANGED: EventType("ticket.status.updated", "Status changed"),
    EventKind.BOARD_CHANGED: EventType("ticket.board.updated", "Board changed"),
    EventKind.PRIORITY_CHANGED: EventType("ticket.priority.updated", "Priority changed"),
    EventKind.CUSTOMER_CHANGED: EventType("ticket.contact.updated", "Company or contact changed"),
}
_GENEROUS: EventTypes = {
    **_PROVEN,
    EventKind.TICKET_UPDATED: EventType("ticket.updated", "Ticket updated"),
    EventKind.APPROVAL_REQUIRED: EventType("ticket.approval.required", "Approval required"),
}
_CHAT: EventTypes = {
    EventKind.CHAT_CREATED: EventType("chat.created", "New Chat Session"),
    EventKind.CHAT_STATUS_CHANGED: EventType("chat.statusChanged", "Chat Session Status Changed"),
}
_FORM: EventTypes = {EventKind.FORM_SUBMITTED: EventType("form.submitted", "Form submitted")}
_SURVEY: EventTypes = {EventKind.SURVEY_RECEIVED: EventType("survey.received", "Survey received")}


def ticket_events(profile: Profile) -> EventTypes:
    """The ticket events of a profile."""
    return _PROVEN if profile.name == "proven" else _GENEROUS


def chat_events(_: Profile) -> EventTypes:
    """The chat events; the same on every profile."""
    return _CHAT


def all_events(profile: Profile) -> EventTypes:
    """Every event of a profile."""
    return {**ticket_events(profile), **_CHAT, **_FORM, **_SURVEY}


def names_by_id(events: EventTypes) -> dict[str, str]:
    """Event id to name, as the pickers list them."""
    return {event.id: event.name for event in events.values()}
