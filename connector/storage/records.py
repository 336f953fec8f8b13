"""The records that a store keeps and gives back; frozen, so that they can be cached and shared.

Times are seconds since the epoch, UTC. Ids are opaque text of any length and content.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from connector.deskdirector.errors import Conflict
from connector.storage.history import NO_SUMMARY, AttemptMade, Summary, Verdict

SEALED: Final[Mapping[str, bool]] = {"sealed": True}
"""Marks a field that is sealed at rest."""

ORDER_HOLD_SECONDS: Final = 1.0
"""How long an ordered delivery waits for events that were received before it and are still being fanned out."""

Record = TypeVar("Record")


def digest(text: str) -> str:
    """SHA-256 in hex: a key that is safe in any store, for text of any length and content."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class StaleRecord(Conflict):
    """Compare-and-set failed: the record was saved since it was read. Read it again and redo the change."""

    def __init__(self, kind: str) -> None:
        super().__init__("RecordChanged", f"The {kind} was changed at the same time; try again.", retry_after=1)


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose rights later calls to DeskDirector have: the connection of a subscriber."""

    scheme: str
    authorization: str = field(repr=False)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionSecrets:
    """Sealed at rest. `token` lets the flow unsubscribe."""

    token: str = field(default="", repr=False)
    rights: Rights | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RegistrationSecrets:
    """Sealed at rest. `token` is part of the inbound address; `webhook_secret` signs, where there is one."""

    token: str = field(default="", repr=False)
    unsubscribe_token: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    previous_webhook_secret: str = field(default="", repr=False)
    """Still valid until `previous_until`, after a rotation."""
    previous_until: float = 0.0
    rights: Rights | None = field(default=None, repr=False)


class RegistrationState(StrEnum):
    """Where a registration stands: see `relay.registrations`."""

    REGISTERING = "registering"
    ACTIVE = "active"
    UNREGISTERING = "unregistering"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One flow that waits for events.

    `source_key` is the key of its `relay.event_sources.EventSource`, `conditions` are those of `relay.conditions`,
    `address` is our own, as the flow called it. `version` belongs to the store: as read, "" when new.
    """

    id: str
    site: str
    registration_id: str
    event_type: str
    callback_url: str = field(repr=False, metadata=SEALED)
    created_at: float
    source_key: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    secrets: SubscriptionSecrets = field(default=SubscriptionSecrets(), repr=False, metadata=SEALED)
    ended_at: float | None = None
    ended_because: str = ""
    description: str = ""
    is_ordered: bool = False
    """Events of one ticket are delivered in the order of their receipt, one at a time."""
    rate: float = 0.0
    """At most this many deliveries a second, as its maker asked; 0 for the setting's limit."""
    operator_rate: float = 0.0
    label: str = ""
    """An operator's limit, and an operator's own words for it."""
    paused_at: float = 0.0
    """Since when an operator holds its deliveries back; 0 when not paused."""
    version: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """One webhook or workflow upstream, shared by the subscriptions of a site that have the same event source.

    `id` is `registration_id(site, source_key)`; `subscription_ids` is the reference count, as a set, so that counting
    one twice is impossible. `address` is our own; `trouble` is the code of the last error, "" when all is well.
    """

    id: str
    site: str
    source_key: str
    state: RegistrationState
    since: float
    """When it came into this state."""
    address: str = ""
    subscription_ids: tuple[str, ...] = ()
    made_at: float = 0.0
    """When DeskDirector last registered it; 0 before."""
    checked_at: float = 0.0
    """When the reconciliation last looked at it; 0 before."""
    upstream_id: str = ""
    trouble: str = ""
    description: str = ""
    """By which an admin recognises it in DeskDirector's own list."""
    event_schema: str = ""
    """JSON: what the site itself says that it sends; "" where it says nothing."""
    schema_at: float = 0.0
    """When the site was last asked for that; 0 before."""
    secrets: RegistrationSecrets = field(default=RegistrationSecrets(), repr=False, metadata=SEALED)
    created_at: float = 0.0
    version: str = field(default="", compare=False)


def registration_id(site: str, source_key: str) -> str:
    """The id of the registration of this site and event source: the same for the same pair, on every machine."""
    return digest(f"{site}\n{source_key}")[:32]


def callback_hash(callback_url: str) -> str:
    """What a callback URL is found by, since the URL itself is sealed."""
    return digest(callback_url)


@dataclass(frozen=True, slots=True)
class Event:
    """One typed event. `id` comes from `event_id`; `payload` is the JSON that flows receive, of any size.

    Two events of one site with the same `dedupe_key` (when not "") are one event when they were received within
    `dedupe_seconds` of each other and the first is still kept. `subject` is the id of what it is about, e.g. a ticket.
    """

    id: str
    site: str
    type: str
    registration_id: str
    occurred_at: float
    received_at: float
    payload: bytes = field(repr=False)
    dedupe_key: str = ""
    subject: str = ""
    is_readable: bool = True
    dedupe_seconds: float = field(default=math.inf, compare=False)
    summary: Summary = field(default=NO_SUMMARY, compare=False, repr=False)
    verdicts: tuple[Verdict, ...] = field(default=(), compare=False, repr=False)
    """Of the flows that waited when it came; left out in lists."""


