"""What is said to be sent is what is sent."""

from typing import Any

import pytest

from connector.examining.drift import WRITTEN_OUT
from tests.desk import Desk


def arguments(desk: Desk, operation: str) -> dict[str, Any]:
    """Everything that the operation takes, so that its whole body is written."""
    ticket = next(one for one in desk.tenant.tickets.values() if one.closed_on is None)
    chat = next(one for one in desk.tenant.chats.values() if one.status == "handled")
    contact, member = next(iter(desk.tenant.contacts)), next(iter(desk.tenant.members))
    about = {"title": "Look", "message": "Here", "ticketId": ticket.id}
    every: dict[str, dict[str, Any]] = {
        "CreateTicketTasks": {
            "ticketId": ticket.id, "templates": [next(iter(desk.tenant.task_templates))], "name": "To do",
            "tasks": ["Look"], "isPrivate": True,
        },
        "CreateContactNotification": {"contactId": contact, **about},
        "CreateMemberNotification": {"memberId": member, **about},
        "AddChatSystemMessage": {"sessionId": chat.id, "text": "Wait"},
        "InviteUsersToChat": {
            "sessionId": chat.id, "members": [str(member)], "contacts": [str(contact)], "message": "Come",
        },
    }  # fmt: skip
    return every[operation]


@pytest.mark.parametrize("operation", WRITTEN_OUT)
def test_bodies_written_out_by_hand_have_the_names_that_are_compared(desk: Desk, operation: str) -> None:
    endpoint, names = WRITTEN_OUT[operation]

    answer = desk.call(operation, **arguments(desk, operation))

    assert answer.status == 200, answer.json
    last = endpoint.path.rpartition("/")[2]
    body = next(call.body for call in desk.simulator.calls if call.method == "POST" and call.path.endswith(f"/{last}"))
    assert set(body) == set(names)
