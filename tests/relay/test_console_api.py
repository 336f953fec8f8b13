"""The console's data over HTTP: keys, what a viewer sees, changes and their audit lines, replays as jobs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connector.operations.request import Request
from connector.relay import replay_jobs, replaying
from connector.relay.alerts import raise_alerts
from connector.relay.delivery import rate_of
from connector.serving import console_api
from connector.serving.console_routes import ALL_ROUTES
from connector.storage.event_ids import event_id
from connector.storage.records import Subscription
from tests.desk import ROOT
from tests.relay.conftest import BOTH_STORES, World

OPERATORS, VIEWERS = "operator-key-0123456789", "viewer-key-0123456789"
CANARY = "canary-5f4e3d2c1b0a"


@dataclass
class Console:
    """Calls the console's API as a page does."""

    world: World

    async def __call__(
        self, method: str, path: str, body: Any = None, *, key: str = OPERATORS, tag: str = "", **headers: str
    ) -> tuple[int, Any]:
        rest, _, query = path.partition("?")
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"x-console-key": key, **({"if-none-match": tag} if tag else {})}
        pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        content = json.dumps(body).encode() if body is not None else b""
        url = f"https://app.example/api/console/{path}"
        request = Request(method, url, headers, {"rest": rest}, pairs, content)
        answer = await console_api.console_api(request, self.world.relay.settings)
        self.headers = answer.headers
        return answer.status, json.loads(answer.body) if answer.body else None


@pytest.fixture
def console(world: World, monkeypatch: pytest.MonkeyPatch) -> Console:
    world.relay.settings = replace(world.relay.settings, console_key=OPERATORS, console_viewer_key=VIEWERS)
    monkeypatch.setattr(console_api, "shared_relay", lambda _: world.relay)
    return Console(world)


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


async def test_a_flow_is_limited_named_paused_and_resumed(console: Console) -> None:
    world = console.world
    flow = await world.subscribe(tag="vip")

    status, shown = await console("PATCH", f"flows/{flow.id}", {"perMinute": 30, "label": "VIP", "paused": True})

    assert (status, shown["name"], shown["operatorPerMinute"], shown["state"]) == (200, "VIP", 30, "paused")
    assert shown["conditionsText"] == ["tag is vip"]
    kept = await world.relay.store.subscriptions.get(flow.id)
    assert kept is not None
    assert rate_of(world.relay, kept) == 0.5
    assert (await console("PATCH", f"flows/{flow.id}", {"paused": False}))[1]["state"] == "new"
    lines = (await console("GET", "audit"))[1]["results"]
    assert [(one["role"], one["what"], one["subject"]) for one in lines] == [("operator", "flow.change", flow.id)] * 2


@BOTH_STORES
async def test_a_flow_may_go_on_with_new_events_only(console: Console) -> None:
    world = console.world
    flow = await world.subscribe()
    await console("PATCH", f"flows/{flow.id}", {"paused": True})
    await world.post_ticket(flow)
    await world.deliver_due()

    _, shown = await console("PATCH", f"flows/{flow.id}", {"paused": False, "resume": "new"})
    await world.deliver_due()

    assert (shown["waiting"], [one["state"] for one in shown["latest"]]) == (0, ["dead"])
    assert world.flows.accepted() == []


async def test_a_test_event_reaches_its_flow_past_its_conditions(console: Console) -> None:
    world = console.world
    flow = await world.subscribe("tested", tag="vip")
    other = await world.subscribe("other")
    await world.post_ticket(other, tags=["printer"])
    await world.deliver_due()

    status, sent = await console("POST", f"flows/{flow.id}/test", {})
    await world.deliver_due()

    (received,) = world.flows.accepted("tested")
    assert (status, received.body["eventId"], received.body["test"]) == (202, sent["eventId"], True)
    assert received.body["title"] == "Printer", "it has the form of the newest real one"
    assert (await console("GET", f"events/{sent['eventId']}"))[1]["test"] is True


async def with_dead_letters(world: World, count: int) -> Subscription:
    flow = await world.subscribe()
    for _ in range(count):
        await world.post_ticket(flow)
    now = world.clock()
    for claim in await world.relay.store.outbox.claim_due(now, count, 30, per_destination=count):
        await world.relay.store.outbox.bury(claim, now, reason="gone")
    return flow


