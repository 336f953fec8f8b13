"""Plans that wait for their confirmation, kept as idempotency records, so that both stores have them.

A token is the minute in which it ends and 96 random bits. The record goes by a digest of connection, purpose and token:
a token means nothing to another key, site or operation, and the store does not hold it.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from connector.deskdirector.errors import Conflict, ConnectorError, OutcomeUnknown
from connector.operations.confirmation import PLAN_SECONDS, Kept, Part, expired_token, unknown_token
from connector.storage.idempotency_state import Begun, BegunState, StoredAnswer

if TYPE_CHECKING:
    from connector.storage.protocol import Idempotency

logger = logging.getLogger("connector")

_FINGERPRINT: Final = "plan"
_MINUTES: Final = 7
"""Hexadecimal digits for a minute since 1970."""
_RANDOM_BYTES: Final = 12
_LONGEST: Final = 64
_PART_SECONDS: Final = PLAN_SECONDS + 3600.0


@dataclass(frozen=True, slots=True)
class KeptPlans:
    """See `Plans`. `identity` is the connection's; `store` is asked for by the first use."""

    store: Callable[[], "Idempotency"]
    identity: str
    clock: Callable[[], float] = time.time

    async def keep(self, purpose: str, content: bytes) -> Kept:
        """Keep a plan under a new token."""
        ends = int((self.clock() + PLAN_SECONDS) // 60)
        token = f"{ends:0{_MINUTES}x}{secrets.token_urlsafe(_RANDOM_BYTES)}"
        store, key = self.store(), self._key(purpose, token)
        await store.begin(key, _FINGERPRINT, self.clock(), ttl_seconds=PLAN_SECONDS + 60)
        await store.finish(key, StoredAnswer(200, content))
        return Kept(token, self.expiry_of(token))

    def expiry_of(self, token: str) -> str:
        """Until when a token is good."""
        return datetime.fromtimestamp(_end_of(token.strip()) or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def recall(self, purpose: str, token: str) -> bytes:
        """The plan of a token."""
        token, now = token.strip(), self.clock()
        ends = _end_of(token)
        if ends is None:
            raise unknown_token()
        if ends <= now:
            raise expired_token()
        store, key = self.store(), self._key(purpose, token)
        begun = await store.begin(key, _FINGERPRINT, now, ttl_seconds=60)
        if begun.state is BegunState.STARTED:  # the protocol has no way to look at a key without beginning it
            await store.forget(key)
        if begun.state is not BegunState.REPLAY or begun.answer is None:
            raise unknown_token()
        return begun.answer.body

    async def once(self, token: str, part: Part) -> bytes:
        """Do a part that was not done yet."""
        store, key = self.store(), self._key(f"part {part.name}", token.strip())
        begun = await store.begin(key, _FINGERPRINT, self.clock(), ttl_seconds=_PART_SECONDS)
        if begun.state is BegunState.REPLAY and begun.answer:
            return begun.answer.body
        if begun.state is BegunState.IN_PROGRESS:
            raise Conflict("RepeatInProgress", "The same request is still being worked on; try again.", retry_after=5)
        unknown = begun.state is BegunState.UNKNOWN
        body = await (self._looked(part, begun) if unknown else self._worked(store, key, part))
        try:
            await store.finish(key, StoredAnswer(200, body))
        except ConnectorError as problem:
            # It is done; a repeat finds its outcome unknown, and looks.
            logger.warning("what a part of a plan answered could not be kept: %s", problem.code)
        return body

    async def _worked(self, store: "Idempotency", key: str, part: Part) -> bytes:
        try:
            return await part.work()
        except BaseException as problem:
            is_unclear = part.is_unclear() or isinstance(problem, OutcomeUnknown)
            await (store.mark_unknown(key) if is_unclear else store.forget(key))
            raise

    async def _looked(self, part: Part, begun: Begun) -> bytes:
        body = await part.look(begun.begun_at) if part.look else None
        if body is None:
            raise _unclear()
        return body

    def _key(self, purpose: str, token: str) -> str:
        return hashlib.sha256(f"plan\n{self.identity}\n{purpose}\n{token}".encode()).hexdigest()


def _unclear() -> ConnectorError:
    return OutcomeUnknown(
        "OutcomeUnknown", "An earlier call with this token may have done it; look in DeskDirector before you repeat it."
    )


def _end_of(token: str) -> float | None:
    """When a token expires; None for other texts. It is for the message about late tokens; the record decides."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        return int(token[:_MINUTES], 16) * 60.0
    except ValueError:
        return None
