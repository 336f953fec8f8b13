"""Our own REST calls, beside Microsoft's SDK: each reads what the other wrote. And what happens when nobody answers."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import AccountSasPermissions, ResourceTypes, generate_account_sas
from azure.data.tables.aio import TableClient
from azure.storage.blob.aio import ContainerClient
from azure.storage.queue.aio import QueueClient

from connector.deskdirector.errors import Unavailable
from connector.storage.azure import rest as rest_module
from connector.storage.azure.connection import EMULATOR, EMULATOR_KEY, StorageAccount
from connector.storage.azure.database import Container, Queue, Table, etag, table_names
from connector.storage.azure.rest import Rest
from connector.storage.azure.wire import Change
from tests.narrowing import existing
from tests.storage.conftest import AWKWARD

needs_azurite = pytest.mark.npm("azurite")
VALUES: dict[str, Any] = {
    "Text": AWKWARD[:3000], "Empty": "", "Quoted": "it's 'so' & <b>\"", "Whole": 7, "Large": 2**40, "Negative": -5,
    "Real": 1764460000.123, "Round": 5.0, "Yes": True, "No": False, "Bytes": bytes(range(256)), "Nothing": b"",
}  # fmt: skip


@pytest.fixture
def name() -> str:
    return f"t{secrets.token_hex(6)}"


@pytest.fixture
async def rest(azurite: str) -> AsyncIterator[Rest]:
    opened = Rest(StorageAccount(azurite))
    yield opened
    await opened.close()


@needs_azurite
class TestBesideTheSdk:
    async def test_entities_are_the_same_to_both(self, azurite: str, rest: Rest, name: str) -> None:
        ours = {"PartitionKey": "p'1", "RowKey": "r~1", **VALUES}
        table = Table(rest, name)
        assert await table.insert(ours)
        async with TableClient.from_connection_string(azurite, name) as client:
            read = await client.get_entity("p'1", "r~1")
            assert {key: getattr(value, "value", value) for key, value in read.items()} == ours
            await client.create_entity({**read, "RowKey": "r2"})
            theirs = existing(await table.get("p'1", "r2"))
            assert theirs == ours | {"RowKey": "r2"}
            assert etag(theirs) == (await client.get_entity("p'1", "r2")).metadata["etag"]

    async def test_transactions_are_the_same_to_both(self, azurite: str, rest: Rest, name: str) -> None:
        table = Table(rest, name)
        rows = [{"PartitionKey": "p", "RowKey": f"r{n}", **VALUES} for n in range(4)]
        first = existing(await table.transact([Change("insert", each) for each in rows]))
        second = existing(await table.transact([
            Change("merge", {"PartitionKey": "p", "RowKey": "r0", "Whole": 8}, first[0]),
            Change("replace", {"PartitionKey": "p", "RowKey": "r1", "Whole": 9}, first[1]),
            Change("delete", {"PartitionKey": "p", "RowKey": "r2"}, first[2]),
            Change("put", {"PartitionKey": "p", "RowKey": "r9", "Whole": 1}),
        ]))  # fmt: skip
        async with TableClient.from_connection_string(azurite, name) as client:
            there = {each["RowKey"]: each async for each in client.list_entities()}
        assert sorted(there) == ["r0", "r1", "r3", "r9"]
        assert there["r0"].metadata["etag"] == second[0]
        assert (there["r0"]["Whole"], there["r0"]["Yes"]) == (8, True)
        assert ("Yes" in there["r1"], there["r1"]["Whole"]) == (False, 9)
        stale = Change("merge", {"PartitionKey": "p", "RowKey": "r1", "Whole": 5}, first[1])
        fine = Change("merge", {"PartitionKey": "p", "RowKey": "r0", "Whole": 5}, second[0])
        assert await table.transact([fine, stale]) is None
        assert existing(await table.get("p", "r0"))["Whole"] == 8

    async def test_queries_page_through_everything(self, rest: Rest, name: str) -> None:
        table = Table(rest, name)
        for start in range(0, 1_100, 100):
            rows = [{"PartitionKey": "p", "RowKey": f"{n:05}", "N": n} for n in range(start, start + 100)]
            assert await table.transact([Change("insert", each) for each in rows])
        assert [each["N"] for each in await table.query("PartitionKey eq @p", {"p": "p"})] == list(range(1_100))
        some = await table.query("N ge @n and RowKey lt @r", {"n": 3, "r": "01050"}, select=["N"], limit=1_020)
        assert [dict(each) for each in some] == [{"N": n} for n in range(3, 1_023)]

    async def test_lost_races_are_answers(self, rest: Rest, name: str) -> None:
        table, row = Table(rest, name), {"PartitionKey": "p", "RowKey": "r"}
        assert await table.get("p", "r") is None
        assert await table.query("PartitionKey eq 'p'", {}) == []
        assert await table.change(row) is None
        assert not await table.delete("p", "r")
        assert not await table.exists()
        version = existing(await table.insert(row))
        assert await table.insert(row) is None
        newer = existing(await table.change(row | {"A": 1}, version))
        assert await table.change(row | {"A": 2}, version) is None
        assert not await table.delete("p", "r", version)
        assert await table.delete("p", "r", newer)
        assert await table_names(rest, name) == [name]
        assert await table.drop()
        assert not await table.drop()

    async def test_messages_and_blobs_are_the_same_to_both(self, azurite: str, rest: Rest, name: str) -> None:
        queue = Queue(rest, name)
        await queue.send('{"a": "é<&>"}')
        async with QueueClient.from_connection_string(azurite, name) as client:
            (peeked,) = await client.peek_messages()
            assert base64.b64decode(peeked.content).decode() == '{"a": "é<&>"}'
            await client.send_message("no base64 &amp; all")
        got = {each.content: each for each in await queue.receive(32, 30)}
        assert set(got) == {'{"a": "é<&>"}', "no base64 &amp; all"}
        for each in got.values():
            assert await queue.delete(each.id, each.pop_receipt)
            assert not await queue.hide(each.id, each.pop_receipt, 0)
        container = Container(rest, name)
        assert await container.get("a/b") is None
        await container.put("a/b", b"x" * 100_000)
        async with ContainerClient.from_connection_string(azurite, name) as blobs:
            assert await (await blobs.download_blob("a/b")).readall() == b"x" * 100_000
        later = datetime.now(UTC).timestamp() + 60
        assert await container.older_than(later, "a/") == ["a/b"]
        assert await container.older_than(later - 3_600, "a/") == []

    async def test_a_shared_access_signature_will_do(self, azurite: str, name: str) -> None:
        credential = AzureNamedKeyCredential(EMULATOR, EMULATOR_KEY)
        signature = generate_account_sas(
            credential, ResourceTypes.from_string("sco"), AccountSasPermissions.from_string("rwdlacu"),
            datetime.now(UTC) + timedelta(hours=1),
        )  # fmt: skip
        parts = [part for part in azurite.split(";") if not part.startswith("AccountKey")]
        opened = Rest(StorageAccount(";".join([*parts, f"SharedAccessSignature={signature}"])))
        table = Table(opened, name)
        assert await table.insert({"PartitionKey": "p", "RowKey": "r"})
        assert await table.get("p", "r")
        await opened.close()


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Rest, list[str]]]:
    """An account whose service answers so, one after the other ("": it hangs up); and the requests that came."""
    seen: list[str] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.decode())
        writer.write(left.pop(0))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    opened = Rest(StorageAccount(addresses=dict.fromkeys(("table", "queue", "blob"), address)))
    opened._credential = Identity()  # type: ignore[assignment]
    try:
        yield opened, seen
    finally:
        await opened.close()
        server.close()


class Identity:
    """Gives a token that is good for an hour."""

    async def get_token(self, scope: str) -> SimpleNamespace:
        assert scope == "https://storage.azure.com/.default"
        return SimpleNamespace(token="t0ken", expires_on=datetime.now(UTC).timestamp() + 3_600)

    async def close(self) -> None:
        return


def said(status: int, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "PAUSES", (0.0, 0.0, None))


@pytest.mark.usefixtures("impatient")
class TestTrouble:
    async def test_what_may_pass_is_tried_three_times(self) -> None:
        body = b'{"PartitionKey":"p","RowKey":"r","odata.etag":"e"}'
        async with answering(said(503), b"", said(200, body)) as (rest, seen):
            assert await Table(rest, "t").get("p", "r") == {"PartitionKey": "p", "RowKey": "r"}
        assert len(seen) == 3
        assert all("Bearer t0ken" in each for each in seen)

    @pytest.mark.parametrize("answers", [[said(503)] * 3, [b""] * 3, [said(429), b"", said(500)]])
    async def test_after_that_it_is_a_503(self, answers: list[bytes]) -> None:
        async with answering(*answers) as (rest, seen):
            with pytest.raises(Unavailable):
                await Table(rest, "t").get("p", "r")
        assert len(seen) == 3

    async def test_a_refusal_is_not_tried_again(self) -> None:
        async with answering(said(403)) as (rest, seen):
            with pytest.raises(Unavailable, match="403"):
                await Queue(rest, "q").send("x")
        assert len(seen) == 1
