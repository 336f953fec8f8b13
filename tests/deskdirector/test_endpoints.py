"""The table of upstream routes."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector import endpoints
from connector.deskdirector.endpoint import FUNCTIONS, raw_endpoint
from connector.deskdirector.endpoints import ENDPOINTS, endpoints_for
from connector.deskdirector.errors import BadRequest
from connector.settings import Settings, SettingsError

VENDOR_FILES = Path(__file__).resolve().parents[3] / "shared" / "data"
CREATES = {
    "ADD_TICKET_ATTACHMENT",
    "UPDATE_TICKET_WITH_NOTE",
    "CREATE_TICKET",
    "ADD_TICKET_NOTE",
    "CREATE_TIME_ENTRY",
    "APPROVE_TICKET",
    "DECLINE_TICKET",
    "CREATE_TICKET_TASKS",
    "CREATE_CONTACT",
    "CREATE_CONTACT_NOTIFICATION",
    "CREATE_MEMBER_NOTIFICATION",
    "ADD_CHAT_SYSTEM_MESSAGE",
    "INVITE_USERS_TO_CHAT",
    "CREATE_CHAT_WEBHOOK",
    "CREATE_TICKET_WORKFLOW",
    "SUBSCRIBE_TO_WORKFLOW",
    "CALL_ADVANCED_ACTION",
    "ADVANCED_EVENT_SUBSCRIBE",
    "ADVANCED_EVENT_RESPONSE_HANDLE",
}


def _routes_of(connector: str) -> list[tuple[str, str]]:
    file = VENDOR_FILES / connector / "apiDefinition.swagger.json"
    if not file.exists():
        pytest.skip("the vendor's definition is not here")
    paths = json.loads(file.read_text(encoding="utf-8-sig"))["paths"]
    return [(method.upper(), path) for path, item in paths.items() for method in item if not method.startswith("x-")]


@pytest.mark.parametrize(
    ("connector", "count"), [("deskdirector-connector-1.9", 88), ("deskdirector-tech-connector-1.0", 4)]
)
def test_every_operation_of_the_certified_connectors_is_there(connector: str, count: int) -> None:
    routes = _routes_of(connector)
    assert len(routes) == count
    assert set(routes) <= {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS.values()}


def test_no_route_is_there_twice() -> None:
    """An update is there twice, since with a note in it it must not be repeated."""
    routes = [(one.method, one.path) for name, one in ENDPOINTS.items() if name != "UPDATE_TICKET_WITH_NOTE"]
    assert len(routes) == len(set(routes))


def test_an_endpoint_is_named_as_its_constant() -> None:
    assert all(getattr(endpoints, name) is endpoint and endpoint.name == name for name, endpoint in ENDPOINTS.items())
    assert endpoints.GET_TICKET.setting == "CONNECTOR_ENDPOINT_GET_TICKET"


def test_only_creates_and_sends_must_not_be_repeated() -> None:
    assert {name for name, endpoint in ENDPOINTS.items() if not endpoint.idempotent} == CREATES


def test_advanced_actions_and_events_live_on_the_functions_host() -> None:
    elsewhere = {endpoint.path for endpoint in ENDPOINTS.values() if endpoint.host is FUNCTIONS}
    assert len([path for path in elsewhere if "/functions/" in path or "/events/" in path]) == len(elsewhere)
    assert sum(endpoint.host is FUNCTIONS for endpoint in ENDPOINTS.values()) == 20


@pytest.mark.parametrize(
    ("name", "version"), [("GET_TICKET", 2), ("SET_TEAM_USER", 3), ("LIST_FILES", 4), ("GET_SYNC_ERRORS", 2)]
)
def test_the_version_is_the_one_in_the_path(name: str, version: int) -> None:
    assert ENDPOINTS[name].version == version


def test_values_are_put_into_the_path_encoded() -> None:
    assert endpoints.GET_TICKET.fill({"ticketId": 12}).endswith("/tickets/12")
    filled = endpoints.LIST_FORM_FIELD_CHOICES.fill({"formId": 3, "fieldId": "wie geht's? a/b#ü"})
    assert filled.endswith("/forms/3/fields/wie%20geht%27s%3F%20a%2Fb%23%C3%BC/choices")


@pytest.mark.parametrize("value", ["", ".", "..", "../..", "a/../b", "/etc", "a//b", "a\\..\\b", "a\r\nb", "\x00"])
def test_a_value_that_would_leave_its_segment_is_refused(value: str) -> None:
    with pytest.raises(BadRequest):
        endpoints.GET_CHAT_SESSION.fill({"sessionId": value})


@given(st.text(max_size=40))
def test_whatever_the_value_the_route_stays_the_same(value: str) -> None:
    try:
        filled = endpoints.UNSUBSCRIBE_FROM_WORKFLOW.fill({"workflowId": value, "actionId": 5})
    except BadRequest:
        return
    assert re.fullmatch(r"/api/v2/automate/connector/workflows/[\w.~$%-]+/actions/5", filled, re.ASCII)


def test_an_operator_replaces_a_route() -> None:
    settings = Settings(
        endpoints={"ADD_TICKET_NOTE": "put /api/v4/tickets/{ticketId}/comments", "LIST_BOARDS": "/api/v2/queues"}
    )
    table = endpoints_for(settings)
    note, boards = table["ADD_TICKET_NOTE"], table["LIST_BOARDS"]
    assert (note.method, note.path, note.name) == ("PUT", "/api/v4/tickets/{ticketId}/comments", "ADD_TICKET_NOTE")
    assert (boards.method, boards.path) == ("GET", "/api/v2/queues")
    assert not note.idempotent
    assert endpoints_for(Settings()) is ENDPOINTS


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("NO_SUCH_THING", "/api/x"),
        ("GET_TICKET", "https://evil.com/tickets/{ticketId}"),
        ("GET_TICKET", "//evil.com/tickets/{ticketId}"),
        ("GET_TICKET", "/api/v2/../tickets/{ticketId}"),
        ("GET_TICKET", "/api/v2/tickets"),
        ("GET_TICKET", "/api/v2/tickets/{id}"),
        ("GET_TICKET", "/api/v2/tickets/{ticketId}/{ticketId}"),
        ("GET_TICKET", "FETCH /api/v2/tickets/{ticketId}"),
        ("LIST_BOARDS", "/api/v2/boards?all=true"),
        ("LIST_BOARDS", "api/v2/boards"),
        ("LIST_BOARDS", "GET"),
    ],
)
def test_a_replacement_that_cannot_be_is_a_settings_error(name: str, route: str) -> None:
    with pytest.raises(SettingsError, match="CONNECTOR_ENDPOINT_"):
        endpoints_for(Settings(endpoints={name: route}))


def test_a_raw_route_is_an_endpoint_too() -> None:
    raw = raw_endpoint("patch", "/api/v2/tickets/5/$info")
    assert (raw.method, raw.fill({}), raw.idempotent) == ("PATCH", "/api/v2/tickets/5/$info", True)
    assert not raw_endpoint("POST", "/api/v2/tickets").idempotent
    assert raw_endpoint("GET", "/api/v2/tags/a b?c").fill({}) == "/api/v2/tags/a%20b%3Fc"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("TRACE", "/api/v2/x"),
        ("GET", "/auth/v1/email"),
        ("GET", "api/v2/x"),
        ("GET", "//evil.com/api/"),
        ("GET", "/api/../auth"),
        ("GET", "/api/v2//x"),
        ("GET", "/api/v2/x\r\n"),
    ],
)
def test_a_raw_route_outside_the_api_is_refused(method: str, path: str) -> None:
    with pytest.raises(BadRequest):
        raw_endpoint(method, path)
