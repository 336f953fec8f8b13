"""Notifications to contacts in the client portal and to members in the technicians' portal."""

from typing import Annotated, Literal

from pydantic import Field

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector
from ..deskdirector.endpoints import Endpoint
from ..deskdirector.entities.messages import Notification
from .fields import ContactId, Creating, Line, MemberId, Text
from .operation import Effects, action
from .shape import ADVANCED, IMPORTANT


class NewNotification(Creating):
    """A notification to be sent."""

    title: Annotated[Line, IMPORTANT] = Field(min_length=1, description="The title, in one line.")
    message: Annotated[Text, IMPORTANT] = Field(min_length=1, description="What it says.")
    ticket_id: Annotated[int | None, ADVANCED] = Field(
        None, ge=1, le=2**31 - 1, description="The number of the ticket that it is about; opening it leads there."
    )


@action("CreateContactNotification", "POST", "contacts/{contactId}/notifications", effects=Effects.SENDS)
async def create_contact_notification(
    dd: DeskDirector, contact_id: ContactId, notification: NewNotification
) -> Notification:
    """Send a notification to a contact, who sees it in the client portal.

    Find contacts gives the id. It sends no e-mail and writes nothing to a ticket: use Add ticket note for that.
    """
    path = {"contactId": contact_id}
    return await _send(dd, api.CREATE_CONTACT_NOTIFICATION, path, notification, "contact", contact_id)


@action("CreateMemberNotification", "POST", "members/{memberId}/notifications", effects=Effects.SENDS)
async def create_member_notification(
    dd: DeskDirector, member_id: MemberId, notification: NewNotification
) -> Notification:
    """Send a notification to a member of the service desk, who sees it in the technicians' portal.

    Find members gives the id. It sends no e-mail and assigns nothing: use Assign ticket for that.
    """
    path = {"memberId": member_id}
    return await _send(dd, api.CREATE_MEMBER_NOTIFICATION, path, notification, "member", member_id)


async def _send(
    dd: DeskDirector,
    endpoint: Endpoint,
    path: dict[str, int],
    notification: NewNotification,
    recipient: Literal["contact", "member"],
    recipient_id: int,
) -> Notification:
    about = {"ticketId": notification.ticket_id} if notification.ticket_id else {}
    body = {"title": notification.title, "message": notification.message, **about}
    sent = await dd.fetch(endpoint, Notification, path=path, body=body)
    sent.recipient, sent.recipient_id, sent.title = recipient, recipient_id, notification.title
    return sent
