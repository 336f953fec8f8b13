"""Leases on deliveries: a change of the entity that only one can win, and the queue message that brought it up.

The entity decides (its ETag is the lease); the message only wakes. There is always a message for a pending delivery,
seldom two, and a message that wakes nothing is deleted.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.storage.azure.database import Entity, Queue, etag
from connector.storage.azure.events import Events
from connector.storage.azure.groups import Groups
from connector.storage.azure.payloads import Bulk
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rows import (
    KEYS,
    Place,
    delivery_place,
    event_place,
    read_delivery,
    read_event,
    split_delivery_id,
)
from connector.storage.azure.waiting import Waiting
from connector.storage.azure.wire import Change
from connector.storage.documents import CorruptRecordError
from connector.storage.records import Claim, DeliveryState, Event, wake_up

EARLY: Final = 0.5
"""Queues and we have different clocks: a delivery due within half a second is due."""
LONGEST_PUT_OFF: Final = 60.0
BLOCKED_SECONDS: Final = 5.0
"""How long an ordered delivery is hidden behind an earlier one; it is woken before that when the earlier one ends."""


@dataclass(frozen=True, slots=True)
class Wake:
    """The message that woke us: ours to delete or to hide. None of it when the Functions host holds the message."""

    message_id: str = ""
    pop_receipt: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a claim holds: the ETag of the leased delivery, and its message.

    One that is `first` came with the event; its guard is the inbound message, and it is not among the waiting ones.
    """

    etag: str
    wake: Wake
    is_first: bool = False

    def __str__(self) -> str:
        return json.dumps([self.etag, self.wake.message_id, self.wake.pop_receipt, self.is_first])

    @classmethod
    def of(cls, text: str) -> "Receipt":
        """The receipt of a claim."""
        version, message_id, pop_receipt, *first = json.loads(text)
        return cls(version, Wake(message_id, pop_receipt), bool(first and first[0]))


