"""Marks and the health of flows in SQLite."""

from collections.abc import Sequence
from dataclasses import astuple

from typing_extensions import override

from connector.storage.protocol import Health, Marks
from connector.storage.records import FlowHealth, digest
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database


class SqliteMarks(Marks):
    """See `connector.storage.protocol.Marks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def add(self, key: str, now: float, seconds: float) -> bool:
        statement = (
            "INSERT INTO marks (key, expires_at) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= ?"
        )
        row = (digest(key), now + seconds, now)
        return await self._database.write(lambda connection: connection.execute(statement, row).rowcount) == 1

    @override
    async def has(self, key: str, now: float) -> bool:
        select = "SELECT 1 FROM marks WHERE key = ? AND expires_at > ?"
        row = (digest(key), now)
        return await self._database.read(lambda connection: connection.execute(select, row).fetchone()) is not None


class SqliteHealth(Health):
    """See `connector.storage.protocol.Health`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def save(self, health: Sequence[FlowHealth]) -> None:
        rows = [astuple(each) for each in health]

        def work(connection: Connection) -> int:
            return connection.executemany("REPLACE INTO flow_health VALUES (?, ?, ?, ?, ?, ?, ?)", rows).rowcount

        if rows:
            await self._database.write(work)

    @override
    async def list(self) -> Sequence[FlowHealth]:
        select = (
            "SELECT subscription_id, last_success_at, last_failure_at, failing_since, reason, rate, missing_since"
            " FROM flow_health"
            " ORDER BY subscription_id"
        )
        rows = await self._database.read(lambda connection: connection.execute(select).fetchall())
        return [FlowHealth(*row) for row in rows]
