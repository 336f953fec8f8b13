"""Large payloads as blobs, and long values of entities: cut into properties of 64 KB, or a blob beyond that."""

import secrets
from typing import Any, Final

from typing_extensions import override

from connector.deskdirector.errors import TooLarge
from connector.storage.azure.database import Container, Entity
from connector.storage.documents import CorruptRecordError
from connector.storage.protocol import Payloads

PIECE: Final = 64 * 1024
NAMES: Final = tuple(f"Bulk{number}" for number in range(11))
LIMIT: Final = PIECE * len(NAMES)
"""An entity holds 1 MB, and a text takes two bytes a character."""
BLOB: Final = "BulkBlob"
CLAIM_CHECKS: Final = "payloads/"


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


class Bulk:
    """Long values and where they are."""

    def __init__(self, blobs: Container) -> None:
        self._blobs = blobs

    async def write(self, name: str, data: bytes) -> dict[str, Any]:
        """The properties that stand for the data; `name` is its blob's if it needs one."""
        if len(data) <= LIMIT:
            return cut(data)
        await self._blobs.put(name, data)
        return {BLOB: name}

    async def read(self, entity: Entity) -> bytes:
        """The data. Raises `CorruptRecordError` when its blob is gone."""
        if not entity.get(BLOB):
            return joined(entity)
        data = await self._blobs.get(entity[BLOB])
        if data is None:
            raise CorruptRecordError("its blob is missing")
        return data

    async def discard(self, entity: Entity) -> None:
        """Delete its blob, if it has one."""
        if entity.get(BLOB):
            await self._blobs.delete(entity[BLOB])


def cut(data: bytes) -> dict[str, bytes]:
    """The data in properties; raises `TooLarge` for more than an entity can hold."""
    if len(data) > LIMIT:
        raise TooLarge(
            "RecordTooLarge", f"That is more than the {LIMIT // 1024} KB that the store keeps in one record."
        )
    return {name: data[start : start + PIECE] for name, start in zip(NAMES, range(0, len(data), PIECE), strict=False)}


def joined(entity: Entity) -> bytes:
    """The data of `cut`."""
    return b"".join(entity[name] for name in NAMES if name in entity)
