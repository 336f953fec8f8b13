"""The declared fault matrix (docs/faults.md), cell by cell: every kind of call under every fault.

Each cell is played through the whole app against the simulator: what the caller gets, how many requests reached
DeskDirector, and what a repeat of the call finds once the fault is over.
"""

import asyncio
import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connector.catalog import operations
from connector.deskdirector import no_answer, retrying
from connector.deskdirector.no_answer import NoAnswer, Sent
from connector.deskdirector.transport import AiohttpTransport, Answer
from connector.operations.request import Request
from connector.serving.invoke import invoke
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.shared import shared_store
from tests.desk import running_simulator
from tests.upstream_servers import deaf_port, free_port
from workbench.generators.faults import FAULTS, OWN, REPEATABLE, Fault, Kind, Outcome
from workbench.simulator import Simulator

PREFIX = "/api/v2/automate/connector"
CALLBACK = "https://prod-00.westeurope.logic.azure.com/workflows/1"


@dataclass(frozen=True)
class Call:
    """A call of one kind, and the upstream request that its fault hits."""

    operation: str
    method: str
    target: str
    path: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    status: int = 200

    def is_hit(self, method: str, path: str) -> bool:
        return method == self.method and re.search(self.target, path) is not None


def calls_to(simulator: Simulator) -> dict[Kind, Call]:
    """A call of each kind, with objects that this site has."""
    tenant = simulator.tenant("tokity")
    ticket, contact = str(next(iter(tenant.tickets))), str(next(iter(tenant.contacts)))
    new = {"title": "Only once", "contact": contact, "idempotencyKey": "k"}
    sent = {"title": "Look", "message": "Here", "idempotencyKey": "k"}
    about = {"contactId": contact}
    raw = {"method": "POST", "path": f"{PREFIX}/contacts/{contact}/notifications", "idempotencyKey": "k"}
    gone = {"method": "DELETE", "path": f"{PREFIX}/ticket-workflows/{workflow(simulator)}", "idempotencyKey": "d"}
    waits = {"eventType": "ticket.new", "callbackUrl": CALLBACK}
    return {
        "read": Call("GetTicket", "GET", f"/tickets/{ticket}$", {"ticketId": ticket}),
        "update": Call("UpdateTicket", "PATCH", f"/tickets/{ticket}$", {"ticketId": ticket}, {"title": "Printer"}),
        "delete": Call("SendApiRequest", "DELETE", "/ticket-workflows/", body=gone),
        "poll": Call("WhenTicketIsCreated", "POST", "/tickets/find$", body={}, status=202),
        "create": Call("CreateTicket", "POST", "/tickets$", body=new),
        "send": Call("CreateContactNotification", "POST", "/notifications$", about, sent),
        "raw": Call(
            "SendApiRequest",
            "POST",
            "/notifications$",
            body={**raw, "body": json.dumps({"title": "Look", "message": "Here"})},
        ),
        "subscribe": Call("CreateTicketWorkflow", "POST", "/ticket-workflows$", body=waits, status=201),
    }


