"""One claimed delivery -> one attempt to start its flow, and what follows from how that went."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.no_answer import NameNotFound, NoAnswer
from connector.deskdirector.retrying import retry_after_seconds
from connector.deskdirector.transport import Timeout
from connector.relay.callbacks import check_callback, split
from connector.relay.circuit_breaker import Entry
from connector.relay.fanout import origin_of
from connector.relay.matching import check
from connector.relay.normalise import parse_events
from connector.relay.relay import Relay
from connector.relay.retry_schedule import GIVE_UP_AFTER, LONGEST_RETRY_AFTER, next_wait
from connector.relay.subscriptions import end
from connector.storage.records import Claim, Subscription, read_wake_up

CONNECT_SECONDS: Final = 10.0
LEASE_MARGIN: Final = 10.0
PATIENCE_SECONDS: Final = (0.05, 0.1, 0.2, 0.4)
POSTPONE_SECONDS: Final = (1.0, 3.0)
PUT_OFF_SECONDS: Final = 60.0
CHECK_SECONDS: Final = (15.0, 600.0)
GONE: Final = (404, 410)
REFUSED: Final = (401, 403)


class Result(Enum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt went. `is_hopeless`: if it stays so until the last attempt, the flow is gone too."""

    result: Result
    reason: str = ""
    retry_after: float | None = None
    is_hopeless: bool = False


def lease_seconds(relay: Relay) -> float:
    """How long a claim has to last: an attempt takes no longer."""
    return relay.settings.delivery_seconds + LEASE_MARGIN


async def deliver(relay: Relay, claim: Claim) -> None:
    """Attempt it now, unless its flow is busy or failing, and settle the claim. Raises when the store fails."""
    subscription = await relay.subscription(claim.delivery.subscription_id)
    if subscription is None or subscription.ended_at is not None:
        because = subscription.ended_because if subscription else "it is no longer known"
        await relay.store.outbox.cancel(claim, relay.clock(), reason=f"Its subscription has ended: {because}.")
        return
    if claim.delivery.is_unchecked and not await _check(relay, claim, subscription):
        return
    entry = await _enter(relay, subscription.id)
    if entry is Entry.GO:
        attempt = await _attempt_in_lane(relay, claim, subscription)
        await _settle(relay, claim, attempt)
    elif entry is Entry.OPEN:
        wait = relay.lanes.open_until(subscription.id) - relay.clock()
        await _settle(relay, claim, Attempt(Result.FAILED, "Not tried: its flow has been failing.", max(wait, 0.0)))
    else:
        due_at = relay.clock() + random.uniform(*POSTPONE_SECONDS)  # noqa: S311 (spreads load, hides nothing)
        await relay.store.outbox.reschedule(claim, relay.clock(), attempt=claim.delivery.attempt, due_at=due_at)


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
    elif now - delivery.pending_since > GIVE_UP_AFTER:
        await outbox.bury(claim, now, reason=f"Its conditions could not be checked ({code}).")
    else:
        wait = min(CHECK_SECONDS[1], max(CHECK_SECONDS[0], (now - delivery.pending_since) / 4))
        reason = f"Its conditions could not be checked yet ({code})."
        await outbox.reschedule(claim, now, attempt=delivery.attempt, due_at=now + wait, reason=reason)
    return False


async def _enter(relay: Relay, destination: str) -> Entry:
    """Ask to go ahead; where others are under way, for a moment longer: most flows answer within milliseconds."""
    for pause in PATIENCE_SECONDS:
        entry = relay.lanes.enter(destination, relay.clock())
        if entry is not Entry.FULL:
            return entry
        await asyncio.sleep(pause)
    return relay.lanes.enter(destination, relay.clock())


async def deliver_message(relay: Relay, message: str) -> None:
    """Deliver what a message of the deliveries queue names, if it still is to be delivered."""
    delivery_id, receipt = read_wake_up(message)
    claim = await relay.store.outbox.claim(delivery_id, relay.clock(), lease_seconds(relay), receipt=receipt)
    if claim is not None:
        await deliver(relay, claim)


