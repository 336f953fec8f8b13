"""Dispatcher for stores without a queue (SQLite): claims due deliveries and makes them, many at once.

In Azure every pending delivery has a message in a queue and a function that it starts. The embedded store has not, so
a task of the process that serves it looks for what is due. Several processes may: claims keep them apart.
"""

import asyncio
import logging
import traceback
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.relay.delivery import deliver, lease_seconds
from connector.relay.relay import Relay
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.runtime import cancelled, per_loop
from connector.storage.records import Claim

log = logging.getLogger("connector")

LOOK_EVERY: Final = 1.0
SHORTEST_WAIT: Final = 0.01
PAUSE_AFTER_ERROR: Final = 2.0
CLAIMED_AT_ONCE: Final = 128
AT_ONCE_WHEN_NEW: Final = 4
"""Claims of a flow that this process does not know yet; its lane lets one go at a time."""


class LocalDispatcher:
    """The deliveries of one event loop; `start` is idempotent."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._task: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Run in the background, unless it does already."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End; in-flight deliveries are redelivered after their lease expires."""
        await cancelled(task for task in (self._task, *self._under_way) if task is not None)
        self._task = None

    async def _run(self) -> None:
        while True:
            try:
                with self._relay.watching():
                    began = await self._begin_what_is_due()
                    await self._relay.save_health()
            except ConnectorError as problem:
                log.warning("Due deliveries cannot be read now: %s", problem.code)
                await asyncio.sleep(PAUSE_AFTER_ERROR)
                continue
            except Exception:
                log.exception("The dispatcher failed; it goes on.")
                await asyncio.sleep(PAUSE_AFTER_ERROR)
                continue
            if not began:
                await self._wait()

    async def _begin_what_is_due(self) -> int:
        """Start as many as there is room for; returns how many."""
        relay = self._relay
        room = min(CLAIMED_AT_ONCE, relay.lanes.slots - len(self._under_way))
        if room <= 0:
            return 0
        await relay.load_health()
        now = relay.clock()
        claims = await relay.store.outbox.claim_due(
            now,
            room,
            lease_seconds(relay),
            per_destination=AT_ONCE_WHEN_NEW,
            exclude=self._excluded(now),
            limits=relay.lanes.limits(),
        )
        for claim in claims:
            task = asyncio.get_running_loop().create_task(self._deliver(claim))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claims)

    def _excluded(self, now: float) -> dict[str, float]:
        """Flows that can take nothing now; not those that have failed for a day, whose backlog is tried a last time."""
        lanes = self._relay.lanes
        closed = lanes.closed(self._relay.monotonic())
        return {name: now + wait for name, wait in closed.items() if not self._is_long_dead(name, now)}

    def _is_long_dead(self, name: str, now: float) -> bool:
        since = self._relay.lanes.health(name).failing_since
        return bool(since) and now - since > GIVE_UP_AFTER and not self._relay.lanes.is_busy(name)

    async def _wait(self) -> None:
        """Until something ends, something comes in, or a lane lets its next delivery through."""
        waits = [wait for wait in self._relay.lanes.closed(self._relay.monotonic()).values() if wait < LOOK_EVERY]
        seconds = max(SHORTEST_WAIT, min(waits, default=LOOK_EVERY))
        event = asyncio.get_running_loop().create_task(self._relay.store.outbox.wait(seconds))
        try:
            await asyncio.wait({event, *self._under_way}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            event.cancel()

    async def _deliver(self, claim: Claim) -> None:
        try:
            await deliver(self._relay, claim)
        except ConnectorError as problem:
            log.warning("Delivery %s was not settled; it is redelivered: %s", claim.delivery.id, problem.code)
        except Exception as problem:  # noqa: BLE001  one delivery must not stop the others; its text may hold secrets
            where = "".join(traceback.format_tb(problem.__traceback__))
            log.error(
                "Delivery %s failed with %s; it is redelivered.\n%s", claim.delivery.id, type(problem).__name__, where
            )


@per_loop
def _dispatcher(relay: Relay) -> LocalDispatcher:
    return LocalDispatcher(relay)


def start_dispatcher(relay: Relay) -> None:
    """Let the deliveries of this event loop run in the background, if its store needs that."""
    if not relay.store.has_wake_ups:
        _dispatcher(relay).start()
