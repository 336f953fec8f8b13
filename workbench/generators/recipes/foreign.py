"""Steps of other connectors that recipes use, and how Logic Apps calls them.

Operation ids and parameters in Power Automate: seen in the vendor's exported flows (Teams messages) and in public code
(mail); approvals and Entra ID are from memory. Paths in Logic Apps are from memory: open the step after the import.
"""

from dataclasses import dataclass
from typing import Final

from workbench.generators.recipes.model import Foreign, Setting

TEAM: Final = Setting(
    "TeamsTeam", "Teams team", "", "The id of the team: what follows groupId= in the link that Teams copies."
)
CHANNEL: Final = Setting(
    "TeamsChannel", "Teams channel", "", "The id of the channel: 19:…@thread.tacv2, in its link with %3a for the colon."
)
BOARD: Final = Setting("Board", "Board", "Support", "The board (queue) that the flow is about, by name or id.")


@dataclass(frozen=True, slots=True)
class Route:
    """A call of a managed connector in Logic Apps; the inputs that `path` does not name go into the body."""

    method: str
    path: str


ROUTES: Final = {
    "PostMessageToConversation": Route("post", "/beta/teams/conversation/message/poster/{poster}/location/{location}"),
    "ReplyWithMessageToConversation": Route(
        "post", "/v1.0/teams/conversation/replyWithMessage/poster/{poster}/location/{location}"
    ),
    "SendEmailV2": Route("post", "/v2/Mail"),
}


def teams_message(name: str, text: str) -> Foreign:
    """A message in the channel that the settings name; its answer has `id` and `messageLink`."""
    inputs = {
        "poster": "Flow bot",
        "location": "Channel",
        "body/recipient/groupId": "{{$setting(TeamsTeam)}}",
        "body/recipient/channelId": "{{$setting(TeamsChannel)}}",
        "body/messageBody": text,
    }
    return Foreign(name, "teams", "PostMessageToConversation", inputs)


def teams_reply(name: str, message_id: str, text: str) -> Foreign:
    """A reply to a message of that channel."""
    inputs = {
        "poster": "Flow bot",
        "location": "Channel",
        "body/recipient/groupId": "{{$setting(TeamsTeam)}}",
        "body/recipient/channelId": "{{$setting(TeamsChannel)}}",
        "body/messageId": message_id,
        "body/messageBody": text,
    }
    return Foreign(name, "teams", "ReplyWithMessageToConversation", inputs)


def teams_chat(name: str, email: str, text: str) -> Foreign:
    """A message of the flow's bot to one person."""
    inputs = {
        "poster": "Flow bot",
        "location": "Chat with Flow bot",
        "body/recipient": email,
        "body/messageBody": text,
    }
    return Foreign(name, "teams", "PostMessageToConversation", inputs)


def mail(name: str, to: str, subject: str, body: str) -> Foreign:
    """An e-mail from the mailbox of the connection."""
    inputs = {"emailMessage/To": to, "emailMessage/Subject": subject, "emailMessage/Body": body}
    return Foreign(name, "office365", "SendEmailV2", inputs)


def approval(name: str, title: str, to: str, details: str) -> Foreign:
    """Wait for the answer of one of several people; `outcome` is Approve or Reject."""
    inputs = {
        "approvalType": "Basic",
        "WebhookApprovalCreationInput/title": title,
        "WebhookApprovalCreationInput/assignedTo": to,
        "WebhookApprovalCreationInput/details": details,
    }
    return Foreign(name, "approvals", "StartAndWaitForAnApproval", inputs, "from memory", webhook=True)


def create_user(name: str, display_name: str, nickname: str, domain: str) -> Foreign:
    """A new user in Entra ID, switched on, with a password that is to be changed; it never goes into a ticket."""
    inputs = {
        "body/accountEnabled": True,
        "body/displayName": display_name,
        "body/mailNickname": f"{{{{{nickname}}}}}",
        "body/userPrincipalName": f"{{{{{nickname}}}}}@{{{{{domain}}}}}",
        "body/passwordProfile/password": "{{concat(guid(), 'Aa1!')}}",
        "body/passwordProfile/forceChangePasswordNextSignIn": True,
    }
    return Foreign(name, "azuread", "CreateUser", inputs, "from memory")


def block_sign_in(name: str, address: str) -> Foreign:
    """Switch a user off in Entra ID."""
    inputs = {"id": f"{{{{{address}}}}}", "body/accountEnabled": False}
    return Foreign(name, "azuread", "UpdateUser", inputs, "from memory")
