"""Every upstream route that we may call, in ONE table, each with the evidence that it exists.

`proven`: stated by the vendor (the certified connectors "DeskDirector" v1.9 and "DeskDirector Tech" v1.0, the API
article), or seen in a published flow or in a script that calls it in production. `assumed`: the vendor says that it
exists, but not where; the path (or the method) is ours until a tenant's swagger page says more. `found` is no row of
this table: it is what a site's own documents have (`discovery`). Any route can be replaced by a setting
`CONNECTOR_ENDPOINT_<NAME>`, with `METHOD /path` or `/path` and the same path parameters.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypedDict, Unpack

from connector.deskdirector.endpoint import (
    FUNCTIONS,
    METHODS,
    Auth,
    Category,
    Endpoint,
    Evidence,
    Host,
    repeatable,
    template,
)
from connector.settings import ENDPOINT_PREFIX, Settings, SettingsError

_PATH = re.compile(r"(/[\w.$~{}-]+)+")


class _Traits(TypedDict, total=False):
    """What a row of the table says besides its name and route."""

    category: Category
    evidence: Evidence
    auth: Auth
    host: Host
    idempotent: bool


ENDPOINTS: dict[str, Endpoint] = {}
"""The table, by name."""


def _route(name: str, route: str, prefix: str = "", **traits: Unpack[_Traits]) -> Endpoint:
    method, _, path = route.partition(" ")
    traits.setdefault("idempotent", repeatable(method, path))
    ENDPOINTS[name] = Endpoint(method, prefix + path, name=name, **traits)
    return ENDPOINTS[name]


def _connector(name: str, route: str, **traits: Unpack[_Traits]) -> Endpoint:
    """The surface of the certified connector "DeskDirector" v1.9."""
    return _route(name, route, "/api/v2/automate/connector", **traits)


def _advanced(name: str, route: str) -> Endpoint:
    """The part of that surface that goes to the shared functions host, with the site in header `dd-host`."""
    return _connector(name, route, host=FUNCTIONS)


def _copilot(name: str, route: str) -> Endpoint:
    """The surface of the certified connector "DeskDirector Tech" v1.0: a member's own view, by personal token."""
    return _route(name, route, "/api/v2/copilot", category="tech", auth="member")


def _v2(name: str, route: str, **traits: Unpack[_Traits]) -> Endpoint:
    return _route(name, route, "/api/v2", **traits)


# Connection
TEST_CONNECTION = _connector("TEST_CONNECTION", "GET /connections/test")

# Tickets
CREATE_TICKET = _connector("CREATE_TICKET", "POST /tickets")
FIND_TICKETS = _connector("FIND_TICKETS", "POST /tickets/find")
GET_TICKET = _connector("GET_TICKET", "GET /tickets/{ticketId}")
UPDATE_TICKET = _connector("UPDATE_TICKET", "PATCH /tickets/{ticketId}")
# The same call with a note in it (vendor's published flows): repeating it would write a second note.
UPDATE_TICKET_WITH_NOTE = _connector("UPDATE_TICKET_WITH_NOTE", "PATCH /tickets/{ticketId}", idempotent=False)
LIST_TICKET_NOTES = _v2("LIST_TICKET_NOTES", "GET /tickets/{ticketId}/notes", evidence="assumed")
ADD_TICKET_NOTE = _v2("ADD_TICKET_NOTE", "POST /tickets/{ticketId}/notes", evidence="assumed")
LIST_TICKET_ATTACHMENTS = _v2("LIST_TICKET_ATTACHMENTS", "GET /tickets/{ticketId}/attachments", evidence="assumed")
GET_TICKET_ATTACHMENT = _v2(
    "GET_TICKET_ATTACHMENT", "GET /tickets/{ticketId}/attachments/{attachmentId}", evidence="assumed"
)
ADD_TICKET_ATTACHMENT = _v2("ADD_TICKET_ATTACHMENT", "POST /tickets/{ticketId}/attachments", evidence="assumed")
CREATE_TIME_ENTRY = _v2(
    "CREATE_TIME_ENTRY", "POST /tickets/{ticketId}/time-entries", evidence="assumed", category="tech", auth="member"
)
APPROVE_TICKET = _v2(
    "APPROVE_TICKET", "POST /tickets/{ticketId}/approve", evidence="assumed", category="portal", auth="contact"
)
DECLINE_TICKET = _v2(
    "DECLINE_TICKET", "POST /tickets/{ticketId}/decline", evidence="assumed", category="portal", auth="contact"
)

