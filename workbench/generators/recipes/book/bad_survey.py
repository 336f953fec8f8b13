"""Recipe 7: follow up a bad survey."""

from workbench.generators.recipes.foreign import CHANNEL, TEAM, teams_message
from workbench.generators.recipes.model import Call, Delay, Event, Flow, If, Recipe, Setting

_SCORE = "coalesce($trigger.rating, 5)"

RECIPE = Recipe(
    number=7,
    title="Follow up a bad survey",
    value="A rating of two stars or fewer reopens the ticket, tags it and alerts the manager.",
    state="preview",
    settings=(
        TEAM,
        CHANNEL,
        Setting("SurveyWebhook", "Webhook", "surveys", "The name of the webhook that receives survey answers."),
    ),
    flows=(
        Flow(
            "FollowUp",
            Event("WhenWebhookFires", {"webhook": "{{$setting(SurveyWebhook)}}"}),
            (
                Delay("Let_it_settle", minutes=10),
                If(
                    "Is_bad",
                    f"and(lessOrEquals({_SCORE}, 2), not(equals($trigger.ticketId, null)))",
                    (
                        Call(
                            "Reopen",
                            "ReopenTicket",
                            {
                                "ticketId": "{{$trigger.ticketId}}",
                                "note": f"Survey: {{{{{_SCORE}}}}} of 5.",
                                "isInternal": True,
                            },
                        ),
                        Call("Tag", "AddTicketTags", {"ticketId": "{{$trigger.ticketId}}", "tags": ["csat-bad"]}),
                        teams_message("Tell_manager", f"#{{{{$trigger.ticketId}}}} got {{{{{_SCORE}}}}} of 5."),
                    ),
                ),
            ),
            guard="waits for surveys, changes tickets",
        ),
    ),
    edge_cases=(
        "The customer changes the score within minutes: the delay lets the last one win on most sites.",
        "The ticket is open already: Reopen ticket leaves it as it is and writes no note.",
        "The comment may be personal: it does not go into the channel.",
    ),
    needs=(
        "DeskDirector has published no sample of this event: open one in the console and see that it has a rating.",
    ),
)
