"""Chat sessions: read one, add a system message, invite people."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.chat_shapes import INVITE, NEW_MESSAGE, chat_object, user_object
from workbench.simulator.clock import TICKS_PER_SECOND
from workbench.simulator.records import Chat
from workbench.simulator.router import Routes
from workbench.simulator.shapes import read
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import CONNECTOR, bad_request, conflict, not_found

routes = Routes(f"{CONNECTOR}/chat-sessions/{{sessionId}}")
STATUSES = ("created", "handled", "missed", "completed", "callback")
CLOSED = ("missed", "completed")


def chat_of(call: Call) -> Chat:
    """The session that the path names."""
    chat = call.tenant.chats.get(call.params["sessionId"])
    if chat is None:
        raise not_found("Chat session", call.params["sessionId"])
    return chat


@routes.get("", allow=Access.STAFF)
def get_chat(call: Call) -> dict[str, Any]:
    """One session."""
    return chat_object(call.tenant, chat_of(call))


@routes.post("/system-messages", allow=Access.STAFF)
def add_system_message(call: Call) -> dict[str, Any]:
    """A message that nobody in the chat wrote."""
    chat = _open_chat(call)
    values = read(NEW_MESSAGE, call.body)
    chat.messages.append(values["message"])
    chat.modified_on = call.tenant.clock.now()
    chat.last_message_id = message_id(call.tenant, chat)
    return {"id": chat.last_message_id}


@routes.post("/invite", allow=Access.STAFF)
def invite_users(call: Call) -> dict[str, Any]:
    """Bring members or contacts into the chat; a member who joins a waiting chat handles it."""
    tenant, chat = call.tenant, _open_chat(call)
    values = read(INVITE, call.body)
    member_ids, contact_ids = values.get("memberIds") or [], values.get("contactIds") or []
    if not member_ids and not contact_ids:
        raise bad_request(memberIds="Invite at least one member or contact.")
    for key in member_ids:
        if key not in tenant.members:
            raise bad_request(memberIds=f"Member {key} does not exist.")
    for key in contact_ids:
        if key not in tenant.contacts:
            raise bad_request(contactIds=f"Contact {key} does not exist.")
    chat.member_ids = list(dict.fromkeys(chat.member_ids + member_ids))
    chat.contact_ids = list(dict.fromkeys(chat.contact_ids + contact_ids))
    chat.modified_on = tenant.clock.now()
    invited = [user_object(tenant, tenant.members[key]) for key in member_ids]
    invited += [user_object(tenant, tenant.contacts[key]) for key in contact_ids]
    return {"invited": invited}


def _open_chat(call: Call) -> Chat:
    chat = chat_of(call)
    if chat.status in CLOSED:
        raise conflict(f"Chat session {chat.id} is closed.")
    return chat


def message_id(tenant: Tenant, chat: Chat) -> str:
    """`<unix ms>-<hex>-<user id>`."""
    moment = chat.modified_on * 1000 // TICKS_PER_SECOND
    return f"{moment}-{len(chat.messages):04x}-{tenant.user_id(tenant.api_member)}"


def open_chat(tenant: Tenant, contact_id: int, ticket_id: int | None, chat_type: str = "request") -> Chat:
    """A contact starts a chat; the id is `<unix seconds>-<digits>`."""
    now = tenant.clock.now()
    chat = Chat(
        f"{now // TICKS_PER_SECOND}-{tenant.next_number()}",
        f"Chat with {tenant.contacts[contact_id].name}",
        chat_type,
        "created",
        contact_id,
        now,
        now,
        ticket_id,
    )
    tenant.chats[chat.id] = chat
    return chat


def move_chat(tenant: Tenant, chat: Chat, status: str) -> None:
    """Change the status of a chat."""
    chat.past_status.append(chat.status)
    chat.status = status
    chat.modified_on = tenant.clock.now()
    chat.closed_on = chat.modified_on if status in CLOSED else None
