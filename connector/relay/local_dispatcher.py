"""Dispatcher for stores without a queue (SQLite): claims due deliveries and makes them, many at once.

In Azure every pending delivery has a message in a queue and a function that it starts. The embedded store has not, so
a task of the process that serves it looks for what is due. Several processes may: claims keep them apart.

A look, and the end of a delivery, cost a commit each. So what a flow can take at once is leased in the commit that
stores the event, and needs no look; and deliveries that end within a few milliseconds share a commit. If the process
dies in between, the lease ends and the delivery is made again.
"""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.relay.delivery import Accepted as AcceptedByFlow
from connector.relay.delivery import deliver, lease_seconds
from connector.relay.relay import Relay
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.runtime import cancelled, per_loop
from connector.storage.records import Accepted, Claim, RoutedEvent

log = logging.getLogger("connector")

LOOK_EVERY: Final = 1.0
SHORTEST_WAIT: Final = 0.01
COMPANY_SECONDS: Final = 0.01
"""How long a delivery that has ended waits for others to share its commit, and a flow that has some room for a look."""
WORTH_A_LOOK: Final = 4
"""Deliveries that a flow can take."""
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
        self._held: Counter[str] = Counter()
        """Deliveries by flow: under way, or promised to events that are being stored."""
        self._behind: frozenset[str] = frozenset()
        """Flows that had no more room at the last look: there may be more for them."""
        self._has_room = asyncio.Event()
        self._accepted: list[AcceptedByFlow] = []
        self._settling: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Run in the background, unless it does already."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._relay.dispatcher = self

    async def stop(self) -> None:
        """End; in-flight deliveries are redelivered after their lease expires."""
        self._relay.dispatcher = None
        await cancelled(task for task in (self._task, *self._under_way) if task is not None)
        self._task = None
        await self._settle()

    async def accept(self, routed_events: Sequence[RoutedEvent], now: float) -> Accepted:
        """Store the events, and begin at once what their flows can take now."""
        promised = self._promise(routed_events)
        try:
            accepted = await self._relay.store.outbox.accept(
                routed_events, now, lease_seconds=lease_seconds(self._relay), at_once=promised
            )
        finally:
            self._release(promised)
        self._begin(accepted.claims)
        return accepted

    def _promise(self, routed_events: Sequence[RoutedEvent]) -> Mapping[str, int]:
        """How many deliveries each flow can take now; they count as under way."""
        wanted = Counter(flow for event in routed_events for flow in event.subscription_ids)
        lanes, now = self._relay.lanes, self._relay.monotonic()
        if not wanted or self._held.total() + wanted.total() > lanes.slots:
            return {}
        room = {flow: min(count, lanes.free(flow, now) - self._held[flow]) for flow, count in wanted.items()}
        promised = {flow: count for flow, count in room.items() if count > 0}
        self._held.update(promised)
        return promised

    def _release(self, counts: Mapping[str, int]) -> None:
        for flow, count in counts.items():
            self._held[flow] -= count
            if not self._held[flow]:
                del self._held[flow]

    async def _run(self) -> None:
        while True:
            try:
                with self._relay.watching():
                    may_be_more = await self._begin_what_is_due()
                    await self._relay.save_health()
            except ConnectorError as problem:
                log.warning("Due deliveries cannot be read now: %s", problem.code)
                await asyncio.sleep(PAUSE_AFTER_ERROR)
                continue
            except Exception:
                log.exception("The dispatcher failed; it goes on.")
                await asyncio.sleep(PAUSE_AFTER_ERROR)
                continue
            if not may_be_more:
                await self._wait()

    async def _begin_what_is_due(self) -> bool:
        """Start as many as there is room for; whether there may be more for which there is room."""
        relay = self._relay
        await relay.load_health()
        now = relay.clock()
        excluded, limits = self._excluded(now), relay.lanes.limits(relay.monotonic(), self._held)
        room = min(CLAIMED_AT_ONCE, relay.lanes.slots - self._held.total())
        if room <= 0:
            self._behind = frozenset(self._held)
            return False
        claims = await relay.store.outbox.claim_due(
            now, room, lease_seconds(relay), per_destination=AT_ONCE_WHEN_NEW, exclude=excluded, limits=limits
        )
        begun = Counter(claim.delivery.subscription_id for claim in claims)
        full = frozenset(flow for flow, count in begun.items() if count >= limits.get(flow, 1))
        self._behind = full | {flow for flow in self._held if flow in excluded or not limits.get(flow)}
        self._begin(claims)
        return len(claims) == room or any(map(self._has_much_room, full))

    def _has_much_room(self, flow: str) -> bool:
        """Whether a look is worth its commit: one for each delivery that ends would cost more than the delivery."""
        return self._relay.lanes.free(flow, self._relay.monotonic()) - self._held[flow] >= WORTH_A_LOOK

    def _begin(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self._held[claim.delivery.subscription_id] += 1
            task = asyncio.get_running_loop().create_task(self._deliver(claim))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _excluded(self, now: float) -> dict[str, float]:
        """Flows that can take nothing now; not those that have failed for a day, whose backlog is tried a last time."""
        lanes = self._relay.lanes
        closed = lanes.closed(self._relay.monotonic())
        return {name: now + wait for name, wait in closed.items() if not self._is_long_dead(name, now)}

    def _is_long_dead(self, name: str, now: float) -> bool:
        since = self._relay.lanes.health(name).failing_since
        return bool(since) and now - since > GIVE_UP_AFTER and not self._relay.lanes.is_busy(name)

    async def _wait(self) -> None:
        """Until something comes in, a flow that was full has room, or a lane lets its next delivery through."""
        waits = [wait for wait in self._relay.lanes.closed(self._relay.monotonic()).values() if wait < LOOK_EVERY]
        seconds = max(SHORTEST_WAIT, min(waits, default=LOOK_EVERY))
        loop = asyncio.get_running_loop()
        signals = [loop.create_task(self._relay.store.outbox.wait(seconds)), loop.create_task(self._has_room.wait())]
        try:
            await asyncio.wait(signals, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for signal in signals:
                signal.cancel()
            self._has_room.clear()

    async def _deliver(self, claim: Claim) -> None:
        flow, loop = claim.delivery.subscription_id, asyncio.get_running_loop()
        try:
            await deliver(self._relay, claim, self._accepted)
        except ConnectorError as problem:
            log.warning("Delivery %s was not settled; it is redelivered: %s", claim.delivery.id, problem.code)
        except Exception as problem:  # noqa: BLE001  one delivery must not stop the others; its text may hold secrets
            where = "".join(traceback.format_tb(problem.__traceback__))
            log.error(
                "Delivery %s failed with %s; it is redelivered.\n%s", claim.delivery.id, type(problem).__name__, where
            )
        finally:
            self._release({flow: 1})
        if self._accepted and self._settling is None:
            self._settling = loop.call_later(COMPANY_SECONDS, self._settle_in_background)
        if flow in self._behind:
            if self._has_much_room(flow):
                self._look_again()
            elif self._looking is None:
                self._looking = loop.call_later(COMPANY_SECONDS, self._look_again)

    def _look_again(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking, self._behind = None, frozenset()
        self._has_room.set()

    def _settle_in_background(self) -> None:
        self._settling = None
        task = asyncio.get_running_loop().create_task(self._settle())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _settle(self) -> None:
        """Note what flows have accepted."""
        accepted = self._accepted.copy()
        self._accepted.clear()  # the list itself stays: deliveries under way will add to it
        if not accepted:
            return
        try:
            await self._relay.store.outbox.ack_all(accepted, self._relay.clock())
        except ConnectorError as problem:
            log.warning("%d deliveries were not settled; they are redelivered: %s", len(accepted), problem.code)


@per_loop
def _dispatcher(relay: Relay) -> LocalDispatcher:
    return LocalDispatcher(relay)


def start_dispatcher(relay: Relay) -> None:
    """Let the deliveries of this event loop run in the background, if its store needs that."""
    if not relay.store.has_wake_ups:
        _dispatcher(relay).start()
