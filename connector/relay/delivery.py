"""One claimed delivery -> one attempt to start its flow, if its lane lets it, and what follows from how that went.

Only a request that was made counts as an attempt. A delivery that its lane does not let through is put off as it is.
"""

import asyncio
import json
import logging
import math
import random
from collections.abc import Sequence
from typing import Final, TypeAlias

from connector.deskdirector.errors import ConnectorError
from connector.relay.attempts import Attempt, Result, attempt
from connector.relay.circuit_breaker import Admission, Outcome
from connector.relay.matching import check
from connector.relay.normalise import parse_events
from connector.relay.origins import origin_of
from connector.relay.relay import Relay
from connector.relay.retry_schedule import GIVE_UP_AFTER, is_given_up, next_wait
from connector.relay.subscriptions import end
from connector.runtime import together
from connector.storage.history import AttemptMade
from connector.storage.records import ROUTED, Claim, Subscription, read_wake_up

log = logging.getLogger("connector")

Accepted: TypeAlias = tuple[Claim, AttemptMade]

LEASE_MARGIN: Final = 10.0
PATIENCE_SECONDS: Final = (0.05, 0.1, 0.2, 0.4)
LONGER_SECONDS: Final = (0.35,) * 16
"""A first attempt waits on for a flow that answers quickly: to come back costs the store eight more operations."""
POSTPONE_SECONDS: Final = (1.0, 3.0)
PAUSED_SECONDS: Final = 600.0
"""How long deliveries of a paused flow are put off; resuming it wakes them."""
PAUSED: Final = "An operator has paused its flow."
PUT_OFF_SECONDS: Final = 60.0
CHECK_SECONDS: Final = (15.0, 600.0)
WOKEN_EARLIER: Final = 3600.0
OUTCOMES: Final = {
    Result.ACCEPTED: Outcome.ACCEPTED,
    Result.GONE: Outcome.FAILED,
    Result.MISSING: Outcome.FAILED,
    Result.THROTTLED: Outcome.THROTTLED,
    Result.FAILED: Outcome.FAILED,
}


def lease_seconds(relay: Relay) -> float:
    """How long a claim has to last: an attempt takes no longer."""
    return relay.settings.delivery_seconds + LEASE_MARGIN


async def deliver_new(relay: Relay, claims: Sequence[Claim]) -> None:
    """Make the first attempts at events that were just accepted; those that went well are settled together.

    Raises when the store fails. Whatever else goes wrong with one is no reason to hold the others up: it is put off.
    """
    accepted: list[Accepted] = []
    failures = await together(*(_deliver_new(relay, claim, accepted) for claim in claims), at_once=len(claims))
    await relay.store.outbox.ack_all(accepted, relay.clock())
    for failure in failures:
        if failure:
            raise failure


async def _deliver_new(relay: Relay, claim: Claim, accepted: list[Accepted]) -> ConnectorError | None:
    """The error of the store, if it fails."""
    try:
        try:
            await deliver(relay, claim, accepted, is_first=True)
        except ConnectorError:
            raise
        except Exception as problem:  # noqa: BLE001  its text may hold secrets
            log.error("Delivery %s failed with %s; it is put off.", claim.delivery.id, type(problem).__name__)
            await _put_off(relay, claim, PUT_OFF_SECONDS, "Its first attempt failed.")
    except ConnectorError as problem:
        return problem
    return None


async def deliver(
    relay: Relay, claim: Claim, accepted: list[Accepted] | None = None, *, is_first: bool = False
) -> None:
    """Attempt it now, unless its lane is busy or closed, and settle the claim. Raises when the store fails.

    With a list, a claim that the flow accepted is put there instead; the caller settles it. The first attempt waits
    longer for a flow that is busy.
    """
    subscription = await relay.subscription(claim.delivery.subscription_id)
    if subscription is None or subscription.ended_at is not None:
        because = subscription.ended_because if subscription else "it is no longer known"
        reason = f"Its subscription has ended: {because}."
        await relay.store.outbox.bury(claim, relay.clock(), reason=reason, tried=False)
        return
    if subscription.paused_at:
        await _put_off_paused(relay, claim)
        return
    if claim.delivery.is_unchecked and not await _check(relay, claim, subscription):
        return
    rate = rate_of(relay, subscription)
    admission = await _enter(relay, claim, rate, is_first=is_first)
    if admission is Admission.GO:
        made = await _attempt_in_lane(relay, claim, subscription)
        await _settle(relay, claim, subscription, *made, accepted)
    elif admission is Admission.CLOSED:
        wait = relay.lanes.reserve(subscription.id, relay.monotonic())
        await _put_off(relay, claim, wait, claim.delivery.reason)
    else:
        wait = random.uniform(*POSTPONE_SECONDS)  # noqa: S311 (spreads load, hides nothing)
        await _put_off(relay, claim, wait, claim.delivery.reason)


