"""A cursor as the state in a trigger's address: small, whatever it holds.

A state that does not fit is kept in the store. The address then has the name that it is kept under and, for the case
that the store lost it, the cursor with as many marks as fit. A state is never changed once it is in an address, so
that a platform may call the same address twice.
"""

import logging
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connector.deskdirector.errors import BadRequest
from connector.relay.polling.cursor import Cursor
from connector.relay.polling.encoding import decode, decode_1_0, encode
from connector.storage.protocol import Payloads

logger = logging.getLogger("connector")

LONGEST_ADDRESS: Final = 3_500
"""Azure Functions on Windows takes queries of 4,096 characters."""
SMALLEST_ROOM: Final = 300
RENEW_DAYS: Final = 1
"""A state in use is written again before the store's `Retention.payloads` (7 days) ends."""
_DAY: Final = 86_400
_NAME_BYTES: Final = 16
_DAY_BYTES: Final = 3
_KEPT: Final = "k"
_WHOLE: Final = "w"


@dataclass(frozen=True, slots=True)
class State:
    """A cursor, and where and on which day it was kept, if it was."""

    cursor: Cursor
    text: str = ""
    kept_day: int = 0


@dataclass(frozen=True, slots=True)
class States:
    """Reads and writes states that may take `room` characters of an address."""

    payloads: Callable[[], Payloads]
    """Opens the store; called only for a state that does not fit."""
    room: int

    async def load(self, text: str) -> State:
        """The state; `BadRequest` when it is none of ours."""
        cursor = decode_1_0(text)
        if cursor is not None:
            return State(cursor)
        content = _content(text)
        try:
            if text.startswith(_KEPT):
                return await self._kept(text, content)
            return State(decode(content), text)
        except ValueError:
            raise _invalid() from None

    async def save(
        self, cursor: Cursor, before: State | None, now: float, recent: frozenset[bytes] = frozenset()
    ) -> str:
        """The text of the state that has `cursor`; that of `before` when it is the same. `recent` as for `reduced`."""
        day = int(now // _DAY)
        whole = encode(cursor)
        text = _text(_WHOLE, whole)
        if len(text) <= self.room:
            return text
        if before and before.kept_day > day - RENEW_DAYS and before.cursor == cursor:
            return before.text
        name = bytes.fromhex(await self.payloads().put(whole))
        head = name + day.to_bytes(_DAY_BYTES)
        return self._fitting(cursor, head, recent)

    async def _kept(self, text: str, content: bytes) -> State:
        if len(content) < _NAME_BYTES + _DAY_BYTES:
            raise ValueError("broken off")
        name, day, rest = content[:16], content[16:19], content[19:]
        remainder = decode(rest)
        whole = await self.payloads().get(name.hex())
        if whole is None:
            logger.warning("polling: a state is gone from the store; the trigger goes on with what its address has")
            return State(remainder)
        return State(decode(whole), text, int.from_bytes(day))

    def _fitting(self, cursor: Cursor, head: bytes, recent: frozenset[bytes]) -> str:
        """With as many marks as fit; a mark takes ten characters at least."""
        limit = min(len(cursor.marks), self.room // 9)
        while True:
            text = _text(_KEPT, head + encode(cursor.reduced(limit, recent)))
            if len(text) <= self.room or not limit:
                return text
            limit = min(limit * self.room // len(text), limit - 1)


def room_beside(address: str) -> int:
    """How long the state in an address may be; `BadRequest` when the rest of the address leaves none."""
    room = LONGEST_ADDRESS - len(address)
    if room < SMALLEST_ROOM:
        raise BadRequest(
            "FiltersTooLong",
            "The filters of this trigger are too long for the address that the platform calls; give ids in place of "
            "names, and a shorter search.",
        )
    return room


def _text(kind: str, content: bytes) -> str:
    return kind + urlsafe_b64encode(content).decode().rstrip("=")


def _content(text: str) -> bytes:
    if not text.isascii() or text[:1] not in (_KEPT, _WHOLE) or len(text) > LONGEST_ADDRESS:
        raise _invalid()
    body = text[1:]
    try:
        return b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _invalid() from None


def _invalid() -> BadRequest:
    return BadRequest(
        "StateInvalid", "'state' must be given back exactly as the last answer had it; leave it out to start."
    )
