"""The stand-in itself must never be the reason for a failure: no body, path or query makes it answer 500."""

import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.workbench.simulator.conftest import Desk
from workbench.simulator.app import MODULES
from workbench.simulator.auth import Access
from workbench.simulator.router import Route

ROUTES = [
    route for module in MODULES for route in module.routes.declared if not route.path.startswith("/_control/reset")
]
VALUES = {
    "ticketId": "10001", "companyId": "201", "contactId": "1003", "memberId": "12", "formId": "801",
    "resultId": "5000000002", "fieldId": "systems", "emailTemplateId": "email-outage", "workflowId": "workflow-101",
    "function": "copyTicket", "eventType": "approvalRequested", "typeId": "TicketDetails", "type": "ticket",
    "teamId": "team-201-1", "userId": "1003",
}  # fmt: skip
QUERY = {"type": "ticket.new", "category": "tickets", "requestTypeId": "701"}
KEYS = [
    "name", "description", "search", "boardId", "statusId", "companyId", "contactId", "contactIds", "memberIds",
    "assignedMemberIds", "userGroupId", "tags", "tag", "dueDate", "assetTag", "outageMinutes", "take", "skip", "email",
    "items", "templateIds", "parameters", "advancedFilters", "url", "form", "timeRange", "note", "isInternal",
    "startTime", "endTime", "actualHours", "role", "message", "title", "decision", "isActive", "firstName", "names",
    "answers", "kind", "path", "times", "events", "seconds", "set", "ticketId", "isOpen", "service", "since", "comment",
]  # fmt: skip
NASTY: list[Any] = [
    None,
    "",
    "x",
    "\x00\u202e<b>",
    -1,
    0,
    2**70,
    1.5,
    True,
    [],
    [None],
    {},
    {"name": 5},
    [{"name": None}],
]


def filled(route: Route, values: dict[str, str]) -> str:
    path = route.path
    for name in ("actionId", "subscriptionId", "sessionId", "eventId", "webhookId", "surveyId", *VALUES):
        path = path.replace(f"{{{name}}}", values.get(name, "1"))
    return path


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_no_input_breaks_a_route(desk: Desk, route: Route) -> None:
    auth = await desk.token("member", 12) if route.allow is Access.MEMBER else None
    bodies: list[Any] = [None, [], "text", 5, *(dict.fromkeys(KEYS, nasty) for nasty in NASTY)]
    for body in bodies if route.method != "GET" else [None]:
        for query in ({}, QUERY) if body is None else (QUERY,):
            reply = await desk.call(route.method, filled(route, VALUES), body, auth=auth, **query)
            assert reply.status < 500, (body, reply.body)
            desk.simulator.faults.clear()


@pytest.mark.parametrize("value", ["x" * 5000, "..%2f..", "%00", "-1", "1.5", "99999999999999999999", "%C3%28", "²"])
async def test_no_path_value_breaks_a_route(desk: Desk, value: str) -> None:
    for route in ROUTES:
        if "{" in route.path and route.method == "GET":
            assert (await desk.get(filled(route, dict.fromkeys(VALUES, value)))).status < 500, route.path


@pytest.mark.parametrize(
    "content",
    ['{"take": NaN}', '{"take": 1e999}', "[" * 100_000, '{"search": "\\ud800"}', "\xff", '{"take": 1, "take": {}}'],
)
async def test_no_odd_json_breaks_a_route(desk: Desk, content: str) -> None:
    headers = {"Authorization": f"Basic {desk.simulator.tokity_key}"}
    url = f"http://{desk.simulator.site}"
    for path in ("/api/v2/automate/connector/tickets/find", "/api/v2/tickets/10001/notes", "/_control/clock"):
        async with desk.session.post(url + path, data=content.encode("latin-1"), headers=headers) as response:
            assert response.status < 500


def test_serve_stops_cleanly_on_a_signal() -> None:
    code = "from workbench.simulator import serve; serve(port=0, ready=lambda s: print(s.site, flush=True))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("127.0.0.1:")
        run.send_signal(signal.SIGTERM)
        assert run.communicate(timeout=300)[1] == ""
        assert run.returncode == 0
