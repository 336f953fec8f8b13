"""A missing route is never taken for a missing object, nor the other way round."""

import re

import pytest

from connector.deskdirector import errors
from connector.deskdirector.client import contact
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import ENDPOINTS
from connector.deskdirector.missing_routes import ROUTE_NOT_FOUND
from tests.upstream_servers import Answer, Upstream, page, status

ASSUMED = [one for one in ENDPOINTS.values() if one.evidence == "assumed"]
PROVEN = "/api/v2/automate/connector"
OBJECTS = {
    "ticketId": f"GET {PROVEN}/tickets/7",
    "contactId": f"GET {PROVEN}/contacts/7",
    "companyId": f"GET {PROVEN}/companies/7",
}


def name_of(endpoint: Endpoint) -> str:
    return endpoint.name


async def failure(upstream: Upstream, endpoint: Endpoint) -> errors.ConnectorError:
    with pytest.raises(errors.ConnectorError) as caught:
        await upstream.desk().call(endpoint, path=dict.fromkeys(endpoint.parameters, 7))
    return caught.value


def answering(upstream: Upstream, endpoint: Endpoint, answer: Answer) -> None:
    upstream.on(f"{endpoint.method} {endpoint.fill(dict.fromkeys(endpoint.parameters, 7))}", answer)


@pytest.mark.parametrize("answer", [status(404), status(405), page(404), page(200)])
@pytest.mark.parametrize("endpoint", ASSUMED, ids=name_of)
async def test_where_the_object_is_there_the_route_is_missing(
    upstream: Upstream, endpoint: Endpoint, answer: Answer
) -> None:
    answering(upstream, endpoint, answer)
    for route in OBJECTS.values():
        upstream.on(route, {"id": 7})

    problem = await failure(upstream, endpoint)

    assert (problem.status, problem.code) == (404, ROUTE_NOT_FOUND)
    for words in (f"{endpoint.method} {endpoint.path}", f"http://{upstream.host}/swagger", endpoint.setting):
        assert words in problem.message


@pytest.mark.parametrize("answer", [status(404), page(404)])
@pytest.mark.parametrize("endpoint", [one for one in ASSUMED if OBJECTS.keys() & {*one.parameters}], ids=name_of)
async def test_where_the_object_is_nowhere_it_is_the_object(
    upstream: Upstream, endpoint: Endpoint, answer: Answer
) -> None:
    answering(upstream, endpoint, answer)

    problem = await failure(upstream, endpoint)

    noun = re.sub("Id$", "", next(name for name in endpoint.parameters if name in OBJECTS))
    assert problem.code == f"{noun.capitalize()}NotFound"
    assert "swagger" not in problem.message


@pytest.mark.parametrize("endpoint", ASSUMED, ids=name_of)
async def test_a_method_that_is_refused_is_never_a_missing_object(upstream: Upstream, endpoint: Endpoint) -> None:
    answering(upstream, endpoint, status(405))

    assert (await failure(upstream, endpoint)).code == ROUTE_NOT_FOUND
    assert len(upstream.calls) == 1


@pytest.mark.parametrize("unclear", [status(403), status(400)])
async def test_what_cannot_be_checked_is_no_missing_object(upstream: Upstream, unclear: Answer) -> None:
    upstream.on(OBJECTS["ticketId"], unclear)

    assert (await failure(upstream, ENDPOINTS["APPROVE_TICKET"])).code == ROUTE_NOT_FOUND


async def test_a_site_that_answers_pages_everywhere_is_no_desk_director(upstream: Upstream) -> None:
    for endpoint in ("GET /api/v2/tickets/7/notes", OBJECTS["ticketId"]):
        upstream.on(endpoint, page())

    assert (await failure(upstream, ENDPOINTS["LIST_TICKET_NOTES"])).code == "UpstreamNotApi"


async def test_a_route_that_is_set_is_named_as_it_is_set(upstream: Upstream) -> None:
    upstream.on(OBJECTS["ticketId"], {"id": 7})
    moved = {"ADD_TICKET_NOTE": "/api/v9/tickets/{ticketId}/remarks"}

    with pytest.raises(errors.NotFound, match="POST /api/v9/tickets/") as caught:
        await upstream.desk(endpoints=moved).call(ENDPOINTS["ADD_TICKET_NOTE"], path={"ticketId": 7}, body={})

    assert caught.value.code == ROUTE_NOT_FOUND


async def test_whoever_may_not_see_the_object_is_named(upstream: Upstream) -> None:
    upstream.on(OBJECTS["ticketId"], {"id": 7})
    upstream.on("GET /api/v2/user/contact/3/userkey", {"userKey": "abc", "expires_in": 3600})

    with pytest.raises(errors.NotFound) as caught:
        await upstream.desk().call(ENDPOINTS["APPROVE_TICKET"], path={"ticketId": 7}, body={}, user=contact(3))

    assert caught.value.code == ROUTE_NOT_FOUND
    assert "contact 3 cannot see" in caught.value.message


async def test_proven_routes_are_not_checked_twice(upstream: Upstream) -> None:
    assert (await failure(upstream, ENDPOINTS["GET_TICKET"])).code == "TicketNotFound"
    assert (await failure(upstream, ENDPOINTS["GET_TICKET_TASKS"])).code == "TicketNotFound"
    assert len(upstream.calls) == 2


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("No HTTP resource was found that matches POST /api/v2/tickets/7/approve.", ROUTE_NOT_FOUND),
        ("Cannot POST https://acme.example/api/v2/tickets/7/approve", ROUTE_NOT_FOUND),
        ("Nothing is here.", ROUTE_NOT_FOUND),
        ("Ticket 7 was not found.", "TicketNotFound"),
    ],
)
async def test_the_words_of_a_404_tell_what_a_user_cannot_see(upstream: Upstream, reason: str, code: str) -> None:
    upstream.on(OBJECTS["ticketId"], {"id": 7})
    upstream.on("GET /api/v2/user/contact/3/userkey", {"userKey": "abc", "expires_in": 3600})
    upstream.on("POST /api/v2/tickets/7/approve", status(404, {"message": reason}))

    with pytest.raises(errors.NotFound) as caught:
        await upstream.desk().call(ENDPOINTS["APPROVE_TICKET"], path={"ticketId": 7}, body={}, user=contact(3))

    assert caught.value.code == code