# Tasks
GET_TICKET_TASKS = _connector("GET_TICKET_TASKS", "GET /tickets/{ticketId}/tasks")
CREATE_TICKET_TASKS = _connector("CREATE_TICKET_TASKS", "POST /tickets/{ticketId}/tasks")
LIST_TICKET_TASK_TEMPLATES = _connector("LIST_TICKET_TASK_TEMPLATES", "GET /ticket-task-templates")
FIND_TICKET_TASK_TEMPLATES = _connector("FIND_TICKET_TASK_TEMPLATES", "POST /ticket-task-templates/find")

# A member's own tickets and time
COPILOT_FIND_TICKETS = _copilot("COPILOT_FIND_TICKETS", "GET /tickets")
COPILOT_GET_TICKET = _copilot("COPILOT_GET_TICKET", "GET /tickets/{ticketId}")
COPILOT_TEST_CONNECTION = _copilot("COPILOT_TEST_CONNECTION", "GET /connections/test")
FIND_TIME_ENTRIES = _copilot("FIND_TIME_ENTRIES", "GET /time-entries")

# Companies, user groups (teams)
LIST_COMPANIES = _connector("LIST_COMPANIES", "GET /companies")
FIND_COMPANIES = _connector("FIND_COMPANIES", "POST /companies/find")
GET_COMPANY = _connector("GET_COMPANY", "GET /companies/{companyId}")
LIST_COMPANY_TEAMS = _connector("LIST_COMPANY_TEAMS", "GET /companies/{companyId}/teams")
FIND_USER_GROUPS = _connector("FIND_USER_GROUPS", "POST /user-groups/find")
SET_TEAM_USER = _route(
    "SET_TEAM_USER",
    "PUT /api/v3/tech/companies/{companyId}/teams/{teamId}/users/{userId}",
    category="tech",
    auth="member",
)
# The reverse of the call above; nobody has published it.
REMOVE_TEAM_USER = _route(
    "REMOVE_TEAM_USER",
    "DELETE /api/v3/tech/companies/{companyId}/teams/{teamId}/users/{userId}",
    evidence="assumed",
    category="tech",
    auth="member",
)

# Contacts
CREATE_CONTACT = _connector("CREATE_CONTACT", "POST /contacts")
FIND_CONTACTS = _connector("FIND_CONTACTS", "POST /contacts/find")
GET_CONTACT = _connector("GET_CONTACT", "GET /contacts/{contactId}")
UPDATE_CONTACT = _connector("UPDATE_CONTACT", "PATCH /contacts/{contactId}", evidence="assumed")
SET_CONTACT_PERMISSIONS = _v2(
    "SET_CONTACT_PERMISSIONS", "PUT /admin/contacts/{contactId}/permissions", evidence="assumed", category="admin"
)
CREATE_CONTACT_NOTIFICATION = _connector("CREATE_CONTACT_NOTIFICATION", "POST /contacts/{contactId}/notifications")

# Members
LIST_MEMBERS = _connector("LIST_MEMBERS", "GET /members")
FIND_MEMBERS = _connector("FIND_MEMBERS", "POST /members/find")
GET_MEMBER = _connector("GET_MEMBER", "GET /members/{memberId}")
CREATE_MEMBER_NOTIFICATION = _connector("CREATE_MEMBER_NOTIFICATION", "POST /members/{memberId}/notifications")

# Identity: access tokens for a member or a contact, and a contact's own view of itself
MEMBER_USER_KEY = _v2("MEMBER_USER_KEY", "GET /user/member/{memberId}/userkey", auth="key")
CONTACT_USER_KEY = _v2("CONTACT_USER_KEY", "GET /user/contact/{contactId}/userkey", evidence="assumed", auth="key")
CONTACT_USER_KEY_RIVAL = _v2(
    "CONTACT_USER_KEY_RIVAL", "GET /user/client/{contactId}/userkey", evidence="assumed", auth="key"
)
GET_CURRENT_CONTACT = _v2("GET_CURRENT_CONTACT", "GET /user/client", category="portal", auth="contact")

