"""What reaches people: notifications and e-mails made from templates. Shapes: unpublished."""

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Timestamp, upstream


class Notification(Entity):
    """A notification that was sent."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = upstream("id", "entityId", "notificationId", about="The id of the notification.")
    recipient: str | None = Field(None, description="Who it was sent to: contact or member.")
    recipient_id: int | None = Field(None, description="The id of that contact or member.")
    title: str | None = Field(None, description="Its title.")
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When it was sent, in UTC.")


class GeneratedEmail(Entity):
    """An e-mail made from a template, ready to be sent by whatever sends e-mail."""

    subject: str | None = upstream("subject", "title", about="The subject line.")
    html: str | None = upstream("html", "body", "document", "content", about="The body, as an HTML document.")
    text: str | None = upstream("text", "plainText", about="The body as plain text, when DeskDirector gives it.")
    template_id: str | None = Field(None, description="The id of the template.")