class Leases:
    """Takes and ends leases."""

    def __init__(
        self,
        events: Events,
        queue: Queue,
        bulk: Bulk,
        quarantine: AzureQuarantine,
        groups: Groups,
        waiting: Waiting,
    ) -> None:
        self._events = events
        self._queue = queue
        self._bulk = bulk
        self._quarantine = quarantine
        self._groups = groups
        self._waiting = waiting

    async def take(self, delivery_id: str, now: float, lease_seconds: float, wake: Wake) -> Claim | None:
        """Lease it, or see to its next wake-up (if it needs one) and return None."""
        place = delivery_place(delivery_id)
        there = place and await self._events.get(*place)
        if place is None or there is None or there["State"] != DeliveryState.PENDING:
            if there is None:
                await self._waiting.remove(delivery_id, split_delivery_id(delivery_id)[1])
            await self._done_with(wake)
            return None
        wait = float(there["DueAt"]) - now
        if wait <= EARLY and there.get("Group") and not await self._groups.is_first(read_delivery(there), now):
            wait = BLOCKED_SECONDS
        if wait <= EARLY:
            lease = dict(zip(KEYS, place, strict=True)) | {"DueAt": now + lease_seconds}
            version = await self._events.change(lease, etag(there))
            if version is not None:
                return await self._claim(there, Receipt(version, wake), now)
            wait = lease_seconds
        await self.wake_later(delivery_id, wait, wake)
        return None

    async def resume(self, delivery_id: str, receipt: str, now: float) -> Claim | None:
        """The claim that the receipt stands for, if the lease still is."""
        place = delivery_place(delivery_id)
        there = place and await self._events.get(*place)
        held = Receipt.of(receipt)
        if not there or etag(there) != held.etag:
            return None
        return await self._claim(there, held, now)

    async def end(self, claim: Claim, **values: object) -> bool:
        """Finish the leased delivery with these values; its message is not needed any more."""
        receipt = Receipt.of(claim.receipt)
        ended = await self._change(claim, **values)
        await self._done_with(receipt.wake)
        if ended and not receipt.is_first:
            await self._waiting.remove(claim.delivery.id, claim.delivery.subscription_id)
        if ended and (following := await self._groups.ended(claim.delivery)):
            await self._queue.send(wake_up(following))
        return ended

    async def postpone(self, claim: Claim, now: float, *, due_at: float, **values: object) -> bool:
        """Let the leased delivery come up again at `due_at`; False when the lease was lost."""
        receipt = Receipt.of(claim.receipt)
        await self._waiting.add(claim.delivery, due_at=due_at)
        if receipt.is_first:  # its inbound message guards it only as long as it is leased: the wake-up comes first
            await self._queue.send(wake_up(claim.delivery.id), due_at - now)
            return await self._change(claim, DueAt=due_at, Guarded=False, **values)
        postponed = await self._change(claim, DueAt=due_at, Guarded=False, **values)
        if postponed:
            await self.wake_later(claim.delivery.id, due_at - now, receipt.wake)
        else:
            await self._done_with(receipt.wake)
        return postponed

    async def end_together(self, ends: Sequence[tuple[Claim, Mapping[str, Any]]]) -> bool:
        """Finish first claims on one event, each with its values, in one transaction; False when that did not go."""
        changes = [
            Change("merge", {**dict(zip(KEYS, _place(claim), strict=True)), **values}, Receipt.of(claim.receipt).etag)
            for claim, values in ends
        ]
        return await self._events.change_all(changes)

    async def wake_later(self, delivery_id: str, delay_seconds: float, wake: Wake) -> None:
        """Let the message come back after the delay, or send another when it is not ours."""
        hidden = wake.message_id and await self._queue.hide(wake.message_id, wake.pop_receipt, delay_seconds)
        if not hidden:
            await self._queue.send(wake_up(delivery_id), delay_seconds)

    async def _change(self, claim: Claim, **values: object) -> bool:
        """Change the leased delivery, which ends the lease; False when it was lost."""
        keys = dict(zip(KEYS, _place(claim), strict=True))
        return await self._events.change(keys | values, Receipt.of(claim.receipt).etag) is not None

    async def _claim(self, entity: Entity, receipt: Receipt, now: float) -> Claim | None:
        try:
            return Claim(read_delivery(entity), await self._event(entity), str(receipt))
        except (CorruptRecordError, KeyError, TypeError, ValueError) as problem:
            raw = json.dumps(dict(entity), default=str)
            reason = str(problem) if isinstance(problem, CorruptRecordError) else f"{type(problem).__name__} in it"
            await self._quarantine.put("delivery", str(entity.get("DeliveryId")), raw, reason, now)
            await self._events.delete(entity["PartitionKey"], entity["RowKey"], receipt.etag)
            await self._done_with(receipt.wake)
            return None

    async def _event(self, delivery: Entity) -> Event:
        place = event_place(delivery["EventId"])
        entity = place and await self._events.get(*place)
        if not entity:
            raise CorruptRecordError("its event is missing")
        return read_event(entity, await self._bulk.read(entity))

    async def _done_with(self, wake: Wake) -> None:
        if wake.message_id:
            await self._queue.delete(wake.message_id, wake.pop_receipt)


class Fairness:
    """How many leases each destination holds in this process, and how much of its surplus was put off."""

    def __init__(self) -> None:
        self._leases: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._put_off: Counter[str] = Counter()

    def admits(self, destination: str, now: float, per_destination: int) -> bool:
        """Whether the destination may have one more lease."""
        held = {each: until for each, until in self._leases[destination].items() if until > now}
        self._leases[destination] = held
        return len(held) < per_destination

    def took(self, destination: str, delivery_id: str, until: float) -> None:
        """It has a lease until then."""
        self._leases[destination][delivery_id] = until
        self._put_off[destination] = max(0, self._put_off[destination] - 1)

    def released(self, destination: str, delivery_id: str) -> None:
        """The lease has ended."""
        self._leases[destination].pop(delivery_id, None)

    def put_off(self, destination: str, per_destination: int) -> float:
        """For how many seconds to hide one too many: the more are hidden already, the longer."""
        self._put_off[destination] += 1
        return min(LONGEST_PUT_OFF, 1.0 + self._put_off[destination] // per_destination)


def _place(claim: Claim) -> Place:
    place = delivery_place(claim.delivery.id)
    if place is None:
        raise ValueError("not a claim of this store")
    return place
