"""docs/parity.md: every operation of the vendor's two connectors, and what does its job here.

An operation that we have under the same id needs no line here; `ELSEWHERE` has the rest. The operation ids are
those of the certified connectors "DeskDirector" v1.9 and "DeskDirector Tech" v1.0.
"""

from collections.abc import Mapping

from connector.operations.operation import Kind, Operation
from workbench.generators.outcomes import outcome_lines

SAME = (
    *("FindTicketTaskTemplates", "GetTicketTasks", "CreateTicketTasks", "FindCompanies", "GetCompany"),
    *("FindUserGroups", "CreateContact", "FindContacts", "GetContact", "GenerateEmailFromTemplate", "GetFormResult"),
    *("FindMembers", "GetMember", "CreateContactNotification", "CreateMemberNotification", "CreateTicket"),
    *("FindTickets", "GetTicket", "UpdateTicket", "GetChatSession", "AddChatSystemMessage", "InviteUsersToChat"),
    *("CallAdvancedAction", "AdvancedEventResponseHandle", "CreateChatWebhook", "CreateTicketWorkflow"),
    *("SubscribeToWorkflow", "AdvancedEventSubscribe", "FindTimeEntries", "TestConnection"),
    *("ListTicketTaskTemplates", "ListCompanyTeams", "ListEmailTemplates", "ListForms", "ListMembers", "ListCompanies"),
    *("ListBoards", "ListStatuses", "ListPriorities", "ListSources", "ListRequestTypes", "ListTicketWebhookEvents"),
    *("ListChatWebhookEvents", "ListWorkflowTypes", "ListWorkflows", "ListAdvancedActionOptions"),
    *("ListAdvancedActions", "ListAdvancedActionCategories", "ListAdvancedEventOptions"),
    *("AdvancedEventCategoriesList", "AdvancedEventTypesList"),
)
STATIC = "static fields"
OWN_FIELDS = "the tenant's own fields; the others are static"
ELSEWHERE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "GetFormResult_V2": (("GetFormResult",), "the first version is deprecated there and not offered here"),
    "ListFormFiledChoices": (("ListFormFieldChoices",), "spelled right"),
    "DeleteChatWebhook": (("Unsubscribe",), "one operation ends every trigger"),
    "DeleteTicketWorkflow": (("Unsubscribe",), "one operation ends every trigger"),
    "UnsubscribeFromWorkflow": (("Unsubscribe",), "one operation ends every trigger"),
    "AdvancedEventUnsubscribe": (("Unsubscribe",), "one operation ends every trigger"),
    "GetDynamicSchema": (("GetAdditionalFieldsSchema",), OWN_FIELDS),
    "GetCreateTicketRequestSchema": (("GetAdditionalFieldsSchema",), OWN_FIELDS),
    "GetChatWebhookTriggerSchema": (("CreateChatWebhook",), STATIC),
    "GetTicketWorkflowTriggerSchema": (("CreateTicketWorkflow",), STATIC),
    "GetWorkflowTriggerSchema": (("SubscribeToWorkflow",), "a typed envelope"),
    "AdvancedEventSubscribeTriggerSchema": (("AdvancedEventSubscribe",), "a typed envelope"),
    "GetChatWorkflowRequestParameterSchema": (("GetChatEventFilterSchema",), ""),
    "GetTicketTriggerAdvancedFilterSchema": (("GetTicketEventFilterSchema",), ""),
    "GetWorkflowRequestParameterSchema": (("GetWorkflowFilterSchema",), ""),
    "AdvancedEventSubscribeRequestSchema": (("GetAdvancedEventFilterSchema",), ""),
    "AdvancedEventResponseHandleRequestSchema": (("GetAdvancedEventResponseSchema",), ""),
    "GetCallAdvancedActionRequestSchema": (("GetAdvancedActionRequestSchema",), ""),
    "GetCallAdvancedActionResponseSchema": (("GetAdvancedActionResponseSchema",), ""),
    "GetEmailTemplateProperties": (("GetEmailTemplateSchema",), ""),
    "GetFormResultSchema": (("GetFormResultSchema",), ""),
    "GetFormResultSchemaV2": (("GetFormResultSchema",), ""),
}
"""Without the second spelling (`…2`, `…2V2`) that v1.8 gave every schema operation."""

_HEAD = """# Parity with the vendor's connectors

Every operation of DeskDirector's certified connector v1.9 and of its "Tech" connector v1.0, and what does its job here.
Operations that both have go by the same id, so flows can be moved over. Generated from the catalog.
"""


_SITES = """\
What the example of each operation does on each kind of site, played against the simulator. *No route*: the operation
is a preview, and this site does not offer it where we assume it."""


def counterpart(vendor_id: str, operations: Mapping[str, Operation]) -> tuple[tuple[str, ...], str] | None:
    """Our operations that do the job of the vendor's, and a remark; None when nothing does."""
    if vendor_id in SAME and vendor_id in operations:
        return (vendor_id,), ""
    spellings = (vendor_id, vendor_id.replace("Schema2", "Schema"), vendor_id.removesuffix("2"))
    return next((ELSEWHERE[spelling] for spelling in spellings if spelling in ELSEWHERE), None)


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page, by its path below `docs`."""
    del host
    return {"parity.md": parity_page(operations)}


def parity_page(operations: Mapping[str, Operation]) -> bytes:
    """The page."""
    lines = [_HEAD, "## Theirs and ours", "", "| Vendor's | Here | Remark |", "| --- | --- | --- |"]
    for vendor_id in sorted({*SAME, *ELSEWHERE}):
        ours, remark = counterpart(vendor_id, operations) or ((), "**missing**")
        names = ", ".join(f"`{operation_id}`" for operation_id in ours)
        lines.append(f"| `{vendor_id}` | {names} | {remark} |")
    known = {
        operation_id
        for vendor_id in (*SAME, *ELSEWHERE)
        for operation_id in (counterpart(vendor_id, operations) or ((), ""))[0]
    }
    lines += ["", "## Only here", "", "| Operation | What it does |", "| --- | --- |"]
    lines += [
        f"| `{operation.id}` | {operation.description} |"
        for operation in operations.values()
        if operation.id not in known and operation.kind is not Kind.SUPPORT and operation.kind is not Kind.LOOKUP
    ]
    lines += ["", "## What works on which site", "", _SITES, "", *outcome_lines()]
    return ("\n".join(lines) + "\n").encode()
