"""One suite for every store of queues."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.npm_tools import AZURITE
from workbench.localhost.azure_queues import AzureQueues, StorageConnection
from workbench.localhost.config import HostError
from workbench.localhost.queues import LARGEST_MESSAGE, QueueBackend, QueueMessage
from workbench.localhost.sqlite_queues import SqliteQueues


@pytest.fixture(params=["sqlite", AZURITE])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[QueueBackend]:
    opened: QueueBackend
    if request.param == "sqlite":
        opened = SqliteQueues(tmp_path / "queues.sqlite3")
    else:
        opened = AzureQueues(StorageConnection(request.getfixturevalue("azurite")))
    yield opened
    await opened.close()


@pytest.fixture
def queue() -> str:
    return f"q-{uuid4()}"


async def test_messages_come_out_in_order_with_their_bodies(backend: QueueBackend, queue: str) -> None:
    bodies = [b"one", "zwei \N{SNOWMAN}".encode(), b"\x00\xff", b"", b"{}"]
    for body in bodies:
        await backend.put(queue, [body])
    claimed = await backend.claim(queue, 10, 30)
    assert [message.body for message in claimed] == bodies
    assert {message.dequeue_count for message in claimed} == {1}
    assert {message.queue for message in claimed} == {queue}
    assert len({message.id for message in claimed}) == len(bodies)
    assert all(message.inserted_at.tzinfo is not None for message in claimed)


async def test_a_claimed_message_is_out_of_sight(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"1", b"2", b"3"])
    first = await backend.claim(queue, 2, 30)
    second = await backend.claim(queue, 2, 30)
    assert ([message.body for message in first], [message.body for message in second]) == ([b"1", b"2"], [b"3"])
    assert await backend.claim(queue, 2, 30) == []


async def test_queues_are_apart(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"mine"])
    assert await backend.claim(f"{queue}-2", 5, 30) == []
    assert len(await backend.claim(queue, 5, 30)) == 1


async def test_a_deleted_message_is_gone_and_one_given_back_comes_again(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"deleted", b"given back"])
    deleted, given_back = await backend.claim(queue, 2, 30)
    await backend.delete(deleted)
    await backend.hide(given_back, 0)
    (again,) = await backend.claim(queue, 5, 30)
    assert (again.body, again.id, again.dequeue_count) == (b"given back", given_back.id, 2)


async def test_a_claim_that_ran_out_proves_nothing(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"x"])
    (stale,) = await backend.claim(queue, 1, 1)
    (current,) = await until_claimed(backend, queue)
    await backend.delete(stale)
    await backend.hide(stale, 0)
    assert await backend.claim(queue, 1, 30) == []
    await backend.hide(current, 0)
    (third,) = await backend.claim(queue, 1, 30)
    assert third.dequeue_count == 3
    await backend.delete(third)
    await backend.delete(third)


async def test_a_renewed_claim_can_still_be_settled(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"x"])
    (message,) = await backend.claim(queue, 1, 30)
    await asyncio.gather(backend.hide(message, 30), backend.hide(message, 30))
    await backend.delete(message)
    await backend.put(queue, [b"y"])
    assert [message.body for message in await backend.claim(queue, 5, 30)] == [b"y"]


async def test_a_delayed_message_waits(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"later"], delay=1)
    await backend.put(queue, [b"now"])
    assert [message.body for message in await backend.claim(queue, 5, 30)] == [b"now"]
    assert [message.body for message in await until_claimed(backend, queue)] == [b"later"]


async def test_a_message_may_be_as_large_as_azure_takes_and_no_larger(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"x" * LARGEST_MESSAGE])
    with pytest.raises((ValueError, HttpResponseError)):
        await backend.put(queue, [b"x" * (LARGEST_MESSAGE + 1)])
    assert [len(message.body) for message in await backend.claim(queue, 5, 30)] == [LARGEST_MESSAGE]


async def test_nobody_gets_what_another_has(backend: QueueBackend, queue: str) -> None:
    await backend.put(queue, [b"%d" % number for number in range(40)])
    shares = await asyncio.gather(*(backend.claim(queue, 7, 60) for _ in range(8)))
    got = [message.body for share in shares for message in share]
    assert sorted(got, key=int) == [b"%d" % number for number in range(40)]


async def until_claimed(backend: QueueBackend, queue: str) -> Sequence[QueueMessage]:
    while not (claimed := await backend.claim(queue, 5, 30)):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return list(claimed)


async def test_sqlite_keeps_what_was_put_when_the_process_dies(tmp_path: Path) -> None:
    """A second connection sees only what is committed, as a new process would after a crash."""
    path = tmp_path / "queues.sqlite3"
    queues = SqliteQueues(path)
    await asyncio.gather(*(queues.put("q", [b"%d" % number]) for number in range(200)))
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM messages").fetchone() == (200,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    await queues.close()
    reopened = SqliteQueues(path)
    assert len(await reopened.claim("q", 500, 30)) == 200
    await reopened.close()
    with pytest.raises(RuntimeError, match="closed"):
        await reopened.put("q", [b"late"])


async def test_sqlite_is_read_by_its_owner_only(tmp_path: Path) -> None:
    queues = SqliteQueues(tmp_path / "data" / "queues.sqlite3")
    await queues.put("q", [b"secret"])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    await queues.close()
    assert set(modes.values()) == {0o600}


async def test_sqlite_tells_everyone_who_waits_when_it_cannot_store(tmp_path: Path) -> None:
    path = tmp_path / "queues.sqlite3"
    queues = SqliteQueues(path)
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE messages")
    other.close()
    puts = [queues.put("q", [b"x"]) for _ in range(20)]
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert all(isinstance(outcome, sqlite3.OperationalError) for outcome in outcomes)
    await queues.close()


async def test_sqlite_forgets_a_caller_that_was_cancelled(tmp_path: Path) -> None:
    queues = SqliteQueues(tmp_path / "queues.sqlite3")
    waiting = asyncio.create_task(queues.put("q", [b"x"]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await queues.put("q", [b"y"])
    assert b"y" in [message.body for message in await queues.claim("q", 5, 30)]
    await queues.close()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.binary(max_size=20)),
            st.tuples(st.just("claim"), st.integers(1, 4)),
            st.tuples(st.sampled_from(["delete", "give back"]), st.integers(0, 3)),
        ),
        max_size=30,
    )
)
async def test_sqlite_loses_and_invents_nothing(tmp_path: Path, steps: list[tuple[str, object]]) -> None:
    """Whatever the order of calls, what is not deleted is still there, once."""
    queues = SqliteQueues(tmp_path / f"{uuid4()}.sqlite3")
    expected: list[bytes] = []
    held: list[QueueMessage] = []
    for step, argument in steps:
        if step == "put":
            body = uuid4().bytes + bytes(argument)  # type: ignore[call-overload]
            expected.append(body)
            await queues.put("q", [body])
        elif step == "claim":
            held += await queues.claim("q", int(argument), 60)  # type: ignore[call-overload]
        elif held:
            message = held.pop(int(argument) % len(held))  # type: ignore[call-overload]
            if step == "delete":
                expected.remove(message.body)
                await queues.delete(message)
            else:
                await queues.hide(message, 0)
    for message in held:
        await queues.hide(message, 0)
    left = await queues.claim("q", 100, 60)
    await queues.close()
    assert sorted(message.body for message in left) == sorted(expected)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"Data": "  "}, None),
        ({"Data": "AccountName=a;AccountKey=b"}, StorageConnection("AccountName=a;AccountKey=b")),
        ({"AzureWebJobsData": "AccountName=a"}, StorageConnection("AccountName=a")),
        ({"Data__queueServiceUri": "https://a.example"}, StorageConnection(service_uri="https://a.example")),
        (
            {"Data__accountName": "acct", "Data__clientId": "id"},
            StorageConnection(service_uri="https://acct.queue.core.windows.net", client_id="id"),
        ),
    ],
)
def test_a_connection_is_found_as_the_host_finds_it(
    environment: dict[str, str], expected: StorageConnection | None
) -> None:
    assert StorageConnection.find("Data", environment) == expected


def test_development_storage_is_azurite_on_its_usual_port() -> None:
    found = StorageConnection.find("Data", {"Data": "UseDevelopmentStorage=true"})
    assert found is not None
    assert "http://127.0.0.1:10001/devstoreaccount1" in found.connection_string
    assert "AccountKey" not in repr(found)


async def test_an_unreadable_connection_string_is_refused_without_showing_it() -> None:
    with pytest.raises(HostError, match="cannot be read") as refused:
        AzureQueues(StorageConnection("AccountKey=very-secret"))
    assert "very-secret" not in str(refused.value)


def test_the_sdk_is_imported_on_first_use() -> None:
    code = """
import asyncio, sys
from workbench.localhost.azure_queues import AzureQueues, StorageConnection
assert not [name for name in sys.modules if name.startswith(("azure.storage", "azure.identity"))]
async def use():
    await AzureQueues(StorageConnection(service_uri="https://account.queue.core.windows.net", client_id="id")).close()
asyncio.run(use())
assert "azure.storage.queue" in sys.modules and "azure.identity" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
