"""Recipe 6: pass on customer answers."""

from workbench.generators.recipes.foreign import CHANNEL, TEAM, teams_message
from workbench.generators.recipes.model import Call, Event, Flow, ForEach, If, Recipe

RECIPE = Recipe(
    number=6,
    title="Pass on customer answers",
    value="A customer's answer reaches the technicians on the ticket, or dispatch when nobody is assigned.",
    state="proven",
    settings=(TEAM, CHANNEL),
    flows=(
        Flow(
            "TellThoseWhoWork",
            Event(
                "CreateTicketWorkflow",
                {
                    "eventType": "ticket.notes.added",
                    "noteVisibility": "public",
                    "noteBy": "contact",
                    "leaveOutOwnChanges": True,
                },
            ),
            (
                Call("Get_ticket", "GetTicket", {"ticketId": "{{$trigger.id}}"}),
                If(
                    "Nobody_works_on_it",
                    "empty($step(Get_ticket).assignedToIds)",
                    (
                        teams_message(
                            "Tell_dispatch",
                            "{{$trigger.noteAuthor}} answered on #{{$trigger.id}} {{$step(Get_ticket).title}}, "
                            "and nobody is assigned.",
                        ),
                    ),
                    (
                        ForEach(
                            "For_each_member",
                            "$step(Get_ticket).assignedToIds",
                            (
                                Call(
                                    "Notify",
                                    "CreateMemberNotification",
                                    {
                                        "memberId": "{{items('For_each_member')}}",
                                        "title": "{{$trigger.noteAuthor}} answered",
                                        "message": "{{$trigger.noteText}}",
                                        "ticketId": "{{$trigger.id}}",
                                        "idempotencyKey": "{{$trigger.eventId}}-{{items('For_each_member')}}",
                                    },
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            guard="only notifies",
        ),
    ),
    edge_cases=(
        "Notes by the PSA's e-mail parser may have another author: compare noteAuthor with the contact's name.",
        "A member is away: Get member tells isActive only.",
    ),
)
