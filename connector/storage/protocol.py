"""The storage protocol: what the relay and the idempotency guard ask of a store.

Two implementations keep these promises (`sqlite`, `azure`) and pass one test-suite:

- A method returns only when its effect is durable. When it cannot be made durable it raises `Unavailable` (503) and
  the caller must not answer 202.
- Inserts carry ids chosen by the caller and are idempotent, so that "accept", "fan out" and any retry of either may
  run twice: existing records stay as they are, a finished delivery is not made again.
- A pending delivery is never lost. A claim is a lease: when its holder dies, it expires and the delivery is
  redelivered.
- A record that cannot be read is quarantined (`Store.quarantine`) and logged; it never blocks the others.
- Fields named `secrets` and `callback_url` are sealed at rest and left out of `repr`.

A *destination* is a subscription: each has exactly one callback URL.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from connector.storage.history import AttemptMade, JournalEntry, Tally
from connector.storage.idempotency_state import Begun, StoredAnswer
from connector.storage.records import (
    DEFAULT_RETENTION,
    Accepted,
    Backlog,
    Claim,
    Delivery,
    Event,
    EventQuery,
    FlowHealth,
    Page,
    Quarantined,
    Registration,
    Retention,
    RoutedEvent,
    SiteCounters,
    Subscription,
)


class Subscriptions(Protocol):
    """Flows that wait for events."""

    async def add(self, subscription: Subscription) -> tuple[Subscription, bool]:
        """Add it, or return the live one that has the same callback URL; True when it was added."""
        ...

    async def save(self, subscription: Subscription) -> Subscription:
        """Replace the record that was read (details, secrets, end); raises `StaleRecord`. The callback URL stays."""
        ...

    async def get(self, subscription_id: str) -> Subscription | None:
        """The subscription, live or ended; None when there never was one or it has expired."""
        ...

    async def by_callback(self, site: str, callback_url: str) -> Subscription | None:
        """The site's live subscription with this callback URL; one site's say nothing about another's."""
        ...

    async def list(self, *, site: str = "", registration_id: str = "", ended: bool = False) -> Sequence[Subscription]:
        """All that match, oldest first; `ended` includes those that have ended."""
        ...


class Registrations(Protocol):
    """Upstream registrations, changed by compare-and-set only."""

    async def get(self, registration_id: str) -> Registration | None:
        """The registration, or None."""
        ...

    async def list(self, *, site: str = "") -> Sequence[Registration]:
        """All, or those of one site, by id."""
        ...

    async def save(self, registration: Registration) -> Registration:
        """Create (version "") or replace it; returns it with its new version. Raises `StaleRecord`."""
        ...

    async def remove(self, registration: Registration) -> None:
        """Remove the record that was read; raises `StaleRecord` when it changed or is gone."""
        ...


