"""Nobody makes more calls through us than is allowed: one connection, or one address with many keys."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.catalog import operations
from connector.operations.request import Request
from connector.serving.invoke import invoke
from connector.serving.mcp import server as mcp
from connector.serving.rate_limits import MOST_BUCKETS, Buckets, address_of
from connector.settings import Settings

UNANSWERED = {"dd-host": "acme.deskdirector.com", "dd-api-key": "not-a-secret-key-one"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 6000), st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_rate_and_one_burst(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    buckets = Buckets(clock)
    taken = 0
    for pause in pauses:
        clock.now += pause
        for _ in range(20):
            taken += not buckets.take(b"key", per_minute)

    assert taken <= (sum(pauses) + 10) * per_minute / 60 + 1


@given(st.integers(1, 6000))
def test_whoever_waits_as_long_as_asked_is_let_in(per_minute: int) -> None:
    clock = Clock()
    buckets = Buckets(clock)
    while not (wait := buckets.take(b"key", per_minute)):
        pass
    clock.now += wait + 1e-6

    assert buckets.take(b"key", per_minute) == 0


def test_callers_without_number_take_no_memory_without_end() -> None:
    buckets = Buckets(Clock())
    for number in range(MOST_BUCKETS + 1000):
        buckets.take(str(number).encode(), 60)

    assert len(buckets) == MOST_BUCKETS


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("", ""),
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9:51234", "203.0.113.9"),
        ("203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("[2001:db8::1]:51234", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("nonsense", ""),
        ("1.2.3.4, nonsense", ""),
        ("," * 5000, ""),
    ],
)
def test_the_address_is_the_one_that_the_last_proxy_saw(forwarded: str, address: str) -> None:
    assert address_of(Request("GET", "http://app/", {"x-forwarded-for": forwarded})) == address


@given(st.text(max_size=200))
def test_no_header_breaks_it(text: str) -> None:
    address_of(Request("GET", "http://app/", {"x-forwarded-for": text}))


async def statuses(count: int, settings: Settings, **headers: str) -> list[int]:
    """Of calls that are refused for their input, so that nobody is called."""
    operation = operations()["CreateTicket"]
    request = Request("POST", "http://app/api/tickets", {**UNANSWERED, **headers}, {}, {}, b'{"nothing": 1}')
    return [(await invoke(operation, request, settings)).status for _ in range(count)]


async def test_a_connection_over_its_rate_gets_429_and_others_do_not() -> None:
    settings = Settings(connection_rate=60)
    first = await statuses(15, settings)
    other = await statuses(3, settings, **{"dd-api-key": "not-a-secret-key-two"})
    response = await invoke(
        operations()["CreateTicket"], Request("POST", "http://app/api/tickets", UNANSWERED, body=b"{}"), settings
    )

    assert first[:10] == [400] * 10
    assert set(first[11:]) == {429}
    assert set(other) == {400}
    assert json.loads(response.body)["error"]["code"] == "TooManyCalls"
    assert int(response.headers["Retry-After"]) >= 1


async def test_an_address_with_many_keys_is_limited_too() -> None:
    settings = Settings(address_rate=60)
    seen = [
        (await statuses(1, settings, **{"dd-api-key": f"not-a-secret-{number}", "x-forwarded-for": "203.0.113.77"}))[0]
        for number in range(15)
    ]
    elsewhere = await statuses(1, settings, **{"x-forwarded-for": "203.0.113.78"})

    assert seen[:10] == [400] * 10
    assert set(seen[11:]) == {429}
    assert elsewhere == [400]


async def test_models_are_limited_as_flows_are() -> None:
    settings = Settings(connection_rate=60)
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    headers = {**UNANSWERED, "dd-api-key": "not-a-secret-key-three", "host": "127.0.0.1"}
    seen = [
        (await mcp.serve(Request("POST", "http://app/mcp", headers, body=ping), settings)).status for _ in range(15)
    ]

    assert seen[:10] == [200] * 10
    assert set(seen[11:]) == {429}
