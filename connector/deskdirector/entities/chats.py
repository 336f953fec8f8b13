"""Chat sessions. Shape: the vendor's description of the chat webhook's payload."""

from typing import Any

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Timestamp, hidden, name_of, people_in, required, upstream
from connector.deskdirector.sites import Site


class ChatSession(Entity):
    """A chat between a contact and the service desk."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = required("id", "sessionId", "entityId", about="The id of the chat session.")
    name: str | None = upstream("name", "title", about="What the chat is about.")
    type: str | None = upstream("type", about="request when a contact started it, push when the service desk did.")
    status: str | None = name_of("status", about="created, handled, missed, callback or completed.")
    ticket_id: int | None = Field(None, description="The number of the ticket that it belongs to.")
    creator: str | None = name_of("creator", about="The name of the person who started it.")
    creator_id: str | None = upstream(
        "creator.entityId", "creator.id", "creator.userId", about="The id of the person who started it."
    )
    company: str | None = name_of(
        "creator.company", "creator.account", about="The company of the person who started it."
    )
    invited: list[str] = Field(default_factory=list, description="The names of the people invited.")
    attended: list[str] = Field(default_factory=list, description="The names of the people who took part.")
    callback_type: str | None = upstream("callback.type", about="How to call back: phone or chat.")
    callback_phone: str | None = upstream("callback.phone", about="The phone number to call back.")
    callback_note: str | None = upstream("callback.note", about="The note on the call back.")
    closed_by: str | None = upstream("closeRecord.user.name", about="The name of the person who closed it.")
    close_note: str | None = upstream("closeRecord.note", about="The note written when it was closed.")
    handled_at: Timestamp | None = upstream("report.handledDateTime", about="When a member took it, in UTC.")
    created_at: Timestamp | None = upstream("createdDateTime", "createdOn", about="When it started, in UTC.")
    updated_at: Timestamp | None = upstream("lastModifiedDateTime", "modifiedOn", about="When it last changed, in UTC.")
    closed_at: Timestamp | None = upstream("closedDateTime", "closedOn", about="When it ended, in UTC.")

    reference_type: str | None = upstream("reference.type", about="What it belongs to.", exclude=True)
    reference_id: str | None = upstream("reference.id", about="The id of what it belongs to.", exclude=True)
    people: list[Any] = hidden("users")
    present: list[Any] = hidden("participants")

    def complete(self, _site: Site) -> None:
        """Flatten the people, and say which ticket it belongs to."""
        about_ticket = self.reference_type == "ticket" and (self.reference_id or "").isdecimal()
        self.fill(
            invited=people_in(self.people)[0],
            attended=people_in(self.present)[0],
            ticket_id=int(self.reference_id or 0) if about_ticket else None,
        )


class ChatMessage(Entity):
    """A message that was put into a chat."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    session_id: str | None = Field(None, description="The id of the chat session.")
    id: str | None = upstream("id", "messageId", about="The id of the message, if DeskDirector gives it.")
    text: str | None = Field(None, description="The text of the message.")


class ChatInvitation(Entity):
    """Who was invited into a chat."""

    session_id: str = Field(description="The id of the chat session.")
    member_ids: list[int] = Field(default_factory=list, description="The ids of the members invited.")
    contact_ids: list[int] = Field(default_factory=list, description="The ids of the contacts invited.")
