"""Idempotency keys and their answers as entities."""

import secrets
from typing import Any, Final

from typing_extensions import override

from connector.storage.azure.database import DELETED_AT_ONCE, Entity, Table, etag
from connector.storage.azure.payloads import Bulk
from connector.storage.idempotency_state import Begun, BegunState, KeyRecord, Progress, StoredAnswer
from connector.storage.protocol import Idempotency
from connector.storage.records import digest

PREFIX: Final = "answer-"
FIRST: Final = PREFIX
LAST: Final = f"{PREFIX}~"


class AzureIdempotency(Idempotency):
    """See `connector.storage.protocol.Idempotency`."""

    def __init__(self, table: Table, bulk: Bulk, budget_seconds: float) -> None:
        self._table = table
        self._bulk = bulk
        self._budget_seconds = budget_seconds

    @override
    async def begin(self, key: str, fingerprint: str, now: float, *, ttl_seconds: float = 86_400.0) -> Begun:
        mine = _keys(key) | {
            "Fingerprint": fingerprint,
            "Progress": Progress.STARTED.value,
            "BegunAt": now,
            "ExpiresAt": now + ttl_seconds,
            "Attempt": secrets.token_hex(8),  # distinguishes our own write, repeated by the SDK, from another caller's
        }
        while await self._table.insert(mine) is None:
            there = await self._get(key)
            if there is None:
                continue
            if there["Attempt"] == mine["Attempt"]:
                break
            record = _record(there)
            state = record.meaning(fingerprint, now, self._budget_seconds)
            if state is not BegunState.STARTED:
                replay = state is BegunState.REPLAY
                answer = StoredAnswer(int(there["Status"]), await self._bulk.read(there)) if replay else None
                return Begun(state, answer, record.begun_at, record.progress is Progress.REPEATED)
            if await self._table.change(mine, etag(there), replace=True) is not None:
                break
        return Begun(BegunState.STARTED, begun_at=now)

    @override
    async def finish(self, key: str, answer: StoredAnswer) -> None:
        keys = _keys(key)
        body = await self._bulk.write(f"{keys['PartitionKey']}/{keys['RowKey']}", answer.body)
        await self._table.change(keys | body | {"Progress": Progress.FINISHED.value, "Status": answer.status})

    @override
    async def mark_repeated(self, key: str) -> bool:
        there = await self._get(key)
        if there is None or there["Progress"] not in (Progress.STARTED, Progress.UNKNOWN):
            return False
        return await self._table.change(_keys(key) | {"Progress": Progress.REPEATED.value}, etag(there)) is not None

    @override
    async def forget(self, key: str) -> None:
        there = await self._get(key)
        if there is not None and there["Progress"] != Progress.FINISHED:
            await self._table.delete(there["PartitionKey"], there["RowKey"], etag(there))

    @override
    async def mark_unknown(self, key: str) -> None:
        there = await self._get(key)
        if there is not None and there["Progress"] == Progress.STARTED:
            await self._table.change(_keys(key) | {"Progress": Progress.UNKNOWN.value}, etag(there))

    async def expire(self, now: float) -> int:
        """Delete keys that are over; returns how many."""
        over = await self._table.query(
            "PartitionKey ge @first and PartitionKey lt @last and ExpiresAt le @now",
            {"first": FIRST, "last": LAST, "now": now},
            select=["PartitionKey", "RowKey", "BulkBlob"],
            limit=DELETED_AT_ONCE,
        )
        for entity in over:
            await self._bulk.discard(entity)
        return await self._table.sweep(over)

    async def _get(self, key: str) -> Entity | None:
        keys = _keys(key)
        return await self._table.get(keys["PartitionKey"], keys["RowKey"])


def _keys(key: str) -> dict[str, Any]:
    """Spread over 256 partitions, since one takes some 2,000 writes a second."""
    row = digest(key)
    return {"PartitionKey": PREFIX + row[:2], "RowKey": row}


def _record(entity: Entity) -> KeyRecord:
    return KeyRecord(
        entity["Fingerprint"], Progress(entity["Progress"]), float(entity["BegunAt"]), float(entity["ExpiresAt"])
    )
