"""The schemas of connections. They hardly differ, so equal ones are kept once."""

import hashlib
import json
from collections.abc import Hashable
from typing import Any, Final, Generic, Protocol, TypeVar

from connector.runtime import ExpiringCache

REMEMBERED: Final = 50_000
SCHEMA_BYTES: Final = 76_000_000


class _Schema(Protocol):
    @property
    def content(self) -> Any: ...

    @property
    def aliases(self) -> object: ...

    @property
    def weight(self) -> int: ...


K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=_Schema)
_Digest = tuple[bytes, int]


class Unknown:
    """Nothing is remembered; None means that no schema can be read."""


_UNKNOWN: Final = Unknown()


class KnownSchemas(Generic[K, S]):
    """Keys begin with the connection's identity, so schemas never cross connections, although equal ones are shared."""

    def __init__(self) -> None:
        self._digests: ExpiringCache[K, _Digest | None] = ExpiringCache(REMEMBERED)
        self._schemas: ExpiringCache[_Digest, S] = ExpiringCache(
            REMEMBERED, most_bytes=SCHEMA_BYTES, weigh=lambda schema: schema.weight
        )

    def get(self, key: K) -> S | Unknown | None:
        """The schema; None where none can be read, `Unknown` when nothing is remembered."""
        digest = self._digests.get(key, _UNKNOWN)
        if digest is None or isinstance(digest, Unknown):
            return digest
        return self._schemas.get(digest, _UNKNOWN)

    def put(self, key: K, schema: S | None, seconds: float) -> S | None:
        """Remember it for this many seconds; what is returned is the one that is kept of all that equal it."""
        if schema is None:
            self._digests.put(key, None, seconds)
            return None
        digest = hashlib.sha256(json.dumps(schema.content).encode()).digest(), id(schema.aliases)
        kept = self._schemas.get(digest, None) or schema
        self._schemas.put(digest, kept)
        self._digests.put(key, digest, seconds)
        return kept