def workflow(simulator: Simulator) -> str:
    """A workflow to delete."""
    body = json.dumps({"url": "https://example.com/x", "description": "x", "advancedFilters": {}})
    headers = {"Authorization": f"Basic {simulator.tokity_key}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(simulator.host, simulator.port)) as site:
        site.request("POST", f"{PREFIX}/ticket-workflows?type=ticket.new", body, headers)
        made = site.getresponse()
        made.read()
        return made.headers["Location"].rpartition("/")[2].partition("?")[0]


@dataclass
class Play:
    """One cell: the call under its fault."""

    simulator: Simulator
    settings: Settings
    host: str
    call: Call

    async def __call__(self) -> Response:
        operation = operations()[self.call.operation]
        url = f"http://127.0.0.1:9/api/{operation.path}"
        for name, value in self.call.path.items():
            url = url.replace(f"{{{name}}}", value)
        headers = {"dd-host": self.host, "dd-api-key": self.simulator.tokity_key}
        body = b"" if self.call.body is None else json.dumps(self.call.body).encode()
        return await invoke(operation, Request(operation.method, url, headers, self.call.path, {}, body), self.settings)

    @property
    def reached(self) -> int:
        """How many requests for it have reached DeskDirector."""
        return sum(self.call.is_hit(seen.method, seen.path) for seen in self.simulator.calls)


def code_of(response: Response) -> str:
    parsed = json.loads(response.body)
    return parsed["error"]["code"] if response.status >= 400 else ""


@pytest.fixture(scope="module")
def small_site() -> Iterator[Simulator]:
    with running_simulator(tickets=20) as running:
        yield running


@pytest.fixture
def site(small_site: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.001)
    small_site.reset()
    return small_site


def settings_for(fault: Fault, simulator: Simulator, folder: Path, **more: Any) -> Settings:
    made: dict[str, Any] = {"recover_seconds": 0, "refused_seconds": 0, "connection_rate": 0, "address_rate": 0}
    made |= {"budget_seconds": 0.5 if isinstance(fault.plan, dict) and fault.plan.get("seconds") else 20}
    return Settings(development_sites=(simulator.site,), data_dir=str(folder), **{**made, **more})


async def prepare(fault: Fault, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the fault hit the call."""
    if isinstance(fault.plan, Mapping):
        play.simulator.add_fault(**{"times": None, **fault.plan, "method": play.call.method, "path": play.call.target})
    elif fault.plan == "address literal":
        play.host = "[::1]"
    elif fault.plan == "store":
        file = Path(play.settings.data_dir)
        file.write_text("no folder")
    elif fault.plan == "rate":
        play.settings = replace(play.settings, connection_rate=1)
        await play()
        play.simulator.calls.clear()
    elif fault.plan == "refused key":
        play.settings = replace(play.settings, refused_seconds=60)
        play.simulator.add_fault(kind="status", status=401, times=None)
        await play()
        play.simulator.faults.clear()
        play.simulator.calls.clear()
    else:
        fail_with(getattr(no_answer, fault.plan), play.call, monkeypatch)


def fail_with(failure: type[NoAnswer], call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the transport fail so: before it has sent the request, or after."""
    exchange = AiohttpTransport.exchange

    async def failing(self: AiohttpTransport, method: str, origin: str, target: str, *rest: Any) -> Answer:
        is_hit = call.is_hit(method, target.partition("?")[0])
        if is_hit and failure.sent is Sent.NO:
            raise failure
        answer = await exchange(self, method, origin, target, *rest)
        if is_hit:
            raise failure
        return answer

    monkeypatch.setattr(AiohttpTransport, "exchange", failing)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
async def test_every_cell_is_as_declared(
    fault: Fault, site: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(fault, site, tmp_path / "data")
    for kind, call in calls_to(site).items():
        site.faults.clear()
        site.calls.clear()
        play = Play(site, settings, site.site, call)
        with monkeypatch.context() as patched:
            await prepare(fault, play, patched)
            response = await play()
        check(play, kind, fault.outcome(kind), response)
        if fault.plan not in OWN and kind not in REPEATABLE:
            await check_repeat(play, kind, fault.outcome(kind))


def check(play: Play, kind: Kind, expected: Outcome, response: Response) -> None:
    """What the caller gets, and what DeskDirector got."""
    got = (response.status, code_of(response))
    assert got == (expected.status or play.call.status, expected.code), f"{kind}: {response.body.decode()}"
    if kind != "poll" or expected.status:  # a poll that succeeds reads as many pages as it needs
        assert play.reached == expected.calls, kind
    assert ("Retry-After" in response.headers) >= (response.status in (429, 503)), kind
    assert (b'"recovered"' in response.body) == expected.is_found, kind
    assert b"TicketStore" not in response.body, "a stack trace is no reason"


async def check_repeat(play: Play, kind: Kind, expected: Outcome) -> None:
    """What a repeat finds once the fault is over. What carries no key is simply done, and needs no check."""
    play.simulator.faults.clear()
    before = play.reached
    kept = expected.kept(kind)
    again = await play()
    if kept == "nothing":
        assert (again.status, play.reached) == (play.call.status, before + 1), "it is done as if for the first time"
    elif kept == "that it is unclear":
        assert (again.status, play.reached) == (424, before), "it is not done again"
    else:
        assert (again.status, play.reached) == (play.call.status, before), "it has the first answer"
    if kind == "subscribe":
        assert len(await shared_store(play.settings).subscriptions.list()) == 1


def test_every_way_to_fail_has_its_row() -> None:
    named = {fault.plan for fault in FAULTS if isinstance(fault.plan, str)}
    kinds = {
        kind.__name__ for kind in vars(no_answer).values() if isinstance(kind, type) and issubclass(kind, NoAnswer)
    }
    played = {"AnswerBroken", "AnswerTimeout", "MaybeSent", "NoAnswer"}  # by the simulator, on the wire
    assert named == kinds - played | set(OWN)


async def test_what_cannot_connect_was_not_sent_whatever_the_budget(site: Simulator, tmp_path: Path) -> None:
    """On real sockets: a port that nothing listens on, and one whose queue is full, with budgets around 5 s."""
    calls = calls_to(site)

    async def play(call: Call, port: int, budget: float) -> int:
        host, folder = f"127.0.0.1:{port}", tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        settings = settings_for(FAULTS[0], site, folder, budget_seconds=budget)
        response = await Play(site, replace(settings, development_sites=(host,)), host, call)()
        return response.status

    async with deaf_port() as deaf, asyncio.TaskGroup() as tasks:
        ports = ((deaf, 0.2), (deaf, 5.3), (free_port(), 1), (free_port(), 20))
        played = [tasks.create_task(play(call, *port)) for call in calls.values() for port in ports]
    assert {task.result() for task in played} == {503}
