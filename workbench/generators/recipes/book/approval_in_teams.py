"""Recipe 5: approve tickets in Teams."""

from workbench.generators.recipes.foreign import BOARD, approval
from workbench.generators.recipes.model import Call, Event, Flow, If, Recipe, Select, Setting, Stop

RECIPE = Recipe(
    number=5,
    title="Approve tickets in Teams",
    value="The customer's approvers decide in Teams; the ticket is approved or declined.",
    state="preview",
    platforms=("Power Automate",),
    settings=(
        BOARD,
        Setting("WaitingStatus", "Waiting status", "Approval Required", "The status that waits for an approval."),
    ),
    flows=(
        Flow(
            "AskApprovers",
            Event(
                "CreateTicketWorkflow",
                {
                    "eventType": "ticket.status.updated",
                    "board": "{{$setting(Board)}}",
                    "status": "{{$setting(WaitingStatus)}}",
                },
            ),
            (
                Call(
                    "Find_approvers",
                    "FindContacts",
                    {"company": "{{string($trigger.companyId)}}", "isApprover": True, "take": 200},
                ),
                Select("Addresses", "$step(Find_approvers).results", "$each.email"),
                If("Nobody_may_approve", "empty($step(Addresses))", (Stop("No_approver"),)),
                approval(
                    "Ask",
                    "#{{$trigger.id}} {{$trigger.title}}",
                    "{{join($step(Addresses), ';')}}",
                    "{{$trigger.description}}",
                ),
                Call("Read_again", "GetTicket", {"ticketId": "{{$trigger.id}}"}),
                If(
                    "Still_waits",
                    "equals($step(Read_again).status, $setting(WaitingStatus))",
                    (
                        If(
                            "Is_approved",
                            "equals($step(Ask).outcome, 'Approve')",
                            (
                                Call(
                                    "Approve",
                                    "ApproveTicket",
                                    {
                                        "ticketId": "{{$trigger.id}}",
                                        "onBehalfOf": "{{first($step(Ask).responses)?['responder']?['email']}}",
                                        "comment": "{{first($step(Ask).responses)?['comments']}}",
                                        "idempotencyKey": "{{$trigger.eventId}}-1",
                                    },
                                ),
                            ),
                            (
                                Call(
                                    "Decline",
                                    "DeclineTicket",
                                    {
                                        "ticketId": "{{$trigger.id}}",
                                        "onBehalfOf": "{{first($step(Ask).responses)?['responder']?['email']}}",
                                        "comment": "{{first($step(Ask).responses)?['comments']}}",
                                        "idempotencyKey": "{{$trigger.eventId}}-2",
                                    },
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            guard="acts only while the ticket has the waiting status, which it leaves",
        ),
    ),
    edge_cases=(
        "Answered in the portal meanwhile: the status is read again before anything is done.",
        "Nobody answers: the approval stays open in Power Automate; give the step a time-out and a reminder.",
        "The responder is no contact: 400; put the approver's own address in its place.",
        "Two tiers: repeat the approval with the manager's address before Approve.",
    ),
    needs=("The id of the status event is the site's: the drop-down of the trigger lists it.",),
)
