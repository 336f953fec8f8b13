"""Who waits for an event: its registration and the subscriptions that share it, in one read, which several may share.

An event is for the flows that wait when it is received. So a read after that serves as well as a read now,
and a burst of events for one registration costs one read. A plain memory would miss a flow that has just subscribed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connector.runtime import ExpiringCache
from connector.storage.azure.layout import Layout
from connector.storage.azure.subscriptions import REGISTRATION_ROW, Documents, ordered, partition_of
from connector.storage.azure.version_one import OldRegistrations, OldSubscriptions
from connector.storage.records import Registration, Subscription

KEPT_SECONDS: Final = 2.0
CLOCKS_DIFFER: Final = 1.0
"""Instances have clocks of their own: a read counts as later than an event only if it is so by this much."""
KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Listening:
    """A registration (None when there is none) and its live subscriptions, as they were at a moment after `read_at`."""

    read_at: float
    registration: Registration | None
    subscriptions: Sequence[Subscription]


class Listeners:
    """Reads, and for a moment remembers, who listens."""

    def __init__(
        self,
        documents: Documents,
        layout: Layout,
        old_registrations: OldRegistrations,
        old_subscriptions: OldSubscriptions,
    ) -> None:
        self._documents = documents
        self._layout = layout
        self._old_registrations = old_registrations
        self._old_subscriptions = old_subscriptions
        self._known: ExpiringCache[str, Listening] = ExpiringCache(KEPT)

    async def of(self, registration_id: str, received_at: float) -> Listening:
        """For an event that was received then."""
        known = self._known.get(registration_id, None)
        if known is not None and known.read_at >= received_at + CLOCKS_DIFFER:
            return known
        read = await self._read(registration_id, time.time())
        if read.registration is not None:
            self._known.put(registration_id, read, KEPT_SECONDS)
        return read

    async def _read(self, registration_id: str, now: float) -> Listening:
        old_subscriptions: Sequence[Subscription] = ()
        old: Registration | None = None
        if (await self._layout.state()).reads_old():  # first: what is moved meanwhile is in the partition
            old = await self._old_registrations.get(registration_id)
            old_subscriptions = await self._old_subscriptions.list(registration_id=registration_id)
        rows = await self._documents.table.query(
            "PartitionKey eq @partition", {"partition": partition_of(registration_id)}
        )
        registration, found = old, list(old_subscriptions)
        for row in rows:
            if row["RowKey"] == REGISTRATION_ROW:
                registration = await self._documents.read(Registration, row) or old
            elif each := await self._documents.read(Subscription, row):
                found.append(each)
        return Listening(now, registration, ordered(found, ended=False))
