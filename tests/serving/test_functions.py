"""The Functions app itself: what it imports, how its routes are ordered, and that it works without our local host."""

import json
import logging
import os
import subprocess
import sys

import pytest

from connector.catalog import operations
from connector.serving import functions
from connector.serving.all_functions import all_functions
from connector.serving.function_table import http_functions, is_current
from connector.serving.functions import quiet_libraries
from connector.serving.service_routes import SERVICE_ROUTES
from connector.settings import Settings
from tests.desk import ROOT, Desk

LATER = ("pydantic", "httpx", "connector.catalog", "connector.resolving", "connector.relay", "connector.storage",
         "connector.operations", "connector.deskdirector.client")  # fmt: skip
"""What is imported by the first call that needs it."""
HEAVY = (*LATER, "azure.data", "azure.storage", "azure.identity", "azure.monitor", "opentelemetry", "mcp", "typer",
         "rich", "aiohttp", "cryptography", "uvicorn", "sqlite3")  # fmt: skip


def test_loading_the_app_imports_nothing_heavy() -> None:
    script = "import json, sys, function_app; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", script], cwd=ROOT))

    assert "connector.serving.functions" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


@pytest.mark.parametrize(
    ("name", "route", "sentence"),
    [
        ("GET_TICKT", "/api/v2/tickets/{ticketId}", "CONNECTOR_ENDPOINT_GET_TICKT names no endpoint"),
        ("GET_TICKET", "/api/v2/tickets", r"The path of CONNECTOR_ENDPOINT_GET_TICKET must have exactly {ticketId}."),
        ("GET_TICKET", "FETCH /x/{ticketId}", "CONNECTOR_ENDPOINT_GET_TICKET must be `METHOD /path` or `/path`"),
    ],
)
def test_a_bad_override_of_a_route_is_told_at_the_start(name: str, route: str, sentence: str) -> None:
    environment = {**os.environ, f"CONNECTOR_ENDPOINT_{name}": route}
    started = subprocess.run(
        [sys.executable, "-c", "import function_app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert f"SettingsError: {sentence}" in started.stderr


def test_libraries_do_not_log_every_request() -> None:
    quiet_libraries()

    assert logging.getLogger("httpx").getEffectiveLevel() >= logging.WARNING
    assert logging.getLogger("httpcore").getEffectiveLevel() >= logging.WARNING


def test_no_operation_is_hidden_by_one_whose_name_comes_before() -> None:
    """Azure tries routes in the order of function names, whatever is more specific."""
    routes = sorted(
        [(operation.id, f"api/{operation.path}", operation.methods) for operation in operations().values()]
        + [(route.name, route.path, route.methods) for route in SERVICE_ROUTES],
        key=lambda route: route[0].lower(),
    )
    assert "{*" in routes.pop()[1]
    for place, (name, path, methods) in enumerate(routes):
        for earlier, template, its_methods in routes[:place]:
            if set(methods) & set(its_methods):
                assert not covers(template, path), f"{earlier} ({template}) would take the calls of {name} ({path})"


def covers(template: str, path: str) -> bool:
    """Whether a call that `path` is meant for could match `template`."""
    template, is_open, _ = template.partition("{*")
    if is_open:
        return path.lower().startswith(template.lower())
    parts, others = template.split("/"), path.split("/")
    return len(parts) == len(others) and all(
        part.startswith("{") or other.startswith("{") or part.lower() == other.lower()
        for part, other in zip(parts, others, strict=True)
    )


def test_the_last_resort_comes_last() -> None:
    names = [*operations(), *(route.name for route in SERVICE_ROUTES)]

    assert max(names, key=str.lower) == "ZUnmatched"


@pytest.fixture
def simulator_allowed(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Desk:
    """This process may call the simulator too."""
    monkeypatch.setenv("CONNECTOR_DEVELOPMENT_SITES", desk.simulator.site)
    return desk


def test_the_same_calls_work_on_the_functions_objects(simulator_allowed: Desk) -> None:
    """As Microsoft's own unit tests do it: build the request, call the function."""
    desk = simulator_allowed
    script = f"""
import asyncio, json
import azure.functions as func
import function_app

functions = {{one.get_function_name(): one for one in function_app.app.get_functions()}}

async def main():
    request = func.HttpRequest(
        method="GET", url="http://localhost/api/tickets/10001", headers={desk.headers()!r}, params={{}},
        route_params={{"ticketId": "10001"}}, body=b"")
    answer = await functions["GetTicket"].get_user_function()(request, None)
    print(json.dumps([answer.status_code, answer.mimetype, json.loads(answer.get_body())["id"]]))

asyncio.run(main())
"""
    printed = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT)

    assert json.loads(printed) == [200, "application/json", 10001]


def test_an_address_that_does_not_exist_is_explained(desk: Desk) -> None:
    nothing, wrong_method = desk.send("GET", "/api/tikets/7"), desk.send("DELETE", "/api/tickets/7")

    assert (nothing.status, nothing.code) == (404, "RouteNotFound")
    assert "GET or PATCH" in wrong_method.json["message"]


def test_health_needs_nothing(desk: Desk) -> None:
    answer = desk.send("GET", "/api/health")

    assert (answer.status, answer.json["status"]) == (200, "ok")


def test_no_answer_may_be_kept_or_taken_for_another_kind(desk: Desk) -> None:
    answers = [
        desk.call("GetTicket", ticketId=1),
        desk.call("TestConnection"),
        desk.send("GET", "/api/nowhere"),
        desk.send("GET", "/api/operator/metrics"),
        desk.send("POST", "/api/inbound/unknown"),
        desk.send("POST", "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}),
        desk.send("GET", "/admin/host/status"),
        desk.send("GET", "/nothing/here"),
        desk.send("GET", "/api/docs"),
        desk.send("GET", "/api/openapi.json"),
    ]

    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert {answer.headers["cache-control"] for answer in answers[:-2]} == {"no-store"}
    assert {answer.headers["cache-control"] for answer in answers[-2:]} == {"no-cache"}, "what is public is validated"


def test_an_operation_is_served_before_the_table_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside Azure only: what is deployed has been tested with its table."""
    missing = "GetTicket"
    monkeypatch.setattr(functions, "http_functions", lambda: [one for one in all_functions() if one.name != missing])
    monkeypatch.setattr(functions, "is_current", lambda: False)
    assert missing in {one.get_function_name() for one in functions.build_app().get_functions()}

    monkeypatch.setattr(functions, "in_azure", lambda: True)
    monkeypatch.setattr(functions, "checked_settings", Settings)
    assert missing not in {one.get_function_name() for one in functions.build_app().get_functions()}


def test_the_table_is_current() -> None:
    assert is_current()
    assert [*http_functions()] == all_functions()
