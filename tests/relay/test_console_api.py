"""The console's data over HTTP: keys, what a viewer sees, changes and their audit lines, replays as jobs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connector.operations.request import Request
from connector.serving import console_api
from connector.serving.console_routes import ALL_ROUTES
from connector.storage.event_ids import event_id
from connector.storage.records import Subscription
from tests.desk import ROOT
from tests.relay.conftest import OPERATORS, VIEWERS, Console, World

CANARY = "canary-5f4e3d2c1b0a"


async def with_event(world: World, **conditions: Any) -> Subscription:
    """A flow whose ticket carries the canary in every place that a viewer must not see."""
    flow = await world.subscribe(**conditions)
    await world.post_ticket(flow, name=CANARY, description=CANARY, tags=[CANARY], status={"id": 3, "name": CANARY})
    return flow


def leaves(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from leaves(one)
    if not isinstance(value, dict | list):
        yield value


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 401, "ConsoleKeyMissing"),
        ("wrong-key-0123456789", 401, "ConsoleKeyWrong"),
        (OPERATORS[:-1], 401, "ConsoleKeyWrong"),
        (OPERATORS + "x", 401, "ConsoleKeyWrong"),
        ("ключ", 401, "ConsoleKeyWrong"),
    ],
)
async def test_nobody_comes_in_without_the_key(console: Console, key: str, status: int, code: str) -> None:
    for route in ALL_ROUTES:
        answered, body = await console(route.method, route.path, key=key)
        assert (answered, body["error"]["code"]) == (status, code), route.path
        assert key not in json.dumps(body) or not key


async def test_whoever_tries_many_keys_is_slowed_down_and_nobody_else(console: Console) -> None:
    tried = [(await console("GET", "session", key=f"wrong-key-{number:012d}"))[0] for number in range(110)]

    assert (tried[0], tried[-1]) == (401, 429)
    assert (await console("GET", "session"))[0] == 200


async def test_an_app_without_a_key_is_closed(console: Console) -> None:
    console.world.relay.settings = replace(console.world.relay.settings, console_key="", console_viewer_key="")
    for key in ("", "x" * 20):
        status, body = await console("GET", "session", key=key)
        assert (status, body["error"]["code"]) == (401, "ConsoleKeyNotSet")


async def test_a_key_that_is_set_as_both_is_a_viewers(console: Console) -> None:
    console.world.relay.settings = replace(console.world.relay.settings, console_viewer_key=OPERATORS)
    assert (await console("GET", "session"))[1]["role"] == "viewer"


async def test_a_session_says_who_one_is(console: Console) -> None:
    await with_event(console.world)
    status, shown = await console("GET", "session")
    assert (status, shown["role"], shown["sites"]) == (200, "operator", [console.world.simulator.site])
    assert (await console("GET", "session", key=VIEWERS))[1]["role"] == "viewer"


async def test_a_viewer_changes_nothing(console: Console) -> None:
    for route in ALL_ROUTES:
        if route.method != "GET" and route.name not in console_api.READING:
            status, body = await console(route.method, route.path, {}, key=VIEWERS)
            assert (status, body["error"]["code"]) == (403, "ViewerMayNotWrite"), route.path
            assert route.audited, f"{route.path}: whatever changes something leaves an audit line"


async def test_a_viewer_never_sees_what_an_event_holds(console: Console) -> None:
    flow = await with_event(console.world)
    await console.world.subscribe("other", tag="printer")
    await console.world.post_ticket(flow, name=CANARY, tags=[CANARY])
    await console.world.deliver_due()
    (name, *_) = [one["eventId"] for one in (await console("GET", "events"))[1]["results"]]
    values = {"eventId": name, "subscriptionId": flow.id}
    assert CANARY in json.dumps((await console("GET", f"events/{name}"))[1]), "an operator sees it"

    for route in [one for one in ALL_ROUTES if one.method == "GET"]:
        path = "/".join(values.get(part[1:-1], part) for part in route.path.split("/"))
        _, body = await console("GET", f"{path}?site={console.world.simulator.site}", key=VIEWERS)
        assert CANARY not in json.dumps(body, ensure_ascii=False), route.path

    _, seen = await console("GET", f"events/{name}", key=VIEWERS)
    _, whole = await console("GET", f"events/{name}")
    assert seen["payload"].keys() == whole["payload"].keys()
    assert set(leaves(seen["payload"])) == {"•••"}
    assert (await console("GET", "events?text=canary", key=VIEWERS))[0] == 403


async def test_an_answer_that_is_known_is_not_sent_again(console: Console) -> None:
    await with_event(console.world)
    await console("GET", "events")
    tag = console.headers["etag"]

    assert await console("GET", "events", tag=tag) == (304, None)
    await console.world.deliver_due()
    assert (await console("GET", "events", tag=tag))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "nothing", None, 404, "RouteNotFound"),
        ("GET", "events/../session", None, 404, "RouteNotFound"),
        ("PATCH", "events", {}, 404, "RouteNotFound"),
        ("GET", "events?state=odd", None, 400, "InvalidInput"),
        ("GET", "events?take=many", None, 400, "InvalidInput"),
        ("GET", "deliveries?state=unwanted", None, 400, "InvalidInput"),
        ("GET", "metrics/series?window=9h", None, 400, "InvalidInput"),
        ("GET", "replays/..%2Faudit", None, 404, "ReplayNotFound"),
        ("GET", "flows/unknown", None, 404, "SubscriptionNotFound"),
        ("POST", "flows/unknown/test", {}, 404, "SubscriptionNotFound"),
        ("POST", "alerts/unknown/acknowledge", {}, 404, "AlertNotFound"),
        ("POST", "registrations/unknown/renew", {}, 404, "RegistrationNotFound"),
        ("PATCH", "flows/unknown", {}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", {"paused": "yes"}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", {"perMinute": True}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", {"perMinute": -1}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", {"label": "x" * 101}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", {"label": "a\nb"}, 400, "InvalidInput"),
        ("PATCH", "flows/unknown", [1], 400, "InvalidInput"),
        ("POST", "replays", {}, 400, "InvalidInput"),
        ("POST", "replays", {"ids": ["a"], "all": True}, 400, "InvalidInput"),
        ("POST", "replays", {"ids": [1]}, 400, "InvalidInput"),
        ("POST", "replays", {"ids": ["a"] * 501}, 400, "InvalidInput"),
        ("POST", "replays", {"ids": ["a"], "to": "unknown"}, 404, "SubscriptionNotFound"),
    ],
)
async def test_what_cannot_be_done_is_told(
    console: Console, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answered, told = await console(method, path, body)
    assert (answered, told["error"]["code"]) == (status, code)


HOSTILE_PATHS = ("..", "x" * 5000, "\x00", "ÿ\u202e", "a|b", "' OR 1=1 --", "0" * 33, f"{'f' * 400}-x")
HOSTILE_QUERIES: tuple[dict[str, str], ...] = (
    {"take": "1e999", "confirm": "9" * 400},
    {"take": "-5", "since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00"},
    {"after": f"{'f' * 400}-x", "continuation": "\x00|\x00"},
    {"after": "-", "ids": ",".join(["a"] * 500), "state": "FAILING"},
    {"text": "%' \x00 \U0001f3ab", "flow": "\x00", "ticket": "ÿ", "window": "24h", "site": "\x00"},
)
HOSTILE_BODIES = (
    b"", b"[]", b"\xff\xfe", b'"x"', b"{", b'{"all":true,"take":1e999,"confirm":1e999}', b'{"ids":["\\ud800"]}',
    b'{"ids":["\\u0000"],"to":"\\u0000"}', b'{"all":true,"dryRun":true,"site":{"a":[1]},"since":5,"type":[1]}',
    b'{"ids":[{}],"subscriptionIds":"x"}', b'{"paused":false,"resume":"new","perMinute":1e400,"label":"\\ud800"}',
    b'{"part":{"a":1},"after":[1]}', b'{"site":"\\u0000","name":"\\u0000","secret":5}',
)  # fmt: skip


def hostile_calls(route: Any) -> Iterator[tuple[str, dict[str, str], bytes]]:
    yield from ((value, {}, b"") for value in HOSTILE_PATHS if "{" in route.path)
    yield from (("x", query, b"") for query in HOSTILE_QUERIES)
    yield from (("x", {}, body) for body in HOSTILE_BODIES if route.method != "GET")


async def test_no_call_however_hostile_is_a_fault_of_ours(console: Console) -> None:
    for route in ALL_ROUTES:
        for value, query, body in hostile_calls(route):
            path = {"rest": "/".join(value if part.startswith("{") else part for part in route.path.split("/"))}
            headers, url = {"x-console-key": OPERATORS}, "https://app.example/api/console/x"
            request = Request(route.method, url, headers, path, query, body)
            answer = await console_api.console_api(request, console.world.relay.settings)
            assert answer.status < 500, (route.path, value, query, body, answer.body)


async def test_counts_by_minute_and_of_the_hour(console: Console) -> None:
    world = console.world
    flow = await with_event(world)
    world.flows.behave("orders", "failing", times=1)
    await world.deliver_due()
    world.clock.ahead += 120
    await world.post_ticket(flow)
    await world.deliver_due()

    _, hour = await console("GET", "metrics/series?window=1h")
    _, day = await console("GET", "metrics/series?window=24h")
    _, shown = await console("GET", f"flows/{flow.id}")

    assert (len(hour["accepted"]), len(day["lagP95Ms"]), hour["stepSeconds"]) == (60, 1440, 60)
    assert (sum(hour["accepted"]), sum(hour["failed"]), sum(day["delivered"])) == (2, 1, 2)
    assert hour["accepted"][-3] == 1
    assert hour["lagP50Ms"][-1] is not None
    assert hour["lagP50Ms"][0] is None
    assert (shown["hour"]["delivered"], shown["hour"]["failed"]) == (2, 1)
    assert shown["hour"]["p95Ms"] >= 0


async def test_live_reading(console: Console) -> None:
    flow = await with_event(console.world)
    _, first = await console("GET", "events")
    console.world.clock.ahead += 60
    await console.world.post_ticket(flow)

    _, newer = await console("GET", f"events?after={first['latest']}")
    _, some = await console("GET", f"events?ids={first['latest']},{event_id(0, 'x')}")
    _, nonsense = await console("GET", "events?after=nonsense")

    assert len(newer["results"]) == 2
    assert newer["results"][0]["eventId"] == first["latest"]
    assert [one["eventId"] for one in some["results"]] == [first["latest"]]
    assert len(nonsense["results"]) == 2


async def test_a_site_is_examined_in_parts(console: Console) -> None:
    simulator = console.world.simulator
    connection = {"dd_host": simulator.site, "dd_api_key": simulator.tokity_key}
    found: dict[str, list[dict[str, Any]]] = {}
    part, after = "connection", ""
    while part:
        status, answer = await console("POST", "doctor", {"part": part, "after": after}, key=VIEWERS, **connection)
        assert status == 200, answer
        found[answer["part"]] = found.get(answer["part"], []) + answer["rows"]
        part, after = answer["next"], answer["after"]

    assert list(found) == ["connection", "people", "routes", "bodies", "answers"]
    assert found["connection"][0]["edition"] == "tokity"
    assert {one["verdict"] for one in found["people"]} >= {"answers"}
    names = [one["endpoint"] for one in found["routes"]]
    assert len(names) == len(set(names)) > 12
    assert any(one["operations"] for one in found["routes"])
    assert all(one["readable"] for one in found["bodies"] if one["of"] == "CreateTicket")
    assert (await console("POST", "doctor", {"part": "odd"}, **connection))[0] == 400
    refused, told = await console("POST", "doctor", {}, dd_host=simulator.site, dd_api_key="wrong-key-of-nobody")
    assert (refused, told["error"]["code"]) == (401, "ApiKeyRefused")


def test_every_route_is_documented() -> None:
    page = (ROOT / "docs" / "console-api.md").read_text()
    assert [one.path for one in ALL_ROUTES if f"`{one.method} {one.path}" not in page] == []


@pytest.mark.parametrize("take", ["-1", "0", "9" * 40])
async def test_no_list_is_longer_than_the_most(console: Console, take: str) -> None:
    for path in ("events", "deliveries", "dead-letters", "quarantine", "audit"):
        status, body = await console("GET", f"{path}?take={take}")
        assert status == 200, (path, body)