class Outbox(Protocol):
    """Accepted events and their deliveries."""

    async def accept(
        self,
        routed_events: Sequence[RoutedEvent],
        now: float,
        *,
        lease_seconds: float = 0.0,
        at_once: Mapping[str, int] | None = None,
    ) -> Accepted:
        """Store the events, a pending delivery (due `now`) for each subscription, and the de-duplication keys.

        Running it again with the same events changes nothing, and completes what an interrupted run began. An event
        that no subscription wants may be passed too: it is then listed, and known for de-duplication.

        With a lease, a store may hand out deliveries in `Accepted.claims`: the caller makes them at once, and
        runs `accept` again (however much later) if it dies before all of them are settled. A store without wake-ups
        hands out as many to each subscription as `at_once` says, if nothing that is due waits for it: its dispatcher
        makes them, and finds the others, and these again when their lease ends.
        """
        ...

    async def claim_due(
        self,
        now: float,
        limit: int,
        lease_seconds: float,
        *,
        per_destination: int,
        exclude: Mapping[str, float] = ...,
        limits: Mapping[str, int] = ...,
    ) -> Sequence[Claim]:
        """Lease up to `limit` due deliveries, the longest-due destinations first.

        No destination has more than `per_destination` leases at a time (in Azure: per process); one in `limits` gets so
        many now, whatever it has; one in `exclude` (subscription id → time until which to leave it alone) gets none.
        """
        ...

    async def claim(self, delivery_id: str, now: float, lease_seconds: float, *, receipt: str = "") -> Claim | None:
        """Lease this one: what a queue trigger does with a wake-up message.

        None when there is nothing to do: finished, unknown, not due yet, or leased by another. In the last two cases
        the store redelivers it later. With a `receipt`, the claim that it stands for.
        """
        ...

    async def ack(self, claim: Claim, now: float, *, made: AttemptMade | None = None) -> None:
        """Mark as delivered; no-op if the lease was lost (so are the next three). `made` joins its attempts."""
        ...

    async def ack_all(self, accepted: Sequence[tuple[Claim, AttemptMade | None]], now: float) -> None:
        """Mark several as delivered, those of one event in one write where the store can."""
        for claim, made in accepted:
            await self.ack(claim, now, made=made)

    async def reschedule(
        self,
        claim: Claim,
        now: float,
        *,
        attempt: int,
        due_at: float,
        reason: str = "",
        made: AttemptMade | None = None,
    ) -> None:
        """Try again at `due_at`; counts as a retry when `attempt` grew (postponing leaves it as it was)."""
        ...

    async def cancel(self, claim: Claim, now: float, *, reason: str) -> None:
        """Cancel: its subscription or its conditions no longer want it."""
        ...

    async def bury(
        self, claim: Claim, now: float, *, reason: str, tried: bool = True, made: AttemptMade | None = None
    ) -> None:
        """Give up: it becomes a dead letter, kept for an operator; `tried` when an attempt was made just now."""
        ...

    async def dead_letters(self, query: EventQuery) -> Page[Delivery]:
        """Dead letters, newest first (by arrival of their event)."""
        ...

    async def replay(self, delivery_ids: Sequence[str], now: float) -> int:
        """Make finished or dead deliveries pending again from attempt 0; returns how many. Unknown ids are skipped."""
        ...

    async def route(self, event_id: str, subscription_id: str, now: float) -> bool:
        """Deliver a stored event to this subscription (again); False when there is no such event, or it is pending.

        A delivery that is made for it has the reason `ROUTED`.
        """
        ...

    async def purge(self, delivery_ids: Sequence[str], now: float) -> int:
        """Turn dead letters into cancelled deliveries; returns how many. Others are skipped."""
        ...

    async def events(self, query: EventQuery) -> Page[Event]:
        """Events, newest first, with empty payloads and no verdicts."""
        ...

    async def tallies(self, event_ids: Sequence[str]) -> Mapping[str, Tally]:
        """How the deliveries of each event stand; an event without deliveries may be missing."""
        ...

    async def event(self, event_id: str) -> tuple[Event, Sequence[Delivery]] | None:
        """An event with its payload, and what became of it."""
        ...

    async def deliveries(self, query: EventQuery) -> Page[Delivery]:
        """Deliveries in any state, newest first (by receipt of their event)."""
        ...

    async def wake(self, subscription_id: str, now: float, *, since: float) -> int:
        """Make deliveries that were put off due now; returns how many. None of them was stored before `since`."""
        ...

    async def backlogs(self, now: float) -> Sequence[Backlog]:
        """What waits, for each subscription that has pending deliveries."""
        ...

    async def wait(self, timeout_seconds: float) -> None:
        """Return as soon as this process stored a delivery that is due at once, or when the time is over."""
        ...


class Idempotency(Protocol):
    """Answers by idempotency key. A key counts for `ttl_seconds` from its first use."""

    async def begin(self, key: str, fingerprint: str, now: float, *, ttl_seconds: float = 86_400.0) -> Begun:
        """One conditional write: exactly one of any number of concurrent callers gets STARTED.

        `fingerprint` stands for the request (a hash). A key that was begun longer ago than an operation may take
        (`Settings.budget_seconds`) and never ended is UNKNOWN.
        """
        ...

    async def finish(self, key: str, answer: StoredAnswer) -> None:
        """It was done; overrides UNKNOWN when the answer comes late."""
        ...

    async def mark_repeated(self, key: str) -> bool:
        """The work is begun a second time. True for exactly one caller ever; False for a finished key too."""
        ...

    async def forget(self, key: str) -> None:
        """Release the key: the work did not run. No-op on a finished key."""
        ...

    async def mark_unknown(self, key: str) -> None:
        """Record that the outcome is unknown. No-op on a finished key."""
        ...