# Service lists
LIST_BOARDS = _connector("LIST_BOARDS", "GET /service/boards")
LIST_STATUSES = _connector("LIST_STATUSES", "GET /service/statuses")
LIST_PRIORITIES = _connector("LIST_PRIORITIES", "GET /service/priorities")
LIST_SOURCES = _connector("LIST_SOURCES", "GET /service/sources")
LIST_REQUEST_TYPES = _connector("LIST_REQUEST_TYPES", "GET /service/request-types")

# Forms and their results
LIST_FORMS = _connector("LIST_FORMS", "GET /forms")
LIST_FORM_FIELD_CHOICES = _connector("LIST_FORM_FIELD_CHOICES", "GET /forms/{formId}/fields/{fieldId}/choices")
GET_FORM_RESULT = _connector("GET_FORM_RESULT", "GET /forms/{formId}/results/{resultId}")
GET_FORM_RESULT_V2 = _connector("GET_FORM_RESULT_V2", "GET /v2/forms/{formId}/results/{resultId}")
GET_FORM = _v2("GET_FORM", "GET /ddform/forms/{formId}", category="admin", auth="member")
REPLACE_FORM = _v2("REPLACE_FORM", "PUT /ddform/forms/{formId}", category="admin", auth="member")
FIND_FORM_RESULTS = _v2(
    "FIND_FORM_RESULTS", "POST /ddform/forms/{formId}/results/find", category="admin", auth="member"
)
GET_STORED_FORM_RESULT = _v2(
    "GET_STORED_FORM_RESULT", "GET /ddform/forms/{formId}/results/{resultId}", category="admin", auth="member"
)
LIST_DYNAMIC_CONTACTS = _v2("LIST_DYNAMIC_CONTACTS", "GET /ddforms/dynamic/contacts", category="portal")
LIST_DYNAMIC_PRIORITIES = _v2(
    "LIST_DYNAMIC_PRIORITIES", "GET /ddforms/dynamic/priorities", category="portal", evidence="assumed"
)

# Chat sessions, e-mail templates
GET_CHAT_SESSION = _connector("GET_CHAT_SESSION", "GET /chat-sessions/{sessionId}")
ADD_CHAT_SYSTEM_MESSAGE = _connector("ADD_CHAT_SYSTEM_MESSAGE", "POST /chat-sessions/{sessionId}/system-messages")
INVITE_USERS_TO_CHAT = _connector("INVITE_USERS_TO_CHAT", "POST /chat-sessions/{sessionId}/invite")
LIST_EMAIL_TEMPLATES = _connector("LIST_EMAIL_TEMPLATES", "GET /email-templates")
GENERATE_EMAIL_FROM_TEMPLATE = _connector(
    "GENERATE_EMAIL_FROM_TEMPLATE", "POST /email-templates/{emailTemplateId}/render"
)

# Webhooks and workflows
LIST_CHAT_WEBHOOK_EVENTS = _connector("LIST_CHAT_WEBHOOK_EVENTS", "GET /chat-webhook-events")
CREATE_CHAT_WEBHOOK = _connector("CREATE_CHAT_WEBHOOK", "POST /chat-workflows")
DELETE_CHAT_WEBHOOK = _connector("DELETE_CHAT_WEBHOOK", "DELETE /chat-workflows/{workflowId}")
LIST_TICKET_WEBHOOK_EVENTS = _connector("LIST_TICKET_WEBHOOK_EVENTS", "GET /ticket-workflow-events")
CREATE_TICKET_WORKFLOW = _connector("CREATE_TICKET_WORKFLOW", "POST /ticket-workflows")
DELETE_TICKET_WORKFLOW = _connector("DELETE_TICKET_WORKFLOW", "DELETE /ticket-workflows/{workflowId}")
LIST_WORKFLOW_TYPES = _connector("LIST_WORKFLOW_TYPES", "GET /workflow-types")
LIST_WORKFLOWS = _connector("LIST_WORKFLOWS", "GET /workflows")
SUBSCRIBE_TO_WORKFLOW = _connector("SUBSCRIBE_TO_WORKFLOW", "POST /workflows/{workflowId}/actions")
UNSUBSCRIBE_FROM_WORKFLOW = _connector("UNSUBSCRIBE_FROM_WORKFLOW", "DELETE /workflows/{workflowId}/actions/{actionId}")

