"""The store in Azure: three tables, a queue and a container, in the app's own storage account."""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from connector.storage.azure.accept import Intake
from connector.storage.azure.claims import Leases
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.counters import AzureCounters
from connector.storage.azure.database import Container, Queue, Table
from connector.storage.azure.days import Days
from connector.storage.azure.events import Events
from connector.storage.azure.expiry import Expiry
from connector.storage.azure.groups import Groups
from connector.storage.azure.idempotency import AzureIdempotency
from connector.storage.azure.journal import AzureJournal
from connector.storage.azure.keys_of_events import EventKeys
from connector.storage.azure.layout import Layout
from connector.storage.azure.listeners import Listeners
from connector.storage.azure.listing import Listing
from connector.storage.azure.lost import LostWakeUps
from connector.storage.azure.marks import AzureHealth, AzureMarks
from connector.storage.azure.outbox import AzureOutbox
from connector.storage.azure.payloads import AzurePayloads, Bulk
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rest import Rest
from connector.storage.azure.subscriptions import AzureRegistrations, AzureSubscriptions, Documents, move_version_one
from connector.storage.azure.version_one import OldDocuments, OldRegistrations, OldSubscriptions
from connector.storage.azure.waiting import Waiting
from connector.storage.protocol import Store
from connector.storage.records import DEFAULT_RETENTION, Registration, Retention, SiteCounters, Subscription
from connector.storage.sealed_answers import SealedAnswers
from connector.storage.sealing import Sealer

PREFIX: Final = "connector"


class AzureStore(Store):
    """See `connector.storage.protocol.Store`. At first use it connects, and creates tables, queues and container.

    Its tables, queue and container begin with `prefix`. It belongs to the event loop that uses it first.
    """

    has_wake_ups = True

    def __init__(self, account: StorageAccount, sealer: Sealer, budget_seconds: float, *, prefix: str = PREFIX) -> None:
        self._rest = rest = Rest(account)
        records, waiting = Table(rest, prefix + "records"), Waiting(Table(rest, prefix + "waiting"))
        event_days, key_days = Days(rest, prefix + "events"), Days(rest, prefix + "keys")
        layout = Layout(records, event_days.rest)
        events, event_keys, keys = Events(event_days), EventKeys(key_days, layout), key_days.rest
        queue = Queue(rest, f"{prefix}-deliveries")
        blobs = Container(rest, f"{prefix}-payloads")
        bulk, groups = Bulk(blobs), Groups(keys, events)
        self._counters = AzureCounters(records)
        self.quarantine = self._quarantine = AzureQuarantine(records)
        self._documents = Documents(Table(rest, prefix + "listeners"), self._quarantine, sealer)
        old = OldDocuments(records, self._quarantine, sealer)
        old_subscriptions, old_registrations = OldSubscriptions(old), OldRegistrations(old)
        self._layout = layout
        self._listeners = Listeners(self._documents, layout, old_registrations, old_subscriptions)
        self._expiry = Expiry(events, event_keys, records, blobs, bulk, waiting)
        self._lost = LostWakeUps(events, queue, groups, waiting)
        self.subscriptions = self._subscriptions = AzureSubscriptions(self._documents, layout, old_subscriptions)
        self.registrations = self._registrations = AzureRegistrations(self._documents, layout, old_registrations)
        self.outbox = AzureOutbox(
            queue,
            Intake(events, event_keys, queue, bulk, self._counters, groups, waiting),
            Leases(events, queue, bulk, self._quarantine, groups, waiting),
            Listing(events, records, queue, bulk, self._counters, groups, waiting),
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
    async def repair(self, now: float) -> Mapping[str, int]:
        return {
            "woken": await self._lost.wake(now),
            "relocated": await self._subscriptions.complete_moves(),
            "moved": await move_version_one(self._layout, self._registrations, self._subscriptions),
            "resealed": await self._documents.reseal(),
            "counters": await self._counters.fold(now),
        }

    @override
    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        # What is lost is found, and what is sealed is renewed, before anything is deleted.
        return {**await self.repair(now), **await self.delete_old(now, retention)}

    @override
    async def delete_old(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        return {
            "events": await self._expiry.events(now, retention),
            "dedupe_keys": await self._expiry.dedupe_keys(now - retention.events),
            "idempotency": await self._idempotency.expire(now),
            "payloads": await self._expiry.payloads(now - retention.payloads),
            "quarantine": await self._quarantine.expire(now - retention.quarantine),
            "marks": await self._marks.expire(now),
            "journal": await self._journal.expire(now),
            "health": await self._health.expire(now - retention.ended_subscriptions),
            "subscriptions": await self._subscriptions.expire(now - retention.ended_subscriptions),
        }

    @override
    async def listeners(
        self, registration_id: str, received_at: float
    ) -> tuple[Registration | None, Sequence[Subscription]]:
        found = await self._listeners.of(registration_id, received_at)
        return found.registration, found.subscriptions

    @override
    async def close(self) -> None:
        await self._counters.close()
        await self._rest.close()
