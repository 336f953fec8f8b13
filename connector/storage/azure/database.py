"""Tables, queues and containers that come into being when they are first written to, and say "no" without exceptions.

A lost race (it exists already, it changed, it is gone) is an ordinary answer here: None or False. A missing table
is empty. Everything else that the service refuses or does not answer is 503.
"""

import json
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from connector.deskdirector.transport import Answer
from connector.storage.azure.rest import Rest, error_code, refused
from connector.storage.azure.wire import (
    JSON,
    QUIET,
    Change,
    Message,
    batch,
    batch_outcome,
    blobs,
    filled,
    key_path,
    message,
    messages,
    read,
    written,
)

Entity: TypeAlias = Mapping[str, Any]

NOT_MADE_YET: Final = ("TableNotFound", "QueueNotFound", "ContainerNotFound")
LOST_RACE: Final = (404, 409, 412)
PER_TRANSACTION: Final = 100
LARGEST_PAGE: Final = 1_000
DELETED_AT_ONCE: Final = 20_000
"""Rows that one run of an hourly job deletes, so that it ends in time; the next goes on."""
FOR_EVER: Final = "-1"
LONGEST_DELAY: Final = 7 * 86_400


class Table:
    """A table. Entities are mappings with `PartitionKey` and `RowKey`; `etag(entity)` is the version read."""

    def __init__(self, rest: Rest, name: str) -> None:
        self._rest = rest
        self.name = name

    async def insert(self, entity: Entity) -> str | None:
        """The new ETag; None when there is one with these keys."""
        body = written(entity)
        answer = await self._written("POST", f"/{self.name}", headers=QUIET, body=body)
        return None if answer.status == 409 else _etag_of(answer)

    async def put(self, entity: Entity) -> str:
        """Insert or replace, whatever is there; the new ETag."""
        return _etag_of(await self._written("PUT", key_path(self.name, entity), headers=JSON, body=written(entity)))

    async def get(self, partition: str, row: str) -> Entity | None:
        """The entity, or None."""
        path = key_path(self.name, {"PartitionKey": partition, "RowKey": row})
        answer = await self._rest.send("table", "GET", path, headers=JSON)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise refused(answer)
        return read(json.loads(answer.content))

    async def change(self, entity: Entity, etag: str = "", *, replace: bool = False) -> str | None:
        """Merge into it (or replace it) if it still has this ETag ("": if it exists); the new ETag, or None."""
        headers = {**JSON, "if-match": etag or "*"}
        method = "PUT" if replace else "PATCH"
        path = key_path(self.name, entity)
        answer = await self._rest.send("table", method, path, headers=headers, body=written(entity))
        return None if answer.status in (404, 412) else _etag_of(answer)

    async def delete(self, partition: str, row: str, etag: str = "*") -> bool:
        """Delete it if it still has this ETag; False when it changed or is gone."""
        path = key_path(self.name, {"PartitionKey": partition, "RowKey": row})
        answer = await self._rest.send("table", "DELETE", path, headers={**JSON, "if-match": etag})
        if answer.status not in (204, 404, 412):
            raise refused(answer)
        return answer.status == 204

    async def query(
        self, condition: str, values: Mapping[str, Any], *, select: Sequence[str] = (), limit: int | None = None
    ) -> list[Entity]:
        """Entities by key order; `condition` is OData with `@name` for values."""
        parameters = {"$filter": filled(condition, values)}
        if select:
            parameters["$select"] = ",".join(select)
        found: list[Entity] = []
        after: dict[str, str] = {}
        while limit is None or len(found) < limit:
            if limit is not None:
                parameters["$top"] = str(min(LARGEST_PAGE, limit - len(found)))
            answer = await self._rest.send("table", "GET", f"/{self.name}()", parameters | after, headers=JSON)
            if answer.status == 404:
                break
            if answer.status != 200:
                raise refused(answer)
            found += [read(entity) for entity in json.loads(answer.content)["value"]]
            after = _continuation(answer.headers)
            if not after:
                break
        return found

    async def transact(self, changes: Sequence[Change]) -> tuple[str, ...] | None:
        """All or none (at most 100, of one partition): their ETags; None when a condition did not hold."""
        kind, body = batch(self._rest.address("table"), self.name, changes)
        answer = await self._written("POST", "/$batch", headers={"content-type": kind}, body=body)
        status, etags = batch_outcome(answer.content, len(changes))
        if answer.status != 202 or (status >= 400 and status not in LOST_RACE):
            raise refused(answer._replace(status=max(answer.status, status)))
        return None if status >= 400 else etags

    async def sweep(self, entities: Iterable[Entity]) -> int:
        """Delete entities, whatever their ETag; those that are gone already do not matter. Returns how many."""
        partitions: dict[str, list[str]] = {}
        for entity in entities:
            partitions.setdefault(entity["PartitionKey"], []).append(entity["RowKey"])
        for partition, rows in partitions.items():
            for start in range(0, len(rows), PER_TRANSACTION):
                await self._sweep(partition, rows[start : start + PER_TRANSACTION])
        return sum(map(len, partitions.values()))

    async def exists(self) -> bool:
        """Whether the table is there."""
        answer = await self._rest.send("table", "GET", f"/{self.name}()", {"$top": "1"}, headers=JSON)
        if answer.status not in (200, 404):
            raise refused(answer)
        return answer.status == 200

    async def drop(self) -> bool:
        """Delete the table with everything in it; False when there is none."""
        answer = await self._rest.send("table", "DELETE", f"/Tables('{self.name}')", headers=JSON)
        if answer.status not in (204, 404):
            raise refused(answer)
        return answer.status == 204

    async def _sweep(self, partition: str, rows: Sequence[str]) -> None:
        keys = [{"PartitionKey": partition, "RowKey": row} for row in rows]
        if len(rows) == 1 or await self.transact([Change("delete", key) for key in keys]) is None:
            for row in rows:  # one of them was gone, and that undid the whole transaction
                await self.delete(partition, row)

    async def _written(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        async def work() -> Answer:
            return await self._rest.send("table", method, path, headers=headers, body=body)

        async def make() -> Answer:
            named = json.dumps({"TableName": self.name}).encode()
            return await self._rest.send("table", "POST", "/Tables", headers=QUIET, body=named)

        return await _made_if_needed(work, make)


async def table_names(rest: Rest, prefix: str) -> list[str]:
    """The names of the account's tables that begin so."""
    names: list[str] = []
    parameters = {"$filter": f"TableName ge '{prefix}' and TableName lt '{prefix}~'"}
    after: dict[str, str] = {}
    while True:
        answer = await rest.send("table", "GET", "/Tables", parameters | after, headers=JSON)
        if answer.status != 200:
            raise refused(answer)
        names += [table["TableName"] for table in json.loads(answer.content)["value"]]
        following = answer.headers.get("x-ms-continuation-NextTableName", "")
        if not following:
            return [name for name in names if name.startswith(prefix)]
        after = {"NextTableName": following}


class Queue:
    """A queue of texts, in base64 as the Functions host wants them."""

    def __init__(self, rest: Rest, name: str) -> None:
        self._rest = rest
        self._path = f"/{name}"

    async def send(self, text: str, delay_seconds: float = 0.0) -> None:
        """Add a message that lives until it is deleted."""
        parameters = {"messagettl": FOR_EVER, "visibilitytimeout": _whole(delay_seconds)}
        answer = await self._run("POST", f"{self._path}/messages", parameters, message(text))
        if answer.status != 201:
            raise refused(answer)

    async def receive(self, limit: int, lease_seconds: float) -> list[Message]:
        """Up to `limit` (at most 32) messages, hidden from others meanwhile."""
        parameters = {"numofmessages": str(min(limit, 32)), "visibilitytimeout": _whole(lease_seconds)}
        answer = await self._run("GET", f"{self._path}/messages", parameters)
        if answer.status != 200:
            raise refused(answer)
        return messages(answer.content)

    async def delete(self, message_id: str, receipt: str) -> bool:
        """Delete; False when the message is gone or leased by another."""
        return await self._unless_lost("DELETE", message_id, {"popreceipt": receipt})

    async def hide(self, message_id: str, receipt: str, delay_seconds: float) -> bool:
        """Give it back, visible after the delay. False when it is gone or leased by another."""
        parameters = {"popreceipt": receipt, "visibilitytimeout": _whole(delay_seconds)}
        return await self._unless_lost("PUT", message_id, parameters)

    async def _unless_lost(self, method: str, message_id: str, parameters: Mapping[str, str]) -> bool:
        answer = await self._run(method, f"{self._path}/messages/{quote(message_id, safe='')}", parameters)
        if answer.status not in (204, 400, 404):
            raise refused(answer)
        return answer.status == 204

    async def _run(self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None = None) -> Answer:
        headers = {"content-type": "application/xml"} if body else None
        return await _made_if_needed(
            lambda: self._rest.send("queue", method, path, parameters, headers=headers, body=body),
            lambda: self._rest.send("queue", "PUT", self._path),
        )


class Container:
    """A container of blobs."""

    def __init__(self, rest: Rest, name: str) -> None:
        self._rest = rest
        self._path = f"/{name}"

    async def put(self, name: str, data: bytes) -> None:
        """Store the blob, replacing an older one."""
        headers = {"x-ms-blob-type": "BlockBlob", "content-type": "application/octet-stream"}
        answer = await _made_if_needed(
            lambda: self._rest.send("blob", "PUT", self._blob(name), headers=headers, body=data),
            lambda: self._rest.send("blob", "PUT", self._path, {"restype": "container"}),
        )
        if answer.status != 201:
            raise refused(answer)

    async def get(self, name: str) -> bytes | None:
        """Its bytes, or None."""
        answer = await self._rest.send("blob", "GET", self._blob(name))
        if answer.status not in (200, 404):
            raise refused(answer)
        return answer.content if answer.status == 200 else None

    async def delete(self, name: str) -> None:
        """Delete it if it is there."""
        answer = await self._rest.send("blob", "DELETE", self._blob(name))
        if answer.status not in (202, 404):
            raise refused(answer)

    async def older_than(self, moment: float, prefix: str) -> list[str]:
        """Names of blobs last written before."""
        names: list[str] = []
        parameters = {"restype": "container", "comp": "list", "prefix": prefix}
        while True:
            answer = await self._rest.send("blob", "GET", self._path, parameters)
            if answer.status == 404:
                return names
            if answer.status != 200:
                raise refused(answer)
            found, marker = blobs(answer.content)
            names += [name for name, at in found if parsedate_to_datetime(at).timestamp() < moment]
            if not marker:
                return names
            parameters["marker"] = marker

    def _blob(self, name: str) -> str:
        return f"{self._path}/{quote(name, safe='/')}"


def etag(entity: Entity) -> str:
    """The ETag of an entity that was read."""
    return str(entity.etag)  # type: ignore[attr-defined]  # of `wire.Entity`; the mapping is all that others need


async def _made_if_needed(work: Callable[[], Awaitable[Answer]], make: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer; when what it is about does not exist yet, it is made first."""
    answer = await work()
    if b"NotFound" not in answer.content and answer.status != 404:
        return answer
    code = error_code(answer)
    if code not in NOT_MADE_YET:
        return answer
    made = await make()
    if made.status not in (201, 204, 409):  # 409: made at the same time by another
        raise refused(made)
    return await work()


def _etag_of(answer: Answer) -> str:
    if answer.status not in (200, 201, 204):
        raise refused(answer)
    return str(answer.headers.get("etag", ""))


def _continuation(headers: Mapping[str, str]) -> dict[str, str]:
    names = ("NextPartitionKey", "NextRowKey")
    found = {name: headers.get(f"x-ms-continuation-{name}", "") for name in names}
    return {name: value for name, value in found.items() if value}


def _whole(seconds: float) -> str:
    """Queues know whole seconds: never early, at most a week."""
    return str(min(LONGEST_DELAY, max(0, math.ceil(seconds))))
