"""How a chat session is written."""

from typing import Any

from workbench.simulator.clock import TICKS_PER_SECOND, wire
from workbench.simulator.records import Chat, Contact, Member
from workbench.simulator.shapes import Fields, decimal, flag, many, moment, record, text, whole
from workbench.simulator.tenant import Tenant

_COMPANY: Fields = {"entityId": whole("Id"), "name": text("Name"), "identifier": text("Identifier")}
USER: Fields = {
    "entityId": whole("Id"),
    "name": text("Name"),
    "userId": text("User id"),
    "company": record("Company", _COMPANY),
}
CHAT: Fields = {
    "id": text("Id"),
    "name": text("Name"),
    "type": text("Type"),
    "status": text("Status"),
    "pastStatus": many(text("Status"), "Past statuses"),
    "report": record(
        "Report",
        {
            "creatorWaited": decimal("Creator waited, seconds"),
            "handledDateTime": moment("Handled at"),
            "chatDuration": decimal("Chat duration, seconds"),
        },
    ),
    "reference": record("Reference", {"type": text("Type"), "id": text("Id")}),
    "creator": record("Creator", USER),
    "closedDateTime": moment("Closed at"),
    "users": many(record("User", USER), "Users"),
    "participants": many(record("Participant", USER), "Participants"),
    "lastMessageId": text("Last message id"),
    "createdDateTime": moment("Created at"),
    "lastModifiedDateTime": moment("Last modified at"),
}
NEW_MESSAGE: Fields = {"message": text("Message", required=True)}
INVITE: Fields = {
    "memberIds": many(whole("Member", picker="ListMembers"), "Members"),
    "contactIds": many(whole("Contact"), "Contacts"),
    "message": text("Message"),
}
PARAMETERS: Fields = {
    "chatType": text("Type of chat", enum=("request", "push")),
    "outsideOfficeHours": flag("Outside office hours"),
}


def user_object(tenant: Tenant, user: Member | Contact) -> dict[str, Any]:
    """A chat user; a member has no company."""
    described: dict[str, Any] = {"entityId": user.id, "name": user.name, "userId": tenant.user_id(user)}
    if isinstance(user, Contact):
        company = tenant.companies[user.company_id]
        described["company"] = {"entityId": company.id, "name": company.name, "identifier": company.identifier}
    return described


def chat_object(tenant: Tenant, chat: Chat) -> dict[str, Any]:
    """A chat as its webhook payload has it: what is not known yet is left out, not null."""
    creator = tenant.contacts[chat.creator_id]
    people: list[Member | Contact] = [creator, *(tenant.contacts[key] for key in chat.contact_ids)]
    people += [tenant.members[key] for key in chat.member_ids]
    users = [user_object(tenant, user) for user in people]
    described: dict[str, Any] = {
        "id": chat.id,
        "name": chat.name,
        "type": chat.type,
        "status": chat.status,
        "pastStatus": chat.past_status,
        "report": _report(chat),
        "creator": user_object(tenant, creator),
        "users": users,
        "participants": users if chat.past_status else [],
        "createdDateTime": wire(chat.created_on),
        "lastModifiedDateTime": wire(chat.modified_on),
    }
    if chat.ticket_id is not None:
        described["reference"] = {"type": "ticket", "id": str(chat.ticket_id)}
    if chat.closed_on is not None:
        described["closedDateTime"] = wire(chat.closed_on)
    if chat.last_message_id is not None:
        described["lastMessageId"] = chat.last_message_id
    return described


def _report(chat: Chat) -> dict[str, Any]:
    if chat.status == "created":
        return {}
    waited = (chat.modified_on - chat.created_on) / TICKS_PER_SECOND
    return {"creatorWaited": waited, "handledDateTime": wire(chat.modified_on)}
