"""Queues with leases, and large payloads, in SQLite."""

import secrets
import time
from collections.abc import Sequence

from typing_extensions import override

from connector.storage.base import Payloads, Queues
from connector.storage.records import Message
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database


class SqliteQueues(Queues):
    """See `connector.storage.base.Queues`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def send(self, queue: str, body: str, *, delay_seconds: float = 0.0) -> None:
        now = time.time()
        await self._change(
            "INSERT INTO messages (queue, body, visible_at, inserted_at, dequeue_count, receipt)"
            " VALUES (?, ?, ?, ?, 0, '')",
            queue,
            body,
            now + delay_seconds,
            now,
        )

    @override
    async def receive(self, queue: str, limit: int, lease_seconds: float) -> Sequence[Message]:
        now = time.time()
        return await self._database.write(lambda connection: _receive(connection, queue, limit, now, lease_seconds))

    @override
    async def delete(self, message: Message) -> None:
        await self._change("DELETE FROM messages WHERE id = ? AND receipt = ?", message.id, message.receipt)

    @override
    async def release(self, message: Message, *, delay_seconds: float = 0.0) -> None:
        await self._change(
            "UPDATE messages SET visible_at = ?, receipt = '' WHERE id = ? AND receipt = ?",
            time.time() + delay_seconds,
            message.id,
            message.receipt,
        )

    async def _change(self, statement: str, *values: str | float) -> None:
        await self._database.write(lambda connection: connection.execute(statement, values).rowcount)


class SqlitePayloads(Payloads):
    """See `connector.storage.base.Payloads`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def put(self, data: bytes) -> str:
        row = (secrets.token_hex(16), data, time.time())
        insert = "INSERT INTO payloads (name, data, created_at) VALUES (?, ?, ?)"
        await self._database.write(lambda connection: connection.execute(insert, row).rowcount)
        return row[0]

    @override
    async def get(self, name: str) -> bytes | None:
        select = "SELECT data FROM payloads WHERE name = ?"
        row = await self._database.read(lambda connection: connection.execute(select, (name,)).fetchone())
        return None if row is None else bytes(row[0])

    @override
    async def delete(self, name: str) -> None:
        removal = "DELETE FROM payloads WHERE name = ?"
        await self._database.write(lambda connection: connection.execute(removal, (name,)).rowcount)


def _receive(connection: Connection, queue: str, limit: int, now: float, lease_seconds: float) -> list[Message]:
    receipt = secrets.token_hex(8)
    visible = connection.execute(
        "SELECT id, body, dequeue_count + 1, inserted_at FROM messages WHERE queue = ? AND visible_at <= ?"
        " ORDER BY visible_at, id LIMIT ?",
        (queue, now, min(limit, 32)),
    )
    messages = [
        Message(queue, str(key), body, times, inserted_at, receipt) for key, body, times, inserted_at in visible
    ]
    connection.executemany(
        "UPDATE messages SET receipt = ?, visible_at = ?, dequeue_count = dequeue_count + 1 WHERE id = ?",
        [(receipt, now + lease_seconds, message.id) for message in messages],
    )
    return messages
