"""The store in Azure: three tables, a queue and a container, in the app's own storage account."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from connector.storage.azure.accept import Intake
from connector.storage.azure.account import Services, StorageAccount
from connector.storage.azure.bulk import Bulk
from connector.storage.azure.claims import Leases
from connector.storage.azure.counting import Counting
from connector.storage.azure.expiry import CLAIM_CHECKS, Expiry
from connector.storage.azure.idempotency import AzureIdempotency
from connector.storage.azure.listing import Listing
from connector.storage.azure.outbox import AzureOutbox
from connector.storage.azure.quarantine import Troubles
from connector.storage.azure.resources import Container, Queue, Table
from connector.storage.azure.subscriptions import AzureRegistrations, AzureSubscriptions, Documents
from connector.storage.protocol import Payloads, Store
from connector.storage.records import DEFAULT_RETENTION, Retention, SetAside, SiteCounters
from connector.storage.sealing import Sealer

PREFIX: Final = "connector"


class AzurePayloads(Payloads):
    """See `connector.storage.protocol.Payloads`."""

    def __init__(self, blobs: Container) -> None:
        self._blobs = blobs

    @override
    async def put(self, data: bytes) -> str:
        name = secrets.token_hex(16)
        await self._blobs.put(CLAIM_CHECKS + name, data)
        return name

    @override
    async def get(self, name: str) -> bytes | None:
        return await self._blobs.get(CLAIM_CHECKS + name)

    @override
    async def delete(self, name: str) -> None:
        await self._blobs.delete(CLAIM_CHECKS + name)


class AzureStore(Store):
    """See `connector.storage.protocol.Store`. Connects, and makes what is missing, at first use.

    Its tables, queue and container begin with `prefix`. It belongs to the event loop that uses it first.
    """

    has_wake_ups = True

    def __init__(self, account: StorageAccount, sealer: Sealer, budget_seconds: float, *, prefix: str = PREFIX) -> None:
        self._services = Services(account)
        records, keys, events = (Table(self._services, prefix + name) for name in ("records", "keys", "events"))
        queue = Queue(self._services, f"{prefix}-deliveries")
        blobs = Container(self._services, f"{prefix}-payloads")
        bulk = Bulk(blobs)
        self._counting = Counting(records)
        self._troubles = Troubles(records)
        self._documents = Documents(records, self._troubles, sealer)
        self._expiry = Expiry(events, keys, records, blobs, bulk, queue)
        self.subscriptions = self._subscriptions = AzureSubscriptions(self._documents)
        self.registrations = AzureRegistrations(self._documents)
        self.outbox = AzureOutbox(
            queue,
            Intake(events, keys, queue, bulk, self._counting),
            Leases(events, queue, bulk, self._troubles),
            Listing(events, records, queue, bulk, self._counting),
            self._counting,
            self._troubles,
        )
        self.idempotency = self._idempotency = AzureIdempotency(keys, bulk, budget_seconds)
        self.payloads = AzurePayloads(blobs)

    @override
    async def counters(self, *, site: str = "") -> Sequence[SiteCounters]:
        return await self._counting.read(site)

    @override
    async def set_aside(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        await self._troubles.put(kind, key, raw, reason, now)

    @override
    async def list_set_aside(self, *, take: int = 100) -> Sequence[SetAside]:
        return await self._troubles.list(take)

    @override
    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        return {
            "idempotency": await self._idempotency.expire(now),
            "payloads": await self._expiry.payloads(now - retention.payloads),
            "set_aside": await self._troubles.expire(now - retention.set_aside),
            "subscriptions": await self._subscriptions.expire(now - retention.ended_subscriptions),
            "dedupe_keys": await self._expiry.dedupe_keys(now - retention.events),
            "events": await self._expiry.events(now, retention),
            "resealed": await self._documents.reseal(),
            "woken": await self._expiry.wake_lost(now),
        }

    @override
    async def close(self) -> None:
        await self._counting.close()
        await self._services.close()
