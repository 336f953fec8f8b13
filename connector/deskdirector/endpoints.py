"""Every upstream route that we may call, in ONE table, each with the evidence that it exists.

`sure`: stated by the vendor (the certified connectors "DeskDirector" v1.9 and "DeskDirector Tech" v1.0, the API
article) or seen in a script that calls it in production. `likely`: one indirect witness. `assumed`: the vendor says
that it exists, but not where; the path is ours until a tenant's swagger page tells. Any route can be replaced by a
setting `CONNECTOR_ENDPOINT_<NAME>`, with `METHOD /path` or `/path` and the same path parameters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from connector.deskdirector.errors import BadRequest
from connector.settings import ENDPOINT_PREFIX, Settings, SettingsError

Category = Literal["public", "admin", "portal", "tech"]
Evidence = Literal["sure", "likely", "assumed"]
Auth = Literal["any", "key", "member", "contact"]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PARAMETER = re.compile(r"\{(\w+)\}")
_PATH = re.compile(r"(/[\w.$~{}-]+)+")
_VERSION = re.compile(r"/api/?v?(\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


class Host(Enum):
    """Where a route lives: on the tenant's site, or on the host that tenants share for advanced actions and events."""

    SITE = "site"
    FUNCTIONS = "functions"


SITE, FUNCTIONS = Host.SITE, Host.FUNCTIONS


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One upstream route.

    `auth` is who may call it: `key` an API key only, `member` or `contact` only such a user (by access token), `any`
    all. `idempotent` says that repeating the call changes nothing more, so it may be retried after an unclear failure.
    """

    method: str
    path: str
    category: Category = "public"
    evidence: Evidence = "sure"
    auth: Auth = "any"
    host: Host = SITE
    idempotent: bool = True
    name: str = field(default="", init=False)

    @property
    def version(self) -> int:
        """The API version, as its path tells."""
        match = _VERSION.match(self.path)
        return int(match[1]) if match else 2

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its path parameters, in order."""
        return _template(self.path)[1]

    @property
    def setting(self) -> str:
        """The environment variable that replaces its route."""
        return ENDPOINT_PREFIX + self.name

    def fill(self, values: Mapping[str, Any]) -> str:
        """The path with its parameters in place, percent-encoded; `BadRequest` for a value that would break out."""
        literals, names = _template(self.path)
        if not names:
            return self.path
        parts = [literals[0]]
        for name, literal in zip(names, literals[1:], strict=True):
            parts += (_segment(name, values[name]), literal)
        return "".join(parts)


