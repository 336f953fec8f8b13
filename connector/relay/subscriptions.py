"""Flows subscribe and unsubscribe: one subscription a callback URL, and a token to unsubscribe without the API key."""

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError
from connector.relay import webhook_calls
from connector.relay.callbacks import check_callback
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.registrations import attach, detach, new_token
from connector.relay.relay import Relay
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.storage.records import StaleRecord, Subscription, SubscriptionSecrets, registration_id

log = logging.getLogger("connector")

ATTEMPTS: Final = 10
TURNED_OFF: Final = "its flow was turned off"


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What a flow asks for. `conditions` are those of `conditions.py`; `base` is our own address."""

    source: EventSource
    callback_url: str = field(repr=False)
    base: str
    conditions: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    is_ordered: bool = False
    rate: float = 0.0


async def subscribe(relay: Relay, dd: DeskDirector, request: SubscriptionRequest) -> Subscription:
    """Have events delivered to the flow, from now on; raises `ConnectorError`.

    The same request again is the same subscription, token included. A changed request of the same flow (its callback
    URL, at the same site: the URL alone, at another site, changes nothing here) changes its subscription and
    gives it a new token, so that a late end of the earlier one ends nothing; what was already on its way to the flow
    still arrives.
    """
    check_callback(request.callback_url, relay.settings)
    if FAMILIES[request.source.family].subscribe is not None:
        request = replace(request, source=replace(request.source, scheme=dd.connection.scheme))
    for _ in range(ATTEMPTS):
        present = await relay.store.subscriptions.by_callback(dd.site.name, request.callback_url)
        try:
            if present is None:
                subscribed = await _add(relay, dd, request)
            else:
                subscribed = await _update(relay, dd, request, present)
        except StaleRecord:
            continue
        if subscribed is not None:
            return subscribed
    raise StaleRecord("subscription")


def described(request: SubscriptionRequest) -> str:
    """The flow in words that its maker would recognise: its own description, else the host where it waits."""
    return request.description or f"flow at {urlsplit(request.callback_url).hostname}"


async def unsubscribe(relay: Relay, subscription_id: str, token: str) -> None:
    """End the subscription if the token is its present one; no effect and no error otherwise."""
    subscription = await relay.store.subscriptions.get(subscription_id)
    expected = subscription.secrets.token if subscription else ""
    if expected and hmac.compare_digest(expected.encode(), token.encode(errors="replace")):
        await end(relay, subscription_id, TURNED_OFF)


async def pause_flow(relay: Relay, subscription_id: str) -> bool:
    """Hold deliveries to the flow back, for as long as it takes; False when it is paused, ended or unknown."""
    return await _set_paused(relay, subscription_id, relay.clock())


async def resume_flow(relay: Relay, subscription_id: str) -> bool:
    """Resume deliveries, those that waited at once; False when it is not paused."""
    since = relay.clock() - GIVE_UP_AFTER
    if not await _set_paused(relay, subscription_id, 0.0):
        return False
    await relay.store.outbox.wake(subscription_id, relay.clock(), since=since)
    return True


async def _set_paused(relay: Relay, subscription_id: str, paused_at: float) -> bool:
    def edit(flow: Subscription) -> Subscription:
        return flow if bool(flow.paused_at) == bool(paused_at) else replace(flow, paused_at=paused_at)

    return await change_subscription(relay, subscription_id, edit)


async def change_subscription(relay: Relay, subscription_id: str, edit: Callable[[Subscription], Subscription]) -> bool:
    """Apply `edit` to the present record until it is saved; False when it has ended, is unknown, or stays the same."""
    for _ in range(ATTEMPTS):
        subscription = await relay.store.subscriptions.get(subscription_id)
        if subscription is None or subscription.ended_at is not None:
            return False
        edited = edit(subscription)
        if edited == subscription:
            return False
        try:
            await relay.store.subscriptions.save(edited)
        except StaleRecord:
            continue
        relay.forget(subscription_id)
        return True
    raise StaleRecord("subscription")


async def end(relay: Relay, subscription_id: str, because: str) -> bool:
    """End a subscription, for whatever reason; what waits becomes dead letters. False when it had ended already."""
    for _ in range(ATTEMPTS):
        subscription = await relay.store.subscriptions.get(subscription_id)
        if subscription is None or subscription.ended_at is not None:
            return False
        ended = replace(subscription, ended_at=relay.clock(), ended_because=because, secrets=SubscriptionSecrets())
        try:
            await relay.store.subscriptions.save(ended)
        except StaleRecord:
            continue
        relay.forget(subscription_id)
        log.info("Subscription %s ended: %s.", subscription_id, because)
        await relay.store.outbox.wake(subscription_id, relay.clock(), since=relay.clock() - GIVE_UP_AFTER)
        await detach(relay, subscription.registration_id, subscription_id)
        return True
    raise StaleRecord("subscription")


async def _add(relay: Relay, dd: DeskDirector, request: SubscriptionRequest) -> Subscription | None:
    """None when a concurrent call of the same flow was first."""
    fresh = _described(
        Subscription(
            id=secrets.token_hex(16),
            site=dd.site.name,
            registration_id="",
            event_type="",
            callback_url=request.callback_url,
            created_at=relay.clock(),
        ),
        dd,
        request,
    )
    await attach(relay, dd, request.source, fresh.id, request.base, described(request))
    added = False
    try:
        kept, added = await relay.store.subscriptions.add(fresh)
    finally:
        if not added:
            await detach(relay, fresh.registration_id, fresh.id)
    return kept if added else None


async def _update(relay: Relay, dd: DeskDirector, request: SubscriptionRequest, present: Subscription) -> Subscription:
    requested = _described(present, dd, request)
    await attach(relay, dd, request.source, present.id, request.base, described(request))
    saved = await _save_update(relay, present, requested)
    relay.forget(saved.id)
    if present.registration_id != saved.registration_id:
        await detach(relay, present.registration_id, present.id)
    return saved


async def _save_update(relay: Relay, present: Subscription, requested: Subscription) -> Subscription:
    try:
        return await relay.store.subscriptions.save(requested)
    except ConnectorError:
        if requested.registration_id != present.registration_id:
            await detach(relay, requested.registration_id, requested.id)
        raise


def _described(subscription: Subscription, dd: DeskDirector, request: SubscriptionRequest) -> Subscription:
    """The subscription as requested now; it gets a new token when the request has changed."""
    requested = replace(
        subscription,
        site=dd.site.name,
        registration_id=registration_id(dd.site.name, request.source.key),
        event_type=request.source.event_type,
        source_key=request.source.key,
        conditions=dict(request.conditions),
        description=request.description,
        is_ordered=request.is_ordered,
        rate=request.rate,
        address=request.base,
    )
    token = subscription.secrets.token if requested == subscription else new_token()
    return replace(requested, secrets=SubscriptionSecrets(token, webhook_calls.rights_of(dd.connection)))
