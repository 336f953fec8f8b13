"""Notifications to contacts in the client portal and to members in the technicians' portal."""

from typing import Annotated, Literal

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.messages import Notification
from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import ContactId, Creating, Line, MemberId, Text
from connector.operations.input_kinds import TICKET_NUMBER
from connector.operations.operation import Effects, action


class NewNotification(Creating):
    """A notification to be sent."""

    title: Annotated[Line, IMPORTANT] = Field(min_length=1, description="The title of the notification, in one line.")
    message: Annotated[Text, IMPORTANT] = Field(min_length=1, description="The text of the notification.")
    ticket_id: Annotated[int | None, TICKET_NUMBER, ADVANCED] = Field(
        None,
        ge=1,
        le=2**31 - 1,
        description="The number of the ticket that it is about; opening the notification opens the ticket.",
    )


@action("CreateContactNotification", "POST", "contacts/{contactId}/notifications", effects=Effects.SENDS)
async def create_contact_notification(
    dd: DeskDirector, contact_id: Annotated[ContactId, Outgoing()], notification: NewNotification
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
