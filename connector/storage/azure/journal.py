"""The journal in Azure: rows of the records table, a partition a kind."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import DELETED_AT_ONCE, Entity, Table, etag
from connector.storage.azure.payloads import cut, joined
from connector.storage.history import JournalEntry
from connector.storage.protocol import Journal
from connector.storage.records import StaleRecord

PREFIX: Final = "journal-"


class AzureJournal(Journal):
    """See `connector.storage.protocol.Journal`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @override
    async def put(self, entry: JournalEntry) -> None:
        await self._table.put(_entity(entry))

    @override
    async def save(self, entry: JournalEntry) -> JournalEntry:
        if entry.version:
            version = await self._table.change(_entity(entry), entry.version, replace=True)
        else:
            version = await self._table.insert(_entity(entry))
        if version is None:
            raise StaleRecord("record")
        return replace(entry, version=version)

    @override
    async def get(self, kind: str, key: str) -> JournalEntry | None:
        found = await self._table.get(PREFIX + kind, key)
        return None if found is None else _entry(found)

    @override
    async def list(self, kind: str, *, first: str = "", last: str = "", take: int = 1000) -> Sequence[JournalEntry]:
        condition = "PartitionKey eq @partition and RowKey ge @first" + " and RowKey lt @last" * bool(last)
        values = {"partition": PREFIX + kind, "first": first, "last": last}
        return [_entry(row) for row in await self._table.query(condition, values, limit=take)]

    async def expire(self, now: float) -> int:
        """Delete expired entries; returns how many."""
        over = await self._table.query(
            "PartitionKey ge @first and PartitionKey lt @last and ExpiresAt lt @now",
            {"first": PREFIX, "last": f"{PREFIX}~", "now": now},
            select=["PartitionKey", "RowKey"],
            limit=DELETED_AT_ONCE,
        )
        return await self._table.sweep(over)


def _entity(entry: JournalEntry) -> dict[str, Any]:
    keys = {"PartitionKey": PREFIX + entry.kind, "RowKey": entry.key}
    return keys | {"ExpiresAt": entry.expires_at} | cut(entry.document.encode())


def _entry(row: Entity) -> JournalEntry:
    kind = row["PartitionKey"].removeprefix(PREFIX)
    return JournalEntry(kind, row["RowKey"], joined(row).decode(), float(row["ExpiresAt"]), etag(row))
