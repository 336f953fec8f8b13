"""Findings from a site's documents, kept between processes and days as an idempotency record.

The first caller of a day begins the key of that day and reads; others get what it kept. The key of the day before
outlives its day, so that a reading that fails takes nothing away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.deskdirector.discovery.site_routes import DAY, FindingsKeeper, Recalled
from connector.storage.idempotency_state import BegunState, StoredAnswer

if TYPE_CHECKING:
    from connector.storage.protocol import Idempotency

KEPT_SECONDS = 3 * DAY

_FINGERPRINT = "discovery"


@dataclass(frozen=True, slots=True)
class KeptFindings(FindingsKeeper):
    """See `FindingsKeeper`. `store` is asked for by the first use: most calls need none."""

    store: Callable[[], "Idempotency"]
    clock: Callable[[], float] = time.time

    async def recall(self, site: str) -> Recalled:
        """The kept findings; at most one caller a day and site is asked to read."""
        store, now = self.store(), self.clock()
        today = _key(site, now)
        begun = await store.begin(today, _FINGERPRINT, now, ttl_seconds=KEPT_SECONDS)
        if begun.state is BegunState.UNKNOWN:  # the process that began it has died
            await store.forget(today)
            begun = await store.begin(today, _FINGERPRINT, now, ttl_seconds=KEPT_SECONDS)
        if begun.state is BegunState.REPLAY and begun.answer:
            return Recalled(begun.answer.body, is_to_be_read=False, is_final=True)
        earlier = await self._earlier(store, site, now)
        return Recalled(earlier, is_to_be_read=begun.state is BegunState.STARTED, is_final=False)

    async def keep(self, site: str, content: bytes) -> None:
        """Keep today's findings."""
        await self.store().finish(_key(site, self.clock()), StoredAnswer(200, content))

    async def _earlier(self, store: "Idempotency", site: str, now: float) -> bytes | None:
        """The day before's. The protocol has no way to look at a key, so it is begun, and freed if it was free."""
        key = _key(site, now - DAY)
        begun = await store.begin(key, _FINGERPRINT, now, ttl_seconds=KEPT_SECONDS)
        if begun.state is BegunState.STARTED:
            await store.forget(key)
        return begun.answer.body if begun.answer else None


def _key(site: str, now: float) -> str:
    return f"discovery\n{site}\n{int(now // DAY)}"
