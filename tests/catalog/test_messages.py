"""What reaches people: notifications, chats, e-mails from templates."""

import pytest

from tests.desk import Desk


def chat_in(desk: Desk, status: str) -> str:
    """The id of a chat in a state."""
    return next(one.id for one in desk.tenant.chats.values() if one.status == status)


@pytest.mark.parametrize(
    ("operation", "kind", "letter"),
    [
        ("CreateContactNotification", "contact", "c"),
        ("CreateMemberNotification", "member", "m"),
    ],
)
def test_a_notification_reaches_whom_it_is_for(desk: Desk, operation: str, kind: str, letter: str) -> None:
    who = next(one for one in getattr(desk.tenant, f"{kind}s").values() if one.is_active)
    ticket_id = next(iter(desk.tenant.tickets))

    sent = desk.call(operation, title="Hello", message="Look at this", ticketId=ticket_id, **{f"{kind}Id": who.id})

    (notification,) = desk.tenant.notifications
    assert notification.user_id.endswith(f"~{letter}~{who.id}")
    assert (notification.title, notification.message, notification.ticket_id) == ("Hello", "Look at this", ticket_id)
    assert (sent.json["id"], sent.json["recipient"], sent.json["recipientId"]) == (notification.id, kind, who.id)


def test_a_notification_is_sent_once_for_one_key(desk: Desk) -> None:
    who = next(iter(desk.tenant.members))

    for _ in range(2):
        desk.call("CreateMemberNotification", memberId=who, title="Once", message="Only", idempotencyKey="one and only")

    assert len(desk.tenant.notifications) == 1


def test_a_chat_is_told_flat(desk: Desk) -> None:
    chat = next(one for one in desk.tenant.chats.values() if one.ticket_id and one.status != "created")

    found = desk.call("GetChatSession", sessionId=chat.id).json

    contact = desk.tenant.contacts[chat.creator_id]
    assert (found["id"], found["status"], found["ticketId"]) == (chat.id, chat.status, chat.ticket_id)
    assert (found["creator"], found["creatorId"]) == (contact.name, str(contact.id))
    assert found["company"] == desk.tenant.companies[contact.company_id].name
    assert contact.name in found["invited"]
    assert desk.call("GetChatSession", sessionId="1-2").code == "SessionNotFound"


def test_a_system_message_and_invitations_change_the_chat(desk: Desk) -> None:
    session = chat_in(desk, "handled")
    member = next(one for one in desk.tenant.members.values() if one.id not in desk.tenant.chats[session].member_ids)
    contact = next(one for one in desk.tenant.contacts.values() if one.email)

    message = desk.call("AddChatSystemMessage", sessionId=session, text="Somebody joins you")
    invited = desk.call("InviteUsersToChat", sessionId=session, members=[member.email], contacts=[str(contact.id)])

    chat = desk.tenant.chats[session]
    assert (chat.messages, message.json["id"]) == (["Somebody joins you"], message.json["id"])
    assert (invited.json["memberIds"], invited.json["contactIds"]) == ([member.id], [contact.id])
    assert member.id in chat.member_ids
    assert contact.id in chat.contact_ids


def test_a_closed_chat_takes_nothing(desk: Desk) -> None:
    session = chat_in(desk, "completed")

    assert desk.call("AddChatSystemMessage", sessionId=session, text="Too late").status == 409
    assert desk.call("InviteUsersToChat", sessionId=chat_in(desk, "handled")).code == "PeopleRequired"


def test_an_email_is_made_from_a_template_by_name(desk: Desk) -> None:
    made = desk.call(
        "GenerateEmailFromTemplate",
        emailTemplate="welcome",
        values={"firstName": "Zoë", "portalUrl": "https://p.example"},
    )

    assert made.json["subject"] == "Welcome, Zoë"
    assert "Sign in at https://p.example" in made.json["html"]
    assert made.json["templateId"] == "email-welcome"


def test_the_tokens_of_a_template_are_known(desk: Desk) -> None:
    assert {one["id"] for one in desk.call("ListEmailTemplates").json["results"]} == set(desk.tenant.email_templates)

    schema = desk.call("GetEmailTemplateSchema", emailTemplate="email-outage").json["schema"]

    assert schema["properties"]["ticketId"]["type"] == "integer"
    assert schema["properties"]["since"]["format"] == "date-time"
    assert set(schema["required"]) == {"service", "ticketId", "since"}


def test_missing_values_are_named_by_deskdirector(desk: Desk) -> None:
    refused = desk.call("GenerateEmailFromTemplate", emailTemplate="Welcome")

    assert refused.status == 400
    assert "firstName" in refused.json["message"]
    assert desk.call("GenerateEmailFromTemplate", emailTemplate="Farewell").code == "EmailTemplateNotFound"
