"""Tables, queues and containers that come into being at first use and say "no" without exceptions.

A lost race (it exists already, it changed, it is gone) is an ordinary answer here: None or False. Everything else that
the service refuses or does not answer is 503.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from connector.deskdirector.errors import Unavailable
from connector.storage.azure.connection import Services

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient
    from azure.storage.blob.aio import ContainerClient
    from azure.storage.queue import QueueMessage
    from azure.storage.queue.aio import QueueClient

Entity: TypeAlias = Mapping[str, Any]
Result = TypeVar("Result")

NOT_MADE_YET: Final = ("TableNotFound", "QueueNotFound", "ContainerNotFound")
PER_TRANSACTION: Final = 100
FOR_EVER: Final = -1
LONGEST_DELAY: Final = 7 * 86_400


class Table:
    """A table. Entities are mappings with `PartitionKey` and `RowKey`; `etag(entity)` is what was read."""

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self._name = name
        self._client: TableClient | None = None

    async def insert(self, entity: Entity) -> str | None:
        """The new ETag; None when there is one with these keys."""
        from azure.core.exceptions import ResourceExistsError

        try:
            return _etag_of(await self._run(lambda table: table.create_entity(entity)))
        except ResourceExistsError:
            return None

    async def put(self, entity: Entity) -> None:
        """Insert or replace, whatever is there."""
        from azure.data.tables import UpdateMode

        await self._run(lambda table: table.upsert_entity(entity, mode=UpdateMode.REPLACE))

    async def get(self, partition: str, row: str) -> Entity | None:
        """The entity, or None."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            entity: Entity = await self._run(lambda table: table.get_entity(partition, row))
        except ResourceNotFoundError:
            return None
        return entity

    async def change(self, entity: Entity, etag: str = "", *, replace: bool = False) -> str | None:
        """Merge into it (or replace it) if it still has this ETag ("": if it exists); the new ETag, or None."""
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
        from azure.data.tables import UpdateMode

        condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}
        mode = UpdateMode.REPLACE if replace else UpdateMode.MERGE
        try:
            return _etag_of(await self._run(lambda table: table.update_entity(entity, mode=mode, **condition)))
        except (ResourceModifiedError, ResourceNotFoundError):
            return None

    async def delete(self, partition: str, row: str, etag: str) -> bool:
        """Delete it if it still has this ETag; False when it changed or is gone."""
        from azure.core import MatchConditions

        # In a transaction of one, because the SDK's own deletion takes "gone" for "deleted".
        condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        return await self.transact([("delete", {"PartitionKey": partition, "RowKey": row}, condition)])

    async def query(
        self, condition: str, values: Mapping[str, Any], *, select: Sequence[str] = (), limit: int | None = None
    ) -> list[Entity]:
        """Entities by key order; `condition` is OData with `@name` for values."""

        async def read(table: Any) -> list[Entity]:
            found: list[Entity] = []
            async for entity in table.query_entities(condition, parameters=dict(values), select=list(select) or None):
                if limit is not None and len(found) >= limit:
                    break
                found.append(entity)
            return found

        return await self._run(read)

    async def transact(self, operations: Sequence[tuple[Any, ...]]) -> bool:
        """All or none (at most 100, of one partition); False when a condition did not hold."""
        from azure.core.exceptions import HttpResponseError

        try:
            await self._run(lambda table: table.submit_transaction(operations))
        except HttpResponseError as problem:
            if problem.status_code in (404, 409, 412):
                return False
            raise
        return True

    async def sweep(self, entities: Iterable[Entity]) -> int:
        """Delete entities, whatever their ETag; those that are gone already do not matter. Returns how many."""
        partitions: dict[str, list[str]] = {}
        for entity in entities:
            partitions.setdefault(entity["PartitionKey"], []).append(entity["RowKey"])
        for partition, rows in partitions.items():
            for start in range(0, len(rows), PER_TRANSACTION):
                await self._sweep(partition, rows[start : start + PER_TRANSACTION])
        return sum(map(len, partitions.values()))

    async def _sweep(self, partition: str, rows: Sequence[str]) -> None:
        if await self.transact([("delete", {"PartitionKey": partition, "RowKey": row}) for row in rows]):
            return
        for row in rows:  # one of them was gone, and that undid the whole transaction
            await self._run(partial(_delete, partition=partition, row=row))

    async def _run(self, work: Callable[[Any], Awaitable[Result]]) -> Result:
        table = self._client = self._client or self._services.tables.get_table_client(self._name)
        return await _made_if_needed(lambda: work(table), table.create_table)


