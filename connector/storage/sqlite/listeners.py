"""Who waits for an event: a registration and its live subscriptions, read again only where they have changed.

Which subscriptions there are, and in which version, is read for every event, unless it was read after the event was
received, which a burst makes use of. That costs a fraction of reading and opening them. So the memory is
exactly what was in the file at a moment after the receipt, whichever process changed it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connector.runtime import ExpiringCache
from connector.storage.records import Registration, Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.rows import Row
from connector.storage.sqlite.subscriptions import SELECT_REGISTRATIONS, SELECT_SUBSCRIPTIONS, records_of

KEPT: Final = 1_000
KEPT_SECONDS: Final = 2.0
CLOCK_STEP_SECONDS: Final = 0.001
"""When the time of day has moved by more than this against the time that only goes on, it was set again."""
_LIVE: Final = "WHERE registration_id = ? AND ended_at IS NULL"
_VERSIONS: Final = f"SELECT group_concat(id || ' ' || version) FROM subscriptions {_LIVE}"  # noqa: S608  # nosec B608
_READ: Final = f"{SELECT_SUBSCRIPTIONS} {_LIVE} ORDER BY created_at, id"


@dataclass(frozen=True, slots=True)
class Listening:
    """One read: its time of day, how far that is before the monotonic clock, the listeners and their versions."""

    read_at: float
    clock: float
    registration: Registration | None
    versions: str = ""
    subscriptions: Sequence[Subscription] = ()

    def serves(self, received_at: float) -> bool:
        """Whether it was read after an event had been received, lately, by a clock that was not set meanwhile."""
        is_recent = time.time() - self.read_at < KEPT_SECONDS and abs(_clock() - self.clock) < CLOCK_STEP_SECONDS
        return is_recent and self.read_at > received_at


class Listeners:
    """Reads, and remembers, who listens."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._known: ExpiringCache[str, Listening] = ExpiringCache(KEPT)

    async def of(self, registration_id: str, received_at: float) -> tuple[Registration | None, Sequence[Subscription]]:
        """The registration, None when there is none, and its live subscriptions, for an event received then."""
        known = self._known.get(registration_id, None)
        if known is None or not known.serves(received_at):
            known = await self._read(registration_id, known or Listening(0.0, 0.0, None))
            if known.registration is not None:
                self._known.put(registration_id, known)
        return known.registration, known.subscriptions if known.registration else ()

    def forget(self, registration_id: str) -> None:
        """Read again: this process has changed who listens."""
        self._known.drop(registration_id)

    async def _read(self, registration_id: str, known: Listening) -> Listening:
        now, clock = time.time(), _clock()

        def work(connection: Connection) -> tuple[list[Row], str, list[Row] | None]:
            found = connection.execute(f"{SELECT_REGISTRATIONS} WHERE id = ?", (registration_id,)).fetchall()
            (present,) = connection.execute(_VERSIONS, (registration_id,)).fetchone()
            is_known = known.versions == (present or "")
            return found, present or "", None if is_known else connection.execute(_READ, (registration_id,)).fetchall()

        found, versions, rows = await self._database.read(work)
        registrations = await records_of(self._database, self._sealer, Registration, found)
        listeners = known.subscriptions
        if rows is not None:
            listeners = await records_of(self._database, self._sealer, Subscription, rows)
        return Listening(now, clock, registrations[0] if registrations else None, versions, listeners)


def _clock() -> float:
    return time.time() - time.monotonic()
