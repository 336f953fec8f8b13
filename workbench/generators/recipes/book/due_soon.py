"""Recipe 10: warn before a ticket is due."""

from workbench.generators.recipes.foreign import BOARD, CHANNEL, TEAM, teams_message
from workbench.generators.recipes.model import Call, Filter, Flow, ForEach, Recipe, Schedule

_NO_TAG = "not(contains(coalesce($each.tags, json('[]')), 'due-soon'))"

RECIPE = Recipe(
    number=10,
    title="Warn before a ticket is due",
    value="The team is warned once, three hours before a ticket is due.",
    state="preview",
    settings=(BOARD, TEAM, CHANNEL),
    flows=(
        Flow(
            "WarnBeforeDue",
            Schedule("Minute", 15),
            (
                Call(
                    "Find_due",
                    "FindTickets",
                    {
                        "board": "{{$setting(Board)}}",
                        "isClosed": False,
                        "dueBefore": "{{addHours(utcNow(), 3)}}",
                        "sort": "due",
                        "take": 200,
                    },
                ),
                Filter("Not_told", "$step(Find_due).results", _NO_TAG),
                ForEach(
                    "For_each_ticket",
                    "$step(Not_told)",
                    (
                        teams_message(
                            "Warn",
                            "#{{$item(For_each_ticket).id}} {{$item(For_each_ticket).title}} is due at "
                            "{{$item(For_each_ticket).dueAt}} (UTC).",
                        ),
                        Call(
                            "Mark",
                            "AddTicketTags",
                            {"ticketId": "{{$item(For_each_ticket).id}}", "tags": ["due-soon"]},
                        ),
                    ),
                ),
            ),
        ),
    ),
    edge_cases=(
        "Editions without due dates: dueAt is empty, and nothing is found.",
        "All times are UTC.",
        "One message a step: use a tag for each step (due-3h, due-1h, overdue).",
    ),
)
