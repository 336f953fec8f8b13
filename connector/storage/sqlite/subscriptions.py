"""Subscriptions and upstream registrations in SQLite: JSON documents with a few columns to find them by."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from typing_extensions import override

from connector.storage.documents import CorruptRecordError, Kept, read_document, write_document
from connector.storage.protocol import Registrations, Subscriptions
from connector.storage.records import Registration, StaleRecord, Subscription, callback_hash
from connector.storage.sealing import Sealer
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.quarantine import quarantine
from connector.storage.sqlite.rows import Row

Changed: TypeAlias = Callable[[str], None]
"""Gets the id of the registration of which a listener was changed."""
SELECT_SUBSCRIPTIONS: Final = "SELECT id, version, document FROM subscriptions"
SELECT_REGISTRATIONS: Final = "SELECT id, version, document FROM registrations"
REMOVALS: Final = {
    Subscription: "DELETE FROM subscriptions WHERE id = ? AND version = ?",
    Registration: "DELETE FROM registrations WHERE id = ? AND version = ?",
}


class SqliteSubscriptions(Subscriptions):
    """See `connector.storage.protocol.Subscriptions`."""

    def __init__(self, database: Database, sealer: Sealer, changed: Changed) -> None:
        self._database = database
        self._sealer = sealer
        self._changed = changed

    @override
    async def add(self, subscription: Subscription) -> tuple[Subscription, bool]:
        row = (
            subscription.id,
            subscription.site,
            subscription.registration_id,
            callback_hash(subscription.callback_url),
            subscription.created_at,
            write_document(subscription, self._sealer),
        )

        def work(connection: Connection) -> bool:
            added = connection.execute(
                "INSERT INTO subscriptions (id, site, registration_id, callback_hash, created_at, version, document)"
                " VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
                row,
            )
            return added.rowcount == 1

        while not await self._database.write(work):
            if there := await self._present(subscription):
                return there, False
        self._changed(subscription.registration_id)
        return replace(subscription, version="1"), True

    @override
    async def save(self, subscription: Subscription) -> Subscription:
        document = write_document(subscription, self._sealer)

        def work(connection: Connection) -> Row | None:
            row: Row | None = connection.execute(
                "UPDATE OR IGNORE subscriptions SET site = ?, registration_id = ?, ended_at = ?, document = ?,"
                " version = version + 1 WHERE id = ? AND version = ? RETURNING version",
                (
                    subscription.site,
                    subscription.registration_id,
                    subscription.ended_at,
                    document,
                    subscription.id,
                    subscription.version,
                ),
            ).fetchone()
            return row

        saved = _saved(subscription, await self._database.write(work))
        self._changed(subscription.registration_id)
        return saved

    @override
    async def get(self, subscription_id: str) -> Subscription | None:
        return _only(await self._find(f"{SELECT_SUBSCRIPTIONS} WHERE id = ?", subscription_id))

    @override
    async def by_callback(self, site: str, callback_url: str) -> Subscription | None:
        live = f"{SELECT_SUBSCRIPTIONS} WHERE callback_hash = ? AND site = ? AND ended_at IS NULL"
        return _only(await self._find(live, callback_hash(callback_url), site))

    @override
    async def list(self, *, site: str = "", registration_id: str = "", ended: bool = False) -> Sequence[Subscription]:
        wanted = {"site = ?": site, "registration_id = ?": registration_id}
        conditions = [condition for condition, value in wanted.items() if value]
        conditions.append("TRUE" if ended else "ended_at IS NULL")
        return await self._find(
            f"{SELECT_SUBSCRIPTIONS} WHERE {' AND '.join(conditions)} ORDER BY created_at, id",
            *filter(None, wanted.values()),
        )

    async def _present(self, subscription: Subscription) -> Subscription | None:
        same_flow = await self.by_callback(subscription.site, subscription.callback_url)
        return same_flow or await self.get(subscription.id)

    async def _find(self, select: str, *values: str) -> Sequence[Subscription]:
        return await _find(self._database, self._sealer, Subscription, select, *values)


class SqliteRegistrations(Registrations):
    """See `connector.storage.protocol.Registrations`."""

    def __init__(self, database: Database, sealer: Sealer, changed: Changed) -> None:
        self._database = database
        self._sealer = sealer
        self._changed = changed

    @override
    async def get(self, registration_id: str) -> Registration | None:
        select = f"{SELECT_REGISTRATIONS} WHERE id = ?"
        return _only(await _find(self._database, self._sealer, Registration, select, registration_id))

    @override
    async def list(self, *, site: str = "") -> Sequence[Registration]:
        select = f"{SELECT_REGISTRATIONS} WHERE ? IN ('', site) ORDER BY id"
        return await _find(self._database, self._sealer, Registration, select, site)

    @override
    async def save(self, registration: Registration) -> Registration:
        document = write_document(registration, self._sealer)

        def work(connection: Connection) -> Row | None:
            if registration.version:
                saved = connection.execute(
                    "UPDATE registrations SET site = ?, document = ?, version = version + 1"
                    " WHERE id = ? AND version = ? RETURNING version",
                    (registration.site, document, registration.id, registration.version),
                )
            else:
                saved = connection.execute(
                    "INSERT INTO registrations (id, site, version, document) VALUES (?, ?, 1, ?)"
                    " ON CONFLICT DO NOTHING RETURNING version",
                    (registration.id, registration.site, document),
                )
            row: Row | None = saved.fetchone()
            return row

        saved = _saved(registration, await self._database.write(work))
        self._changed(registration.id)
        return saved

    @override
    async def remove(self, registration: Registration) -> None:
        removed = await self._database.write(
            lambda connection: (
                connection.execute(
                    "DELETE FROM registrations WHERE id = ? AND version = ?", (registration.id, registration.version)
                ).rowcount
            )
        )
        self._changed(registration.id)
        if not removed:
            raise StaleRecord("registration")


async def _find(database: Database, sealer: Sealer, kind: type[Kept], select: str, *values: str) -> list[Kept]:
    """The records of rows (id, version, document); unreadable ones are quarantined."""
    rows = await database.read(lambda connection: connection.execute(select, values).fetchall())
    return await records_of(database, sealer, kind, rows)


async def records_of(database: Database, sealer: Sealer, kind: type[Kept], rows: Sequence[Row]) -> list[Kept]:
    """The records of rows (id, version, document) that were read; unreadable ones are quarantined."""
    kept, corrupt = [], []
    for key, version, document in rows:
        try:
            kept.append(read_document(kind, document, str(version), sealer))
        except CorruptRecordError as problem:
            corrupt.append((key, version, document, str(problem)))
    if corrupt:
        await database.write(lambda connection: _quarantine(connection, kind, corrupt))
    return kept


def _quarantine(
    connection: Connection, kind: type[Subscription | Registration], corrupt: Sequence[tuple[str, int, str, str]]
) -> None:
    for key, version, document, reason in corrupt:
        if connection.execute(REMOVALS[kind], (key, version)).rowcount:
            quarantine(connection, kind.__name__.lower(), key, document, reason, time.time())


def _only(found: Sequence[Kept]) -> Kept | None:
    return found[0] if found else None


def _saved(record: Kept, version: Row | None) -> Kept:
    if version is None:
        raise StaleRecord(type(record).__name__.lower())
    return replace(record, version=str(version[0]))
