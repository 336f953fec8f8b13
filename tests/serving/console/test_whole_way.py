"""The console over the running app: a change in DeskDirector, its event, verdicts, attempts, replay."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.desk import Desk, running_desk
from tests.relay.flows import Flows, running_flows
from tests.serving.console import made_up
from tests.serving.console.steps import SECONDS, WHOLE, connect, go
from workbench.simulator import Simulator

OPERATOR, VIEWER = "operator-of-the-console-0123", "viewer-of-the-console-012345"
EVENT = "Status changed"


@pytest.fixture(scope="module")
def waiting() -> Iterator[Flows]:
    with running_flows() as flows:
        yield flows


@pytest.fixture(scope="module")
def app(simulator: Simulator, waiting: Flows, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("data")
    simulator.become("generous")
    environment = {
        "CONNECTOR_DATA_DIR": str(data),
        "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{waiting.receiver.port}",
        "CONNECTOR_CONSOLE_KEY": OPERATOR,
        "CONNECTOR_CONSOLE_VIEWER_KEY": VIEWER,
    }
    with running_desk(simulator, **environment) as (desk, _):
        yield desk


@pytest.fixture
def desk(app: Desk) -> Desk:
    """Not seeded again for each test: that would delete what flows have registered."""
    return app


def enter(page: Page, desk: Desk, key: str = OPERATOR) -> None:
    page.fill("input[name=consoleKey]", key)
    connect(page, desk)


def subscribe(desk: Desk, waiting: Flows, flow: str, **conditions: Any) -> None:
    """A flow waits, as one of the Power Platform."""
    url = waiting.receiver.url(flow)
    answer = desk.call("CreateTicketWorkflow", eventType=EVENT, callbackUrl=url, description=flow, **conditions)
    assert answer.status == 201, answer.json


def change_status(desk: Desk) -> str:
    """A ticket of the board Support gets another status; its number."""
    ticket = next(one for one in desk.tenant.tickets.values() if desk.tenant.boards[one.board_id].name == "Support")
    statuses = desk.call("ListStatuses", board="Support").json["results"]
    other = next(status["id"] for status in statuses if status["id"] != str(ticket.status_id))
    assert desk.call("UpdateTicket", ticketId=ticket.id, status=other).status == 200
    return str(ticket.id)


def open_newest(page: Page, state: str) -> None:
    """Open the newest event once it has a state."""
    go(page, "events", ".rows")
    page.wait_for_selector(f".rows tbody tr:not(.gap):first-child .worst:has-text('{state}')")
    page.click(".rows tbody tr:not(.gap) .about a >> nth=0")
    page.wait_for_selector(".event .tree")


def test_a_wrong_console_key_is_told_at_its_entry(page: Page, desk: Desk) -> None:
    enter(page, desk, "not-the-key-0123456789")

    page.wait_for_selector(".wrong input[name=consoleKey]")


def test_why_one_flow_started_and_another_did_not(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "everything")
    subscribe(desk, waiting, "onboarding", board="Onboarding")
    ticket = change_status(desk)
    waiting.wait_for(1, "everything")
    enter(page, desk)
    open_newest(page, "delivered")
    told = page.inner_text(".event")

    assert f"#{ticket}" in told
    assert "Not wanted: board is Support, not Onboarding." in told
    assert "by 1 of 2" in told
    assert "202" in page.inner_text(".attempts")
    assert page.locator(".flowlist a").all_inner_texts() == ["everything", "onboarding"]


def test_what_waits_for_a_paused_flow_is_delivered_when_it_goes_on(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "later")
    enter(page, desk)
    go(page, "flows", ".cards")
    page.click(".cards a:has-text('later')")
    page.click("text=Pause …")
    page.click("dialog .button.primary")
    page.wait_for_selector(".event .title .state:has-text('paused')")
    change_status(desk)
    page.wait_for_selector(".facts:has-text('1 delivery')")
    assert waiting.receiver.accepted("later") == []
    page.click("text=Resume …")
    page.click("dialog >> text=Send what waited, too")

    assert len(waiting.wait_for(1, "later")) == 1
    page.wait_for_selector(".latest .state:has-text('delivered')")


def test_what_was_given_up_is_found_checked_and_replayed(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "only-new")
    enter(page, desk)
    go(page, "flows", ".cards")
    page.click(".cards a:has-text('only-new')")
    page.click("text=Pause …")
    page.click("dialog .button.primary")
    page.wait_for_selector(".event .title .state:has-text('paused')")
    change_status(desk)
    page.wait_for_selector(".facts:has-text('1 delivery')")
    page.click("text=Resume …")
    page.click("dialog >> text=Only new events")
    page.wait_for_selector(".latest .state:has-text('given up')")
    page.click("text=All its events")
    page.select_option(".filters select >> nth=0", "dead")
    page.wait_for_selector(".rows .worst:has-text('given up')")
    page.click("text=Replay all that fit …")
    page.wait_for_selector("dialog >> text=1 delivery")
    page.click("dialog .button.primary")
    page.wait_for_selector("dialog >> text=1 of 1")

    assert len(waiting.wait_for(1, "only-new")) == 1


@WHOLE
def test_events_of_a_flow_are_counted_and_then_replayed(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "again")
    change_status(desk)
    waiting.wait_for(1, "again")
    enter(page, desk)
    go(page, "flows", ".cards")
    page.click(".cards a:has-text('again')")
    page.click("text=All its events")
    page.wait_for_selector(".rows .worst:has-text('delivered')")
    page.click("text=Replay all that fit …")
    page.wait_for_selector("dialog >> text=0 deliveries")
    page.click("dialog >> text=what was delivered, once more")
    page.wait_for_selector("dialog >> text=1 delivery")
    page.click("dialog .button.primary")
    page.wait_for_selector("dialog >> text=1 of 1")

    assert len({received.body["eventId"] for received in waiting.wait_for(2, "again")}) == 1


@WHOLE
def test_a_failing_flow_shows_each_attempt_until_one_is_taken(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "failing")
    waiting.receiver.behave("failing", "failing", times=1)
    enter(page, desk)
    go(page, "flows", ".cards")
    page.click(".cards a:has-text('failing')")
    page.click("text=Send a test event")
    page.wait_for_selector(".attempts li.bad:has-text('502')")
    page.wait_for_selector(".event >> text=Attempt 2")
    page.wait_for_selector(".attempts li.good:has-text('202')")

    assert "a test" in page.inner_text(".event .title")


def test_a_flow_that_is_gone_ends(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "gone")
    waiting.receiver.behave("gone", "gone", status=410)
    change_status(desk)
    enter(page, desk)
    open_newest(page, "given up")

    assert "410" in page.inner_text(".flowlist li:has-text('gone') .attempts")
    page.click(".flowlist a:has-text('gone')")
    page.wait_for_selector(".event .facts:has-text('its flow is gone')")


def test_a_viewer_sees_no_content(page: Page, desk: Desk, waiting: Flows) -> None:
    subscribe(desk, waiting, "viewed")
    change_status(desk)
    waiting.wait_for(1, "viewed")
    enter(page, desk, VIEWER)
    open_newest(page, "")
    content = page.inner_text(".event .tree")

    assert "•••" in content
    assert not any(ticket.name in page.inner_text("main") for ticket in desk.tenant.tickets.values())


OPTIONAL = {
    "note",
    "trouble",
    "lastSuccessAt",
    "conditions",
    "conditionsText",
    "ms",
    "count",
    "inOrder",
    "checkedAt",
    "lastEventAt",
}


def test_made_up_answers_have_the_shape_of_real_ones(desk: Desk, waiting: Flows) -> None:
    """What other tests let the page read is what the app answers."""

    def ask(path: str, method: str = "GET", body: Any = None) -> Any:
        headers = {"x-console-key": OPERATOR}
        return desk.send(method, f"/api/console/{path}", headers=headers, json=body).json

    subscribe(desk, waiting, "real")
    change_status(desk)
    waiting.wait_for(1, "real")
    ends = time.monotonic() + SECONDS
    while not ask("events?take=1&state=delivered")["results"] and time.monotonic() < ends:
        time.sleep(0.1)
    ask(f"flows/{ask('flows')['results'][0]['subscriptionId']}", "PATCH", {"label": "for the audit"})
    event = ask("events?take=1&state=delivered")["results"][0]
    app: made_up.MadeUp = object.__new__(made_up.MadeUp)
    app.flows, app.text, app.count, app.role = [made_up.flow(0)], "", 3, "operator"
    flow = ask("flows")["results"][0]
    told = ask(f"events/{event['eventId']}")
    delivery = next(one for one in told["deliveries"] if one["log"])  # flows of other tests may wait too
    pairs: list[tuple[Any, Any]] = [
        (app._session("", {}, {}), ask("session")),
        (made_up.row(1), event),
        (made_up.event(1), told),
        (made_up.event(1)["deliveries"][0], delivery),
        (made_up.event(1)["deliveries"][0]["log"][0], delivery["log"][0]),
        (made_up.flow(1), flow),
        (app._metrics("series", {"window": "1h"}, {}), ask("metrics/series?window=1h")),
        (app._metrics("", {}, {})["results"][0], ask("metrics")["results"][0]),
        (app._audit("", {}, {})["results"][0], ask("audit")["results"][0]),
        (app._registrations("", {}, {})["results"][0], ask("registrations")["results"][0]),
    ]
    assert [made.keys() - real.keys() - OPTIONAL for made, real in pairs if made.keys() - real.keys() - OPTIONAL] == []
