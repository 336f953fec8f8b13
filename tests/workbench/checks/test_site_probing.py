"""Routes are judged by what a server is able to tell, on servers that tell more and less, and never used."""

from typing import Any

import pytest
from aiohttp import web

from connector.deskdirector import endpoints as api
from connector.deskdirector.endpoint import Endpoint
from connector.examining.probing import NOBODY, Probe, Samples, probe_routes, probe_user_keys
from tests.upstream_servers import Answer, Upstream, hang_up, page, status

C = "/api/v2/automate/connector"
TICKET, CONTACT = 7, 8
SAMPLES = Samples({"ticketId": TICKET, "contactId": CONTACT, "memberId": 9})
SURE = f"{C}/contacts/{NOBODY}/notifications"
NOTES, APPROVE = f"/api/v2/tickets/{TICKET}/notes", f"/api/v2/tickets/{NOBODY}/approve"


async def found(upstream: Upstream, endpoint: Endpoint, samples: Samples = SAMPLES) -> tuple[str, str]:
    probes = await probe_routes(upstream.desk(), samples)
    return _of(probes, endpoint)


def _of(probes: list[Probe], endpoint: Endpoint) -> tuple[str, str]:
    probe = next(one for one in probes if one.name == endpoint.name)
    return str(probe.verdict), probe.note


def method_not_allowed(*methods: str) -> Answer:
    return status(405, {"message": "not this method"}, allow=", ".join(methods))


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"results": []}, "answers"),
        (status(400), "answers"),
        (status(403), "refused"),
        (status(401), "refused"),
        (status(404), "missing"),
        (status(405), "missing"),
        (page(), "missing"),
        (page(404), "missing"),
        (status(501), "unclear"),
        (status(302), "unclear"),
        (hang_up, "unclear"),
    ],
)
async def test_a_route_that_reads_is_judged_by_what_it_answers(upstream: Upstream, answer: Any, verdict: str) -> None:
    upstream.on(f"GET {NOTES}", answer)

    assert (await found(upstream, api.LIST_TICKET_NOTES))[0] == verdict


async def test_a_route_is_not_called_missing_for_want_of_something_to_read(upstream: Upstream) -> None:
    assert await found(upstream, api.LIST_TICKET_NOTES, Samples({})) == (
        "unclear", "there is nothing to try it with"
    )  # fmt: skip


@pytest.mark.parametrize(("methods", "verdict"), [(["GET", "POST"], "answers"), (["GET"], "missing")])
async def test_a_server_that_lists_methods_is_believed(upstream: Upstream, methods: list[str], verdict: str) -> None:
    upstream.on(f"OPTIONS {SURE}", method_not_allowed("POST"))
    upstream.on(f"OPTIONS {APPROVE}", method_not_allowed(*methods))

    assert (await found(upstream, api.APPROVE_TICKET))[0] == verdict
    assert (await found(upstream, api.DECLINE_TICKET))[0] == "missing"


async def test_a_server_that_answers_options_for_known_paths_only_tells_the_path(upstream: Upstream) -> None:
    """As a server does that allows calls from browsers."""
    for path in (SURE, APPROVE):
        upstream.on(f"OPTIONS {path}", status(204))

    assert await found(upstream, api.APPROVE_TICKET) == ("answers", "its path is there")
    assert (await found(upstream, api.DECLINE_TICKET))[0] == "missing"


async def test_a_server_that_answers_options_for_everything_is_asked_by_get(upstream: Upstream) -> None:
    """As IIS does by itself, listing methods that it knows nothing about."""

    async def anything(request: web.Request) -> web.Response:
        if request.method == "OPTIONS":
            return web.Response(headers={"Allow": "OPTIONS, TRACE, GET, HEAD, POST"})
        there = request.path in (SURE, APPROVE)
        said = "not this method" if there else f"No HTTP resource was found that matches {request.path}."
        return web.json_response({"message": said}, status=405 if there else 404)

    answer_all(upstream, anything)

    assert await found(upstream, api.APPROVE_TICKET) == ("answers", "its path is there")
    assert (await found(upstream, api.DECLINE_TICKET))[0] == "missing"


async def test_a_missing_object_is_not_taken_for_a_missing_route(upstream: Upstream) -> None:
    async def anything(request: web.Request) -> web.Response:
        if request.method == "OPTIONS":
            return web.Response(status=404)
        if request.path == SURE:
            return web.Response(status=405)
        there = request.path == APPROVE
        said = f"Ticket {NOBODY} was not found." if there else f"Nothing is at {request.path}."
        return web.json_response({"message": said}, status=404)

    answer_all(upstream, anything)

    assert await found(upstream, api.APPROVE_TICKET) == ("unclear", "nothing but calling it would show it")
    assert (await found(upstream, api.DECLINE_TICKET))[0] == "missing"


async def test_a_server_that_tells_nothing_is_not_made_to(upstream: Upstream) -> None:
    """Every address is answered alike, so nothing can be told of routes that write; and nothing is written."""
    probes = await probe_routes(upstream.desk(), SAMPLES)

    writing = [one for one in probes if one.method != "GET"]
    assert {one.name for one in writing} == {
        one.name for one in api.ENDPOINTS.values() if one.evidence == "assumed" and one.method != "GET"
    }
    assert {(one.verdict, one.note) for one in writing} == {("unclear", "nothing but calling it would show it")}
    assert {method for method, _, _ in upstream.calls} == {"GET", "OPTIONS"}


async def test_a_server_that_hangs_up_on_options_is_asked_by_get(upstream: Upstream) -> None:
    upstream.on(f"OPTIONS {SURE}", hang_up)
    for path in (SURE, APPROVE):
        upstream.on(f"GET {path}", status(405))

    assert await found(upstream, api.APPROVE_TICKET) == ("answers", "its path is there")
    assert (await found(upstream, api.DECLINE_TICKET))[0] == "missing"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"userKey": "abc", "expires_in": 60}, "answers"),
        ({"nothing": 1}, "unclear"),
        (page(), "unclear"),
        (status(404), "missing"),
        (status(403), "refused"),
        (status(500), "unclear"),
    ],
)
async def test_a_route_that_makes_tokens_works_when_it_makes_one(upstream: Upstream, answer: Any, verdict: str) -> None:
    asked: list[str] = []

    async def key(request: web.Request) -> web.StreamResponse:
        asked.append(request.query["expiresIn"])
        return await answer(request) if callable(answer) else web.json_response(answer)

    upstream.routes[f"GET /api/v2/user/contact/{CONTACT}/userkey"] = key

    probes = await probe_user_keys(upstream.desk(), SAMPLES)

    assert _of(probes, api.CONTACT_USER_KEY)[0] == verdict
    assert _of(probes, api.CONTACT_USER_KEY_RIVAL)[0] == "missing"
    assert set(asked) == {"1"}
    assert "abc" not in repr(probes)


async def test_no_token_is_made_for_nobody(upstream: Upstream) -> None:
    probes = await probe_user_keys(upstream.desk(), Samples({}))

    assert {(one.verdict, one.note) for one in probes} == {("unclear", "there is nobody to try it with")}
    assert upstream.calls == []


def answer_all(upstream: Upstream, answer: Answer) -> None:
    """Answer every route in one way."""

    class Everything(dict[str, Answer]):
        def get(self, route: str, default: Any = None) -> Answer:
            return answer

    upstream.routes = Everything()
