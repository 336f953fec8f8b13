"""Records and messages that could not be read: moved to a table for the operator, and named in the log."""

import logging
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from connector.storage.protocol import Quarantine
from connector.storage.records import Quarantined
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database

log = logging.getLogger(__name__)

SELECT: Final = "SELECT id, kind, key, raw, reason, at FROM quarantine"


class SqliteQuarantine(Quarantine):
    """See `connector.storage.protocol.Quarantine`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def put(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        await self._database.write(lambda connection: quarantine(connection, kind, key, raw, reason, now))

    @override
    async def list(self, *, take: int = 100) -> Sequence[Quarantined]:
        rows = await self._database.read(
            lambda connection: connection.execute(f"{SELECT} ORDER BY id DESC LIMIT ?", (take,)).fetchall()
        )
        return [_record(row) for row in rows]

    @override
    async def get(self, quarantine_id: str) -> Quarantined | None:
        row = await self._database.read(
            lambda connection: connection.execute(f"{SELECT} WHERE id = ?", (_number(quarantine_id),)).fetchone()
        )
        return None if row is None else _record(row)

    @override
    async def remove(self, quarantine_id: str) -> bool:
        removal = "DELETE FROM quarantine WHERE id = ?"
        return bool(
            await self._database.write(
                lambda connection: connection.execute(removal, (_number(quarantine_id),)).rowcount
            )
        )


def quarantine(connection: Connection, kind: str, key: str, raw: str, reason: str, now: float) -> None:
    """Keep it, unless the same record is kept already."""
    raw = raw.encode(errors="replace").decode()  # half a surrogate pair cannot be stored
    known = connection.execute("SELECT 1 FROM quarantine WHERE kind = ? AND key = ? AND raw = ?", (kind, key, raw))
    if known.fetchone() is None:
        log.error("Quarantined an unreadable %s: %s (%s).", kind, key, reason)
        connection.execute(
            "INSERT INTO quarantine (kind, key, raw, reason, at) VALUES (?, ?, ?, ?, ?)", (kind, key, raw, reason, now)
        )


def _record(row: tuple[int, str, str, str, str, float]) -> Quarantined:
    return Quarantined(str(row[0]), *row[1:])


def _number(quarantine_id: str) -> int:
    return int(quarantine_id) if quarantine_id.isascii() and quarantine_id.isdigit() and len(quarantine_id) < 19 else -1
