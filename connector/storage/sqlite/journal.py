"""The journal in SQLite."""

from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from connector.storage.history import JournalEntry
from connector.storage.protocol import Journal
from connector.storage.records import StaleRecord
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database

PUT = (
    "INSERT INTO journal (kind, key, document, version, expires_at) VALUES (?, ?, ?, 1, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document, version = version + 1,"
    " expires_at = excluded.expires_at"
)
CREATE = "INSERT INTO journal (kind, key, document, version, expires_at) VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING"
CHANGE = (
    "UPDATE journal SET document = ?, expires_at = ?, version = version + 1 WHERE kind = ? AND key = ? AND version = ?"
)
SELECT = "SELECT kind, key, document, expires_at, CAST(version AS TEXT) FROM journal WHERE kind = ?"


class SqliteJournal(Journal):
    """See `connector.storage.protocol.Journal`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def put(self, entry: JournalEntry) -> None:
        row = (entry.kind, entry.key, entry.document, entry.expires_at)
        await self._database.write(lambda connection: connection.execute(PUT, row).rowcount)

    @override
    async def save(self, entry: JournalEntry) -> JournalEntry:
        def work(connection: Connection) -> int:
            if not entry.version:
                return connection.execute(CREATE, (entry.kind, entry.key, entry.document, entry.expires_at)).rowcount
            values = (entry.document, entry.expires_at, entry.kind, entry.key, int(entry.version))
            return connection.execute(CHANGE, values).rowcount

        if not await self._database.write(work):
            raise StaleRecord("record")
        return replace(entry, version=str(int(entry.version or "0") + 1))

    @override
    async def get(self, kind: str, key: str) -> JournalEntry | None:
        row = await self._database.read(
            lambda connection: connection.execute(f"{SELECT} AND key = ?", (kind, key)).fetchone()
        )
        return None if row is None else JournalEntry(*row)

    @override
    async def list(self, kind: str, *, first: str = "", last: str = "", take: int = 1000) -> Sequence[JournalEntry]:
        statement = f"{SELECT} AND key >= ? AND (? = '' OR key < ?) ORDER BY key LIMIT ?"
        values = (kind, first, last, last, take)
        rows = await self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return [JournalEntry(*row) for row in rows]
