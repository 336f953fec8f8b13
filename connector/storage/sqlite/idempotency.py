"""Idempotency keys and their answers in SQLite."""

from typing_extensions import override

from connector.storage.idempotency_state import Begun, BegunState, KeyRecord, Progress, StoredAnswer
from connector.storage.protocol import Idempotency
from connector.storage.records import digest
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database


class SqliteIdempotency(Idempotency):
    """See `connector.storage.protocol.Idempotency`."""

    def __init__(self, database: Database, budget_seconds: float) -> None:
        self._database = database
        self._budget_seconds = budget_seconds

    @override
    async def begin(self, key: str, fingerprint: str, now: float, *, ttl_seconds: float = 86_400.0) -> Begun:
        mine = KeyRecord(fingerprint, Progress.STARTED, now, now + ttl_seconds)
        return await self._database.write(
            lambda connection: _begin(connection, digest(key), mine, self._budget_seconds)
        )

    @override
    async def finish(self, key: str, answer: StoredAnswer) -> None:
        await self._change(
            "UPDATE idempotency SET state = 'finished', status = ?, body = ? WHERE key = ?",
            answer.status,
            answer.body,
            digest(key),
        )

    @override
    async def mark_repeated(self, key: str) -> bool:
        return await self._change(
            "UPDATE idempotency SET state = 'repeated' WHERE key = ? AND state IN ('started', 'unknown')", digest(key)
        )

    @override
    async def forget(self, key: str) -> None:
        await self._change("DELETE FROM idempotency WHERE key = ? AND state <> 'finished'", digest(key))

    @override
    async def mark_unknown(self, key: str) -> None:
        await self._change("UPDATE idempotency SET state = 'unknown' WHERE key = ? AND state = 'started'", digest(key))

    async def _change(self, statement: str, *values: str | int | bytes) -> bool:
        return await self._database.write(lambda connection: connection.execute(statement, values).rowcount) > 0


def _begin(connection: Connection, key: str, mine: KeyRecord, budget_seconds: float) -> Begun:
    row = connection.execute(
        "SELECT fingerprint, state, begun_at, expires_at, status, body FROM idempotency WHERE key = ?", (key,)
    ).fetchone()
    state, begun_at, is_repeated = BegunState.STARTED, mine.begun_at, False
    if row is not None:
        there = KeyRecord(row[0], Progress(row[1]), row[2], row[3])
        state = there.meaning(mine.fingerprint, mine.begun_at, budget_seconds)
        begun_at, is_repeated = there.begun_at, there.progress is Progress.REPEATED
    if state is BegunState.STARTED:
        connection.execute(
            "REPLACE INTO idempotency (key, fingerprint, state, begun_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            (key, mine.fingerprint, mine.progress, mine.begun_at, mine.expires_at),
        )
    if state is BegunState.STARTED:
        return Begun(state, begun_at=mine.begun_at)
    return Begun(state, StoredAnswer(row[4], row[5]) if state is BegunState.REPLAY else None, begun_at, is_repeated)