async def put_off_message(relay: Relay, message: str) -> None:
    """A message that failed again and again: its delivery comes up later, with a new one."""
    delivery_id, receipt = read_wake_up(message)
    now = relay.clock()
    claim = await relay.store.outbox.claim(delivery_id, now, lease_seconds(relay), receipt=receipt)
    if claim is not None:
        attempt, due_at = claim.delivery.attempt, now + PUT_OFF_SECONDS
        await relay.store.outbox.reschedule(claim, now, attempt=attempt, due_at=due_at, reason="Its message failed.")


async def _attempt_in_lane(relay: Relay, claim: Claim, subscription: Subscription) -> Attempt:
    began = asyncio.get_running_loop().time()
    attempt = Attempt(Result.FAILED)
    try:
        attempt = await _attempt(relay, claim, subscription)
    finally:
        seconds = asyncio.get_running_loop().time() - began
        succeeded = attempt.result is not Result.FAILED
        relay.lanes.leave(subscription.id, relay.clock(), succeeded=succeeded, seconds=seconds)
        if attempt.retry_after:
            relay.lanes.pause(subscription.id, relay.clock() + attempt.retry_after)
    return attempt


async def _attempt(relay: Relay, claim: Claim, subscription: Subscription) -> Attempt:
    """Post the event. The address is checked each time: settings may have changed since it was subscribed."""
    try:
        check_callback(subscription.callback_url, relay.settings)
        origin, target = split(subscription.callback_url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "deskdirector-connector",
            "x-dd-event-id": claim.event.id,
        }
        transport = await relay.transport()
        answer = await transport.exchange("POST", origin, target, headers, claim.event.payload, _timeout(relay))
    except ConnectorError as refused:
        return Attempt(Result.FAILED, refused.message)
    except (NoAnswer, ValueError) as problem:
        return _unanswered(problem)
    return judge(answer.status, answer.headers)


def judge(status: int, headers: Mapping[str, str]) -> Attempt:
    """What an answer of the flow means. Redirects are not followed: they are no acceptance."""
    if 200 <= status < 300:
        return Attempt(Result.ACCEPTED)
    if status in GONE:
        return Attempt(Result.GONE, f"Its flow is gone (status {status}).")
    wait = retry_after_seconds(headers.get("retry-after"), datetime.now(UTC))
    wait = min(wait, LONGEST_RETRY_AFTER) if wait else None
    return Attempt(Result.FAILED, f"Its flow answered {status}.", wait, is_hopeless=status in REFUSED)


def _unanswered(problem: Exception) -> Attempt:
    """The exception's own text may hold the URL, so its kind has to do."""
    kind = type(problem).__name__
    return Attempt(Result.FAILED, f"Its flow did not answer ({kind}).", is_hopeless=isinstance(problem, NameNotFound))


def _timeout(relay: Relay) -> Timeout:
    whole = float(relay.settings.delivery_seconds)
    return Timeout(min(CONNECT_SECONDS, whole), whole)


async def _settle(relay: Relay, claim: Claim, attempt: Attempt) -> None:
    outbox, now = relay.store.outbox, relay.clock()
    if attempt.result is Result.ACCEPTED:
        await outbox.ack(claim, now)
        return
    if attempt.result is Result.GONE:
        await outbox.cancel(claim, now, reason=attempt.reason)
        await end(relay, claim.delivery.subscription_id, "its flow is gone")
        return
    made = claim.delivery.attempt + 1
    wait = next_wait(made, jitter=random.random(), retry_after=attempt.retry_after)  # noqa: S311
    if wait is not None:
        await outbox.reschedule(claim, now, attempt=made, due_at=now + wait, reason=attempt.reason)
        return
    await outbox.bury(claim, now, reason=attempt.reason)
    if attempt.is_hopeless:
        await end(relay, claim.delivery.subscription_id, "its flow refused everything for a day")
