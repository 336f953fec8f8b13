"""The embedded store: everything in one SQLite file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from typing_extensions import override

from connector.storage.protocol import Store
from connector.storage.records import DEFAULT_RETENTION, Retention, SetAside, SiteCounters
from connector.storage.sealing import Sealer
from connector.storage.sqlite.connection import COUNTED
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.expiry import expire
from connector.storage.sqlite.idempotency import SqliteIdempotency
from connector.storage.sqlite.outbox import SqliteOutbox
from connector.storage.sqlite.payloads import SqlitePayloads
from connector.storage.sqlite.quarantine import put_aside, read_troubles
from connector.storage.sqlite.subscriptions import SqliteRegistrations, SqliteSubscriptions

SELECT_COUNTERS = f"SELECT site, {', '.join(COUNTED)}, lag_seconds FROM counters"  # noqa: S608 - our own names


class SqliteStore(Store):
    """See `connector.storage.protocol.Store`. The file is made at first use; opening costs nothing."""

    has_wake_ups = False

    def __init__(self, path: Path, sealer: Sealer, budget_seconds: float) -> None:
        self._database = Database(path)
        self._sealer = sealer
        self.subscriptions = SqliteSubscriptions(self._database, sealer)
        self.registrations = SqliteRegistrations(self._database, sealer)
        self.outbox = SqliteOutbox(self._database)
        self.idempotency = SqliteIdempotency(self._database, budget_seconds)
        self.payloads = SqlitePayloads(self._database)

    @override
    async def counters(self, *, site: str = "") -> Sequence[SiteCounters]:
        select = f"{SELECT_COUNTERS} WHERE ? IN ('', site) ORDER BY site"
        rows = await self._database.read(lambda connection: connection.execute(select, (site,)).fetchall())
        return [SiteCounters(*row) for row in rows]

    @override
    async def set_aside(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        await self._database.write(lambda connection: put_aside(connection, kind, key, raw, reason, now))

    @override
    async def list_set_aside(self, *, take: int = 100) -> Sequence[SetAside]:
        return await self._database.read(lambda connection: read_troubles(connection, take))

    @override
    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        return await expire(self._database, self._sealer, now, retention)

    @override
    async def close(self) -> None:
        await self._database.close()
