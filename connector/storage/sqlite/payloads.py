"""Large payloads in SQLite."""

import secrets
import time

from typing_extensions import override

from connector.storage.protocol import Payloads
from connector.storage.sqlite.database import Database


class SqlitePayloads(Payloads):
    """See `connector.storage.protocol.Payloads`."""

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
