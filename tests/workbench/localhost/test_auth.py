"""Keys are asked for as in Azure once there are any."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.workbench.localhost.conftest import WEB
from workbench.localhost import LocalHost
from workbench.localhost.auth import Keys, Level, master_key

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


DIRECT = {"Host": "127.0.0.1:7071"}


@pytest.mark.parametrize(
    ("headers", "is_open"),
    [
        ({}, True),
        ({"Host": "localhost:7071"}, True),
        ({"Host": "127.0.0.1"}, True),
        ({"Host": "[::1]:7071"}, True),
        ({**DIRECT, "Origin": "http://127.0.0.1:7071", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Host": "rebound.example.com:7071"}, False),
        ({"Host": "127.0.0.1.example.com"}, False),
        ({"Host": "10.0.0.5:7071"}, False),
        ({**DIRECT, "Origin": "https://evil.example.com"}, False),
        ({**DIRECT, "Origin": "http://127.0.0.1:3000"}, False),
        ({**DIRECT, "Origin": "null"}, False),
        ({**DIRECT, "Sec-Fetch-Site": "cross-site"}, False),
        ({**DIRECT, "X-Forwarded-For": "127.0.0.1"}, False),
        ({**DIRECT, "X-Forwarded-Host": "127.0.0.1"}, False),
        ({**DIRECT, "Forwarded": "for=127.0.0.1"}, False),
        ({**DIRECT, "X-Real-IP": "127.0.0.1"}, False),
        ({**DIRECT, "Via": "1.1 proxy"}, False),
    ],
)
def test_without_keys_the_operators_routes_are_open_to_this_machine_only(
    client: httpx.Client, headers: dict[str, str], is_open: bool
) -> None:
    for path in ("/api/master", "/admin/host/status"):
        assert client.get(path, headers=headers).status_code == (200 if is_open else 401)
    assert client.get("/api/keyed", headers=headers).status_code == 200


@pytest.mark.parametrize("client", ["10.0.0.5", "192.168.1.9", "::ffff:10.0.0.5", "", "unix"])
def test_another_machine_is_no_operator_whatever_it_says(client: str) -> None:
    assert Keys().level(client, {"host": "127.0.0.1:7071"}, {}) is Level.FUNCTION


def test_an_app_with_a_public_url_makes_a_master_key_and_asks_for_it(tmp_path: Path) -> None:
    env = {"CONNECTOR_PUBLIC_URL": "https://desk.example.com", "CONNECTOR_DATA_DIR": str(tmp_path)}
    file = tmp_path / "master.key"
    with LocalHost(WEB, env) as host:
        key = file.read_text().strip()
        answers = [httpx.get(f"{host.url}/api/master", headers=sent) for sent in ({}, {"x-functions-key": key})]
    kept = host.log
    with LocalHost(WEB, env) as host:
        again = httpx.get(f"{host.url}/api/master", headers={"x-functions-key": key})

    assert [answer.status_code for answer in (*answers, again)] == [401, 200, 200]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in kept
    assert key not in kept


@pytest.mark.parametrize(
    ("chosen", "public_url", "addresses", "is_made"),
    [
        ("", "", ["127.0.0.1"], False),
        ("", "", ["::1"], False),
        ("", "", ["0.0.0.0"], True),
        ("", "", ["127.0.0.1", "192.168.1.9"], True),
        ("", "https://desk.example.com", ["127.0.0.1"], True),
        ("chosen", "https://desk.example.com", ["0.0.0.0"], False),
    ],
)
def test_a_key_is_made_when_others_can_reach_the_app(
    tmp_path: Path, chosen: str, public_url: str, addresses: list[str], is_made: bool
) -> None:
    key, file = master_key(chosen, tmp_path, public_url=public_url, addresses=addresses)

    assert (file is not None) == is_made
    assert key == (file.read_text().strip() if file else chosen)
    assert not is_made or len(key) >= 40


def test_an_empty_key_file_does_not_open_the_app(tmp_path: Path) -> None:
    (tmp_path / "master.key").touch()
    with pytest.raises(OSError, match="delete the file"):
        master_key("", tmp_path, public_url="https://desk.example.com", addresses=["127.0.0.1"])