@dataclass(frozen=True, slots=True)
class RoutedEvent:
    """An event and the subscriptions that it is for.

    For some of them its conditions are still to be checked (`unchecked`), some take it in order (`ordered`).
    """

    event: Event
    subscription_ids: tuple[str, ...]
    unchecked: frozenset[str] = frozenset()
    ordered: frozenset[str] = frozenset()

    def deliveries(self, now: float) -> "list[Delivery]":
        """The deliveries to be made, as they are stored first."""
        return [self.delivery(subscription_id, now) for subscription_id in self.subscription_ids]

    def delivery(self, subscription_id: str, now: float) -> "Delivery":
        """The delivery to this subscription, as it is stored first."""
        event, is_ordered = self.event, subscription_id in self.ordered
        return Delivery(
            id=delivery_id(event.id, subscription_id),
            event_id=event.id,
            subscription_id=subscription_id,
            site=event.site,
            state=DeliveryState.PENDING,
            attempt=0,
            due_at=max(now, event.received_at + ORDER_HOLD_SECONDS) if is_ordered else now,
            created_at=now,
            is_unchecked=subscription_id in self.unchecked,
            group=(event.subject or event.id) if is_ordered else "",
            pending_since=now,
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """What `Outbox.accept` did: the ids of new events, and of those that were known already (duplicates)."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    claims: "tuple[Claim, ...]" = ()
    """Deliveries that are the caller's to make now; see `Outbox.accept`."""


FAILING, UNWANTED = "failing", "unwanted"
"""States to search by: pending after a failed attempt; events that no flow gets."""


ROUTED: Final = "An operator sent it to this flow."
"""The reason of a delivery that its event was not made with, until it is tried."""


class DeliveryState(StrEnum):
    """The life of a delivery: PENDING until one of the other three."""

    PENDING = "pending"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one subscription; `attempt` counts the attempts made."""

    id: str
    event_id: str
    subscription_id: str
    site: str
    state: DeliveryState
    attempt: int
    due_at: float
    created_at: float
    finished_at: float | None = None
    reason: str = ""  # of the last failure, or of the end
    is_unchecked: bool = False
    """Its conditions are to be checked before it is delivered."""
    group: str = ""
    """Deliveries to a subscription with the same group (when not "") are made one at a time, in order."""
    pending_since: float = 0.0
    """When it was stored or last replayed: when retrying began."""
    history: tuple[AttemptMade, ...] = field(default=(), compare=False, repr=False)
    """The newest attempts, oldest first."""


def delivery_id(event_id: str, subscription_id: str) -> str:
    """The id of the delivery of this event to this subscription."""
    return f"{event_id}.{subscription_id}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours until the lease ends; hand it to exactly one of ack, reschedule, cancel, bury."""

    delivery: Delivery
    event: Event
    receipt: str = field(repr=False)


def wake_up(delivery_id: str, receipt: str = "") -> str:
    """The text of a message in `DELIVERIES_QUEUE`; `receipt` when the sender holds the claim already."""
    return json.dumps({"deliveryId": delivery_id, "receipt": receipt} if receipt else {"deliveryId": delivery_id})


def read_wake_up(text: str) -> tuple[str, str]:
    """The delivery id and receipt of such a message; raises `ValueError` for any other text."""
    message = json.loads(text)
    if not isinstance(message, dict) or not isinstance(message.get("deliveryId"), str):
        raise ValueError("not a wake-up message")  # noqa: TRY004 - one error for any bad text
    return message["deliveryId"], str(message.get("receipt", ""))


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page, newest first; `continuation` is "" on the last one."""

    items: tuple[Record, ...]
    continuation: str = ""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events or deliveries to list; empty fields do not filter; `since` and `until` are times of receipt.

    `text` is looked for in what flows receive, in any case; `state` may be FAILING, and UNWANTED for events.
    """

    ids: tuple[str, ...] = ()
    site: str = ""
    type: str = ""
    registration_id: str = ""
    subscription_id: str = ""
    subject: str = ""
    state: str = ""
    text: str = ""
    since: float | None = None
    until: float | None = None
    take: int = 50
    continuation: str = ""


@dataclass(frozen=True, slots=True)
class SiteCounters:
    """What happened at one site since the store was made; in Azure, some seconds late.

    `lag_seconds` is how long the latest delivered event had waited since its receipt.
    """

    site: str
    accepted: int = 0
    duplicates: int = 0
    queued: int = 0  # deliveries made pending, replays included
    delivered: int = 0
    retried: int = 0
    cancelled: int = 0
    dead: int = 0
    lag_seconds: float = 0.0

    @property
    def pending(self) -> int:
        """Deliveries that are still to be made."""
        return self.queued - self.delivered - self.cancelled - self.dead


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record or message that could not be read: its place, raw content (sealed parts stay sealed), and the reason."""

    id: str
    kind: str
    key: str
    raw: str = field(repr=False)
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class FlowHealth:
    """How deliveries to a subscription went; 0 for never. `rate` is in deliveries a second, over the last minutes."""

    subscription_id: str
    last_success_at: float = 0.0
    last_failure_at: float = 0.0
    failing_since: float = 0.0
    reason: str = ""
    rate: float = 0.0
    missing_since: float = 0.0
    """Since when it has answered nothing but 404."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a subscription: how many deliveries, and since when the oldest (0 when there is none)."""

    subscription_id: str
    waiting: int
    oldest_at: float


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in seconds. Pending deliveries and their events do not expire."""

    events: float = 7 * 86_400.0
    dead_letters: float = 30 * 86_400.0
    ended_subscriptions: float = 30 * 86_400.0
    payloads: float = 7 * 86_400.0
    quarantine: float = 90 * 86_400.0


DEFAULT_RETENTION: Final = Retention()
LONGEST_WAIT: Final = 2 * 86_400.0
"""No back-off is this long: a delivery that is due later was stamped by a clock that has been set back since."""
