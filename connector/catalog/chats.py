"""Chat sessions: get one, add a system message, invite people."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.chats import ChatInvitation, ChatMessage, ChatSession
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import ContactRef, Creating, MemberRef, SessionId, Text
from connector.operations.operation import Effects, action
from connector.resolving.references import resolve


class NewChatMessage(Creating):
    """A message to be put into a chat."""

    text: Annotated[Text, IMPORTANT, Outgoing()] = Field(min_length=1, description="The text of the message.")


class NewChatInvitation(Creating):
    """People to be brought into a chat."""

    members: Annotated[list[MemberRef] | None, IMPORTANT] = Field(
        None, max_length=50, description="The members to invite, by e-mail address, name or id."
    )
    contacts: Annotated[list[ContactRef] | None, Outgoing()] = Field(
        None, max_length=50, description="The contacts to invite, by e-mail address, name or id."
    )
    message: Annotated[Text | None, ADVANCED] = Field(None, description="The text of the invitation.")


@action("GetChatSession", "GET", "chat-sessions/{sessionId}", visibility="advanced")
async def get_chat_session(dd: DeskDirector, session_id: SessionId) -> ChatSession:
    """Get a chat session with its status, its people and the ticket that it belongs to.

    It does not include the messages. The id comes with the events about chats.
    """
    return await dd.fetch(api.GET_CHAT_SESSION, ChatSession, path={"sessionId": session_id})


@action(
    "AddChatSystemMessage",
    "POST",
    "chat-sessions/{sessionId}/system-messages",
    effects=Effects.SENDS,
    visibility="advanced",
)
async def add_chat_system_message(dd: DeskDirector, session_id: SessionId, message: NewChatMessage) -> ChatMessage:
    """Add a message to an active chat, shown as coming from the system.

    Everybody in the chat sees it. Use Add ticket note to write to a ticket.
    """
    path, body = {"sessionId": session_id}, {"message": message.text}
    reply = await dd.call(api.ADD_CHAT_SYSTEM_MESSAGE, path=path, body=body)
    sent = reply.read(ChatMessage) if reply.content else ChatMessage()
    sent.session_id, sent.text = session_id, message.text
    return sent


@action(
    "InviteUsersToChat",
    "POST",
    "chat-sessions/{sessionId}/invitations",
    effects=Effects.SENDS,
    visibility="advanced",
)
async def invite_users_to_chat(
    dd: DeskDirector, session_id: SessionId, invitation: NewChatInvitation
) -> ChatInvitation:
    """Invite members, or more contacts, to an active chat.

    They are notified at once. Find members and Find contacts show who there is.
    """
    if not invitation.members and not invitation.contacts:
        raise BadRequest("PeopleRequired", "Give the 'members' or 'contacts' to invite.")
    member_ids = [int(await resolve(dd, "member", person)) for person in invitation.members or ()]
    contact_ids = [int(await resolve(dd, "contact", person)) for person in invitation.contacts or ()]
    body = {"memberIds": member_ids, "contactIds": contact_ids, "message": invitation.message}
    filled = {name: value for name, value in body.items() if value}
    await dd.call(api.INVITE_USERS_TO_CHAT, path={"sessionId": session_id}, body=filled)
    return ChatInvitation(session_id=session_id, member_ids=member_ids, contact_ids=contact_ids)
