"""Recipe 4: offboard a leaver."""

from workbench.generators.recipes.foreign import approval, block_sign_in
from workbench.generators.recipes.model import Call, Delay, Event, Flow, ForEach, If, Recipe, Setting

_ANSWERS = "$step(Get_answers).answers"

RECIPE = Recipe(
    number=4,
    title="Offboard a leaver",
    value="On the last day, sign-in is blocked, portal access ends and open tickets go to the manager.",
    state="preview",
    platforms=("Power Automate",),
    settings=(
        Setting("LeaverForm", "Form", "Leaver", "The form that managers fill in, by name or id."),
        Setting("Actor", "Member", "", "The member as whom forms are read, by e-mail address."),
        Setting("Approver", "Approver", "", "Who confirms it, by e-mail address."),
    ),
    flows=(
        Flow(
            "Leaver",
            Event("WhenFormIsSubmitted", {"form": "{{$setting(LeaverForm)}}", "onBehalfOf": "{{$setting(Actor)}}"}),
            (
                Call(
                    "Get_answers",
                    "GetFormResult",
                    {"formId": "{{$setting(LeaverForm)}}", "resultId": "{{$trigger.id}}"},
                ),
                approval(
                    "Ask",
                    f"{{{{{_ANSWERS}?['leaver_email']}}}} leaves",
                    "{{$setting(Approver)}}",
                    f"Last day: {{{{{_ANSWERS}?['last_day']}}}}",
                ),
                If(
                    "Is_approved",
                    "equals($step(Ask).outcome, 'Approve')",
                    (
                        Delay("Wait_for_the_last_day", until=f"{{{{{_ANSWERS}?['last_day']}}}}"),
                        block_sign_in("Block_sign_in", f"{_ANSWERS}?['leaver_email']"),
                        Call(
                            "Find_contact",
                            "FindContacts",
                            {"search": f"{{{{{_ANSWERS}?['leaver_email']}}}}", "take": 2},
                        ),
                        If(
                            "Is_one_contact",
                            "equals(length($step(Find_contact).results), 1)",
                            (
                                Call(
                                    "End_access",
                                    "SetContactPermissions",
                                    {
                                        "contactId": "{{first($step(Find_contact).results)?['id']}}",
                                        "isActive": False,
                                        "hasPortalAccess": False,
                                        "isApprover": False,
                                    },
                                ),
                                Call(
                                    "Find_open_tickets",
                                    "FindTickets",
                                    {
                                        "contact": "{{string(first($step(Find_contact).results)?['id'])}}",
                                        "isClosed": False,
                                        "take": 200,
                                    },
                                ),
                                ForEach(
                                    "For_each_ticket",
                                    "$step(Find_open_tickets).results",
                                    (
                                        Call(
                                            "Hand_over",
                                            "UpdateTicket",
                                            {
                                                "ticketId": "{{$item(For_each_ticket).id}}",
                                                "contact": f"{{{{{_ANSWERS}?['manager_email']}}}}",
                                                "note": "Handed over: the contact has left.",
                                                "noteIsInternal": True,
                                            },
                                        ),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            guard="waits for forms, changes tickets",
        ),
    ),
    edge_cases=(
        "A run lives for 30 days: for later dates use a list and a schedule in place of the delay.",
        "The leaver is an approver or the only manager of a group: stop and ask a person.",
        "Rehired before the day: close the form's ticket, and let the flow read it again before it acts.",
        "More than one contact has the address: nothing is changed.",
    ),
    needs=("The identifiers of the form's questions (leaver_email, last_day, manager_email) are yours.",),
)
