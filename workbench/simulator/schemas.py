"""The schema routes: `schema/…` answers the schema itself, `schema2/…` wraps it in `{"schema": …}`."""

from collections.abc import Callable, Mapping

from workbench.simulator import chat_shapes, contacts, form_shapes, outgoing, people, tasks, ticket_shapes
from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.event_types import chat_events, ticket_events
from workbench.simulator.filters import filter_fields
from workbench.simulator.forms import form_of
from workbench.simulator.notifications import WITH_NOTE, notification_fields
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, moment, record, reference, schema_of
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import CONNECTOR, bad_request, not_found
from workbench.simulator.workflows import WORKFLOW_PARAMETERS, advanced_filters, asked_event, workflow_type

routes = Routes(CONNECTOR)

Shape = Callable[[Tenant], Fields]

_EVENT: Fields = {"event": reference("Event", key="string"), "triggeredOn": moment("Triggered on")}


def _fixed(fields: Fields) -> Shape:
    return lambda _: fields


def _filters(fields: Fields) -> Shape:
    return lambda tenant: filter_fields(tenant.profile, fields)


TYPES: Mapping[str, Shape] = {
    "Chat": _fixed(chat_shapes.CHAT),
    "CompanyDetails": _fixed(people.COMPANY),
    "ContactDetails": _fixed(contacts.CONTACT),
    "CreateChatInviteRequest": _fixed(chat_shapes.INVITE),
    "CreateChatMessageRequest": _fixed(chat_shapes.NEW_MESSAGE),
    "CreateContactNotificationRequest": _fixed(outgoing.CREATE_NOTIFICATION),
    "CreateContactRequest": _fixed(contacts.CREATE),
    "CreateEmailFromTemplateResponse": _fixed(outgoing.RENDERED),
    "CreateMemberNotificationRequest": _fixed(outgoing.CREATE_NOTIFICATION),
    "CreateNotificationResponse": _fixed(outgoing.NOTIFICATION),
    "CreateTicketTasksRequest": _fixed(tasks.CREATE),
    "FindCompaniesRequest": _filters(people.FIND_COMPANIES),
    "FindCompaniesResponse": _fixed(ticket_shapes.find_shape(people.COMPANY)),
    "FindContactsRequest": contacts.find_fields,
    "FindContactsResponse": _fixed(ticket_shapes.find_shape(contacts.CONTACT)),
    "FindMembersRequest": _filters(people.FIND_MEMBERS),
    "FindMembersResponse": _fixed(ticket_shapes.find_shape(people.MEMBER)),
    "FindTicketTaskTemplatesRequest": _filters(tasks.FIND_TEMPLATES),
    "FindTicketTaskTemplatesResponse": _fixed(ticket_shapes.find_shape(tasks.TEMPLATE)),
    "FindTicketsRequest": ticket_shapes.find_fields,
    "FindTicketsResponse": lambda tenant: ticket_shapes.find_shape(ticket_shapes.ticket_fields(tenant)),
    "FindUserGroupsRequest": _filters(people.FIND_USER_GROUPS),
    "FindUserGroupsResponse": _fixed(ticket_shapes.find_shape(people.USER_GROUP)),
    "GetTicketTaskListsResponse": _fixed(ticket_shapes.find_shape(tasks.TASK_LIST)),
    "MemberDetails": _fixed(people.MEMBER),
    "TicketDetails": ticket_shapes.ticket_fields,
    "TicketTaskList": _fixed(tasks.TASK_LIST),
    "UpdateTicketRequest": ticket_shapes.update_fields,
}


def publish(path: str, old_path: str = "") -> Callable[[Callable[[Call], Fields]], None]:
    """Serve the schema of some fields at `schema2` + path, wrapped, and at `schema` + (old) path, bare."""

    def declare(fields: Callable[[Call], Fields]) -> None:
        routes.get(f"/schema{old_path or path}", allow=Access.STAFF)(lambda call: schema_of(fields(call)))
        routes.get(f"/schema2{path}", allow=Access.STAFF)(lambda call: {"schema": schema_of(fields(call))})

    return declare


@publish("/types/{typeId}/$schema", "/dynamic-types/{typeId}")
def _named_type(call: Call) -> Fields:
    shape = TYPES.get(call.params["typeId"])
    if shape is None:
        raise not_found("Type", call.params["typeId"])
    return shape(call.tenant)


@publish("/ticket/$create-request")
def _create_ticket(call: Call) -> Fields:
    request_type_id = call.query_number("requestTypeId")
    if request_type_id not in call.tenant.request_types:
        raise bad_request(requestTypeId=f"Request type {request_type_id} does not exist.")
    return ticket_shapes.create_fields(call.tenant)


@publish("/ticket-workflow-webhook/$request")
def _ticket_notification(call: Call) -> Fields:
    event_kind = asked_event(call, ticket_events(call.tenant.profile))
    if call.tenant.profile.nested_events:
        return notification_fields(call.tenant, event_kind)
    fields = ticket_notification(call.tenant)
    return {**fields, "note": record("Note", ticket_shapes.NOTE)} if event_kind in WITH_NOTE else fields


@publish("/ticket-workflow-webhook/$advanced-filters")
def _advanced_filters(call: Call) -> Fields:
    return advanced_filters(call.tenant, asked_event(call, ticket_events(call.tenant.profile)))


@publish("/chat-workflow-webhook/$parameters")
def _chat_parameters(call: Call) -> Fields:
    asked_event(call, chat_events(call.tenant.profile))
    return chat_shapes.PARAMETERS


@publish("/chat-workflow-webhook/$request")
def _chat_notification(call: Call) -> Fields:
    asked_event(call, chat_events(call.tenant.profile))
    return _chat_notification_fields(call.tenant)


@publish("/workflow-webhook/$request")
def _workflow_notification(call: Call) -> Fields:
    shapes: Mapping[str, Shape] = {
        "ticket": ticket_notification,
        "chat": _chat_notification_fields,
        "form": _form_notification,
    }
    return shapes[workflow_type(call)](call.tenant)


@publish("/workflow-types/{type}/$parameters")
def _workflow_parameters(call: Call) -> Fields:
    fields = WORKFLOW_PARAMETERS.get(call.params["type"])
    if fields is None:
        raise not_found("Workflow type", call.params["type"])
    if call.required_query("workflowId") not in call.tenant.workflows:
        raise not_found("Workflow", call.query["workflowId"])
    return fields


@publish("/email-templates/{emailTemplateId}/$render-request")
def _render_request(call: Call) -> Fields:
    return outgoing.token_fields(outgoing.template_of(call))


@publish("/form/{formId}/$result-response")
def _legacy_result(call: Call) -> Fields:
    return form_shapes.legacy_result_fields(form_of(call))


@publish("/v2/form/{formId}/$result-response")
def _result(call: Call) -> Fields:
    return form_shapes.result_fields(form_of(call))


def ticket_notification(tenant: Tenant) -> Fields:
    """What a ticket workflow posts: the ticket in its envelope, or the ticket and the event, flat."""
    if tenant.profile.nested_events:
        return notification_fields(tenant)
    return {**ticket_shapes.ticket_fields(tenant), **_EVENT}


def _chat_notification_fields(tenant: Tenant) -> Fields:
    if tenant.profile.nested_events:
        return {"chat": record("Chat", chat_shapes.CHAT)}
    return {**chat_shapes.CHAT, **_EVENT}


def _form_notification(tenant: Tenant) -> Fields:
    if tenant.profile.nested_events:
        return {"result": record("Form result", form_shapes.ENVELOPE)}
    return {**form_shapes.ENVELOPE, **_EVENT}
