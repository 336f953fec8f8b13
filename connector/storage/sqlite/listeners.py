"""Who waits for an event: a registration and its live subscriptions, read anew only where they have changed.

Which subscriptions there are, and in which version, is read for every event; that costs a fraction of reading and
opening them. So what is remembered is exactly what is in the file, whoever has changed it.
"""

from collections.abc import Sequence
from typing import Final

from connector.runtime import ExpiringCache
from connector.storage.records import Registration, Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.rows import Row
from connector.storage.sqlite.subscriptions import SELECT_REGISTRATIONS, SELECT_SUBSCRIPTIONS, records_of

KEPT: Final = 1_000
_LIVE: Final = "WHERE registration_id = ? AND ended_at IS NULL"
_VERSIONS: Final = f"SELECT group_concat(id || ' ' || version) FROM subscriptions {_LIVE}"  # noqa: S608  # nosec B608
_READ: Final = f"{SELECT_SUBSCRIPTIONS} {_LIVE} ORDER BY created_at, id"


class Listeners:
    """Reads, and remembers, who listens."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._known: ExpiringCache[str, tuple[str, Sequence[Subscription]]] = ExpiringCache(KEPT)

    async def of(self, registration_id: str) -> tuple[Registration | None, Sequence[Subscription]]:
        """The registration, None when there is none, and its live subscriptions."""
        versions, listeners = self._known.get(registration_id, ("", ()))

        def work(connection: Connection) -> tuple[list[Row], str, list[Row] | None]:
            found = connection.execute(f"{SELECT_REGISTRATIONS} WHERE id = ?", (registration_id,)).fetchall()
            (now,) = connection.execute(_VERSIONS, (registration_id,)).fetchone()
            is_known = versions == (now or "")
            return found, now or "", None if is_known else connection.execute(_READ, (registration_id,)).fetchall()

        found, versions, rows = await self._database.read(work)
        registrations = await records_of(self._database, self._sealer, Registration, found)
        if rows is not None:
            listeners = await records_of(self._database, self._sealer, Subscription, rows)
            self._known.put(registration_id, (versions, listeners))
        return (registrations[0], listeners) if registrations else (None, ())
