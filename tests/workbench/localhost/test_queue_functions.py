"""Queue functions run by the host, from SQLite and from Azure Storage."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.npm_tools import AZURITE
from tests.workbench.localhost.conftest import QUEUES
from workbench.localhost import LocalHost


def settings(data_dir: Path, storage: str) -> Mapping[str, str]:
    name = f"work-{uuid4()}"
    return {
        "AzureWebJobsStorage": storage,
        "CONNECTOR_DATA_DIR": str(data_dir),
        "WORK_QUEUE": name,
        "ECHO_QUEUE": f"{name}-echo",
        "NIGHTLY": "0 0 3 * * *",
    }


@pytest.fixture(scope="module", params=["sqlite", AZURITE])
def storage(request: pytest.FixtureRequest) -> str:
    """The connection string of each store; none means SQLite."""
    return request.getfixturevalue("azurite") if request.param == "azure" else ""


@pytest.fixture(scope="module")
def client(storage: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The app of queue functions; its tests share it, so each begins its messages with a word of its own."""
    data_dir = tmp_path_factory.mktemp("data")
    with LocalHost(QUEUES, settings(data_dir, storage)) as host, httpx.Client(base_url=host.url) as opened:
        yield opened


def seen(client: httpx.Client, queue: str, word: str) -> list[dict[str, Any]]:
    return [entry for entry in client.get("/seen").json() if entry.get("queue") == queue and word in entry["body"]]


def wait_for(client: httpx.Client, queue: str, word: str, number: int) -> list[dict[str, Any]]:
    """Until that many messages with a word were seen."""
    deadline = time.monotonic() + 300
    while len(entries := seen(client, queue, word)) < number:
        assert time.monotonic() < deadline, f"{entries} after 300 s"
        time.sleep(0.02)
    return entries


def test_an_accepted_message_reaches_its_function_and_what_that_returns_the_next(client: httpx.Client) -> None:
    assert client.post("/accept", content="grüße".encode()).status_code == 202
    (worked,) = wait_for(client, "work", "grüße", 1)
    assert (worked["body"], worked["attempt"], bool(worked["id"])) == ("grüße", 1, True)
    assert [entry["body"] for entry in wait_for(client, "echo", "grüße", 1)] == ["echo of grüße"]
    assert len(seen(client, "work", "grüße")) == 1


def test_a_list_becomes_a_message_each_and_nothing_none(client: httpx.Client) -> None:
    assert client.post("/accept-nothing").status_code == 202
    client.post("/accept-many", json=["each 1", "each 2", "each 3"])
    echoed = {entry["body"] for entry in wait_for(client, "echo", "each", 3)}
    assert echoed == {"echo of each 1", "echo of each 2", "echo of each 3"}
    assert [entry for entry in client.get("/seen").json() if entry.get("body") == ""] == []


def test_a_message_that_keeps_failing_is_quarantined(client: httpx.Client) -> None:
    client.post("/accept", content=b"bad news")
    assert [entry["body"] for entry in wait_for(client, "poison", "bad", 1)] == ["bad news"]
    assert [entry["attempt"] for entry in seen(client, "work", "bad")] == [1, 2, 3]
    assert seen(client, "echo", "bad") == []


def test_only_so_many_messages_run_at_once(client: httpx.Client) -> None:
    client.post("/accept-many", json=[f"slow {number}" for number in range(40)])
    # The first look may find the list half written; once more than 8 are running, no more are claimed.
    assert len(wait_for(client, "work", "slow", 9)) <= 16 + 8
    client.post("/open")
    assert len(wait_for(client, "echo", "slow", 40)) == 40


def test_a_function_can_be_started_by_hand(client: httpx.Client) -> None:
    assert client.post("/admin/functions/WORK", json={"input": "by hand"}).status_code == 202
    assert [entry["body"] for entry in wait_for(client, "echo", "by hand", 1)] == ["echo of by hand"]
    assert client.post("/admin/functions/work", content=b"[]").status_code == 400
    assert client.post("/admin/functions/unknown").status_code == 404


def test_what_was_accepted_survives_a_crash(storage: str, tmp_path: Path) -> None:
    shared = settings(tmp_path, storage)
    with LocalHost(QUEUES, {**shared, "AzureWebJobs.work.Disabled": "1"}) as host:
        for number in range(20):
            assert httpx.post(host.url + "/accept", content=b"kept %d" % number).status_code == 202
        host.kill()
    with LocalHost(QUEUES, shared) as host, httpx.Client(base_url=host.url) as client:
        kept = {entry["body"] for entry in wait_for(client, "work", "kept", 20)}
        assert kept == {f"kept {number}" for number in range(20)}


def test_an_answer_is_a_503_when_its_message_could_not_be_stored(tmp_path: Path) -> None:
    with LocalHost(QUEUES, settings(tmp_path, "")) as host, httpx.Client(base_url=host.url) as client:
        with sqlite3.connect(tmp_path / "queues.sqlite3", timeout=30) as database:
            database.execute("DROP TABLE messages")
        database.close()
        answer = client.post("/accept", content=b"lost?")
        assert (answer.status_code, answer.content) == (503, b"")
        assert "could not be stored" in host.log
        assert client.post("/plain", content=b"x").status_code == 202