async def test_a_replay_is_tried_confirmed_done_in_pieces_and_told(console: Console) -> None:
    flow = await with_dead_letters(console.world, 120)

    _, tried = await console("POST", "replays", {"all": True, "dryRun": True})
    refused, sentence = await console("POST", "replays", {"all": True})
    status, job = await console("POST", "replays", {"all": True, "confirm": tried["found"]})
    await console.world.post_ticket(flow)
    while job["state"] == "running":
        _, job = await console("POST", f"replays/{job['replayId']}/continue", {})

    assert (tried["found"], tried["flows"][0]["deliveries"], tried["flows"][0]["state"]) == (120, 120, "new")
    assert (refused, sentence["error"]["code"], status) == (400, "ConfirmationNeeded", 202)
    assert (job["state"], job["done"], job["replayed"], job["skipped"]) == ("done", 120, 120, 0)
    assert (await console("GET", f"replays/{job['replayId']}"))[1] == job
    lines = (await console("GET", "audit"))[1]["results"]
    assert ("replay.start", 120) in {(one["what"], one["count"]) for one in lines}, "and the dry run left no line"
    assert sum(one["what"] == "replay.start" for one in lines) == 1


async def test_a_replay_goes_to_some_flows_only_and_can_be_stopped(console: Console) -> None:
    world = console.world
    first = await with_dead_letters(world, 2)
    other = await world.subscribe("other")
    events = [one["eventId"] for one in (await console("GET", "events"))[1]["results"]]

    _, none = await console("POST", "replays", {"all": True, "subscriptionIds": [other.id], "dryRun": True})
    _, job = await console("POST", "replays", {"ids": events, "subscriptionIds": [other.id]})
    _, done = await console("POST", f"replays/{job['replayId']}/continue", {})
    await world.deliver_due()
    _, second = await console("POST", "replays", {"ids": events, "subscriptionIds": [first.id]})
    _, stopped = await console("DELETE", f"replays/{second['replayId']}")
    _, still = await console("POST", f"replays/{second['replayId']}/continue", {})

    assert (none["found"], done["replayed"]) == (0, 2)
    assert [one.flow for one in world.flows.accepted()] == ["other", "other"], "a flow that had none of them gets them"
    assert (stopped["state"], still["state"], still["replayed"]) == ("aborted", "aborted", 0)


async def test_a_replay_that_is_stopped_within_a_piece_tells_what_it_did(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_dead_letters(console.world, 3)
    _, job = await console("POST", "replays", {"all": True})
    replay_batch = replaying.replay_batch

    async def stopped_meanwhile(*given: Any) -> int:
        replayed = await replay_batch(*given)
        await console("DELETE", f"replays/{job['replayId']}")
        return replayed

    monkeypatch.setattr(replay_jobs, "replay_batch", stopped_meanwhile)
    await console("POST", f"replays/{job['replayId']}/continue", {})

    _, told = await console("GET", f"replays/{job['replayId']}")
    assert (told["state"], told["done"], told["replayed"]) == ("aborted", 3, 3)


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


async def test_alerts_are_acknowledged_until_they_are_over(console: Console) -> None:
    world = console.world
    await with_dead_letters(world, 1)
    _, listed = await console("GET", "alerts")
    (alert,) = listed["results"]

    _, seen = await console("POST", f"alerts/{alert['alertId']}/acknowledge", {})
    _, again = await console("GET", "alerts")
    (letter,) = (await console("GET", "dead-letters"))[1]["results"]
    await console("POST", "dead-letters/purge", {"ids": [letter["deliveryId"]]})
    _, over = await console("GET", "alerts")
    await with_dead_letters(world, 1)
    _, anew = await console("GET", "alerts")

    assert (alert["code"], alert["subjectKind"]) == ("DeadLetters", "site")
    assert again["results"] == [seen]
    assert (seen["acknowledgedBy"], over["results"]) == ("operator", [])
    assert "acknowledgedAt" not in anew["results"][0]
    assert await raise_alerts(world.relay) == [], "it is no message to the operator's webhook"


async def test_a_registration_is_renewed(console: Console) -> None:
    world = console.world
    flow = await world.subscribe()
    before = world.workflows()

    status, renewed = await console("POST", f"registrations/{flow.registration_id}/renew", {})

    assert (status, renewed["state"]) == (202, "active")
    assert world.workflows().keys() != before.keys()


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
