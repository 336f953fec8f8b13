"""Queue functions run by the host, from SQLite and from Azure Storage."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from connector.localhost import LocalHost
from tests.localhost.conftest import QUEUES

Run = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture(params=["sqlite", "azure"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Starts the app of queue functions, each time on the same stored queues; more settings may be given."""
    name = f"work-{uuid4()}"
    storage = request.getfixturevalue("azurite") if request.param == "azure" else ""
    settings = {
        "AzureWebJobsStorage": storage,
        "CONNECTOR_DATA_DIR": str(tmp_path),
        "WORK_QUEUE": name,
        "ECHO_QUEUE": f"{name}-echo",
        "NIGHTLY": "0 0 3 * * *",
    }

    @contextmanager
    def running(**more: str) -> Iterator[httpx.Client]:
        switched = {name.replace("__", "."): value for name, value in more.items()}
        with LocalHost(QUEUES, settings | switched) as host, httpx.Client(base_url=host.url) as client:
            client.host = host  # type: ignore[attr-defined]
            yield client

    return running


def seen(client: httpx.Client, queue: str) -> list[dict[str, Any]]:
    return [entry for entry in client.get("/seen").json() if entry.get("queue") == queue]


def wait_for(client: httpx.Client, queue: str, number: int) -> list[dict[str, Any]]:
    """Until that many messages of a queue were seen."""
    deadline = time.monotonic() + 30
    while len(entries := seen(client, queue)) < number:
        assert time.monotonic() < deadline, f"{entries} after 30 s"
        time.sleep(0.02)
    return entries


def test_an_accepted_message_reaches_its_function_and_what_that_returns_the_next(run: Run) -> None:
    with run() as client:
        assert client.post("/accept", content="grüße".encode()).status_code == 202
        assert client.post("/accept-nothing").status_code == 202
        (worked,) = wait_for(client, "work", 1)
        assert (worked["body"], worked["attempt"], bool(worked["id"])) == ("grüße", 1, True)
        (echoed,) = wait_for(client, "echo", 1)
        assert echoed["body"] == "echo of grüße"
        assert len(seen(client, "work")) == 1


def test_a_list_becomes_a_message_each(run: Run) -> None:
    with run() as client:
        client.post("/accept-many", json=["1", "2", "3"])
        assert {entry["body"] for entry in wait_for(client, "echo", 3)} == {"echo of 1", "echo of 2", "echo of 3"}


def test_a_message_that_keeps_failing_is_set_aside(run: Run) -> None:
    with run() as client:
        client.post("/accept", content=b"bad news")
        assert [entry["body"] for entry in wait_for(client, "poison", 1)] == ["bad news"]
        assert [entry["attempt"] for entry in seen(client, "work")] == [1, 2, 3]
        assert seen(client, "echo") == []


def test_only_so_many_messages_run_at_once(run: Run) -> None:
    with run() as client:
        client.post("/accept-many", json=[f"slow {number}" for number in range(40)])
        assert len(wait_for(client, "work", 16)) <= 16 + 8
        client.post("/open")
        assert len(wait_for(client, "echo", 40)) == 40


def test_a_function_can_be_started_by_hand(run: Run) -> None:
    with run() as client:
        assert client.post("/admin/functions/WORK", json={"input": "by hand"}).status_code == 202
        assert [entry["body"] for entry in wait_for(client, "echo", 1)] == ["echo of by hand"]
        assert client.post("/admin/functions/work", content=b"[]").status_code == 400
        assert client.post("/admin/functions/unknown").status_code == 404


def test_what_was_accepted_survives_a_crash(run: Run) -> None:
    with run(AzureWebJobs__work__Disabled="1") as client:
        for number in range(20):
            assert client.post("/accept", content=b"%d" % number).status_code == 202
        client.host.kill()  # type: ignore[attr-defined]
    with run() as client:
        assert {entry["body"] for entry in wait_for(client, "work", 20)} == {str(number) for number in range(20)}


def test_an_answer_is_a_500_when_its_message_could_not_be_stored(tmp_path: Path) -> None:
    settings = {"CONNECTOR_DATA_DIR": str(tmp_path), "WORK_QUEUE": "w", "ECHO_QUEUE": "e", "NIGHTLY": "0 0 3 * * *"}
    with LocalHost(QUEUES, settings | {"AzureWebJobsStorage": ""}) as host, httpx.Client(base_url=host.url) as client:
        with sqlite3.connect(tmp_path / "queues.sqlite3", timeout=30) as database:
            database.execute("DROP TABLE messages")
        database.close()
        answer = client.post("/accept", content=b"lost?")
        assert (answer.status_code, answer.content) == (500, b"")
        assert "could not be stored" in host.log
        assert client.post("/plain", content=b"x").status_code == 202
