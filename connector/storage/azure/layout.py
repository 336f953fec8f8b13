"""Which layout an account has: version 2, with or without rows of version 1 beside it.

Version 1.0 kept all events in one table and all subscriptions in one partition. Its rows stay readable. During an
update instances of both versions run side by side, and those of version 1 do not know what version 2 writes; so
registrations and subscriptions are written where version 1 looks for them until an hour has passed since the first
start of version 2, and moved after that.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

from connector.storage.azure.database import Table, etag

KEYS: Final = {"PartitionKey": "layout", "RowKey": "2"}
OLD_CODE_SECONDS: Final = 3_600.0
OLD_KEYS_SECONDS: Final = 8 * 86_400.0
"""How long a repeat of an event that version 1 took in is looked for."""
READ_AGAIN_SECONDS: Final = 600.0
VERSION_ONE: Final = "PartitionKey eq 'registration' or PartitionKey eq 'subscription'"


@dataclass(frozen=True, slots=True)
class State:
    """`since` is when version 2 first started here; `drained` says that nothing of version 1 is left but events."""

    since: float
    is_fresh: bool
    is_drained: bool

    def reads_old(self) -> bool:
        """Whether registrations and subscriptions may be where version 1 keeps them."""
        return not (self.is_fresh or self.is_drained)

    def writes_old(self) -> bool:
        """Whether an instance of version 1 may still run."""
        return not self.is_fresh and time.time() < self.since + OLD_CODE_SECONDS

    def has_old_keys(self) -> bool:
        """Whether a de-duplication key of version 1 may still count."""
        return not self.is_fresh and time.time() < self.since + OLD_KEYS_SECONDS


class Layout:
    """One row of the records table, read once; again every few minutes as long as something of version 1 is left."""

    def __init__(self, records: Table, events: Table) -> None:
        self._records = records
        self._events = events
        self._state: State | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def state(self) -> State:
        """How things stand."""
        state = self._state
        if state is not None and (not state.reads_old() or time.monotonic() < self._read_at + READ_AGAIN_SECONDS):
            return state
        async with self._reading:
            if self._state is state:
                self._state, self._read_at = await self._read(), time.monotonic()
            return self._state or await self._read()

    async def drained(self) -> None:
        """Nothing of version 1 was found, a day or more after version 2 started."""
        row = await self._records.get(*KEYS.values())
        if row is not None and await self._records.change(KEYS | {"Drained": True}, etag(row)):
            self._state = None

    async def _read(self) -> State:
        row = await self._records.get(*KEYS.values())
        if row is None:
            found = await self._records.query(VERSION_ONE, {}, select=["RowKey"], limit=1)
            fresh: dict[str, Any] = {"Since": time.time(), "Fresh": not found and not await self._events.exists()}
            await self._records.insert(KEYS | fresh)
            row = await self._records.get(*KEYS.values()) or fresh
        return State(float(row["Since"]), bool(row["Fresh"]), bool(row.get("Drained", False)))
