"""Upstream registrations, each shared by the subscriptions with the same event source.

A registration is changed by compare-and-set only. A process that moves it to REGISTERING or UNREGISTERING makes the
upstream call; others wait, or take over after a timeout. Inbound requests are accepted while it is REGISTERING or
ACTIVE.

    (none) ─ attach ─► REGISTERING ─ done ─► ACTIVE ─ last one detached ─► UNREGISTERING ─ done ─► ENDED ─ attach …
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError, NotFound, Unavailable
from connector.relay import webhook_calls
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.relay import Relay
from connector.storage.records import (
    Registration,
    RegistrationSecrets,
    RegistrationState,
    Rights,
    StaleRecord,
    registration_id,
)

log = logging.getLogger("connector")

WAIT_SECONDS: Final = 20.0
PAUSE_SECONDS: Final = 0.2
DETACH_SECONDS: Final = 15.0
TRUSTED_SECONDS: Final = 600.0
"""A registration younger than this is shared without registering again."""
CHANGE_ATTEMPTS: Final = 50
SCHEMA_EVERY_SECONDS: Final = 86_400.0
GRACE_SECONDS: Final = 30.0
"""Beyond the budget of an operation, after which the process that was working on a registration must have died."""


def is_listening(registration: Registration) -> bool:
    """Whether inbound requests for it are accepted."""
    return registration.state in (RegistrationState.REGISTERING, RegistrationState.ACTIVE)


def new_token() -> str:
    """256 random bits, in characters that need no escaping in a URL."""
    return secrets.token_urlsafe(32)


async def attach(
    relay: Relay, dd: DeskDirector, source: EventSource, subscription_id: str, base: str, description: str = ""
) -> Registration:
    """Have the events of `source` posted to us, for this subscription too; raises `ConnectorError`.

    `base` is our own address, `description` names the flow to an admin. Sharing a registration must not give events to
    a caller who could not have registered, so the connection that registered it shares it as it is, and every other
    registers it again. So does every connection when it is not quite new: turning a flow off and on repairs what an
    admin deleted or DeskDirector suspended.
    """
    identity = registration_id(dd.site.name, source.key)
    give_up_at = time.monotonic() + WAIT_SECONDS
    is_key_checked = False
    while time.monotonic() < give_up_at:
        current = await relay.store.registrations.get(identity)
        is_active = current is not None and current.state is RegistrationState.ACTIVE
        if not is_key_checked and (is_active or FAMILIES[source.family].subscribe is None):
            await dd.call(api.TEST_CONNECTION)
            is_key_checked = True
            continue
        try:
            if current is not None and is_active and _may_share(relay, dd, source, current):
                return await _save(relay, _with_member(current, subscription_id))
            if current is None or is_active or can_be_taken_over(relay, current):
                return await register(relay, dd, begin(relay, dd, source, current, base, description), subscription_id)
        except StaleRecord:
            continue
        await asyncio.sleep(PAUSE_SECONDS)
    raise Unavailable("RegistrationBusy", "This trigger is just being set up; try again.", retry_after=5)


async def register(relay: Relay, dd: DeskDirector, begun: Registration, subscription_id: str = "") -> Registration:
    """Register upstream, then remove the previous webhook. `begun` comes from `begin`, not yet saved.

    The connection is kept once DeskDirector has accepted it; until then, and if it does not, the one before stays.
    """
    mine = await _save(relay, _with_member(begun, subscription_id))
    newcomer = "" if subscription_id in begun.subscription_ids else subscription_id
    source, before = EventSource.of(mine.source_key), handle_of(mine)
    url = webhook_calls.inbound_url(mine.address, mine.id, mine.secrets.token)
    try:
        handle = await webhook_calls.register(dd, source, url, described(mine))
    except ConnectorError as problem:
        code = problem.code
        await change(relay, mine.id, lambda current: _not_registered(current, newcomer, code))
        raise
    rights, now = webhook_calls.rights_of(dd.connection), relay.clock()
    registered = await change(relay, mine.id, lambda current: _registered(current, handle, rights, now))
    if before is not None:
        await _unregister_quietly(relay, dd, mine, before)
    await _keep_schema(relay, dd, registered or mine, source)
    return registered or mine


def described(registration: Registration) -> str:
    """What an admin reads in DeskDirector's list of workflows."""
    source = EventSource.of(registration.source_key)
    text = registration.description or "a flow"
    suffix = f" (connector, {source.event_type}, {registration.id[:8]})"
    return f"{text[: webhook_calls.LONGEST_DESCRIPTION - len(suffix)]}{suffix}"


