"""The store in Azure: three tables, a queue and a container, in the app's own storage account."""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from connector.storage.azure.accept import Intake
from connector.storage.azure.claims import Leases
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import Container, Queue, Table
from connector.storage.azure.expiry import Expiry
from connector.storage.azure.groups import Groups
from connector.storage.azure.idempotency import AzureIdempotency
from connector.storage.azure.journal import AzureJournal
from connector.storage.azure.listing import Listing
from connector.storage.azure.marks import AzureHealth, AzureMarks
from connector.storage.azure.outbox import AzureOutbox
from connector.storage.azure.payloads import AzurePayloads, Bulk
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rest import Rest
from connector.storage.azure.subscriptions import AzureRegistrations, AzureSubscriptions, Documents
from connector.storage.protocol import Store
from connector.storage.records import DEFAULT_RETENTION, Retention, SiteCounters
from connector.storage.sealed_answers import SealedAnswers
from connector.storage.sealing import Sealer

PREFIX: Final = "connector"


class AzureStore(Store):
    """See `connector.storage.protocol.Store`. Connects, and makes what is missing, at first use.

    Its tables, queue and container begin with `prefix`. It belongs to the event loop that uses it first.
    """

    has_wake_ups = True

    def __init__(self, account: StorageAccount, sealer: Sealer, budget_seconds: float, *, prefix: str = PREFIX) -> None:
        self._rest = rest = Rest(account)
        records, keys, events = (Table(rest, prefix + name) for name in ("records", "keys", "events"))
        queue = Queue(rest, f"{prefix}-deliveries")
        blobs = Container(rest, f"{prefix}-payloads")
        bulk, groups = Bulk(blobs), Groups(keys, events)
        self._counters = AzureCounters(records)
        self.quarantine = self._quarantine = AzureQuarantine(records)
        self._documents = Documents(records, self._quarantine, sealer)
        self._expiry = Expiry(events, keys, records, blobs, bulk, queue)
        self.subscriptions = self._subscriptions = AzureSubscriptions(self._documents)
        self.registrations = AzureRegistrations(self._documents)
        self.outbox = AzureOutbox(
            queue,
            Intake(events, keys, queue, bulk, self._counters, groups),
            Leases(events, queue, bulk, self._quarantine, groups),
            Listing(events, records, queue, bulk, self._counters, groups),
            self._counters,
            self._quarantine,
        )
        self._idempotency = AzureIdempotency(keys, bulk, budget_seconds)
        self.idempotency = SealedAnswers(self._idempotency, sealer)
        self.payloads = AzurePayloads(blobs)
        self.marks = self._marks = AzureMarks(keys)
        self.health = self._health = AzureHealth(records)
        self.journal = self._journal = AzureJournal(records)

    @override
    async def counters(self, *, site: str = "") -> Sequence[SiteCounters]:
        return await self._counters.read(site)

    @override
    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        return {
            "idempotency": await self._idempotency.expire(now),
            "payloads": await self._expiry.payloads(now - retention.payloads),
            "quarantine": await self._quarantine.expire(now - retention.quarantine),
            "marks": await self._marks.expire(now),
            "journal": await self._journal.expire(now),
            "health": await self._health.expire(now - retention.ended_subscriptions),
            "subscriptions": await self._subscriptions.expire(now - retention.ended_subscriptions),
            "dedupe_keys": await self._expiry.dedupe_keys(now - retention.events),
            "events": await self._expiry.events(now, retention),
            "resealed": await self._documents.reseal(),
            "woken": await self._expiry.wake_lost(now),
        }

    @override
    async def close(self) -> None:
        await self._counters.close()
        await self._rest.close()
