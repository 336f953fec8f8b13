"""Which credential goes to which surface, against a real server that accepts some and refuses others."""

import base64
import json

import pytest
from aiohttp import web

from connector.deskdirector import endpoints as api
from connector.deskdirector import errors
from connector.deskdirector.authorization import is_connector_surface
from connector.deskdirector.client import contact, member
from connector.deskdirector.endpoint import Endpoint, raw_endpoint
from connector.deskdirector.endpoints import ENDPOINTS
from tests.upstream_servers import KEY, Answer, Upstream

PACKED = base64.b64encode(KEY.encode()).decode()
CONNECTOR = "/api/v2/automate/connector"
TICKET = f"GET {CONNECTOR}/tickets/7"
MINE = "GET /api/v2/copilot/tickets"
SYNC = "GET /api2/admin/stats/sync/errors"
TEST = f"GET {CONNECTOR}/connections/test"


def jwt(**claims: object) -> str:
    parts = ({"alg": "RS256"}, claims)
    head, payload = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{payload}.c2ln"


def accepting(*authorizations: str, refusal: int = 401) -> Answer:
    """Answers 200 to these `Authorization` headers only."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers["Authorization"] in authorizations:
            return web.json_response({"id": 7})
        return web.json_response({"message": "Not this way."}, status=refusal)

    return answer


def sent(upstream: Upstream, route: str) -> list[str]:
    """The `Authorization` headers that `route` received."""
    return [header for method, path, header in upstream.calls if f"{method} {path}" == route]


KINDS = {
    "pair": (KEY, PACKED),
    "base64": (PACKED, PACKED),
    "header": (f"Basic {PACKED}", PACKED),
    "PSA": ("a-psa-key", "a-psa-key"),
    "personal": (personal := jwt(msp="acme"), personal),
    "user's token": (token := jwt(sub=1), token),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_connector_surface_gets_every_key_as_ddapi(upstream: Upstream, kind: str) -> None:
    key, credential = KINDS[kind]
    upstream.on(TICKET, accepting(f"DdApi {credential}"))

    await upstream.desk(key=key).call(api.GET_TICKET, path={"ticketId": 7})

    assert sent(upstream, TICKET) == [f"DdApi {credential}"]


@pytest.mark.parametrize("kind", KINDS)
async def test_basic_is_tried_once_after_a_401_and_remembered(upstream: Upstream, kind: str) -> None:
    key, credential = KINDS[kind]
    upstream.on(TICKET, accepting(f"Basic {credential}"))

    for _ in range(3):
        await upstream.desk(key=key).call(api.GET_TICKET, path={"ticketId": 7})

    assert sent(upstream, TICKET) == [f"DdApi {credential}", *[f"Basic {credential}"] * 3]


async def test_a_scheme_that_is_no_longer_accepted_is_forgotten(upstream: Upstream) -> None:
    upstream.on(TICKET, accepting(f"Basic {PACKED}"))
    await upstream.desk().call(api.GET_TICKET, path={"ticketId": 7})
    upstream.on(TICKET, accepting(f"DdApi {PACKED}"))
    upstream.calls.clear()

    for _ in range(2):
        await upstream.desk().call(api.GET_TICKET, path={"ticketId": 7})

    assert sent(upstream, TICKET) == [f"Basic {PACKED}", f"DdApi {PACKED}", f"DdApi {PACKED}"]


async def test_what_one_key_or_surface_needs_is_not_assumed_of_another(upstream: Upstream) -> None:
    upstream.on(TICKET, accepting(f"Basic {PACKED}", "DdApi a-psa-key"))
    upstream.on(SYNC, accepting(f"Basic {PACKED}", "DdApi a-psa-key"))
    for key in (KEY, "a-psa-key"):
        await upstream.desk(key=key).call(api.GET_TICKET, path={"ticketId": 7})
        await upstream.desk(key=key).call(api.GET_SYNC_ERRORS)

    assert sent(upstream, TICKET) == [f"DdApi {PACKED}", f"Basic {PACKED}", "DdApi a-psa-key"]
    assert sent(upstream, SYNC) == [f"Basic {PACKED}", "DdApi a-psa-key"]


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("pair", "Basic", "DdApi"),
        ("PSA", "DdApi", "Basic"),
        ("personal", "Basic", "DdApi"),
        ("user's token", "DdAccessToken", "Basic"),
    ],
)
async def test_other_surfaces_get_the_scheme_of_the_keys_kind_then_the_other(
    upstream: Upstream, kind: str, first: str, second: str
) -> None:
    key, credential = KINDS[kind]
    upstream.on(SYNC, accepting(f"{second} {credential}"))

    for _ in range(2):
        await upstream.desk(key=key).call(api.GET_SYNC_ERRORS)

    schemes = [header.partition(" ")[0] for header in sent(upstream, SYNC)]
    assert schemes == [first, second, second]


@pytest.mark.parametrize(("forced", "scheme"), [("basic", "Basic"), ("ddapi", "DdApi")])
async def test_a_forced_scheme_is_the_only_one(upstream: Upstream, forced: str, scheme: str) -> None:
    for route in (TICKET, SYNC, TEST):
        upstream.on(route, accepting())

    with pytest.raises(errors.Unauthorized):
        await upstream.desk(key_scheme=forced).call(api.GET_TICKET, path={"ticketId": 7})
    with pytest.raises(errors.Unauthorized):
        await upstream.desk(key_scheme=forced).call(api.GET_SYNC_ERRORS)

    assert {header for _, _, header in upstream.calls} == {f"{scheme} {PACKED}"}


def values_of(endpoint: Endpoint) -> dict[str, int]:
    return dict.fromkeys(endpoint.parameters, 7)


@pytest.mark.parametrize("agent", ["", "5"], ids=["no agent", "agent"])
@pytest.mark.parametrize("user", [None, contact(3), member(4)], ids=["nobody", "contact", "member"])
async def test_no_access_token_reaches_the_connector_surface(upstream: Upstream, agent: str, user: object) -> None:
    """Every route of the table, called in every way that could involve a user."""
    for kind, number in (("member", 5), ("member", 4), ("contact", 3)):
        upstream.on(f"GET /api/v2/user/{kind}/{number}/userkey", {"userKey": "a-token"})
    table = [one for one in ENDPOINTS.values() if is_connector_surface(one)]
    assert len(table) > 80
    for endpoint in (*table, raw_endpoint("GET", f"{CONNECTOR}/tickets/7")):
        upstream.on(f"{endpoint.method} {endpoint.fill(values_of(endpoint))}", accepting(f"DdApi {PACKED}"))
        await upstream.desk(agent=agent).call(endpoint, path=values_of(endpoint), user=user)  # type: ignore[arg-type]

    assert {header for _, _, header in upstream.calls} == {f"DdApi {PACKED}"}


async def test_the_agents_token_goes_where_a_member_is_needed(upstream: Upstream) -> None:
    upstream.on("GET /api/v2/user/member/5/userkey", {"userKey": "a-token"})
    for route in (MINE, SYNC, "GET /api/v3/tech/x"):
        upstream.on(route, {"results": []})
    desk = upstream.desk(agent="5")

    await desk.call(api.COPILOT_FIND_TICKETS)
    await desk.call(raw_endpoint("GET", "/api/v3/tech/x"))
    await desk.call(api.GET_SYNC_ERRORS)

    assert sent(upstream, MINE) == sent(upstream, "GET /api/v3/tech/x") == ["DdAccessToken a-token"]
    assert sent(upstream, SYNC) == [f"Basic {PACKED}"]


async def test_whom_the_caller_names_is_used_wherever_tokens_are_taken(upstream: Upstream) -> None:
    upstream.on("GET /api/v2/user/contact/3/userkey", {"userKey": "a-token"})
    upstream.on(SYNC, {"results": []})

    await upstream.desk(agent="5").call(api.GET_SYNC_ERRORS, user=contact(3))

    assert sent(upstream, SYNC) == ["DdAccessToken a-token"]


@pytest.mark.parametrize("key", [f"Basic {(opaque := 'a-personal-token')}", opaque, jwt(msp="acme")])
async def test_a_personal_token_opens_the_tech_surface(upstream: Upstream, key: str) -> None:
    credential = key.removeprefix("Basic ")
    upstream.on(MINE, accepting(f"Basic {credential}"))

    await upstream.desk(key=key).call(api.COPILOT_FIND_TICKETS)

    assert sent(upstream, MINE)[-1] == f"Basic {credential}"


async def test_a_refused_key_says_what_was_tried_and_how_to_force_a_scheme(upstream: Upstream) -> None:
    upstream.on(TICKET, accepting())

    with pytest.raises(errors.Unauthorized) as caught:
        await upstream.desk().call(api.GET_TICKET, path={"ticketId": 7})

    assert caught.value.code == "ApiKeyRefused"
    for part in ("DdApi and as Basic", "CONNECTOR_KEY_SCHEME", upstream.host, "Not this way."):
        assert part in caught.value.message


async def test_a_route_that_refuses_a_good_key_does_not_break_the_connection(upstream: Upstream) -> None:
    upstream.on(SYNC, accepting())
    upstream.on(TEST, accepting(f"DdApi {PACKED}"))

    with pytest.raises(errors.Forbidden) as caught:
        await upstream.desk().call(api.GET_SYNC_ERRORS)

    assert caught.value.code == "RouteRefusesKey"
    assert "Basic and as DdApi" in caught.value.message


async def test_a_personal_token_on_the_connector_surface_does_not_break_the_connection(upstream: Upstream) -> None:
    upstream.on(TICKET, accepting())
    upstream.on("GET /api/v2/copilot/connections/test", accepting("Basic a-personal-token"))

    with pytest.raises(errors.Forbidden, match="personal access token") as caught:
        await upstream.desk(key="Basic a-personal-token").call(api.GET_TICKET, path={"ticketId": 7})

    assert caught.value.code == "RouteRefusesKey"


@pytest.mark.parametrize("refusal", [401, 403])
async def test_a_key_where_a_member_is_needed_says_whom_to_name(upstream: Upstream, refusal: int) -> None:
    upstream.on(MINE, accepting(refusal=refusal))

    with pytest.raises(errors.Forbidden, match=r"onBehalfOf.*personal access token") as caught:
        await upstream.desk().call(api.COPILOT_FIND_TICKETS)

    assert caught.value.code == "UserNeeded"


async def test_a_create_that_was_refused_for_its_scheme_is_made_once(upstream: Upstream) -> None:
    upstream.on(f"POST {CONNECTOR}/tickets", accepting(f"Basic {PACKED}"))
    desk = upstream.desk()

    await desk.call(api.CREATE_TICKET, query={"requestTypeId": 3}, body={"name": "Printer"})

    assert sent(upstream, f"POST {CONNECTOR}/tickets") == [f"DdApi {PACKED}", f"Basic {PACKED}"]
    assert desk.may_have_created