async def detach(relay: Relay, identity: str, subscription_id: str) -> None:
    """Detach a subscription; unregister upstream after the last one. Errors are logged, not raised."""

    def detached(current: Registration) -> Registration:
        rest = _without_member(current, subscription_id)
        is_registered = rest.state is RegistrationState.ACTIVE and handle_of(current) is not None
        if rest.subscription_ids or not is_registered:
            return rest
        return replace(rest, state=RegistrationState.UNREGISTERING, since=relay.clock())

    rest = await change(relay, identity, detached)
    if rest is not None and rest.state is RegistrationState.UNREGISTERING:
        with suppress(TimeoutError):  # the flow does not wait longer; the reconciliation unregisters later
            async with asyncio.timeout(DETACH_SECONDS):
                await unregister(relay, rest)


async def unregister(relay: Relay, ending: Registration) -> None:
    """Unregister upstream and record it; after an error the reconciliation tries again."""
    handle = handle_of(ending)
    try:
        if handle is not None:
            dd = webhook_calls.reconnect(ending.site, ending.secrets.rights, relay.settings)
            await webhook_calls.unregister(dd, EventSource.of(ending.source_key), handle)
    except ConnectorError as problem:
        code = problem.code
        log.warning("Registration %s could not be removed upstream yet: %s", ending.id, code)
        await change(relay, ending.id, lambda current: replace(current, trouble=code))
        return
    await change(relay, ending.id, lambda current: _ended(current, ending, relay.clock()))


async def change(relay: Relay, identity: str, edit: Callable[[Registration], Registration]) -> Registration | None:
    """Apply `edit` to the present record until it is saved; None when there is none."""
    for _ in range(CHANGE_ATTEMPTS):
        current = await relay.store.registrations.get(identity)
        if current is None:
            return None
        edited = edit(current)
        if edited == current:
            return current
        try:
            return await _save(relay, edited)
        except StaleRecord:
            continue
    raise StaleRecord("registration")


def handle_of(registration: Registration) -> webhook_calls.Handle | None:
    """Upstream id and token; None if not registered."""
    if not registration.upstream_id:
        return None
    return webhook_calls.Handle(registration.upstream_id, registration.secrets.unsubscribe_token)


def can_be_taken_over(relay: Relay, registration: Registration) -> bool:
    """Whether another process may begin with it: it has ended, or the one that works on it timed out."""
    if registration.state is RegistrationState.ENDED:
        return True
    patience = relay.settings.budget_seconds + GRACE_SECONDS
    return registration.state is not RegistrationState.ACTIVE and relay.clock() > registration.since + patience


def _may_share(relay: Relay, dd: DeskDirector, source: EventSource, registration: Registration) -> bool:
    """Whether it is shared as it is: it was registered lately, by this very connection, or else by a person."""
    if FAMILIES[source.family].subscribe is None:
        return True
    is_mine = registration.secrets.rights == webhook_calls.rights_of(dd.connection)
    return is_mine and relay.clock() <= registration.made_at + TRUSTED_SECONDS