def rate_of(relay: Relay, subscription: Subscription) -> float:
    """The lowest of the limits that the setting, an operator and the flow have set, in deliveries a second."""
    asked = (subscription.rate, subscription.operator_rate, relay.settings.flow_per_minute / 60)
    limits = [limit for limit in asked if limit]
    return min(limits, default=math.inf)


async def deliver_message(relay: Relay, message: str) -> None:
    """Deliver what a message of the deliveries queue names, if it still is to be delivered."""
    delivery_id, receipt = read_wake_up(message)
    claim = await relay.store.outbox.claim(delivery_id, relay.clock(), lease_seconds(relay), receipt=receipt)
    if claim is not None:
        await deliver(relay, claim)
        await relay.save_health()


async def put_off_message(relay: Relay, message: str) -> None:
    """A message that failed again and again: its delivery comes up later, with a new one."""
    delivery_id, receipt = read_wake_up(message)
    now = relay.clock()
    claim = await relay.store.outbox.claim(delivery_id, now, lease_seconds(relay), receipt=receipt)
    if claim is not None:
        await _put_off(relay, claim, PUT_OFF_SECONDS, "Its message failed.")


async def _enter(relay: Relay, claim: Claim, rate: float, *, is_first: bool) -> Admission:
    """Ask to go ahead; where others are under way, for a moment longer: most flows answer within milliseconds."""
    name, is_last_try = claim.delivery.subscription_id, is_given_up(claim.delivery.pending_since, relay.clock())
    for pause in (*PATIENCE_SECONDS, *(LONGER_SECONDS if is_first else ())):
        admission = relay.lanes.enter(name, relay.monotonic(), rate=rate, is_last_try=is_last_try)
        if admission is not Admission.BUSY or (pause in LONGER_SECONDS and not relay.lanes.is_quick(name)):
            return admission
        await asyncio.sleep(pause)
    return relay.lanes.enter(name, relay.monotonic(), rate=rate, is_last_try=is_last_try)


async def _attempt_in_lane(relay: Relay, claim: Claim, subscription: Subscription) -> tuple[Attempt, AttemptMade]:
    began, at = relay.monotonic(), relay.clock()
    made = Attempt(Result.FAILED)
    reopened = False
    health = relay.lanes.health(subscription.id)
    try:
        made = await attempt(relay, claim, subscription)
    finally:
        now = relay.monotonic()
        reopened = relay.lanes.leave(
            subscription.id,
            now,
            relay.clock(),
            OUTCOMES[made.result],
            seconds=now - began,
            wait=made.retry_after,
            reason=made.reason,
            is_missing=made.result is Result.MISSING,
        )
    if reopened:
        since = (health.failing_since or relay.clock()) - WOKEN_EARLIER
        await relay.store.outbox.wake(subscription.id, relay.clock(), since=since)
    return made, AttemptMade(at, made.kind, made.status, round((now - began) * 1000), made.excerpt)


async def _settle(
    relay: Relay,
    claim: Claim,
    subscription: Subscription,
    made: Attempt,
    kept: AttemptMade,
    accepted: list[Accepted] | None,
) -> None:
    outbox, now, delivery = relay.store.outbox, relay.clock(), claim.delivery
    is_gone = made.result is Result.GONE or _has_been_missing(relay, subscription.id, made)
    is_last = is_gone or is_given_up(delivery.pending_since, now)
    _count(relay, claim, kept, is_accepted=made.result is Result.ACCEPTED, is_last=is_last)
    if made.result is Result.ACCEPTED:
        if accepted is not None:
            accepted.append((claim, kept))
        else:
            await outbox.ack(claim, now, made=kept)
    elif is_gone:
        await outbox.bury(claim, now, reason=f"Its subscription has ended: {made.reason}", made=kept)
        await end(relay, subscription.id, "its flow is gone")
    elif is_last:
        await outbox.bury(claim, now, reason=made.reason, made=kept)
        if made.is_hopeless:
            await end(relay, subscription.id, "its flow refused everything for a day")
    else:
        count = delivery.attempt + 1
        due_at = now + _wait(relay, subscription.id, count, made)
        await outbox.reschedule(claim, now, attempt=count, due_at=due_at, reason=made.reason, made=kept)


