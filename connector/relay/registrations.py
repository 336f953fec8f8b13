"""Upstream registrations, each shared by the subscriptions that want the same: joined, left, made and removed.

A registration is changed by compare-and-set only. Whoever moves it to MAKING or ENDING does the upstream call; others
wait, or take over when that one has died. Posts are taken in while it is MAKING or ACTIVE.

    (none) ── join ──► MAKING ── registered ──► ACTIVE ── last one left ──► ENDING ── unregistered ──► ENDED ── join …
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError, NotFound, Unavailable
from connector.relay import webhook_calls
from connector.relay.event_sources import FAMILIES, Wanted
from connector.relay.relay import Relay
from connector.storage.records import Registration, StaleRecord, registration_id

log = logging.getLogger("connector")

WAIT_SECONDS: Final = 20.0
PAUSE_SECONDS: Final = 0.2
LEAVE_SECONDS: Final = 15.0
TRUSTED_SECONDS: Final = 600.0
"""A registration younger than this is shared without asking."""
CHANGE_ATTEMPTS: Final = 50
GRACE_SECONDS: Final = 30.0
"""Beyond the budget of an operation, after which whoever was at it must have died."""


class State(StrEnum):
    """Where a registration stands."""

    MAKING = "making"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"


def state_of(registration: Registration) -> State:
    """Where it stands."""
    return State(registration.details["state"])


def is_listening(registration: Registration) -> bool:
    """Whether posts for it are taken in."""
    return state_of(registration) in (State.MAKING, State.ACTIVE)


def new_token() -> str:
    """256 bits that nobody can guess, in characters that a URL takes as they are."""
    return secrets.token_urlsafe(32)


async def join(relay: Relay, dd: DeskDirector, wanted: Wanted, subscription_id: str, base: str) -> Registration:
    """Have the events of `wanted` posted to us, for this subscription too; raises `ConnectorError`.

    `base` is our own address. The API key is proved good either by registering with it or by a test call: sharing a
    registration must not let anybody in who could not have made it. One that is not quite new is made anew, so that
    turning a flow off and on heals what an admin deleted or DeskDirector suspended.
    """
    identity = registration_id(dd.site.name, wanted.key)
    give_up_at = time.monotonic() + WAIT_SECONDS
    is_proved = False
    if FAMILIES[wanted.family].subscribe is None:
        await dd.call(api.TEST_CONNECTION)
        is_proved = True
    while time.monotonic() < give_up_at:
        current = await relay.store.registrations.get(identity)
        try:
            if current is None or is_free(relay, current) or _is_aged(relay, current):
                return await make(relay, dd, started(relay, dd, wanted, current, base), subscription_id)
            if state_of(current) is State.ACTIVE:
                if not is_proved:
                    await dd.call(api.TEST_CONNECTION)
                    is_proved = True
                return await _save(relay, _with_member(_with_rights(current, dd), subscription_id))
        except StaleRecord:
            continue
        await asyncio.sleep(PAUSE_SECONDS)
    raise Unavailable("RegistrationBusy", "This trigger is just being set up; try again.", retry_after=5)


async def make(relay: Relay, dd: DeskDirector, begun: Registration, subscription_id: str = "") -> Registration:
    """Register upstream, in place of what may be there already. `begun` comes from `started`, not yet saved."""
    mine = await _save(relay, _with_member(begun, subscription_id))
    newcomer = "" if subscription_id in begun.subscription_ids else subscription_id
    wanted, before = Wanted.of(mine.filter_key), handle_of(mine)
    url = webhook_calls.inbound_url(mine.details["address"], mine.id, mine.secrets["token"])
    try:
        handle = await webhook_calls.register(dd, wanted, url)
    except ConnectorError as problem:
        code = problem.code
        await change(relay, mine.id, lambda current: _not_made(_without_member(current, newcomer), code))
        raise
    made = await change(relay, mine.id, lambda current: _made(current, handle, relay.clock()))
    if before is not None:
        await _remove_quietly(dd, wanted, before)
    return made or mine


async def leave(relay: Relay, identity: str, subscription_id: str) -> None:
    """One subscription wants no more; the last to leave has DeskDirector stop. Its failures do not show."""

    def left(current: Registration) -> Registration:
        rest = _without_member(current, subscription_id)
        is_last = not rest.subscription_ids and state_of(current) is State.ACTIVE and handle_of(current) is not None
        return with_details(rest, state=State.ENDING, since=relay.clock()) if is_last else rest

    rest = await change(relay, identity, left)
    if rest is not None and state_of(rest) is State.ENDING:
        with suppress(TimeoutError):  # a flow that goes does not wait for long; the reconciliation does it then
            async with asyncio.timeout(LEAVE_SECONDS):
                await unmake(relay, rest)


async def unmake(relay: Relay, ending: Registration) -> None:
    """Have DeskDirector stop, and note it; when that fails now, the reconciliation tries again."""
    handle = handle_of(ending)
    try:
        if handle is not None:
            dd = webhook_calls.reconnect(ending.site, ending.secrets, relay.settings)
            await webhook_calls.unregister(dd, Wanted.of(ending.filter_key), handle)
    except ConnectorError as problem:
        code = problem.code
        log.warning("Registration %s is still to be removed upstream: %s", ending.id, code)
        await change(relay, ending.id, lambda current: with_details(current, trouble=code))
        return
    await change(relay, ending.id, lambda current: _unmade(current, ending, relay.clock()))


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
    """What it is called upstream; None when it is not there."""
    name = registration.details.get("upstreamId")
    return webhook_calls.Handle(name, registration.secrets.get("unsubscribeToken", "")) if name else None


def is_free(relay: Relay, registration: Registration) -> bool:
    """Whether nobody is at it: it has ended, or whoever was at it must have died."""
    if state_of(registration) is State.ENDED:
        return True
    patience = relay.settings.budget_seconds + GRACE_SECONDS
    return state_of(registration) is not State.ACTIVE and relay.clock() > registration.details["since"] + patience


def _is_aged(relay: Relay, registration: Registration) -> bool:
    """Whether it was made so long ago that it may have been lost upstream."""
    if state_of(registration) is not State.ACTIVE or handle_of(registration) is None:
        return False
    return relay.clock() > float(registration.details["madeAt"]) + TRUSTED_SECONDS


def with_details(registration: Registration, **details: Any) -> Registration:
    """The registration with these details changed."""
    return replace(registration, details={**registration.details, **details})


def started(relay: Relay, dd: DeskDirector, wanted: Wanted, current: Registration | None, base: str) -> Registration:
    """The record with which making it (anew) begins: what `make` takes."""
    if FAMILIES[wanted.family].subscribe is None:
        raise NotFound(
            "WebhookNotFound",
            f"There is no webhook '{wanted.event_type}' for this site; the operator adds it with "
            f"`python -m workbench webhooks add`.",
        )
    now = relay.clock()
    details = {"state": State.MAKING, "since": now, "address": base, "trouble": ""}
    if current is None:
        site = dd.site.name
        current = Registration(registration_id(site, wanted.key), site, wanted.key, created_at=now)
    # After an end the old address stays dead; a registration that is made anew while it lives keeps its address.
    keeps_token = bool(current.details) and state_of(current) is not State.ENDED
    token = current.secrets["token"] if keeps_token else new_token()
    secrets_ = {**current.secrets, "token": token}
    return _with_rights(replace(with_details(current, **details), secrets=secrets_), dd)


def _with_rights(registration: Registration, dd: DeskDirector) -> Registration:
    if FAMILIES[Wanted.of(registration.filter_key).family].subscribe is None:
        return registration
    return replace(registration, secrets={**registration.secrets, **webhook_calls.keep(dd.connection)})


def _with_member(registration: Registration, subscription_id: str) -> Registration:
    if not subscription_id or subscription_id in registration.subscription_ids:
        return registration
    return replace(registration, subscription_ids=(*registration.subscription_ids, subscription_id))


def _without_member(registration: Registration, subscription_id: str) -> Registration:
    rest = tuple(one for one in registration.subscription_ids if one != subscription_id)
    return replace(registration, subscription_ids=rest)


def _made(current: Registration, handle: webhook_calls.Handle, now: float) -> Registration:
    active = with_details(current, state=State.ACTIVE, since=now, madeAt=now, upstreamId=handle.id, trouble="")
    return replace(active, secrets={**current.secrets, "unsubscribeToken": handle.token})


def _not_made(current: Registration, code: str) -> Registration:
    """What was there before goes on; else it has ended."""
    return with_details(current, state=State.ACTIVE if handle_of(current) else State.ENDED, trouble=code)


def _unmade(current: Registration, ending: Registration, now: float) -> Registration:
    if current.details != ending.details:
        return current  # somebody joined meanwhile and is making it anew
    details = {name: value for name, value in current.details.items() if name != "upstreamId"}
    ended = replace(current, details=details, secrets={"token": current.secrets["token"]})
    return with_details(ended, state=State.ENDED, since=now, trouble="")


async def _remove_quietly(dd: DeskDirector, wanted: Wanted, handle: webhook_calls.Handle) -> None:
    """What was replaced goes; if it stays, it posts to the same address, and its repeats are recognised."""
    try:
        await webhook_calls.unregister(dd, wanted, handle)
    except ConnectorError as problem:
        log.warning("A replaced registration is still there upstream: %s", problem.code)


async def _save(relay: Relay, registration: Registration) -> Registration:
    saved = await relay.store.registrations.save(registration)
    relay.remember(saved)
    return saved
