"""What happened, as flows receive it: the event's own facts, then the entity, then everything DeskDirector sent.

No event body is published. What is known: workflow notifications are smaller than webhooks, and made of flat objects
with `{id, name}` references; webhooks (v2) carry arrays of entities. So nothing but the head is required here.
"""

from typing import Any, TypeAlias

from pydantic import ConfigDict, Field

from connector.deskdirector.entities.chats import ChatSession
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.models import Entity, Timestamp, id_of, name_of, upstream


class EventHead(Entity):
    """The facts that every event has, in front of its entity."""

    event_id: str = Field("", description="The id of the event; the same when it is delivered again.")
    event_type: str = Field("", description="The type of the event, as it was subscribed to.")
    occurred_at: Timestamp | None = upstream(
        "triggeredOn", "occurredOn", "occurredAt", "requestedOn", about="When it happened, in UTC."
    )
    site: str = Field("", description="The site host that it happened at.")


class EventTail(Entity):
    """What comes after the entity."""

    data: dict[str, Any] = Field(
        default_factory=dict, description="Everything that DeskDirector sent, under its own names; it varies by site."
    )


class _NoteOfEvent(Entity):
    note_id: int | None = upstream("note.id", about="The id of the note, when the event is about one.")
    note_text: str | None = upstream("note.note", "note.text", about="What that note says.")
    note_is_internal: bool | None = upstream("note.isInternal", about="Whether only the service desk sees that note.")
    note_author: str | None = upstream("note.createdBy.name", "note.author.name", about="Who wrote that note.")


class TicketEvent(EventTail, _NoteOfEvent, Ticket, EventHead):
    """Something happened to a ticket; the ticket is shown as it was right after."""

    id: int | None = upstream("id", "entityId", "ticketId", about="The number of the ticket.")  # type: ignore[assignment]

    def complete(self, site: Any) -> None:
        """As for a ticket, where there is one."""
        if self.id is not None:
            super().complete(site)


class ChatEvent(EventTail, ChatSession, EventHead):
    """Something happened in a chat; the chat is shown as it was right after."""

    id: str | None = upstream("id", "sessionId", "entityId", about="The id of the chat session.")  # type: ignore[assignment]


class AdvancedEvent(EventTail, EventHead):
    """An advanced event. Its content depends on its type."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    advanced_event_id: str | None = upstream(
        "eventId", about="DeskDirector's own id of the event; Respond to advanced event takes it."
    )
    ticket: str | None = name_of("ticket", about="The title of the ticket that it is about.")
    ticket_id: int | None = id_of("ticket", about="The number of the ticket that it is about.")


class WebhookEvent(EventTail, EventHead):
    """An entity that a webhook of the admin portal sent: a ticket, a chat session, a form result …"""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = upstream("id", "entityId", about="The id of the entity.")
    name: str | None = upstream("name", "title", "summary", "subject", about="The name or title of the entity.")
    status: str | None = name_of("status", about="The name of its status.")
    ticket_id: int | None = id_of("ticket", about="The number of the ticket that it belongs to, if it names one.")
    form: str | None = name_of("form", about="The name of the form, for form results.")
    form_id: int | None = id_of("form", about="The id of the form, for form results.")
    created_at: Timestamp | None = upstream(
        "createdOn", "createdAt", "createdDateTime", "submittedOn", "submittedAt", about="When it came about, in UTC."
    )
    updated_at: Timestamp | None = upstream(
        "modifiedOn", "updatedOn", "updatedAt", "lastModifiedDateTime", about="When it last changed, in UTC."
    )


AnyEvent: TypeAlias = TicketEvent | ChatEvent | AdvancedEvent | WebhookEvent