def _count(relay: Relay, claim: Claim, kept: AttemptMade, *, is_accepted: bool, is_last: bool) -> None:
    now, site, flow, seconds = relay.clock(), claim.delivery.site, claim.delivery.subscription_id, kept.ms / 1000
    if is_accepted:
        relay.series.delivered(now, site, flow, lag=_lag(claim, now), seconds=seconds)
    else:
        relay.series.failed(now, site, flow, seconds=seconds, is_dead=is_last)


def _lag(claim: Claim, now: float) -> float | None:
    """How late it is; None when an operator paused the flow, or had the event delivered again or to another flow."""
    delivery = claim.delivery
    is_repeat = delivery.pending_since > delivery.created_at or delivery.reason in (PAUSED, ROUTED)
    return None if is_repeat else now - claim.event.received_at


def _wait(relay: Relay, subscription_id: str, count: int, made: Attempt) -> float:
    """Until the flow lets something through again when it fails or throttles altogether, else by the schedule."""
    closed = relay.lanes.wait(subscription_id, relay.monotonic())
    if made.result is Result.THROTTLED:
        return closed
    scheduled = next_wait(count, jitter=random.random())  # noqa: S311
    return min(scheduled, closed) if relay.lanes.is_open(subscription_id) else max(scheduled, closed)


def _has_been_missing(relay: Relay, subscription_id: str, made: Attempt) -> bool:
    """Whether 404 has been the flow's only answer for as long as the setting says."""
    since = relay.lanes.health(subscription_id).missing_since
    lasted = relay.clock() - since if since else 0.0
    return made.result is Result.MISSING and lasted >= relay.settings.gone_after_minutes * 60


async def _put_off(relay: Relay, claim: Claim, seconds: float, reason: str) -> None:
    """Let it come up again later, as it is."""
    now = relay.clock()
    attempts = claim.delivery.attempt
    await relay.store.outbox.reschedule(claim, now, attempt=attempts, due_at=now + seconds, reason=reason)


async def _put_off_paused(relay: Relay, claim: Claim) -> None:
    """Hold it back, unless its flow goes on meanwhile: what resumes a flow wakes only what nobody has claimed."""
    await _put_off(relay, claim, PAUSED_SECONDS, PAUSED)
    flow = await relay.store.subscriptions.get(claim.delivery.subscription_id)
    if flow is not None and not flow.paused_at:
        relay.forget(flow.id)
        now = relay.clock()
        await relay.store.outbox.wake(flow.id, now, since=now - GIVE_UP_AFTER)


async def _check(relay: Relay, claim: Claim, subscription: Subscription) -> bool:
    """Judge conditions that could not be judged when the event came; True when the delivery may go ahead."""
    outbox, now, delivery = relay.store.outbox, relay.clock(), claim.delivery
    registration = await relay.registration(claim.event.registration_id)
    holds: bool | None = False
    code = ""
    if registration is not None:
        sent = json.loads(claim.event.payload)["data"]
        (parsed,) = parse_events(sent, origin_of(relay, registration, claim.event.received_at))
        holds, code = await check(relay, registration, subscription, parsed)
    if holds:
        return True
    if holds is False:
        await outbox.cancel(claim, now, reason="Its conditions do not hold.")
    elif is_given_up(delivery.pending_since, now):
        await outbox.bury(claim, now, reason=f"Its conditions could not be checked ({code}).", tried=False)
    else:
        first, longest = CHECK_SECONDS
        wait = min(longest, max(first, (now - delivery.pending_since) / 4))
        await _put_off(relay, claim, wait, f"Its conditions could not be checked yet ({code}).")
    return False