def begin(
    relay: Relay,
    dd: DeskDirector,
    source: EventSource,
    current: Registration | None,
    base: str,
    description: str = "",
) -> Registration:
    """The record with which registering (again) begins: what `register` takes."""
    if FAMILIES[source.family].subscribe is None:
        raise NotFound(
            "WebhookNotFound",
            f"There is no webhook '{source.event_type}' for this site; the operator adds it with "
            f"`python -m workbench webhooks add`.",
        )
    now = relay.clock()
    if current is None:
        site, identity = dd.site.name, registration_id(dd.site.name, source.key)
        current = Registration(identity, site, source.key, RegistrationState.ENDED, now, created_at=now)
    # After an end the old inbound address stays dead; a registration that is renewed while it lives keeps its own.
    token = new_token() if current.state is RegistrationState.ENDED else current.secrets.token
    return replace(
        current,
        state=RegistrationState.REGISTERING,
        since=now,
        address=base,
        description=current.description or description,
        secrets=replace(current.secrets, token=token),
    )


def _with_member(registration: Registration, subscription_id: str) -> Registration:
    if not subscription_id or subscription_id in registration.subscription_ids:
        return registration
    return replace(registration, subscription_ids=(*registration.subscription_ids, subscription_id))


def _without_member(registration: Registration, subscription_id: str) -> Registration:
    rest = tuple(id_ for id_ in registration.subscription_ids if id_ != subscription_id)
    return replace(registration, subscription_ids=rest)


def _registered(current: Registration, handle: webhook_calls.Handle, rights: Rights, now: float) -> Registration:
    return replace(
        current,
        state=RegistrationState.ACTIVE,
        since=now,
        made_at=now,
        upstream_id=handle.id,
        trouble="",
        secrets=replace(current.secrets, unsubscribe_token=handle.token, rights=rights),
    )


def _not_registered(current: Registration, newcomer: str, code: str) -> Registration:
    """An earlier registration stays active; without one it has ended. A newcomer's failure is no trouble of others."""
    rest = _without_member(current, newcomer)
    if not handle_of(rest):
        return replace(rest, state=RegistrationState.ENDED, trouble=code)
    return replace(rest, state=RegistrationState.ACTIVE, trouble=rest.trouble if newcomer else code)


def _ended(current: Registration, ending: Registration, now: float) -> Registration:
    if replace(current, subscription_ids=()) != replace(ending, subscription_ids=()):
        return current  # a flow attached meanwhile and is registering it again
    secrets_ = RegistrationSecrets(token=current.secrets.token)
    return replace(current, state=RegistrationState.ENDED, since=now, upstream_id="", trouble="", secrets=secrets_)


async def _unregister_quietly(
    relay: Relay, dd: DeskDirector, before: Registration, handle: webhook_calls.Handle
) -> None:
    """Remove the replaced webhook, with the connection that replaced it or the one that made it.

    If it stays, it posts to the same address, and its repeats are recognised.
    """
    source, rights = EventSource.of(before.source_key), before.secrets.rights
    try:
        try:
            await webhook_calls.unregister(dd, source, handle)
        except ConnectorError:
            if rights is None or rights == webhook_calls.rights_of(dd.connection):
                raise
            await webhook_calls.unregister(webhook_calls.reconnect(before.site, rights, relay.settings), source, handle)
    except ConnectorError as problem:
        log.warning("A replaced registration is still there upstream: %s", problem.code)


async def _keep_schema(relay: Relay, dd: DeskDirector, registration: Registration, source: EventSource) -> None:
    """Keep what the site says that it sends, once a day; a flow that is turned on does not wait long for it."""
    now = relay.clock()
    if now - registration.schema_at > SCHEMA_EVERY_SECONDS:
        schema = await webhook_calls.read_event_schema(dd, source)
        await change(relay, registration.id, lambda current: replace(current, event_schema=schema, schema_at=now))


async def _save(relay: Relay, registration: Registration) -> Registration:
    saved = await relay.store.registrations.save(registration)
    relay.remember(saved)
    return saved
