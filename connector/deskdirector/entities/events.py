"""What happened, as flows receive it: the event's own facts, then the entity, then everything DeskDirector sent.

Known of the bodies: a ticket notification is `{"ticket": {…}, "note": {content, isInternal, user{name}}}`,
a time entry comes under `note`, too; webhooks (v2) carry arrays of flat entities. `relay.envelopes` puts the envelopes
into one object before these models read it. So nothing but the head is required here.
"""

from typing import Any, Final, TypeAlias

from pydantic import ConfigDict, Field

from connector.deskdirector.entities.chats import ChatSession
from connector.deskdirector.entities.surveys import rating_of
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.models import Entity, Timestamp, id_of, name_of, upstream
from connector.deskdirector.sites import Site

_AUTHORS: Final = ("user", "createdBy", "author", "member", "contact")
AUTHOR_TYPES: Final = {
    **dict.fromkeys(("member", "agent", "tech", "technician", "resource", "staff", "user"), "member"),
    **dict.fromkeys(("contact", "client", "customer", "enduser", "requester"), "contact"),
    **dict.fromkeys(("api", "apikey", "integration", "system", "application"), "api"),
}
"""What sites may call the type of an author -> member, contact or api. Unpublished but for the Tech connector's."""


def _note(*names: str, about: str) -> Any:
    return upstream(*(f"note.{name}" for name in names), about=about)


class EventHead(Entity):
    """The facts that every event has, in front of its entity."""

    event_id: str = Field("", description="The id of the event; the same when it is delivered again.")
    event_type: str = Field("", description="The type of the event that the flow subscribed to.")
    occurred_at: Timestamp | None = upstream(
        "triggeredOn", "occurredOn", "occurredAt", "requestedOn", about="When it happened, in UTC."
    )
    site: str = Field("", description="The site host where it happened.")
    is_own_change: bool = Field(
        False, description="Yes when the event is about a note that this connector wrote within the last 15 minutes."
    )


class EventTail(Entity):
    """What comes after the entity."""

    data: dict[str, Any] = Field(
        default_factory=dict, description="Everything that DeskDirector sent, under its own names; this varies by site."
    )


class _NoteOfEvent(Entity):
    note_id: int | None = _note("id", "entityId", "noteId", about="The id of the note, when the event is about one.")
    note_text: str | None = _note(
        "content",
        "note",
        "text",
        "noteContent",
        "notes",
        "body",
        "comment",
        about="The text of that note or time entry.",
    )
    note_is_internal: bool | None = _note("isInternal", "internal", about="Whether only the service desk sees it.")
    note_author: str | None = _note(
        *(f"{author}.name" for author in _AUTHORS), *_AUTHORS, "enteredBy", about="The name of the author."
    )
    note_author_type: str | None = _note(
        *(f"{author}.{name}" for author in _AUTHORS for name in ("userType", "type")),
        "authorType",
        "userType",
        about="What the author is, if known: member, contact or api.",
    )


class TicketEvent(EventTail, _NoteOfEvent, Ticket, EventHead):
    """Something happened to a ticket; the ticket is shown as it was right after."""

    id: int | None = upstream("id", "entityId", "ticketId", about="The number of the ticket.")  # type: ignore[assignment]
    contact_email: str | None = upstream(
        "contact.emailAddress", "contact.email", "contactEmail", about="The e-mail address of the contact."
    )
    contact_is_vip: bool | None = upstream(
        "contact.isVip", "contact.vip", "contactIsVip", about="Whether the contact is marked as VIP, if known."
    )

    def complete(self, site: Site) -> None:
        """As for a ticket, where there is one; the type of the note's author in our words."""
        if self.id is not None:
            super().complete(site)
        self.note_author_type = self.author_type()

    def author_type(self) -> str | None:
        """The type that was sent, else what the name says: the ticket's contact, or one of its members."""
        sent = "".join(letter for letter in (self.note_author_type or "").lower() if letter.isalpha())
        name = _folded(self.note_author)
        if sent in AUTHOR_TYPES:
            return AUTHOR_TYPES[sent]
        is_contact, is_member = name == _folded(self.contact), name in map(_folded, self.assigned_to)
        if not name or is_contact == is_member:  # unknown, or a member who is the contact as well
            return None
        return "contact" if is_contact else "member"


class ChatEvent(EventTail, ChatSession, EventHead):
    """Something happened in a chat; the chat is shown as it was right after."""

    id: str | None = upstream("id", "sessionId", "entityId", about="The id of the chat session.")  # type: ignore[assignment]


class AdvancedEvent(EventTail, EventHead):
    """An advanced event. Its content depends on its type."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    advanced_event_id: str | None = upstream(
        "eventId", about="DeskDirector's id of the event; Respond to advanced event takes it."
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
        "createdOn", "createdAt", "createdDateTime", "submittedOn", "submittedAt", about="When it was created, in UTC."
    )
    updated_at: Timestamp | None = upstream(
        "modifiedOn", "updatedOn", "updatedAt", "lastModifiedDateTime", about="When it last changed, in UTC."
    )
    score: str | None = upstream(
        "score",
        "rating",
        *("csat", "nps", "overallScore", "overallRating"),
        about="The score or rating, as DeskDirector writes it, for survey answers.",
    )
    rating: float | None = Field(None, description="The score as a number, where it begins with one: 4 for 4/5.")
    comment: str | None = upstream(
        "comment", "comments", "feedback", "remark", about="The comment, for survey answers."
    )

    def complete(self, site: Site) -> None:
        """The score as a number."""
        super().complete(site)
        self.rating = rating_of(self.score or "")


AnyEvent: TypeAlias = TicketEvent | ChatEvent | AdvancedEvent | WebhookEvent


def _folded(name: str | None) -> str:
    return " ".join((name or "").casefold().split())
