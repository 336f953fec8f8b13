"""Recipe 3: onboard a new starter."""

from workbench.generators.recipes.foreign import create_user
from workbench.generators.recipes.model import Call, Event, Flow, If, Recipe, Setting, Stop

_ANSWERS = "$step(Get_answers).answers"
_NICKNAME = f"first(split({_ANSWERS}?['private_email'], '@'))"

RECIPE = Recipe(
    number=3,
    title="Onboard a new starter",
    value="A form creates an account, a contact with portal access and a task list, and reports back on the ticket.",
    state="preview",
    platforms=("Power Automate",),
    settings=(
        Setting("StarterForm", "Form", "New starter", "The form that managers fill in, by name or id."),
        Setting("Actor", "Member", "", "The member as whom forms are read and groups are changed, by e-mail address."),
        Setting("MailDomain", "Domain", "", "The verified domain of new accounts, such as contoso.com."),
        Setting("UserGroup", "User group", "", "The user group that new people join, by name or id."),
    ),
    flows=(
        Flow(
            "NewStarter",
            Event("WhenFormIsSubmitted", {"form": "{{$setting(StarterForm)}}", "onBehalfOf": "{{$setting(Actor)}}"}),
            (
                Call(
                    "Get_answers",
                    "GetFormResult",
                    {"formId": "{{$setting(StarterForm)}}", "resultId": "{{$trigger.id}}"},
                ),
                If(
                    "Has_no_ticket",
                    "equals($trigger.ticketId, null)",
                    (Stop("Nothing_to_do"),),
                ),
                Call("Get_ticket", "GetTicket", {"ticketId": "{{$trigger.ticketId}}"}),
                create_user("Create_user", f"{{{{{_ANSWERS}?['full_name']}}}}", _NICKNAME, "$setting(MailDomain)"),
                Call(
                    "Find_or_create_contact",
                    "FindOrCreateContact",
                    {
                        "email": f"{{{{{_ANSWERS}?['private_email']}}}}",
                        "name": f"{{{{{_ANSWERS}?['full_name']}}}}",
                        "company": "{{string($step(Get_ticket).companyId)}}",
                        "idempotencyKey": "starter-{{$trigger.id}}",
                    },
                ),
                Call(
                    "Give_access",
                    "SetContactPermissions",
                    {"contactId": "{{$step(Find_or_create_contact).id}}", "hasPortalAccess": True},
                ),
                Call(
                    "Join_group",
                    "AddContactToUserGroup",
                    {
                        "contactId": "{{$step(Find_or_create_contact).id}}",
                        "userGroup": "{{$setting(UserGroup)}}",
                        "onBehalfOf": "{{$setting(Actor)}}",
                    },
                ),
                Call(
                    "Create_tasks",
                    "CreateTicketTasks",
                    {
                        "ticketId": "{{$trigger.ticketId}}",
                        "templates": ["Onboarding"],
                        "idempotencyKey": "starter-tasks-{{$trigger.id}}",
                    },
                ),
                Call(
                    "Report",
                    "AddTicketNote",
                    {
                        "ticketId": "{{$trigger.ticketId}}",
                        "text": "Account and contact are ready; the tasks are on the ticket.",
                        "isInternal": False,
                        "idempotencyKey": "starter-note-{{$trigger.id}}",
                    },
                ),
            ),
            guard="waits for forms, writes to tickets",
        ),
    ),
    edge_cases=(
        "The new name is taken in Entra ID: the step fails, and the ticket stays as it is; a person chooses another.",
        "The form is sent twice: every key is the id of the form result, so nothing is made twice within a day.",
        "The result has no ticket: the flow ends.",
        "The address belongs to a contact of another company: 400 with the candidates; a person decides.",
        "No password ever goes into a note; let the manager set the first one.",
    ),
    needs=("The identifiers of the form's questions (full_name, private_email) are yours: change both steps.",),
)
