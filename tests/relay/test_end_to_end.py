"""The whole way: a change in DeskDirector, our functions under the local host, a flow that starts; on both stores."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.desk import Desk, running_desk
from tests.npm_tools import AZURITE
from tests.relay.conftest import STATUS_CHANGED
from tests.relay.flows import Flows, local, running_flows
from workbench.localhost import LocalHost
from workbench.simulator import Simulator

EVENT = "Status changed"


@pytest.fixture(scope="module")
def waiting() -> Iterator[Flows]:
    with running_flows() as flows:
        yield flows


@pytest.fixture(scope="module", params=["sqlite", AZURITE])
def app(
    request: pytest.FixtureRequest, simulator: Simulator, waiting: Flows, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, LocalHost]]:
    data: Path = tmp_path_factory.mktemp("data")
    environment = {
        "CONNECTOR_DATA_DIR": str(data),
        "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{waiting.receiver.port}",
        "CONNECTOR_MAX_BODY_KB": "128",
    }
    if request.param == "azure":
        environment["AzureWebJobsStorage"] = request.getfixturevalue("azurite")
    simulator.reset()
    with running_desk(simulator, **environment) as running:
        yield running


@pytest.fixture
def desk(app: tuple[Desk, LocalHost]) -> Desk:
    """Not seeded again for each test: that would delete what flows have registered upstream."""
    return app[0]


@pytest.fixture
def flow() -> str:
    """A flow that no other test knows."""
    return f"flow-{secrets.token_hex(4)}"


def change_status(desk: Desk, number: int = 0) -> dict[str, Any]:
    """Give a ticket another status of its board; the ticket after it."""
    ticket_id = list(desk.tenant.tickets)[number]
    ticket = desk.call("GetTicket", ticketId=ticket_id).json
    statuses = desk.call("ListStatuses", board=str(ticket["boardId"])).json["results"]
    other = next(one["id"] for one in statuses if one["id"] != str(ticket["statusId"]))
    answer = desk.call("UpdateTicket", ticketId=ticket_id, status=other)
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json


def subscribe(desk: Desk, waiting: Flows, flow: str, **conditions: Any) -> str:
    answer = desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=waiting.receiver.url(flow), **conditions)
    assert answer.status == 201, answer.json
    return local(desk, answer.headers["location"])


def test_a_change_in_deskdirector_starts_the_flow(desk: Desk, waiting: Flows, flow: str) -> None:
    location = subscribe(desk, waiting, flow)
    ticket = change_status(desk)
    (received,) = waiting.wait_for(1, flow)
    assert received.body["eventType"] == STATUS_CHANGED
    assert (received.body["id"], received.body["status"]) == (ticket["id"], ticket["status"])
    assert received.body["site"] == desk.simulator.site
    assert received.headers["x-dd-event-id"] == received.body["eventId"]

    # Without any connection, as the platform may call it; and once more.
    for _ in range(2):
        assert desk.send("DELETE", location).status == 200
    assert not [one for one in desk.tenant.workflows.values() if one.made_by == "flow"]


def test_conditions_by_name_are_checked_here(desk: Desk, waiting: Flows, flow: str) -> None:
    first = desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets))).json
    subscribe(desk, waiting, flow, board=first["board"], priority=first["priority"], text=first["title"][:6])
    subscribe(desk, waiting, f"{flow}-not", board=first["board"], tag="surely-no-tag")
    change_status(desk)
    waiting.wait_for(1, flow)
    assert waiting.receiver.accepted(f"{flow}-not") == []
    refused = desk.call(
        "CreateTicketWorkflow", eventType=EVENT, board="No such board", callbackUrl=waiting.receiver.url(f"{flow}-x")
    )
    assert (refused.status, refused.code) == (400, "BoardNotFound")


def test_subscribing_through_the_gateway_gives_an_address_there(desk: Desk, waiting: Flows, flow: str) -> None:
    gateway = "https://unit.azure-apim.net/apim/connector/0f"
    callback = waiting.receiver.url(flow)
    for headers in (
        {"x-ms-apim-referrer-prefix": gateway},
        {"x-ms-apim-referrer": f"{gateway}/triggers/ticket-events"},
    ):
        answer = desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=callback, headers=headers)
        assert answer.headers["location"].startswith(f"{gateway}/subscriptions/")
    elsewhere = {"x-ms-apim-referrer-prefix": "https://evil.example/x"}
    answer = desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=callback, headers=elsewhere)
    assert answer.headers["location"].startswith(desk.url)


def test_chats_workflows_and_advanced_events_start_flows_too(desk: Desk, waiting: Flows, flow: str) -> None:
    url = waiting.receiver.url
    assert desk.call("CreateChatWebhook", eventType="New Chat Session", callbackUrl=url(f"{flow}-chat")).status == 201
    contact = next(iter(desk.tenant.contacts))
    control = httpx.Client(base_url=f"http://{desk.simulator.site}/_control", trust_env=False)
    control.post("/chats", json={"contactId": contact}).raise_for_status()
    (chat,) = waiting.wait_for(1, f"{flow}-chat")
    assert chat.body["status"] == "created"

    answer = desk.call(
        "SubscribeToWorkflow", workflowType="ticket", workflow=EVENT, callbackUrl=url(f"{flow}-workflow")
    )
    assert answer.status == 201, answer.json
    ticket = change_status(desk)
    (fired,) = waiting.wait_for(1, f"{flow}-workflow")
    assert (fired.body["id"], fired.body["status"]) == (ticket["id"], ticket["status"])
    workflow = next(one for one in desk.tenant.workflows.values() if one.name == EVENT and one.made_by == "portal")
    assert len(workflow.actions) == 1
    desk.send("DELETE", local(desk, answer.headers["location"]))
    assert workflow.actions == {}

    answer = desk.call(
        "AdvancedEventSubscribe", category="service", eventType="officeHoursChanged", callbackUrl=url(f"{flow}-office")
    )
    assert answer.status == 201, answer.json
    desk.call("CallAdvancedAction", category="service", action="setOfficeHours", input={"isOpen": False})
    (office,) = waiting.wait_for(1, f"{flow}-office")
    assert office.body["data"]["isOpen"] is False
    assert office.body["advancedEventId"]
    control.close()


def test_a_webhook_of_the_portal(desk: Desk, waiting: Flows, flow: str) -> None:
    site = desk.simulator.site
    added = desk.send("POST", "/api/operator/webhooks", json={"site": site, "name": flow}).json
    names = [one["name"] for one in desk.call("ListWebhooks").json["results"]]
    assert flow in names
    answer = desk.call("WhenWebhookFires", webhook=flow, callbackUrl=waiting.receiver.url(flow))
    assert answer.status == 201, answer.json

    control = httpx.Client(base_url=f"http://{site}/_control", trust_env=False)
    form = next(iter(desk.tenant.forms))
    pasted = {"url": added["url"], "secret": added["secret"], "formId": form, "signature": "base64"}
    hook = control.post("/webhooks", json=pasted).json()["id"]
    control.post(
        "/form-results", json={"formId": form, "contactId": next(iter(desk.tenant.contacts))}
    ).raise_for_status()
    (received,) = waiting.wait_for(1, flow)
    assert received.body["eventType"] == flow
    assert received.body["id"]
    control.delete(f"/webhooks/{hook}")
    control.close()

    removed = desk.send("DELETE", f"/api/operator/webhooks/{flow}", params={"site": site})
    assert removed.json == {"removed": True}
    path = local(desk, added["url"])
    assert desk.send("POST", path, content=b"[]").status == 410


def test_bad_posts_get_their_status(desk: Desk) -> None:
    site = desk.simulator.site
    name = f"bad-{secrets.token_hex(4)}"
    added = desk.send(
        "POST", "/api/operator/webhooks", json={"site": site, "name": name, "secret": "s3cret-s3cret-s3cret"}
    ).json
    path = local(desk, added["url"])

    def post(body: bytes, signature: str | None = None, to: str = path) -> int:
        headers = {"x-dd-signature": signature} if signature else {}
        return desk.send("POST", to, content=body, headers=headers).status

    def signed(body: bytes) -> str:
        return "sha256=" + hmac.new(b"s3cret-s3cret-s3cret", body, hashlib.sha256).hexdigest()

    good = json.dumps([{"id": 1}]).encode()
    assert post(good, signed(good)) == 202
    assert post(good, signed(good)) == 202  # a replay is taken, and recognised
    assert post(good) == 401
    assert post(good, signed(good + b" ")) == 403
    assert post(b"{", signed(b"{")) == 400
    assert post(b"x" * 200_000, signed(good)) == 413
    assert post(good, signed(good), path[:-4]) == 404
    assert post(good, signed(good), "/api/inbound/0123?token=x") == 404
    assert post(good, signed(good), path.partition("?")[0]) == 404
    assert desk.send("GET", path).status == 404

    in_chunks = desk.send("POST", path, content=iter([good]), headers={"x-dd-signature": signed(good)})
    assert (in_chunks.status, in_chunks.code) == (400, "BodyNotReceived")


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_event_type_counts_as_missing(desk: Desk, waiting: Flows, blank: str) -> None:
    answer = desk.call("CreateTicketWorkflow", eventType=blank, callbackUrl=waiting.receiver.url("blank"))
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert "eventType" in answer.json["message"]


def test_callbacks_that_could_lead_elsewhere_are_refused(desk: Desk) -> None:
    for url in (
        "https://evil.example/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://prod-1.logic.azure.com@evil.example/x",
        "file:///etc/passwd",
    ):
        answer = desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=url)
        assert answer.status in (400, 403)
        assert answer.code in ("CallbackMalformed", "CallbackNotAllowed")
        assert url not in json.dumps(answer.json)


def test_a_callback_of_8000_characters_is_called(desk: Desk, waiting: Flows, flow: str) -> None:
    url = f"{waiting.receiver.url(flow)}&padding=".ljust(8000, "x")
    assert desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=url).status == 201
    change_status(desk)
    assert len(waiting.wait_for(1, flow)) == 1


def test_the_operators_routes(desk: Desk, waiting: Flows, flow: str) -> None:
    subscribe(desk, waiting, flow)
    change_status(desk)
    (received,) = waiting.wait_for(1, flow)
    event_id = received.body["eventId"]
    site = desk.simulator.site

    def get(path: str, **query: Any) -> Any:
        answer = desk.send("GET", f"/api/operator/{path}", params=query)
        assert answer.status == 200, answer.json
        return answer.json

    assert event_id in [one["eventId"] for one in get("events", site=site, since="2020-01-01T00:00:00Z")["results"]]
    assert get(f"events/{event_id}")["payload"]["eventId"] == event_id
    assert any(one["site"] == site for one in get("subscriptions", site=site)["results"])
    assert any(one["site"] == site and one["accepted"] for one in get("metrics")["results"])
    assert get("dead-letters")["results"] == []
    for listed in ("events", "dead-letters"):
        assert get(listed, continuation="not one of ours")["continuation"] == ""
    assert "results" in get("quarantine")
    assert get("webhooks", site=site)["results"] is not None

    assert desk.send("POST", f"/api/operator/events/{event_id}/replay").json["replayed"] >= 1
    assert [one.body["eventId"] for one in waiting.wait_for(2, flow)] == [event_id] * 2
    for path, status in (("events/unknown", 404), ("events?take=x", 400), ("events?since=x", 400)):
        assert desk.send("GET", f"/api/operator/{path}").status == status
    assert desk.send("POST", "/api/operator/dead-letters/replay", json={}).status == 400
    assert desk.send("POST", "/api/operator/dead-letters/purge", json={"all": True}).json == {"found": 0, "purged": 0}


def test_messages_that_failed_every_time_are_quarantined(desk: Desk) -> None:
    for function in ("RelayFanOutPoison", "RelayDeliverPoison"):
        text = f"nonsense for {function}"
        assert desk.send("POST", f"/admin/functions/{function}", json={"input": text}).status == 202
    deadline = time.monotonic() + 300
    found: list[Any] = []
    while len(found) < 2 and time.monotonic() < deadline:
        listed = desk.send("GET", "/api/operator/quarantine").json["results"]
        found = [one for one in listed if one["kind"] == "message" and one["reason"] == "it failed every time"]
    assert len(found) == 2


def test_nothing_secret_is_in_the_log(app: tuple[Desk, LocalHost], waiting: Flows) -> None:
    log = app[1].log
    assert "sig=" not in log
    assert "token=" not in log
    assert app[0].simulator.tokity_key not in log
    assert waiting.receiver.url("x")[:30] not in log


def test_two_kinds_of_key_behind_one_site_host_are_registered_each(desk: Desk, waiting: Flows, flow: str) -> None:
    """Here they lead to two editions; who tries both with `make run` gets the events of both."""
    psa = desk.headers(desk.simulator.psa_key)
    subscribe(desk, waiting, flow)
    answer = desk.call(
        "CreateTicketWorkflow", eventType=EVENT, callbackUrl=waiting.receiver.url(f"{flow}-psa"), headers=psa
    )

    assert answer.status == 201
    for edition in ("tokity", "psa"):
        assert [one for one in desk.simulator.tenant(edition).workflows.values() if one.made_by == "flow"]
