"""Recipe 2: notify the assigned technician."""

from workbench.generators.recipes.foreign import teams_chat
from workbench.generators.recipes.model import Call, Event, Flow, ForEach, Recipe

RECIPE = Recipe(
    number=2,
    title="Notify the assigned technician",
    value="A technician who is assigned to a ticket gets a message in Teams and one in the technicians' portal.",
    state="proven",
    flows=(
        Flow(
            "TellAssigned",
            Event("WhenTicketIsAssigned"),
            (
                Call("Get_link", "GetTicketLink", {"ticketId": "{{$trigger.id}}"}),
                ForEach(
                    "For_each_member",
                    "$trigger.assignedToIds",
                    (
                        Call("Get_member", "GetMember", {"memberId": "{{items('For_each_member')}}"}),
                        teams_chat(
                            "Message",
                            "{{$step(Get_member).email}}",
                            '<a href="{{$step(Get_link).techUrl}}">#{{$trigger.id}} {{$trigger.title}}</a> is yours.',
                        ),
                        Call(
                            "Notify",
                            "CreateMemberNotification",
                            {
                                "memberId": "{{items('For_each_member')}}",
                                "title": "A ticket is yours",
                                "message": "{{$trigger.title}}",
                                "ticketId": "{{$trigger.id}}",
                                "idempotencyKey": "{{$trigger.eventId}}-{{items('For_each_member')}}",
                            },
                        ),
                    ),
                ),
            ),
            guard="only notifies",
        ),
    ),
    edge_cases=(
        "Several members are assigned at once: one event, one message each.",
        "On ConnectWise, assigning in the PSA itself may not raise the event (vendor's request tracker #629).",
        "An address that Teams does not know fails the run: let the next step run after a failure too.",
    ),
)
