"""The embedded store: everything in one SQLite file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from typing_extensions import override

from connector.storage.protocol import Store
from connector.storage.records import DEFAULT_RETENTION, Registration, Retention, SiteCounters, Subscription
from connector.storage.sealed_answers import SealedAnswers
from connector.storage.sealing import Sealer
from connector.storage.sqlite.counters import read_counters
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.expiry import expire
from connector.storage.sqlite.idempotency import SqliteIdempotency
from connector.storage.sqlite.journal import SqliteJournal
from connector.storage.sqlite.listeners import Listeners
from connector.storage.sqlite.marks import SqliteHealth, SqliteMarks
from connector.storage.sqlite.outbox import SqliteOutbox
from connector.storage.sqlite.payloads import SqlitePayloads
from connector.storage.sqlite.quarantine import SqliteQuarantine
from connector.storage.sqlite.subscriptions import SqliteRegistrations, SqliteSubscriptions


class SqliteStore(Store):
    """See `connector.storage.protocol.Store`. The file is made at first use; opening costs nothing."""

    has_wake_ups = False

    def __init__(self, path: Path, sealer: Sealer, budget_seconds: float) -> None:
        self._database = Database(path)
        self._sealer = sealer
        self._listeners = Listeners(self._database, sealer)
        self.subscriptions = SqliteSubscriptions(self._database, sealer, self._listeners.forget)
        self.registrations = SqliteRegistrations(self._database, sealer, self._listeners.forget)
        self.outbox = SqliteOutbox(self._database)
        self.idempotency = SealedAnswers(SqliteIdempotency(self._database, budget_seconds), sealer)
        self.payloads = SqlitePayloads(self._database)
        self.quarantine = SqliteQuarantine(self._database)
        self.marks = SqliteMarks(self._database)
        self.health = SqliteHealth(self._database)
        self.journal = SqliteJournal(self._database)

    @override
    async def counters(self, *, site: str = "") -> Sequence[SiteCounters]:
        return await self._database.read(lambda connection: read_counters(connection, site))

    @override
    async def listeners(
        self, registration_id: str, received_at: float
    ) -> tuple[Registration | None, Sequence[Subscription]]:
        return await self._listeners.of(registration_id, received_at)

    @override
    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        return await expire(self._database, self._sealer, now, retention)

    @override
    async def close(self) -> None:
        await self._database.close()
