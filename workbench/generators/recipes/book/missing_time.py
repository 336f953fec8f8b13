"""Recipe 11: ask for missing time."""

from workbench.generators.recipes.foreign import teams_chat
from workbench.generators.recipes.model import Call, Filter, Flow, ForEach, If, Recipe, Schedule, Setting

RECIPE = Recipe(
    number=11,
    title="Ask for missing time",
    value="At the end of the day, members who logged no time get a reminder.",
    state="preview",
    settings=(Setting("Entries", "Entries", "1", "How many entries a day are enough."),),
    flows=(
        Flow(
            "AskForTime",
            Schedule("Week", 1, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), hour=16, minute=30),
            (
                Call("Find_members", "FindMembers", {"take": 200}),
                Filter("Active", "$step(Find_members).results", "not(equals($each.isActive, false))"),
                ForEach(
                    "For_each_member",
                    "$step(Active)",
                    (
                        Call(
                            "Time_of_today",
                            "FindTimeEntries",
                            {"period": "today", "onBehalfOf": "{{string($item(For_each_member).id)}}", "take": 200},
                        ),
                        If(
                            "Is_too_little",
                            "less(length($step(Time_of_today).results), int($setting(Entries)))",
                            (
                                teams_chat(
                                    "Ask",
                                    "{{$item(For_each_member).email}}",
                                    "There is little time of today on your tickets yet.",
                                ),
                            ),
                        ),
                    ),
                    at_once=3,
                ),
            ),
        ),
    ),
    edge_cases=(
        "Part-timers and holidays: filter the members by a list of your own.",
        "Time that is entered later in the evening counts for nothing here.",
    ),
    needs=("The site lets a member's time be read by an access token; otherwise each member connects for themselves.",),
)
