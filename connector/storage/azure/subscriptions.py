"""Subscriptions and registrations: a registration and the subscriptions that share it are one partition.

So the fan-out of an event reads them in one request. Beside them lie two kinds of index rows: where a subscription
is (by its id), and which one is live for a site's callback URL. As these are in other partitions, adding goes in steps:
claim the callback, write the subscription, confirm the claim. Only one of two that race can confirm or take over.
Version 1.0 kept all of them elsewhere (`version_one`), where they are found too until they are moved.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import Entity, Table, etag
from connector.storage.azure.layout import OLD_CODE_SECONDS, Layout
from connector.storage.azure.payloads import cut, joined
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rows import KEYS
from connector.storage.azure.version_one import OLD, OldRegistrations, OldSubscriptions
from connector.storage.documents import CorruptRecordError, Kept, read_document, reseal, write_document
from connector.storage.protocol import Registrations, Subscriptions
from connector.storage.records import Registration, StaleRecord, Subscription, callback_hash, digest
from connector.storage.sealing import Sealer

REGISTRATION_ROW: Final = "registration"
SUBSCRIPTION_ROW: Final = "subscription-"
ID_PARTITION: Final = "id-"
CALLBACK_PARTITION: Final = "callback-"
PARTITION_LENGTH: Final = 32
SETTLED_SECONDS: Final = 24 * OLD_CODE_SECONDS


class Documents:
    """The table, and what both kinds need of it."""

    def __init__(self, table: Table, quarantine: AzureQuarantine, sealer: Sealer) -> None:
        self.table = table
        self._quarantine = quarantine
        self._sealer = sealer

    def entity(self, record: Subscription | Registration) -> dict[str, Any]:
        """The entity of a record, without its keys."""
        kind = type(record).__name__.lower()
        return {"Kind": kind, "Site": record.site, **cut(write_document(record, self._sealer).encode())}

    async def find(self, kind: type[Kept], condition: str, **values: str) -> list[Kept]:
        """Records of a kind; `condition` begins with "and" or is ""."""
        found = await self.table.query(f"Kind eq @kind{condition}", {"kind": kind.__name__.lower(), **values})
        records = [await self.read(kind, entity) for entity in found]
        return [record for record in records if record is not None]

    async def read(self, kind: type[Kept], entity: Entity) -> Kept | None:
        """The record of an entity; None when it cannot be read and was quarantined."""
        document = joined(entity).decode(errors="replace")
        try:
            return read_document(kind, document, etag(entity), self._sealer)
        except CorruptRecordError as problem:
            await self._quarantine.put(kind.__name__.lower(), entity["RowKey"], document, str(problem), time.time())
            await self.table.delete(entity["PartitionKey"], entity["RowKey"], etag(entity))
            return None

    async def reseal(self) -> int:
        """Renew records sealed with an older key; returns how many."""
        renewed = 0
        for entity in await self.table.query("Kind ge ''", {}):
            document = reseal(joined(entity).decode(errors="replace"), self._sealer)
            if document is not None:
                kept = {name: value for name, value in entity.items() if not name.startswith("Bulk")}
                change = await self.table.change(kept | cut(document.encode()), etag(entity), replace=True)
                renewed += change is not None
        return renewed


class AzureSubscriptions(Subscriptions):
    """See `connector.storage.protocol.Subscriptions`."""

    def __init__(self, documents: Documents, layout: Layout, old: OldSubscriptions) -> None:
        self._documents = documents
        self._table = documents.table
        self._layout = layout
        self._old = old

    @override
    async def add(self, subscription: Subscription) -> tuple[Subscription, bool]:
        state = await self._layout.state()
        if state.writes_old():
            return await self._old.add(subscription)
        if state.reads_old() and (found := await self._old.by_callback(subscription.site, subscription.callback_url)):
            return found, False
        return await self.add_here(subscription)

    async def add_here(self, subscription: Subscription) -> tuple[Subscription, bool]:
        """Add it in the second layout."""
        place = _callback_keys(subscription.site, subscription.callback_url)
        mine = place | {"SubscriptionId": subscription.id, "Confirmed": False}
        while True:
            there = await self._table.get(*place.values())
            if there and (live := await self._live_here(there["SubscriptionId"])):
                return live, False
            if known := await self._get_here(subscription.id):
                return known, False
            claim = await (self._table.change(mine, etag(there)) if there else self._table.insert(mine))
            if claim is None:
                continue
            row = self._row(subscription)
            await self._table.put(_id_keys(subscription.id) | {"Registration": row["PartitionKey"]})
            version = await self._table.insert(row)
            if version is None:
                continue
            if await self._table.change(place | {"Confirmed": True}, claim) is not None:
                return replace(subscription, version=version), True
            # Another took the callback over, because it found no subscription yet.
            await self._table.delete(row["PartitionKey"], row["RowKey"], version)

    @override
    async def save(self, subscription: Subscription) -> Subscription:
        if subscription.version.startswith(OLD):
            return await self._old.save(subscription)
        row, version = self._row(subscription), subscription.version
        saved = version and (
            await self._table.change(row, version, replace=True) or await self._relocated(row, subscription)
        )
        if not saved:
            raise StaleRecord("subscription")
        return replace(subscription, version=saved)

    @override
    async def get(self, subscription_id: str) -> Subscription | None:
        found = await self._get_here(subscription_id)
        if found is None and (await self._layout.state()).reads_old():
            # Moved between the two looks, it is here now.
            return await self._old.get(subscription_id) or await self._get_here(subscription_id)
        return found

    @override
    async def by_callback(self, site: str, callback_url: str) -> Subscription | None:
        there = await self._table.get(*_callback_keys(site, callback_url).values())
        found = await self._live_here(there["SubscriptionId"]) if there else None
        if found is None and (await self._layout.state()).reads_old():
            return await self._old.by_callback(site, callback_url)
        return found

    @override
    async def list(self, *, site: str = "", registration_id: str = "", ended: bool = False) -> Sequence[Subscription]:
        old: Sequence[Subscription] = ()
        if (await self._layout.state()).reads_old():  # first: what is moved meanwhile is in the other list
            old = await self._old.list(site=site, registration_id=registration_id, ended=ended)
        condition = " and Site eq @site" * bool(site) + " and PartitionKey eq @partition" * bool(registration_id)
        partition = partition_of(registration_id) if registration_id else ""
        found = await self._documents.find(Subscription, condition, site=site, partition=partition)
        return ordered([*old, *found], ended=ended)

    async def expire(self, before: float) -> int:
        """Delete subscriptions that ended before, with their index rows."""
        over = await self._table.query(
            "Kind eq 'subscription' and EndedAt lt @before",
            {"before": before},
            select=[*KEYS, "SubscriptionId", "Callback"],
        )
        for row in over:
            keys = {"PartitionKey": CALLBACK_PARTITION + row["Callback"][:2], "RowKey": row["Callback"]}
            there = await self._table.get(*keys.values())
            if there and there["SubscriptionId"] == row["SubscriptionId"]:
                await self._table.delete(keys["PartitionKey"], keys["RowKey"], etag(there))
            keys = _id_keys(row["SubscriptionId"])
            await self._table.delete(keys["PartitionKey"], keys["RowKey"])
        return await self._table.sweep(over)

    async def _relocated(self, row: dict[str, Any], subscription: Subscription) -> str | None:
        """Save it in the partition of another registration than before; None when it is stale.

        It is marked where it is, copied, and removed there in the end: it listens to both for a moment, never to none.
        """
        index = await self._table.get(*_id_keys(subscription.id).values())
        if index is None or index["Registration"] == row["PartitionKey"]:
            return None
        marked = row | {"PartitionKey": index["Registration"], "MovedTo": row["PartitionKey"]}
        version = await self._table.change(marked, subscription.version)
        return version and await self._relocate(row, index["Registration"], version)

    async def _relocate(self, row: dict[str, Any], before: str, version: str) -> str:
        saved = await self._table.put(row)
        await self._table.put(_id_keys(row["SubscriptionId"]) | {"Registration": row["PartitionKey"]})
        await self._table.delete(before, row["RowKey"], version)
        return saved

    async def complete_moves(self) -> int:
        """Finish what a process that died had begun to relocate; returns how many."""
        marked = await self._table.query("MovedTo ge '0'", {})
        for each in marked:
            row = {name: value for name, value in each.items() if name != "MovedTo"}
            index = await self._table.get(*_id_keys(each["SubscriptionId"]).values())
            if index and index["Registration"] == each["PartitionKey"]:
                await self._relocate(row | {"PartitionKey": each["MovedTo"]}, each["PartitionKey"], etag(each))
            else:
                await self._table.delete(each["PartitionKey"], each["RowKey"], etag(each))
        return len(marked)

    async def move(self) -> int:
        """Bring what version 1.0 left to the second layout; returns how many."""
        moved = 0
        for old in await self._old.list(ended=True):
            moved += 1
            await self._move(old)
        if not moved:
            await self._old.remove_callbacks()
        return moved

    async def _move(self, old: Subscription) -> None:
        current: Subscription | None = old
        while current is not None:
            row = self._row(current)
            place = _callback_keys(current.site, current.callback_url)
            if current.ended_at is None:
                await self._table.insert(place | {"SubscriptionId": current.id, "Confirmed": True})
            await self._table.put(_id_keys(current.id) | {"Registration": row["PartitionKey"]})
            await self._table.put(row)
            if await self._old.remove(current):
                return
            current = await self._old.get(current.id)  # it was changed meanwhile

    def _row(self, subscription: Subscription) -> dict[str, Any]:
        row = self._documents.entity(subscription) | {
            "PartitionKey": partition_of(subscription.registration_id),
            "RowKey": SUBSCRIPTION_ROW + digest(subscription.id),
            "SubscriptionId": subscription.id,
            "Callback": _callback_keys(subscription.site, subscription.callback_url)["RowKey"],
        }
        return row if subscription.ended_at is None else row | {"EndedAt": subscription.ended_at}

    async def _get_here(self, subscription_id: str) -> Subscription | None:
        index = await self._table.get(*_id_keys(subscription_id).values())
        row = SUBSCRIPTION_ROW + digest(subscription_id)
        entity = index and await self._table.get(index["Registration"], row)
        return await self._documents.read(Subscription, entity) if entity else None

    async def _live_here(self, subscription_id: str) -> Subscription | None:
        found = await self._get_here(subscription_id)
        return found if found and found.ended_at is None else None


class AzureRegistrations(Registrations):
    """See `connector.storage.protocol.Registrations`."""

    def __init__(self, documents: Documents, layout: Layout, old: OldRegistrations) -> None:
        self._documents = documents
        self._table = documents.table
        self._layout = layout
        self._old = old

    @override
    async def get(self, registration_id: str) -> Registration | None:
        found = await self._get_here(registration_id)
        if found is None and (await self._layout.state()).reads_old():
            return await self._old.get(registration_id) or await self._get_here(registration_id)
        return found

    @override
    async def list(self, *, site: str = "") -> Sequence[Registration]:
        old = await self._old.list(site=site) if (await self._layout.state()).reads_old() else ()
        found = await self._documents.find(Registration, " and Site eq @site" * bool(site), site=site)
        return sorted({each.id: each for each in (*old, *found)}.values(), key=lambda each: each.id)

    @override
    async def save(self, registration: Registration) -> Registration:
        row, state = self._row(registration), await self._layout.state()
        if registration.version.startswith(OLD) or (not registration.version and state.writes_old()):
            return await self._old.save(registration)
        if registration.version:
            version = await self._table.change(row, registration.version, replace=True)
        else:
            is_there = state.reads_old() and await self._old.get(registration.id) is not None
            version = None if is_there else await self._table.insert(row)
        if version is None:
            raise StaleRecord("registration")
        return replace(registration, version=version)

    @override
    async def remove(self, registration: Registration) -> None:
        if registration.version.startswith(OLD):
            await self._old.remove(registration)
        elif not await self._table.delete(partition_of(registration.id), REGISTRATION_ROW, registration.version):
            raise StaleRecord("registration")

    async def move(self) -> int:
        """Bring what version 1.0 left to the second layout; returns how many."""
        old = await self._old.list()
        for each in old:
            current: Registration | None = each
            while current is not None:
                await self._table.put(self._row(current))
                try:
                    await self._old.remove(current)
                except StaleRecord:
                    current = await self._old.get(current.id)
                else:
                    break
        return len(old)

    async def _get_here(self, registration_id: str) -> Registration | None:
        entity = await self._table.get(partition_of(registration_id), REGISTRATION_ROW)
        return await self._documents.read(Registration, entity) if entity else None

    def _row(self, registration: Registration) -> dict[str, Any]:
        keys = {"PartitionKey": partition_of(registration.id), "RowKey": REGISTRATION_ROW}
        return self._documents.entity(registration) | keys


def partition_of(registration_id: str) -> str:
    """The partition of a registration and its subscriptions."""
    return digest(registration_id)[:PARTITION_LENGTH]


def ordered(found: Sequence[Subscription], *, ended: bool) -> list[Subscription]:
    """Each once (the last one counts), the oldest first."""
    wanted = {each.id: each for each in found}.values()
    return sorted(
        (each for each in wanted if ended or each.ended_at is None), key=lambda each: (each.created_at, each.id)
    )


async def move_version_one(layout: Layout, registrations: AzureRegistrations, subscriptions: AzureSubscriptions) -> int:
    """Once no instance of version 1.0 can run any more: move what it left; returns how many records."""
    state = await layout.state()
    if not state.reads_old() or state.writes_old():
        return 0
    moved = await registrations.move() + await subscriptions.move()
    if not moved and time.time() > state.since + SETTLED_SECONDS:
        await layout.drained()
    return moved


def _id_keys(subscription_id: str) -> dict[str, str]:
    name = digest(subscription_id)
    return {"PartitionKey": ID_PARTITION + name[:2], "RowKey": name}


def _callback_keys(site: str, callback_url: str) -> dict[str, str]:
    name = digest(f"{site}\n{callback_hash(callback_url)}")
    return {"PartitionKey": CALLBACK_PARTITION + name[:2], "RowKey": name}
