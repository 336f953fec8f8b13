"""Recipe 12: call back after a missed chat."""

from workbench.generators.recipes.foreign import BOARD, CHANNEL, TEAM, teams_message
from workbench.generators.recipes.model import Call, Event, Flow, If, Recipe

RECIPE = Recipe(
    number=12,
    title="Call back after a missed chat",
    value="A missed chat alerts the team to call back, and creates a ticket.",
    state="proven",
    settings=(BOARD, TEAM, CHANNEL),
    flows=(
        Flow(
            "CallBack",
            Event("CreateChatWebhook", {"eventType": "Chat Session Status Changed"}),
            (
                If(
                    "Was_missed",
                    "or(equals($trigger.status, 'missed'), equals($trigger.status, 'callback'))",
                    (
                        teams_message(
                            "Tell_team",
                            "Call {{$trigger.creator}} back: {{coalesce($trigger.callbackPhone, 'no number given')}}",
                        ),
                        If(
                            "Has_no_ticket",
                            "equals($trigger.ticketId, null)",
                            (
                                Call(
                                    "Create_ticket",
                                    "CreateTicket",
                                    {
                                        "title": "Call back: {{$trigger.creator}}",
                                        "description": "{{coalesce($trigger.callbackNote, $trigger.name, '')}}",
                                        "contact": "{{string($trigger.creatorId)}}",
                                        "board": "{{$setting(Board)}}",
                                        "idempotencyKey": "chat-{{$trigger.id}}",
                                    },
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            guard="waits for chats, creates tickets",
        ),
    ),
    edge_cases=(
        "One chat changes its status several times: the ticket's key is the chat's id.",
        "Out of office hours: add a condition on the time.",
    ),
    needs=("The body of chat events is unpublished; the first real event shows whether creatorId is filled.",),
)
