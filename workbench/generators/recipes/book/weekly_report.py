"""Recipe 14: send customers a weekly report."""

from workbench.generators.recipes.foreign import mail
from workbench.generators.recipes.model import Call, Flow, ForEach, If, Recipe, Schedule, Table

RECIPE = Recipe(
    number=14,
    title="Send customers a weekly report",
    value="Every Friday the managers of each customer get a list of the week's tickets.",
    state="preview",
    flows=(
        Flow(
            "WeeklyReport",
            Schedule("Week", 1, ("Friday",), hour=14),
            (
                Call("Find_companies", "FindCompanies", {"take": 200}),
                ForEach(
                    "For_each_company",
                    "$step(Find_companies).results",
                    (
                        Call(
                            "Tickets_of_the_week",
                            "FindTickets",
                            {
                                "company": "{{string($item(For_each_company).id)}}",
                                "createdAfter": "{{addDays(utcNow(), -7)}}",
                                "take": 200,
                            },
                        ),
                        If(
                            "Has_tickets",
                            "greater(length($step(Tickets_of_the_week).results), 0)",
                            (
                                Table(
                                    "As_table",
                                    "$step(Tickets_of_the_week).results",
                                    {"Number": "$each.id", "Title": "$each.title", "Status": "$each.status"},
                                ),
                                Call(
                                    "Find_managers",
                                    "FindContacts",
                                    {
                                        "company": "{{string($item(For_each_company).id)}}",
                                        "isManager": True,
                                        "take": 200,
                                    },
                                ),
                                ForEach(
                                    "For_each_manager",
                                    "$step(Find_managers).results",
                                    (
                                        mail(
                                            "Send",
                                            "{{$item(For_each_manager).email}}",
                                            "Your tickets of this week",
                                            "{{$step(As_table)}}",
                                        ),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    edge_cases=(
        "Companies without tickets get no mail.",
        "Three calls a company: raise the concurrency for many customers, up to three.",
        "The site has no filter by date of creation: 400 says so.",
    ),
)