class Payloads(Protocol):
    """Bytes that are too large for a queue message (claim check)."""

    async def put(self, data: bytes) -> str:
        """Store them; returns the name to put into the message."""
        ...

    async def get(self, name: str) -> bytes | None:
        """The bytes, or None when they are gone."""
        ...

    async def delete(self, name: str) -> None:
        """Delete them; no-op when they are gone."""
        ...


class Marks(Protocol):
    """Keys with an expiry: work done lately, by any process."""

    async def add(self, key: str, now: float, seconds: float) -> bool:
        """Set the mark; False when it was set and has not expired, and it stays as it was then."""
        ...

    async def has(self, key: str, now: float) -> bool:
        """Whether it is set."""
        ...


class Health(Protocol):
    """How deliveries to each subscription went."""

    async def save(self, health: Sequence[FlowHealth]) -> None:
        """Replace the records of these subscriptions."""
        ...

    async def list(self) -> Sequence[FlowHealth]:
        """All, by subscription."""
        ...


class Quarantine(Protocol):
    """Messages and records that could not be read, kept for an operator."""

    async def put(self, kind: str, key: str, raw: str, reason: str, now: float) -> None:
        """Keep it, unless the same content is kept already, and log its kind and key."""
        ...

    async def list(self, *, take: int = 100) -> Sequence[Quarantined]:
        """The newest, newest first."""
        ...

    async def get(self, quarantine_id: str) -> Quarantined | None:
        """The one with this id, or None."""
        ...

    async def remove(self, quarantine_id: str) -> bool:
        """Delete it; False when it is gone already."""
        ...


class Journal(Protocol):
    """Small JSON documents of the operator's side, by kind and key: audit lines, jobs, counts by minute.

    Keys are of letters, digits, "-" and "."; a document has at most 500 KB.
    """

    async def put(self, entry: JournalEntry) -> None:
        """Insert or replace it, whatever is there."""
        ...

    async def save(self, entry: JournalEntry) -> JournalEntry:
        """Create (version "") or replace the record as read; returns it with its new version. Raises `StaleRecord`."""
        ...

    async def get(self, kind: str, key: str) -> JournalEntry | None:
        """The entry, or None."""
        ...

    async def list(self, kind: str, *, first: str = "", last: str = "", take: int = 1000) -> Sequence[JournalEntry]:
        """By key, from `first` on and before `last` (when not "")."""
        ...


class Store(Protocol):
    """Everything that is kept. Open it with `connector.storage.open_store`."""

    subscriptions: Subscriptions
    registrations: Registrations
    outbox: Outbox
    idempotency: Idempotency
    payloads: Payloads
    quarantine: Quarantine
    marks: Marks
    health: Health
    journal: Journal
    has_wake_ups: bool
    """Whether pending deliveries have a message in `DELIVERIES_QUEUE`; if not, someone has to look for due ones."""

    async def counters(self, *, site: str = "") -> Sequence[SiteCounters]:
        """Counters per site, by site."""
        ...

    async def listeners(
        self, registration_id: str, received_at: float
    ) -> tuple[Registration | None, Sequence[Subscription]]:
        """A registration and its live subscriptions, as they were at any moment after `received_at`."""
        del received_at
        registration = await self.registrations.get(registration_id)
        return registration, await self.subscriptions.list(registration_id=registration_id) if registration else ()

    async def repair(self, now: float) -> Mapping[str, int]:
        """Wake lost deliveries, renew old seals, finish work that broke off; deletes nothing that counts.

        Returns counts by kind. Part of `expire`, where a store has no more to do.
        """
        del now
        return {}

    async def delete_old(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        """The part of `expire` that deletes, in bounded time: the next run goes on."""
        return await self.expire(now, retention)

    async def expire(self, now: float, retention: Retention = DEFAULT_RETENTION) -> Mapping[str, int]:
        """Delete expired records, renew old seals, wake lost deliveries; returns counts by kind.

        Safe to run at any time, in several processes.
        """
        ...

    async def close(self) -> None:
        """Finish pending writes and close files and connections."""
        ...