# Advanced actions and events
LIST_ADVANCED_ACTION_CATEGORIES = _advanced(
    "LIST_ADVANCED_ACTION_CATEGORIES", "GET /functions/listAdvancedActionCategories"
)
LIST_ADVANCED_ACTIONS = _advanced("LIST_ADVANCED_ACTIONS", "GET /functions/listAdvancedActions")
LIST_ADVANCED_ACTION_OPTIONS = _advanced("LIST_ADVANCED_ACTION_OPTIONS", "GET /functions/{function}/options")
CALL_ADVANCED_ACTION = _advanced("CALL_ADVANCED_ACTION", "POST /functions/{function}")
ADVANCED_EVENT_CATEGORIES_LIST = _advanced("ADVANCED_EVENT_CATEGORIES_LIST", "GET /events/categories")
ADVANCED_EVENT_TYPES_LIST = _advanced("ADVANCED_EVENT_TYPES_LIST", "GET /events/types")
LIST_ADVANCED_EVENT_OPTIONS = _advanced("LIST_ADVANCED_EVENT_OPTIONS", "GET /events/{eventType}/options")
ADVANCED_EVENT_SUBSCRIBE = _advanced("ADVANCED_EVENT_SUBSCRIBE", "POST /events/{eventType}/subscriptions")
ADVANCED_EVENT_UNSUBSCRIBE = _advanced(
    "ADVANCED_EVENT_UNSUBSCRIBE", "DELETE /events/{eventType}/subscriptions/{subscriptionId}"
)
ADVANCED_EVENT_RESPONSE_HANDLE = _advanced(
    "ADVANCED_EVENT_RESPONSE_HANDLE", "POST /events/{eventType}/{eventId}/response"
)

# Schemas, wrapped in {"schema": …}
GET_DYNAMIC_SCHEMA2 = _connector("GET_DYNAMIC_SCHEMA2", "GET /schema2/types/{typeId}/$schema")
GET_CREATE_TICKET_REQUEST_SCHEMA2 = _connector(
    "GET_CREATE_TICKET_REQUEST_SCHEMA2", "GET /schema2/ticket/$create-request"
)
GET_EMAIL_TEMPLATE_PROPERTIES2 = _connector(
    "GET_EMAIL_TEMPLATE_PROPERTIES2", "GET /schema2/email-templates/{emailTemplateId}/$render-request"
)
GET_FORM_RESULT_SCHEMA2 = _connector("GET_FORM_RESULT_SCHEMA2", "GET /schema2/form/{formId}/$result-response")
GET_FORM_RESULT_SCHEMA2_V2 = _connector("GET_FORM_RESULT_SCHEMA2_V2", "GET /schema2/v2/form/{formId}/$result-response")
GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA2 = _connector(
    "GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA2", "GET /schema2/chat-workflow-webhook/$parameters"
)
GET_CHAT_WEBHOOK_TRIGGER_SCHEMA2 = _connector(
    "GET_CHAT_WEBHOOK_TRIGGER_SCHEMA2", "GET /schema2/chat-workflow-webhook/$request"
)
GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2 = _connector(
    "GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2", "GET /schema2/ticket-workflow-webhook/$request"
)
GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA2 = _connector(
    "GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA2", "GET /schema2/ticket-workflow-webhook/$advanced-filters"
)
GET_WORKFLOW_TRIGGER_SCHEMA2 = _connector("GET_WORKFLOW_TRIGGER_SCHEMA2", "GET /schema2/workflow-webhook/$request")
GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA2 = _connector(
    "GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA2", "GET /schema2/workflow-types/{type}/$parameters"
)
GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA2 = _advanced(
    "GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA2", "GET /functions/{function}/schema2/$request"
)
GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA2 = _advanced(
    "GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA2", "GET /functions/{function}/schema2/$response"
)
ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA2 = _advanced(
    "ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA2", "GET /events/{eventType}/schema2/$trigger"
)
ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA2 = _advanced(
    "ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA2", "GET /events/{eventType}/schema2/$subscribe-request"
)
ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA2 = _advanced(
    "ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA2", "GET /events/{eventType}/schema2/$respond-request"
)

