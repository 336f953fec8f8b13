"""Recipe 13: turn e-mail into tickets."""

from workbench.generators.recipes.foreign import BOARD
from workbench.generators.recipes.model import Call, Compose, Flow, ForeignEvent, If, Recipe, Setting

_FROM = "$trigger.from"

RECIPE = Recipe(
    number=13,
    title="Turn e-mail into tickets",
    value="An e-mail to a shared mailbox becomes a ticket of the person who sent it.",
    state="proven",
    platforms=("Power Automate",),
    settings=(
        BOARD,
        Setting("Mailbox", "Mailbox", "support@example.com", "The shared mailbox."),
        Setting("Company", "Company", "", "The company of people who are not known yet, by name or id."),
    ),
    flows=(
        Flow(
            "MailToTicket",
            ForeignEvent(
                "office365",
                "SharedMailboxOnNewEmailV2",
                {"mailboxAddress": "{{$setting(Mailbox)}}", "folderId": "Inbox"},
                ("from", "subject", "bodyPreview", "internetMessageId"),
            ),
            (
                Compose("Is_automatic", "{{contains(toLower(string($trigger.subject)), 'automatic reply')}}"),
                If(
                    "Is_from_a_person",
                    "not($value(Is_automatic))",
                    (
                        Call(
                            "Find_or_create_contact",
                            "FindOrCreateContact",
                            {
                                "email": f"{{{{{_FROM}}}}}",
                                "name": f"{{{{first(split({_FROM}, '@'))}}}}",
                                "company": "{{$setting(Company)}}",
                                "idempotencyKey": "contact-{{$trigger.internetMessageId}}",
                            },
                        ),
                        Call(
                            "Create_ticket",
                            "CreateTicket",
                            {
                                "title": "{{coalesce($trigger.subject, 'No subject')}}",
                                "description": "{{$trigger.bodyPreview}}",
                                "contact": "{{string($step(Find_or_create_contact).id)}}",
                                "board": "{{$setting(Board)}}",
                                "idempotencyKey": "{{$trigger.internetMessageId}}",
                            },
                        ),
                    ),
                ),
            ),
        ),
    ),
    edge_cases=(
        "Automatic replies and bounces: leave them out by subject and sender, or two systems write to each other.",
        "A forged sender: never add to a ticket of another company by a number in the subject alone.",
        "Attachments: Add ticket attachment where the site offers it.",
    ),
)
