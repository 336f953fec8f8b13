"""The client against the simulator, which was written from the same facts without seeing it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.deskdirector import errors
from connector.deskdirector.client import DeskDirector, contact, member
from connector.deskdirector.connection import Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import (
    ADD_TICKET_NOTE,
    CREATE_TICKET,
    ENDPOINTS,
    FIND_TIME_ENTRIES,
    GET_CURRENT_CONTACT,
    GET_TICKET,
    LIST_ADVANCED_ACTIONS,
    TEST_CONNECTION,
)
from connector.settings import Settings
from workbench.simulator import Simulator
from workbench.simulator.app import MODULES
from workbench.simulator.auth import Access
from workbench.simulator.clock import HOUR
from workbench.simulator.router import Router

ROUTER = Router(route for module in MODULES for route in module.routes.declared)
CALLERS = {"key": Access.KEY, "member": Access.MEMBER, "contact": Access.CONTACT}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(tickets=20) as running:
        yield running


def desk(simulator: Simulator, key: str = "", agent: object = "", **values: Any) -> DeskDirector:
    settings = Settings(development_sites=(simulator.site,), **values)
    headers = {"dd-host": simulator.site, "dd-api-key": key or simulator.tokity_key, "dd-agent": str(agent)}
    return DeskDirector(Connection.from_headers(headers, settings), settings)


def some_ticket(simulator: Simulator) -> int:
    return next(iter(simulator.tenant("tokity").tickets))


async def create(dd: DeskDirector) -> Any:
    new = {"name": "Only once", "companyId": 201}
    return (await dd.call(CREATE_TICKET, query={"requestTypeId": 701}, body=new)).json()


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)
def test_every_route_is_served_to_whom_we_say(endpoint: Endpoint) -> None:
    found = ROUTER.find(endpoint.method, endpoint.fill(dict.fromkeys(endpoint.parameters, 5)))
    assert found is not None
    if endpoint.auth in CALLERS:
        assert CALLERS[endpoint.auth] in found[0].allow


async def test_every_form_of_key_connects(simulator: Simulator) -> None:
    pair = f"{simulator.tokity_user}:{simulator.tokity_password}"
    tokity = (simulator.tokity_key, pair, f"Basic {simulator.tokity_key}", f"DdApi {simulator.tokity_key}")
    for key in (*tokity, simulator.psa_key, f"DdApi {simulator.psa_key}"):
        assert (await desk(simulator, key).call(TEST_CONNECTION)).status == 200


async def test_a_wrong_key_breaks_the_connection(simulator: Simulator) -> None:
    with pytest.raises(errors.Unauthorized) as caught:
        await desk(simulator, "somebody:else-entirely").call(TEST_CONNECTION)
    assert caught.value.code == "ApiKeyRefused"


async def test_acting_as_a_contact_or_a_member(simulator: Simulator) -> None:
    tenant = simulator.tenant("tokity")
    somebody = next(person for person in tenant.contacts.values() if person.is_active)
    me = (await desk(simulator).call(GET_CURRENT_CONTACT, user=contact(somebody.id))).json()
    assert me["userName"]
    agent = next(person for person in tenant.members.values() if person.is_active)
    assert (await desk(simulator, agent=agent.id).call(FIND_TIME_ENTRIES)).status == 200
    with pytest.raises(errors.Forbidden):
        await desk(simulator).call(FIND_TIME_ENTRIES)


async def test_a_token_that_died_is_renewed(simulator: Simulator) -> None:
    somebody = next(person for person in simulator.tenant("tokity").members.values() if person.is_active)
    await desk(simulator).call(FIND_TIME_ENTRIES, user=member(somebody.id))
    simulator.clock.move(2 * HOUR)
    await desk(simulator).call(FIND_TIME_ENTRIES, user=member(somebody.id))
    assert sum("userkey" in made.path for made in simulator.calls) == 2


async def test_the_other_name_of_the_contacts_path_is_found(simulator: Simulator) -> None:
    simulator.add_fault(kind="status", path="/user/contact/", status=404, times=None)
    somebody = next(person for person in simulator.tenant("tokity").contacts.values() if person.is_active)
    for _ in range(2):
        await desk(simulator).call(GET_CURRENT_CONTACT, user=contact(somebody.id))
    assert [made.path.split("/")[4] for made in simulator.calls if "userkey" in made.path] == ["contact", "client"]


async def test_a_missing_thing_is_told_from_a_missing_route(simulator: Simulator) -> None:
    with pytest.raises(errors.NotFound) as caught:
        await desk(simulator).call(GET_TICKET, path={"ticketId": 999_999_999})
    assert (caught.value.code, "swagger" in caught.value.message) == ("TicketNotFound", False)
    elsewhere = {"ADD_TICKET_NOTE": "/api/v9/tickets/{ticketId}/notes"}
    with pytest.raises(errors.NotFound, match="/api/v9/tickets/"):
        await desk(simulator, endpoints=elsewhere).call(
            ADD_TICKET_NOTE, path={"ticketId": some_ticket(simulator)}, body={"note": "x"}
        )


async def test_advanced_actions_are_asked_with_the_site_in_a_header(simulator: Simulator) -> None:
    assert (await desk(simulator).call(LIST_ADVANCED_ACTIONS)).json()["results"]


@pytest.mark.parametrize(
    ("fault", "kind", "made"),
    [
        ({"kind": "status", "status": 500}, errors.OutcomeUnknown, 0),
        ({"kind": "status", "status": 429, "retryAfter": 80}, errors.TooManyRequests, 0),
        ({"kind": "reset_before"}, errors.OutcomeUnknown, 0),
        ({"kind": "reset_after"}, errors.OutcomeUnknown, 1),
        ({"kind": "truncate", "keep": 10}, errors.OutcomeUnknown, 1),
        ({"kind": "truncate", "keep": 10, "framed": True}, errors.BadGateway, 1),
        ({"kind": "html"}, errors.BadGateway, 0),
        ({"kind": "delay", "seconds": 5, "after": True}, errors.OutcomeUnknown, 1),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
async def test_no_fault_makes_two_tickets(
    simulator: Simulator, fault: dict[str, Any], kind: type[errors.ConnectorError], made: int
) -> None:
    tickets = simulator.tenant("tokity").tickets
    before = len(tickets)
    simulator.add_fault(**fault, method="POST", path="/tickets$", times=None)
    with pytest.raises(kind):
        await create(desk(simulator, budget_seconds=1))
    assert len(tickets) == before + made


@pytest.mark.parametrize("fault", [{"kind": "status"}, {"kind": "reset_before"}, {"kind": "truncate", "keep": 10}])
async def test_a_read_gets_over_a_passing_fault(simulator: Simulator, fault: dict[str, Any]) -> None:
    simulator.add_fault(**fault, times=2)
    assert (await desk(simulator).call(GET_TICKET, path={"ticketId": some_ticket(simulator)})).json()