# The same schemas at the root of the answer, as they were before version 1.8
GET_DYNAMIC_SCHEMA = _connector("GET_DYNAMIC_SCHEMA", "GET /schema/dynamic-types/{typeId}")
GET_CREATE_TICKET_REQUEST_SCHEMA = _connector("GET_CREATE_TICKET_REQUEST_SCHEMA", "GET /schema/ticket/$create-request")
GET_EMAIL_TEMPLATE_PROPERTIES = _connector(
    "GET_EMAIL_TEMPLATE_PROPERTIES", "GET /schema/email-templates/{emailTemplateId}/$render-request"
)
GET_FORM_RESULT_SCHEMA = _connector("GET_FORM_RESULT_SCHEMA", "GET /schema/form/{formId}/$result-response")
GET_FORM_RESULT_SCHEMA_V2 = _connector("GET_FORM_RESULT_SCHEMA_V2", "GET /schema/v2/form/{formId}/$result-response")
GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA = _connector(
    "GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA", "GET /schema/chat-workflow-webhook/$parameters"
)
GET_CHAT_WEBHOOK_TRIGGER_SCHEMA = _connector(
    "GET_CHAT_WEBHOOK_TRIGGER_SCHEMA", "GET /schema/chat-workflow-webhook/$request"
)
GET_TICKET_WORKFLOW_TRIGGER_SCHEMA = _connector(
    "GET_TICKET_WORKFLOW_TRIGGER_SCHEMA", "GET /schema/ticket-workflow-webhook/$request"
)
GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA = _connector(
    "GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA", "GET /schema/ticket-workflow-webhook/$advanced-filters"
)
GET_WORKFLOW_TRIGGER_SCHEMA = _connector("GET_WORKFLOW_TRIGGER_SCHEMA", "GET /schema/workflow-webhook/$request")
GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA = _connector(
    "GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA", "GET /schema/workflow-types/{type}/$parameters"
)
GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA = _advanced(
    "GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA", "GET /functions/{function}/$request"
)
GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA = _advanced(
    "GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA", "GET /functions/{function}/$response"
)
ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA = _advanced(
    "ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA", "GET /events/{eventType}/$trigger"
)
ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA = _advanced(
    "ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA", "GET /events/{eventType}/$subscribe-request"
)
ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA = _advanced(
    "ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA", "GET /events/{eventType}/$respond-request"
)

# Administration and exports
GET_SYNC_ERRORS = _route("GET_SYNC_ERRORS", "GET /api2/admin/stats/sync/errors", category="admin")
EXPORT_SURVEY_RESULTS = _route(
    "EXPORT_SURVEY_RESULTS", "GET /api/v3/tech/customers/surveys/{surveyId}/results.csv", category="tech"
)
# The path is proven (server notes 21.13), its method is not.
LIST_FILES = _route("LIST_FILES", "GET /api/v4/files", evidence="assumed")


@lru_cache(maxsize=8)
def _overridden(overrides: tuple[tuple[str, str], ...]) -> dict[str, Endpoint]:
    return ENDPOINTS | {name: _override(name, route) for name, route in overrides}


def endpoints_for(settings: Settings) -> Mapping[str, Endpoint]:
    """The table with the operator's overrides in place; raises `SettingsError` for one that cannot be used."""
    return _overridden(tuple(sorted(settings.endpoints.items()))) if settings.endpoints else ENDPOINTS


def _override(name: str, route: str) -> Endpoint:
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise SettingsError(f"{ENDPOINT_PREFIX}{name} names no endpoint; docs/endpoints.md lists all of them.")
    method, _, path = route.rpartition(" ")
    method = method.strip().upper() or endpoint.method
    if method not in METHODS or not _PATH.fullmatch(path) or ".." in path:
        raise SettingsError(f"{endpoint.setting} must be `METHOD /path` or `/path`, without a query.")
    if sorted(template(path)[1]) != sorted(endpoint.parameters):
        expected = ", ".join(f"{{{parameter}}}" for parameter in endpoint.parameters) or "no parameters"
        raise SettingsError(f"The path of {endpoint.setting} must have exactly {expected}.")
    return replace(endpoint, method=method, path=path)
