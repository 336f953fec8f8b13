"""Access tokens: made once, shared, renewed in time, and found on either of the two paths."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.client import Reply
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import (
    CONTACT_USER_KEY,
    CONTACT_USER_KEY_RIVAL,
    COPILOT_FIND_TICKETS,
    MEMBER_USER_KEY,
)
from connector.deskdirector.errors import BadGateway, NotFound, Unavailable
from connector.deskdirector.user_keys import UserKeys, contact, member, read_user_key
from tests.upstream_servers import Upstream, hang_up, status

NOW = 1_790_000_000.0
SITE = "https://support.deskdirector.com"


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class Mint:
    """Makes numbered tokens that live an hour; `missing` are the endpoints that this site does not have."""

    def __init__(self, *missing: Endpoint) -> None:
        self.missing = missing
        self.asked: list[Endpoint] = []

    async def __call__(self, endpoint: Endpoint, values: Mapping[str, int]) -> bytes:
        self.asked.append(endpoint)
        await asyncio.sleep(0)
        if endpoint in self.missing:
            raise NotFound("NotFound", f"There is no {endpoint.name}.")
        return json.dumps({"userKey": f"token-{len(self.asked)}", "expires_in": 3600}).encode()


async def test_a_token_is_remembered_until_four_fifths_of_its_life() -> None:
    clock, mint = Clock(), Mint()
    keys = UserKeys(clock)
    assert await keys.token("a", SITE, member(5), mint) == "token-1"
    clock.now = NOW + 3600 * 0.8 - 1
    assert await keys.token("a", SITE, member(5), mint) == "token-1"
    clock.now = NOW + 3600 * 0.8
    assert await keys.token("a", SITE, member(5), mint) == "token-2"


async def test_callers_at_the_same_time_share_one_mint_even_when_the_first_gives_up() -> None:
    mint, keys = Mint(), UserKeys(Clock())
    first, *others = (asyncio.create_task(keys.token("a", SITE, member(5), mint)) for _ in range(5))
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*others) == ["token-1"] * 4
    assert mint.asked == [MEMBER_USER_KEY]


async def test_a_failed_mint_fails_all_who_wait_and_is_not_remembered() -> None:
    keys = UserKeys(Clock())

    async def failing(_: Endpoint, __: Mapping[str, int]) -> bytes:
        await asyncio.sleep(0)
        raise Unavailable("X", "later", retry_after=1)

    failures = await asyncio.gather(
        *(keys.token("a", SITE, member(5), failing) for _ in range(3)), return_exceptions=True
    )
    assert [type(failure) for failure in failures] == [Unavailable] * 3
    assert await keys.token("a", SITE, member(5), Mint()) == "token-1"


async def test_tokens_never_cross_connections_or_users() -> None:
    mint, keys = Mint(), UserKeys(Clock())
    tokens = [
        await keys.token(owner, SITE, user, mint) for owner in ("a", "b") for user in (member(5), contact(5), member(6))
    ]
    assert len(set(tokens)) == 6


async def test_a_refused_token_is_forgotten_once() -> None:
    mint, keys = Mint(), UserKeys(Clock())
    old = await keys.token("a", SITE, member(5), mint)
    keys.forget("a", member(5), old)
    new = await keys.token("a", SITE, member(5), mint)
    keys.forget("a", member(5), old)
    assert await keys.token("a", SITE, member(5), mint) == new != old


async def test_a_contacts_path_is_found_once_for_a_site() -> None:
    mint, keys = Mint(CONTACT_USER_KEY), UserKeys(Clock())
    await keys.token("a", SITE, contact(5), mint)
    await keys.token("a", SITE, contact(6), mint)
    assert mint.asked == [CONTACT_USER_KEY, CONTACT_USER_KEY_RIVAL, CONTACT_USER_KEY_RIVAL]


async def test_a_contact_that_does_not_exist_is_looked_for_on_both_paths_only_while_the_path_is_unknown() -> None:
    mint, keys = Mint(CONTACT_USER_KEY, CONTACT_USER_KEY_RIVAL), UserKeys(Clock())
    with pytest.raises(NotFound, match="no CONTACT_USER_KEY"):
        await keys.token("a", SITE, contact(5), mint)
    assert mint.asked == [CONTACT_USER_KEY, CONTACT_USER_KEY_RIVAL]
    mint.missing = ()
    await keys.token("a", SITE, contact(5), mint)
    mint.missing, mint.asked = (CONTACT_USER_KEY,), []
    with pytest.raises(NotFound):
        await keys.token("a", SITE, contact(6), mint)
    assert mint.asked == [CONTACT_USER_KEY]


@pytest.mark.parametrize(
    ("fields", "life"),
    [
        ({"expires_in": 600}, 600),
        ({"expires_in": "600"}, 600),
        ({"ExpiresIn": 600}, 3600),
        ({"EXPIRES_IN": 600.5}, 600.5),
        ({"expires_on": NOW + 600}, 600),
        ({"expires_on": (NOW + 600) * 1000}, 600),
        ({"expires_on": str(int(NOW + 600))}, 600),
        ({"expires_on": datetime.fromtimestamp(NOW + 600, UTC).isoformat()}, 600),
        ({"expires_on": datetime.fromtimestamp(NOW + 600, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")}, 600),
        ({"expires_on": datetime.fromtimestamp(NOW + 600, UTC).strftime("%Y-%m-%dT%H:%M:%S")}, 600),
        ({"expires_in": 600, "expires_on": "2000-01-01T00:00:00Z"}, 600),
        ({"expires_on": "2000-01-01T00:00:00Z"}, 0),
        ({"expires_in": -5}, 0),
        ({"expires_in": None, "expires_on": "soon"}, 3600),
        ({"expires_in": True}, 3600),
        ({"expires_in": 10**400}, 3600),
        ({}, 3600),
    ],
)
def test_the_life_of_a_token_is_read_in_every_spelling(fields: dict[str, object], life: float) -> None:
    key = read_user_key(json.dumps({"userKey": "t"} | fields).encode(), NOW)
    assert key.seconds == pytest.approx(0.8 * life)


@pytest.mark.parametrize("name", ["userKey", "UserKey", "accessToken", "access_token"])
def test_the_token_is_read_in_every_spelling(name: str) -> None:
    assert read_user_key(json.dumps({name: "t"}).encode(), NOW).token == "t"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"userKey": 5}', b'{"userKey": ""}', b'{"userKey": "a\\r\\nX: 1"}', b"[" * 99_999],
)
def test_an_answer_without_a_token_is_upstreams_fault(content: bytes) -> None:
    with pytest.raises(BadGateway):
        read_user_key(content, NOW)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3))
def test_any_expiry_is_survived(value: object) -> None:
    read_user_key(json.dumps({"userKey": "t", "expires_on": value, "expires_in": value}).encode(), NOW)


USER_KEY = "/api/v2/user/member/5/userkey"
MINE = "/api/v2/copilot/tickets"


async def test_the_agent_of_the_connection_makes_calls_with_its_own_token(upstream: Upstream) -> None:
    upstream.on(f"GET {USER_KEY}", {"userKey": "agents-token", "expires_in": 3600})
    upstream.on(f"GET {MINE}", {"id": 7})
    for _ in range(2):
        await upstream.desk(agent="5").call(COPILOT_FIND_TICKETS)
    assert [(path, who.partition(" ")[0]) for _, path, who in upstream.calls] == [
        (USER_KEY, "Basic"),
        (MINE, "DdAccessToken"),
        (MINE, "DdAccessToken"),
    ]


async def test_a_token_that_has_died_early_is_renewed_once(upstream: Upstream) -> None:
    upstream.on(f"GET {USER_KEY}", {"userKey": "old"}, {"userKey": "new"})
    upstream.on(f"GET {MINE}", status(401), {"id": 7})
    reply = await upstream.desk().call(COPILOT_FIND_TICKETS, user=member(5))
    assert reply.json() == {"id": 7}
    assert [who for _, path, who in upstream.calls if path == MINE] == ["DdAccessToken old", "DdAccessToken new"]


async def test_a_token_that_another_operation_is_making_is_waited_for_within_ones_own_budget(
    upstream: Upstream,
) -> None:
    made = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await made.wait()
        return web.json_response({"userKey": "t"})

    upstream.on(f"GET {USER_KEY}", slow)
    upstream.on(f"GET {MINE}", {"id": 7})

    async def get(budget: int) -> Reply:
        desk = upstream.desk(budget_seconds=budget)
        return await desk.call(COPILOT_FIND_TICKETS, user=member(5))

    patient = asyncio.create_task(get(30))
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await get(1)
    made.set()
    assert (await patient).json() == {"id": 7}
    assert upstream.count(f"GET {USER_KEY}") == 1


async def test_minting_is_retried_as_any_read(upstream: Upstream) -> None:
    from connector.deskdirector.endpoints import ADD_TICKET_NOTE

    upstream.on(f"GET {USER_KEY}", hang_up, {"userKey": "t"})
    upstream.on("POST /api/v2/tickets/7/notes", {"id": 1})
    await upstream.desk().call(ADD_TICKET_NOTE, path={"ticketId": 7}, body={"note": "x"}, user=member(5))
    assert upstream.count("POST /api/v2/tickets/7/notes") == 1