class Queue:
    """A queue of texts."""

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self._name = name
        self._client: QueueClient | None = None

    async def send(self, text: str, delay_seconds: float = 0.0) -> None:
        """Add a message that lives until it is deleted."""
        delay = _whole(delay_seconds)
        await self._run(lambda queue: queue.send_message(text, visibility_timeout=delay, time_to_live=FOR_EVER))

    async def receive(self, limit: int, lease_seconds: float) -> "list[QueueMessage]":
        """Up to `limit` (at most 32) messages, hidden from others meanwhile."""

        async def read(queue: "QueueClient") -> "list[QueueMessage]":
            most = min(limit, 32)
            messages = queue.receive_messages(
                messages_per_page=most, max_messages=most, visibility_timeout=_whole(lease_seconds)
            )
            return [message async for message in messages]

        return await self._run(read)

    async def delete(self, message_id: str, receipt: str) -> bool:
        """Delete; False when the message is gone or leased by another."""
        return await self._unless_lost(lambda queue: queue.delete_message(message_id, receipt))

    async def hide(self, message_id: str, receipt: str, delay_seconds: float) -> bool:
        """Give it back, visible after the delay. False when it is gone or leased by another."""
        delay = _whole(delay_seconds)
        return await self._unless_lost(
            lambda queue: queue.update_message(message_id, receipt, visibility_timeout=delay)
        )

    async def _unless_lost(self, work: "Callable[[QueueClient], Awaitable[Any]]") -> bool:
        from azure.core.exceptions import HttpResponseError

        try:
            await self._run(work)
        except HttpResponseError as problem:
            if problem.status_code in (400, 404):
                return False
            raise
        return True

    async def _run(self, work: "Callable[[QueueClient], Awaitable[Result]]") -> Result:
        queue = self._client = self._client or self._services.queue(self._name)
        return await _made_if_needed(lambda: work(queue), queue.create_queue)


class Container:
    """A container of blobs."""

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self._name = name
        self._client: ContainerClient | None = None

    async def put(self, name: str, data: bytes) -> None:
        """Store the blob, replacing what is there."""
        await self._run(lambda container: container.upload_blob(name, data, overwrite=True))

    async def get(self, name: str) -> bytes | None:
        """Its bytes, or None."""
        from azure.core.exceptions import ResourceNotFoundError

        async def read(container: "ContainerClient") -> bytes:
            return await (await container.download_blob(name)).readall()

        try:
            return await self._run(read)
        except ResourceNotFoundError:
            return None

    async def delete(self, name: str) -> None:
        """Delete it if it is there."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            await self._run(lambda container: container.delete_blob(name))
        except ResourceNotFoundError:
            return

    async def older_than(self, moment: float, prefix: str) -> list[str]:
        """Names of blobs last written before."""

        async def read(container: "ContainerClient") -> list[str]:
            found = container.list_blobs(name_starts_with=prefix)
            return [blob.name async for blob in found if blob.last_modified.timestamp() < moment]

        return await self._run(read)

    async def _run(self, work: "Callable[[ContainerClient], Awaitable[Result]]") -> Result:
        container = self._client = self._client or self._services.blobs.get_container_client(self._name)
        return await _made_if_needed(lambda: work(container), container.create_container)


def etag(entity: Entity) -> str:
    """The ETag of an entity that was read."""
    return str(entity.metadata["etag"])  # type: ignore[attr-defined]  # the SDK hangs it on the mapping


async def _made_if_needed(work: Callable[[], Awaitable[Result]], make: Callable[[], Awaitable[Any]]) -> Result:
    from azure.core.exceptions import HttpResponseError, ResourceExistsError

    with _speaking_plainly():
        try:
            return await work()
        except HttpResponseError as problem:
            if problem.status_code != 404 or not any(code in str(problem) for code in NOT_MADE_YET):
                raise
        with suppress(ResourceExistsError):  # created concurrently
            await make()
        return await work()


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Let through what callers decide on (409, 412, 404, a lost receipt); everything else is 503."""
    from azure.core.exceptions import AzureError, HttpResponseError

    try:
        yield
    except HttpResponseError as problem:
        if problem.status_code in (404, 409, 412) or "PopReceipt" in str(problem):
            raise
        raise _unavailable(f"status {problem.status_code}") from problem
    except (AzureError, OSError, TimeoutError) as problem:
        raise _unavailable(type(problem).__name__) from problem


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(
        "StorageUnavailable", f"Azure Storage cannot be used now ({reason}); nothing is lost. Try again.", retry_after=5
    )


def _etag_of(written: Mapping[str, Any]) -> str:
    return str(written["etag"])


async def _delete(table: Any, partition: str, row: str) -> None:
    await table.delete_entity(partition, row)


def _whole(seconds: float) -> int:
    """Queues know whole seconds: never early, at most a week."""
    return min(LONGEST_DELAY, max(0, math.ceil(seconds)))
