"""Deliveries from a store that raises no messages for them: looks for what is due, and delivers it, many at once.

In Azure every pending delivery has a message in a queue and a function that it starts. The embedded store has not, so
one task of the process that serves it does the looking. Several processes may: claims keep them apart.
"""

import asyncio
import logging
import traceback
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.relay.circuit_breaker import AT_ONCE
from connector.relay.delivery import deliver, lease_seconds
from connector.relay.relay import Relay
from connector.runtime import per_loop
from connector.storage.records import Claim

log = logging.getLogger("connector")

TOGETHER: Final = 128
LOOK_EVERY: Final = 1.0
PAUSE_AFTER_TROUBLE: Final = 2.0


class LocalDispatcher:
    """The deliveries of one event loop; `start` may be called as often as one likes."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._task: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Run in the background, unless it does already."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End; what is under way comes up again when its lease is over."""
        tasks = [task for task in (self._task, *self._under_way) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while True:
            try:
                with self._relay.watching():
                    began = await self._begin_what_is_due()
            except ConnectorError as problem:
                log.warning("Due deliveries cannot be read now: %s", problem.code)
                await asyncio.sleep(PAUSE_AFTER_TROUBLE)
                continue
            if not began:
                await self._wait()

    async def _begin_what_is_due(self) -> int:
        """Start as many as there is room for; returns how many."""
        room = TOGETHER - len(self._under_way)
        if room <= 0:
            return 0
        relay = self._relay
        now = relay.clock()
        full = dict.fromkeys(relay.lanes.full(), now + LOOK_EVERY)
        claims = await relay.store.outbox.claim_due(
            now, room, lease_seconds(relay), per_destination=AT_ONCE, exclude=full
        )
        for claim in claims:
            task = asyncio.get_running_loop().create_task(self._deliver(claim))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claims)

    async def _wait(self) -> None:
        """Until something ends or something arrives; for a while at most, since retries come due unannounced."""
        arrival = asyncio.get_running_loop().create_task(self._relay.store.outbox.wait(LOOK_EVERY))
        try:
            await asyncio.wait({arrival, *self._under_way}, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()

    async def _deliver(self, claim: Claim) -> None:
        try:
            await deliver(self._relay, claim)
        except ConnectorError as problem:
            log.warning("Delivery %s could not be settled; it comes up again: %s", claim.delivery.id, problem.code)
        except Exception as problem:  # noqa: BLE001  one delivery must not stop the others; its text may hold secrets
            where = "".join(traceback.format_tb(problem.__traceback__))
            log.error(
                "Delivery %s failed with %s; it comes up again.\n%s", claim.delivery.id, type(problem).__name__, where
            )


@per_loop
def _dispatcher(relay: Relay) -> LocalDispatcher:
    return LocalDispatcher(relay)


def start_dispatcher(relay: Relay) -> None:
    """Let the deliveries of this event loop run in the background, if its store needs that."""
    if not relay.store.has_wake_ups:
        _dispatcher(relay).start()
