"""Subscriptions and registrations as version 1.0 kept them: one table, each kind in a partition of its own.

Beside the subscriptions lies a row for each site and callback URL (by their hash) that names the live one, written in
the same transaction. (The first versions had a row for a URL alone.) What is read here has a version with a prefix, by
which it is known where it has to be saved. `subscriptions` moves everything to the second layout.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import Entity, Table, etag
from connector.storage.azure.payloads import cut, joined
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rows import KEYS
from connector.storage.azure.wire import Change
from connector.storage.documents import CorruptRecordError, Kept, read_document, write_document
from connector.storage.protocol import Registrations, Subscriptions
from connector.storage.records import Registration, StaleRecord, Subscription, callback_hash, digest
from connector.storage.sealing import Sealer

SUBSCRIPTIONS: Final = "subscription"
REGISTRATIONS: Final = "registration"
CALLBACK_ROW: Final = "callback-"
OLD: Final = "1:"
"""Before the versions of records that are here."""


class OldDocuments:
    """The table, and what both kinds need of it."""

    def __init__(self, table: Table, quarantine: AzureQuarantine, sealer: Sealer) -> None:
        self.table = table
        self._quarantine = quarantine
        self._sealer = sealer

    def entity(self, record: Subscription | Registration) -> dict[str, Any]:
        """The entity of a record."""
        return {
            "PartitionKey": type(record).__name__.lower(),
            "RowKey": digest(record.id),
            "Site": record.site,
            **cut(write_document(record, self._sealer).encode()),
        }

    async def get(self, kind: type[Kept], key: str) -> Kept | None:
        """The record with this id."""
        entity = await self.table.get(kind.__name__.lower(), digest(key))
        return None if entity is None else await self.read(kind, entity)

    async def find(self, kind: type[Kept], condition: str, values: Mapping[str, Any]) -> list[Kept]:
        """Records of the kind's partition; `condition` begins with "and" or is ""."""
        found = await self.table.query(f"PartitionKey eq @kind{condition}", {"kind": kind.__name__.lower(), **values})
        records = [await self.read(kind, entity) for entity in found if not entity["RowKey"].startswith(CALLBACK_ROW)]
        return [record for record in records if record is not None]

    async def read(self, kind: type[Kept], entity: Entity) -> Kept | None:
        """The record of an entity; None when it cannot be read and was quarantined."""
        document = joined(entity).decode(errors="replace")
        try:
            return read_document(kind, document, OLD + etag(entity), self._sealer)
        except CorruptRecordError as problem:
            await self._quarantine.put(entity["PartitionKey"], entity["RowKey"], document, str(problem), time.time())
            await self.table.delete(entity["PartitionKey"], entity["RowKey"], etag(entity))
            return None


class OldSubscriptions(Subscriptions):
    """See `connector.storage.protocol.Subscriptions`."""

    def __init__(self, documents: OldDocuments) -> None:
        self._documents = documents
        self._table = documents.table

    @override
    async def add(self, subscription: Subscription) -> tuple[Subscription, bool]:
        entity = self._entity(subscription)
        index = {
            "PartitionKey": SUBSCRIPTIONS,
            "RowKey": _callback_row(subscription.site, subscription.callback_url),
            "SubscriptionId": subscription.id,
        }
        if earlier := await self._of_earlier_version(subscription.site, subscription.callback_url):
            return earlier, False
        while True:
            there = await self._table.get(SUBSCRIPTIONS, index["RowKey"])
            if there and (live := await self._live(there["SubscriptionId"])):
                return live, False
            claim = Change("merge", index, etag(there)) if there else Change("insert", index)
            if await self._table.transact([claim, Change("insert", entity)]):
                added = await self.get(subscription.id)
                return added or subscription, True
            if known := await self.get(subscription.id):
                return known, False

    @override
    async def save(self, subscription: Subscription) -> Subscription:
        version = subscription.version and await self._table.change(
            self._entity(subscription), subscription.version.removeprefix(OLD), replace=True
        )
        if not version:
            raise StaleRecord("subscription")
        return replace(subscription, version=OLD + version)

    @override
    async def get(self, subscription_id: str) -> Subscription | None:
        return await self._documents.get(Subscription, subscription_id)

    @override
    async def by_callback(self, site: str, callback_url: str) -> Subscription | None:
        index = await self._table.get(SUBSCRIPTIONS, _callback_row(site, callback_url))
        found = None if index is None else await self._live(index["SubscriptionId"])
        return found or await self._of_earlier_version(site, callback_url)

    @override
    async def list(self, *, site: str = "", registration_id: str = "", ended: bool = False) -> Sequence[Subscription]:
        values = {"site": site, "registration": registration_id}
        condition = " and Site eq @site" * bool(site) + " and RegistrationId eq @registration" * bool(registration_id)
        found = await self._documents.find(Subscription, condition, values)
        wanted = [each for each in found if ended or each.ended_at is None]
        return sorted(wanted, key=lambda each: (each.created_at, each.id))

    async def remove(self, subscription: Subscription) -> bool:
        """Remove a moved row; False when it has changed since it was read."""
        version = subscription.version.removeprefix(OLD)
        return await self._table.delete(SUBSCRIPTIONS, digest(subscription.id), version)

    async def remove_callbacks(self) -> None:
        """Remove the rows of callbacks, when no subscription is left."""
        rows = await self._table.query("PartitionKey eq @kind", {"kind": SUBSCRIPTIONS}, select=KEYS)
        if all(row["RowKey"].startswith(CALLBACK_ROW) for row in rows):
            await self._table.sweep(rows)

    def _entity(self, subscription: Subscription) -> dict[str, Any]:
        entity = self._documents.entity(subscription) | {
            "SubscriptionId": subscription.id,
            "RegistrationId": subscription.registration_id,
        }
        return entity if subscription.ended_at is None else entity | {"EndedAt": subscription.ended_at}

    async def _of_earlier_version(self, site: str, callback_url: str) -> Subscription | None:
        index = await self._table.get(SUBSCRIPTIONS, CALLBACK_ROW + callback_hash(callback_url))
        found = None if index is None else await self._live(index["SubscriptionId"])
        return found if found and found.site == site else None

    async def _live(self, subscription_id: str) -> Subscription | None:
        found = await self.get(subscription_id)
        return found if found and found.ended_at is None else None


class OldRegistrations(Registrations):
    """See `connector.storage.protocol.Registrations`."""

    def __init__(self, documents: OldDocuments) -> None:
        self._documents = documents

    @override
    async def get(self, registration_id: str) -> Registration | None:
        return await self._documents.get(Registration, registration_id)

    @override
    async def list(self, *, site: str = "") -> Sequence[Registration]:
        found = await self._documents.find(Registration, " and Site eq @site" * bool(site), {"site": site})
        return sorted(found, key=lambda each: each.id)

    @override
    async def save(self, registration: Registration) -> Registration:
        table, entity = self._documents.table, self._documents.entity(registration)
        if registration.version:
            version = await table.change(entity, registration.version.removeprefix(OLD), replace=True)
        else:
            version = await table.insert(entity)
        if version is None:
            raise StaleRecord("registration")
        return replace(registration, version=OLD + version)

    @override
    async def remove(self, registration: Registration) -> None:
        version = registration.version.removeprefix(OLD)
        if not await self._documents.table.delete(REGISTRATIONS, digest(registration.id), version):
            raise StaleRecord("registration")


def _callback_row(site: str, callback_url: str) -> str:
    return CALLBACK_ROW + digest(f"{site}\n{callback_hash(callback_url)}")
