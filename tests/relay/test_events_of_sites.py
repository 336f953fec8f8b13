"""Events of every form that a site may post: they arrive filled, and only those whose conditions hold."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, running_desk, running_simulator
from tests.relay.flows import Flows, local, running_flows

TICKET, BOARD = 10040, 33
FORMS = [
    "",
    "rich_events",
    "flat_events",
    "array_events",
    "event_siblings",
    "text_ids",
    "pascal_case",
    "half_pascal",
    "zoneless_dates rich_events",
    "ticks_dates rich_events",
    "array_events text_ids pascal_case event_siblings",
]


@pytest.fixture(scope="module")
def waiting() -> Iterator[Flows]:
    with running_flows() as flows:
        yield flows


@pytest.fixture(scope="module")
def app(waiting: Flows, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data: Path = tmp_path_factory.mktemp("data")
    callbacks = f"127.0.0.1:{waiting.receiver.port}"
    with (
        running_simulator(tickets=60, profile="proven") as simulator,
        running_desk(simulator, CONNECTOR_DATA_DIR=str(data), CONNECTOR_DEVELOPMENT_CALLBACKS=callbacks) as running,
    ):
        yield running[0]


@pytest.fixture(params=FORMS, ids=lambda one: one.replace(" ", "+") or "proven")
def desk(app: Desk, request: pytest.FixtureRequest) -> Desk:
    """A site that posts in one of the forms; its ticket is an open one of a contact with an address."""
    app.simulator.become("proven", request.param.split())
    ticket = app.tenant.tickets[TICKET]
    ticket.board_id, ticket.status_id, ticket.contact_id = BOARD, app.tenant.statuses_of(BOARD)[0].id, 1002
    ticket.wire = None
    return app


@pytest.fixture
def subscribed(desk: Desk, waiting: Flows) -> Iterator[str]:
    """A flow that waits for public notes on one board, until the end of the test."""
    flow = f"flow-{secrets.token_hex(4)}"
    answer = desk.call(
        "CreateTicketWorkflow",
        eventType="ticket.notes.added",
        board="Security",
        noteVisibility="public",
        callbackUrl=waiting.receiver.url(flow),
    )
    assert answer.status == 201, answer.json
    yield flow
    assert desk.send("DELETE", local(desk, answer.headers["location"])).status == 200


def test_a_public_note_starts_the_flow_with_its_fields_and_an_internal_one_does_not(
    desk: Desk, waiting: Flows, subscribed: str
) -> None:
    # A notification has neither id nor time: two notes of the same words within minutes count as one.
    seen = f"Seen {secrets.token_hex(4)}"
    other = next(one.id for one in desk.tenant.tickets.values() if one.board_id != BOARD)
    for ticket_id, text, internal in ((TICKET, "Hidden", True), (other, "Elsewhere", False), (TICKET, seen, False)):
        add_note(desk, ticket_id, text, internal=internal)
    (received,) = waiting.wait_for(1, subscribed)

    event = received.body
    assert event["eventType"] == "ticket.notes.added"
    assert (event["id"], event["title"], event["board"]) == (TICKET, desk.tenant.tickets[TICKET].name, "Security")
    assert (event["noteText"], event["noteIsInternal"]) == (seen, False)
    assert event["contact"] == desk.tenant.contacts[1002].name
    if "flat_events" not in desk.simulator.profile.mutations:  # of that form nobody has seen an address
        assert event["contactEmail"] == desk.tenant.contacts[1002].email
    assert event["noteAuthor"]


@pytest.mark.parametrize("desk", ["", "rich_events"], indirect=True)
def test_an_assignment_starts_the_flow_of_that_member(desk: Desk, waiting: Flows) -> None:
    flow = f"flow-{secrets.token_hex(4)}"
    answer = desk.call("WhenTicketIsAssigned", assignedTo="14", callbackUrl=waiting.receiver.url(flow))
    assert answer.status == 201, answer.json
    number = secrets.randbelow(40) + 10_001
    for member in (13, 14):
        desk.tenant.tickets[number].assigned_member_ids = []
        url = f"http://{desk.simulator.site}/api/v2/automate/connector/tickets/{number}"
        headers = {"Authorization": f"DdApi {desk.simulator.tokity_key}"}
        assert desk.client.patch(url, json={"assignedMemberIds": [member]}, headers=headers).status_code == 200

    (received,) = waiting.wait_for(1, flow)

    assert (received.body["eventType"], received.body["id"]) == ("ticket.assigned", number)
    assert received.body["assignedToIds"] == [14]
    assert desk.send("DELETE", local(desk, answer.headers["location"])).status == 200


def add_note(desk: Desk, ticket_id: int, text: str, *, internal: bool) -> None:
    """Write a note as somebody else does, not through the connector."""
    body = {"noteContent": text, "noteIsInternal": internal}
    url = f"http://{desk.simulator.site}/api/v2/automate/connector/tickets/{ticket_id}"
    headers = {"Authorization": f"DdApi {desk.simulator.tokity_key}"}
    assert desk.client.patch(url, json=body, headers=headers).status_code == 200
