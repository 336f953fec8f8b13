"""Keys are asked for as in Azure once there are any."""

from collections.abc import Iterator

import httpx
import pytest

from tests.workbench.localhost.conftest import WEB
from workbench.localhost import LocalHost

MASTER, FUNCTION = "master-key-of-the-tests", "function-key-of-the-tests"


@pytest.fixture(scope="module")
def locked() -> Iterator[httpx.Client]:
    keys = {"CONNECTOR_HOST_MASTER_KEY": MASTER, "CONNECTOR_HOST_FUNCTION_KEY": FUNCTION}
    with LocalHost(WEB, {**keys, "AzureWebJobs.SwitchedOff.Disabled": "1"}) as host:
        with httpx.Client(base_url=host.url) as client:
            yield client
        assert MASTER not in host.log
        assert FUNCTION not in host.log


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/api/ping", None, 200),
        ("/api/ping", "wrong", 200),
        ("/api/keyed", None, 401),
        ("/api/keyed", "wrong", 401),
        ("/api/keyed", "ключ", 401),
        ("/api/keyed", FUNCTION, 200),
        ("/api/keyed", MASTER, 200),
        ("/api/master", FUNCTION, 401),
        ("/api/master", MASTER, 200),
        ("/admin/host/status", None, 401),
        ("/admin/host/status", FUNCTION, 401),
        ("/admin/host/status", MASTER, 200),
        ("/api/off", FUNCTION, 404),
        ("/api/off", MASTER, 200),
    ],
)
def test_each_level_opens_to_its_keys(locked: httpx.Client, path: str, key: str | None, status: int) -> None:
    in_header = locked.get(path, headers={b"x-functions-key": key.encode()} if key else {})
    in_query = locked.get(path, params={"code": key} if key else {})
    assert (in_header.status_code, in_query.status_code) == (status, status)
    if status == 401:
        assert in_header.content == b""


def test_the_header_wins_over_the_query(locked: httpx.Client) -> None:
    headers, query = {"x-functions-key": "wrong"}, {"code": FUNCTION}
    assert locked.get("/api/keyed", headers=headers, params=query).status_code == 401


def test_without_keys_nothing_is_asked_for(client: httpx.Client) -> None:
    assert client.get("/api/master").status_code == 200
    assert client.get("/api/keyed", headers={"x-functions-key": "anything"}).status_code == 200
