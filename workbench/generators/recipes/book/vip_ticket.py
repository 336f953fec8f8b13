"""Recipe 8: raise the priority of VIP tickets."""

from workbench.generators.recipes.foreign import CHANNEL, TEAM, teams_message
from workbench.generators.recipes.model import Call, Event, Flow, Recipe, Setting

RECIPE = Recipe(
    number=8,
    title="Raise the priority of VIP tickets",
    value="Tickets of VIPs get a higher priority within seconds, and the team gets a message.",
    state="proven",
    settings=(TEAM, CHANNEL, Setting("Priority", "Priority", "High", "The priority for VIPs, by name or id.")),
    flows=(
        Flow(
            "RaiseVip",
            Event("CreateTicketWorkflow", {"eventType": "ticket.new", "contactIsVip": True}),
            (
                Call(
                    "Raise",
                    "UpdateTicket",
                    {
                        "ticketId": "{{$trigger.id}}",
                        "priority": "{{$setting(Priority)}}",
                        "note": "Raised: the contact is a VIP.",
                        "noteIsInternal": True,
                    },
                ),
                teams_message("Tell_team", "VIP {{$trigger.contact}}: #{{$trigger.id}} {{$trigger.title}}"),
            ),
            guard="waits for new tickets, changes existing ones",
        ),
    ),
    edge_cases=(
        "The priority does not exist on the site: 400 lists those that do.",
        "The change raises update events: flows that wait for those should leave out own changes.",
    ),
)