@lru_cache(maxsize=512)
def _template(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The literal pieces around the parameters, and the parameters."""
    pieces = _PARAMETER.split(path)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def _segment(name: str, value: object) -> str:
    if type(value) is int:
        return str(value)
    text = str(value)
    # Servers differ on whether %2F and dot segments are undone before routing, so such a value is refused, not encoded.
    if not text or _CONTROL.search(text) or any(piece in ("", ".", "..") for piece in text.split("/")):
        raise BadRequest("ValueMalformed", f"The value of {name} cannot be part of an address.")
    return quote(text, safe="$")


def _repeatable(method: str, path: str) -> bool:
    """POSTs that only read are repeatable; updates set values, so a second one sets the same values."""
    return method != "POST" or path.endswith(("/find", "/render"))


def _route(route: str, prefix: str = "", **traits: Any) -> Endpoint:
    method, _, path = route.partition(" ")
    return Endpoint(method, prefix + path, **{"idempotent": _repeatable(method, path), **traits})


def _connector(route: str, **traits: Any) -> Endpoint:
    """The surface of the certified connector "DeskDirector" v1.9."""
    return _route(route, "/api/v2/automate/connector", **traits)


def _advanced(route: str) -> Endpoint:
    """The part of that surface that goes to the shared functions host, with the site in header `dd-host`."""
    return _connector(route, host=FUNCTIONS)


def _copilot(route: str) -> Endpoint:
    """The surface of the certified connector "DeskDirector Tech" v1.0: a member's own view, by personal token."""
    return _route(route, "/api/v2/copilot", category="tech", auth="member")


def _v2(route: str, **traits: Any) -> Endpoint:
    return _route(route, "/api/v2", **traits)


# Connection
TEST_CONNECTION = _connector("GET /connections/test")

# Tickets
CREATE_TICKET = _connector("POST /tickets")
FIND_TICKETS = _connector("POST /tickets/find")
GET_TICKET = _connector("GET /tickets/{ticketId}")
UPDATE_TICKET = _connector("PATCH /tickets/{ticketId}")
LIST_TICKET_NOTES = _v2("GET /tickets/{ticketId}/notes", evidence="assumed")
ADD_TICKET_NOTE = _v2("POST /tickets/{ticketId}/notes", evidence="assumed")
CREATE_TIME_ENTRY = _v2("POST /tickets/{ticketId}/time-entries", evidence="assumed", category="tech", auth="member")
APPROVE_TICKET = _v2("POST /tickets/{ticketId}/approve", evidence="assumed", category="portal", auth="contact")
DECLINE_TICKET = _v2("POST /tickets/{ticketId}/decline", evidence="assumed", category="portal", auth="contact")

# Tasks
GET_TICKET_TASKS = _connector("GET /tickets/{ticketId}/tasks")
CREATE_TICKET_TASKS = _connector("POST /tickets/{ticketId}/tasks")
LIST_TICKET_TASK_TEMPLATES = _connector("GET /ticket-task-templates")
FIND_TICKET_TASK_TEMPLATES = _connector("POST /ticket-task-templates/find")

# A member's own tickets and time
COPILOT_FIND_TICKETS = _copilot("GET /tickets")
COPILOT_GET_TICKET = _copilot("GET /tickets/{ticketId}")
COPILOT_TEST_CONNECTION = _copilot("GET /connections/test")
FIND_TIME_ENTRIES = _copilot("GET /time-entries")

# Companies, user groups (teams)
LIST_COMPANIES = _connector("GET /companies")
FIND_COMPANIES = _connector("POST /companies/find")
GET_COMPANY = _connector("GET /companies/{companyId}")
LIST_COMPANY_TEAMS = _connector("GET /companies/{companyId}/teams")
FIND_USER_GROUPS = _connector("POST /user-groups/find")
SET_TEAM_USER = _route(
    "PUT /api/v3/tech/companies/{companyId}/teams/{teamId}/users/{userId}", category="tech", auth="member"
)

# Contacts
CREATE_CONTACT = _connector("POST /contacts")
FIND_CONTACTS = _connector("POST /contacts/find")
GET_CONTACT = _connector("GET /contacts/{contactId}")
UPDATE_CONTACT = _connector("PATCH /contacts/{contactId}", evidence="assumed")
SET_CONTACT_PERMISSIONS = _v2("PUT /admin/contacts/{contactId}/permissions", evidence="assumed", category="admin")
CREATE_CONTACT_NOTIFICATION = _connector("POST /contacts/{contactId}/notifications")

# Members
LIST_MEMBERS = _connector("GET /members")
FIND_MEMBERS = _connector("POST /members/find")
GET_MEMBER = _connector("GET /members/{memberId}")
CREATE_MEMBER_NOTIFICATION = _connector("POST /members/{memberId}/notifications")

# Identity: access tokens for a member or a contact, and a contact's own view of itself
MEMBER_USER_KEY = _v2("GET /user/member/{memberId}/userkey", auth="key")
CONTACT_USER_KEY = _v2("GET /user/contact/{contactId}/userkey", evidence="assumed", auth="key")
CONTACT_USER_KEY_RIVAL = _v2("GET /user/client/{contactId}/userkey", evidence="assumed", auth="key")
GET_CURRENT_CONTACT = _v2("GET /user/client", category="portal", auth="contact")

# Service lists
LIST_BOARDS = _connector("GET /service/boards")
LIST_STATUSES = _connector("GET /service/statuses")
LIST_PRIORITIES = _connector("GET /service/priorities")
LIST_SOURCES = _connector("GET /service/sources")
LIST_REQUEST_TYPES = _connector("GET /service/request-types")

# Forms and their results
LIST_FORMS = _connector("GET /forms")
LIST_FORM_FIELD_CHOICES = _connector("GET /forms/{formId}/fields/{fieldId}/choices")
GET_FORM_RESULT = _connector("GET /forms/{formId}/results/{resultId}")
GET_FORM_RESULT_V2 = _connector("GET /v2/forms/{formId}/results/{resultId}")
GET_FORM = _v2("GET /ddform/forms/{formId}", category="admin", auth="member")
REPLACE_FORM = _v2("PUT /ddform/forms/{formId}", category="admin", auth="member")
FIND_FORM_RESULTS = _v2("POST /ddform/forms/{formId}/results/find", category="admin", auth="member")
GET_STORED_FORM_RESULT = _v2("GET /ddform/forms/{formId}/results/{resultId}", category="admin", auth="member")
LIST_DYNAMIC_CONTACTS = _v2("GET /ddforms/dynamic/contacts", category="portal")
LIST_DYNAMIC_PRIORITIES = _v2("GET /ddforms/dynamic/priorities", category="portal", evidence="assumed")

# Chat sessions, e-mail templates
GET_CHAT_SESSION = _connector("GET /chat-sessions/{sessionId}")
ADD_CHAT_SYSTEM_MESSAGE = _connector("POST /chat-sessions/{sessionId}/system-messages")
INVITE_USERS_TO_CHAT = _connector("POST /chat-sessions/{sessionId}/invite")
LIST_EMAIL_TEMPLATES = _connector("GET /email-templates")
GENERATE_EMAIL_FROM_TEMPLATE = _connector("POST /email-templates/{emailTemplateId}/render")

# Webhooks and workflows
LIST_CHAT_WEBHOOK_EVENTS = _connector("GET /chat-webhook-events")
CREATE_CHAT_WEBHOOK = _connector("POST /chat-workflows")
DELETE_CHAT_WEBHOOK = _connector("DELETE /chat-workflows/{workflowId}")
LIST_TICKET_WEBHOOK_EVENTS = _connector("GET /ticket-workflow-events")
CREATE_TICKET_WORKFLOW = _connector("POST /ticket-workflows")
DELETE_TICKET_WORKFLOW = _connector("DELETE /ticket-workflows/{workflowId}")
LIST_WORKFLOW_TYPES = _connector("GET /workflow-types")
LIST_WORKFLOWS = _connector("GET /workflows")
SUBSCRIBE_TO_WORKFLOW = _connector("POST /workflows/{workflowId}/actions")
UNSUBSCRIBE_FROM_WORKFLOW = _connector("DELETE /workflows/{workflowId}/actions/{actionId}")

# Advanced actions and events
LIST_ADVANCED_ACTION_CATEGORIES = _advanced("GET /functions/listAdvancedActionCategories")
LIST_ADVANCED_ACTIONS = _advanced("GET /functions/listAdvancedActions")
LIST_ADVANCED_ACTION_OPTIONS = _advanced("GET /functions/{function}/options")
CALL_ADVANCED_ACTION = _advanced("POST /functions/{function}")
ADVANCED_EVENT_CATEGORIES_LIST = _advanced("GET /events/categories")
ADVANCED_EVENT_TYPES_LIST = _advanced("GET /events/types")
LIST_ADVANCED_EVENT_OPTIONS = _advanced("GET /events/{eventType}/options")
ADVANCED_EVENT_SUBSCRIBE = _advanced("POST /events/{eventType}/subscriptions")
ADVANCED_EVENT_UNSUBSCRIBE = _advanced("DELETE /events/{eventType}/subscriptions/{subscriptionId}")
ADVANCED_EVENT_RESPONSE_HANDLE = _advanced("POST /events/{eventType}/{eventId}/response")

# Schemas, wrapped in {"schema": …}
GET_DYNAMIC_SCHEMA2 = _connector("GET /schema2/types/{typeId}/$schema")
GET_CREATE_TICKET_REQUEST_SCHEMA2 = _connector("GET /schema2/ticket/$create-request")
GET_EMAIL_TEMPLATE_PROPERTIES2 = _connector("GET /schema2/email-templates/{emailTemplateId}/$render-request")
GET_FORM_RESULT_SCHEMA2 = _connector("GET /schema2/form/{formId}/$result-response")
GET_FORM_RESULT_SCHEMA2_V2 = _connector("GET /schema2/v2/form/{formId}/$result-response")
GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA2 = _connector("GET /schema2/chat-workflow-webhook/$parameters")
GET_CHAT_WEBHOOK_TRIGGER_SCHEMA2 = _connector("GET /schema2/chat-workflow-webhook/$request")
GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2 = _connector("GET /schema2/ticket-workflow-webhook/$request")
GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA2 = _connector("GET /schema2/ticket-workflow-webhook/$advanced-filters")
GET_WORKFLOW_TRIGGER_SCHEMA2 = _connector("GET /schema2/workflow-webhook/$request")
GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA2 = _connector("GET /schema2/workflow-types/{type}/$parameters")
GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA2 = _advanced("GET /functions/{function}/schema2/$request")
GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA2 = _advanced("GET /functions/{function}/schema2/$response")
ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA2 = _advanced("GET /events/{eventType}/schema2/$trigger")
ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA2 = _advanced("GET /events/{eventType}/schema2/$subscribe-request")
ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA2 = _advanced("GET /events/{eventType}/schema2/$respond-request")

# The same schemas at the root of the answer, as they were before version 1.8
GET_DYNAMIC_SCHEMA = _connector("GET /schema/dynamic-types/{typeId}")
GET_CREATE_TICKET_REQUEST_SCHEMA = _connector("GET /schema/ticket/$create-request")
GET_EMAIL_TEMPLATE_PROPERTIES = _connector("GET /schema/email-templates/{emailTemplateId}/$render-request")
GET_FORM_RESULT_SCHEMA = _connector("GET /schema/form/{formId}/$result-response")
GET_FORM_RESULT_SCHEMA_V2 = _connector("GET /schema/v2/form/{formId}/$result-response")
GET_CHAT_WORKFLOW_REQUEST_PARAMETER_SCHEMA = _connector("GET /schema/chat-workflow-webhook/$parameters")
GET_CHAT_WEBHOOK_TRIGGER_SCHEMA = _connector("GET /schema/chat-workflow-webhook/$request")
GET_TICKET_WORKFLOW_TRIGGER_SCHEMA = _connector("GET /schema/ticket-workflow-webhook/$request")
GET_TICKET_TRIGGER_ADVANCED_FILTER_SCHEMA = _connector("GET /schema/ticket-workflow-webhook/$advanced-filters")
GET_WORKFLOW_TRIGGER_SCHEMA = _connector("GET /schema/workflow-webhook/$request")
GET_WORKFLOW_REQUEST_PARAMETER_SCHEMA = _connector("GET /schema/workflow-types/{type}/$parameters")
GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA = _advanced("GET /functions/{function}/$request")
GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA = _advanced("GET /functions/{function}/$response")
ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA = _advanced("GET /events/{eventType}/$trigger")
ADVANCED_EVENT_SUBSCRIBE_REQUEST_SCHEMA = _advanced("GET /events/{eventType}/$subscribe-request")
ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA = _advanced("GET /events/{eventType}/$respond-request")

# Administration and exports
GET_SYNC_ERRORS = _route("GET /api2/admin/stats/sync/errors", category="admin")
EXPORT_SURVEY_RESULTS = _route("GET /api/v3/tech/customers/surveys/{surveyId}/results.csv", category="tech")
LIST_FILES = _route("GET /api/v4/files", evidence="likely")


def _name_all(constants: Mapping[str, object]) -> dict[str, Endpoint]:
    """Give every endpoint the name of its constant, so that no row has to say it twice."""
    table = {name: value for name, value in constants.items() if isinstance(value, Endpoint)}
    for name, endpoint in table.items():
        object.__setattr__(endpoint, "name", name)
    return table


ENDPOINTS: dict[str, Endpoint] = _name_all(dict(globals()))


@lru_cache(maxsize=8)
def _overridden(overrides: tuple[tuple[str, str], ...]) -> dict[str, Endpoint]:
    return ENDPOINTS | {name: _override(name, route) for name, route in overrides}


def endpoints_for(settings: Settings) -> Mapping[str, Endpoint]:
    """The table with the operator's overrides in place; raises `SettingsError` for one that cannot be used."""
    return _overridden(tuple(sorted(settings.endpoints.items()))) if settings.endpoints else ENDPOINTS


def raw_endpoint(method: str, path: str) -> Endpoint:
    """A route that the table does not have, for the raw API call. `path` is not percent-encoded and has no query."""
    method = method.strip().upper()
    if method not in METHODS:
        raise BadRequest("MethodNotAllowed", f"The method must be one of {', '.join(METHODS)}.")
    if not path.startswith(("/api/", "/api2/")):
        raise BadRequest(
            "PathNotAllowed", "The path must begin with /api/ or /api2/; the query goes into its own field."
        )
    encoded = "/".join(_segment("the path", piece) for piece in path.removeprefix("/").split("/"))
    return Endpoint(method, "/" + encoded, idempotent=_repeatable(method, path))


def _override(name: str, route: str) -> Endpoint:
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise SettingsError(f"{ENDPOINT_PREFIX}{name} names no endpoint; see the table in the documentation.")
    method, _, path = route.rpartition(" ")
    method = method.strip().upper() or endpoint.method
    if method not in METHODS or not _PATH.fullmatch(path) or ".." in path:
        raise SettingsError(f"{endpoint.setting} must be `METHOD /path` or `/path`, without a query.")
    if sorted(_template(path)[1]) != sorted(endpoint.parameters):
        expected = ", ".join(f"{{{parameter}}}" for parameter in endpoint.parameters) or "no parameters"
        raise SettingsError(f"The path of {endpoint.setting} must have exactly {expected}.")
    changed = replace(endpoint, method=method, path=path)
    object.__setattr__(changed, "name", name)
    return changed
