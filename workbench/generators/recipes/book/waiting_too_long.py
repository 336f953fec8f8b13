"""Recipe 9: remind customers, then close."""

from workbench.generators.recipes.foreign import BOARD, mail
from workbench.generators.recipes.model import Call, Event, Flow, ForEach, If, Recipe, Schedule, Setting

_TAGS = "coalesce($item(For_each_ticket).tags, json('[]'))"

RECIPE = Recipe(
    number=9,
    title="Remind customers, then close",
    value="Customers who do not answer are reminded once; then the ticket is closed with a note.",
    state="preview",
    settings=(
        BOARD,
        Setting("WaitingStatus", "Waiting status", "Waiting on Customer", "The status of tickets that wait."),
    ),
    flows=(
        Flow(
            "RemindThenClose",
            Schedule("Week", 1, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), hour=8),
            (
                Call(
                    "Find_waiting",
                    "FindTickets",
                    {
                        "board": "{{$setting(Board)}}",
                        "status": "{{$setting(WaitingStatus)}}",
                        "isClosed": False,
                        "updatedBefore": "{{addDays(utcNow(), -5)}}",
                        "take": 200,
                    },
                ),
                ForEach(
                    "For_each_ticket",
                    "$step(Find_waiting).results",
                    (
                        If(
                            "Was_reminded",
                            f"contains({_TAGS}, 'reminded')",
                            (
                                Call(
                                    "Close",
                                    "CloseTicket",
                                    {
                                        "ticketId": "{{$item(For_each_ticket).id}}",
                                        "note": "Closed, since we have not heard from you. Answer to open it again.",
                                        "isInternal": False,
                                    },
                                ),
                            ),
                            (
                                mail(
                                    "Remind",
                                    "{{$item(For_each_ticket).contactEmail}}",
                                    "We wait for your answer: #{{$item(For_each_ticket).id}} "
                                    "{{$item(For_each_ticket).title}}",
                                    "<p>Please answer, so that we can go on. Without an answer the ticket is closed "
                                    "in five days.</p>",
                                ),
                                Call(
                                    "Mark",
                                    "AddTicketTags",
                                    {"ticketId": "{{$item(For_each_ticket).id}}", "tags": ["reminded"]},
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Flow(
            "ForgetReminder",
            Event("CreateTicketWorkflow", {"eventType": "ticket.notes.added", "noteBy": "contact", "tag": "reminded"}),
            (Call("Unmark", "RemoveTicketTags", {"ticketId": "{{$trigger.id}}", "tags": ["reminded"]}),),
            guard="waits for notes, changes tags",
        ),
    ),
    edge_cases=(
        "The reminder's tag changes the ticket: it is looked at again five days later, which is what is wanted.",
        "The customer answered: the second flow removes the tag, so that the next wait begins with a reminder again.",
        "The ticket's contact has no address: Remind fails for this ticket; put a condition on contactEmail before it.",
        "Your own wording: put Generate email from template before Remind, with the values that the template wants.",
        "More than 200 tickets: turn on Pagination in the step's settings.",
        "The site has no filter by date of change: 400 says so; compare updatedAt in a condition instead.",
    ),
)
