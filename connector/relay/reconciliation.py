"""Puts right what went wrong while nobody looked, between our records and DeskDirector.

DeskDirector tells nobody that it has suspended a workflow's action or that an admin has deleted one, and it has no
public call to ask, or to switch one on again. What can be relied on is that a fresh registration exists and listens. So
they are renewed (made anew, then the old one removed; in between, repeats are recognised): after an outage of ours,
because posts may have failed then, and otherwise from time to time.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError, Forbidden, Unauthorized
from connector.relay import webhook_calls
from connector.relay.event_sources import FAMILIES, Wanted
from connector.relay.registrations import State, change, is_free, make, started, state_of, unmake, with_details
from connector.relay.relay import Relay
from connector.storage.records import Registration, StaleRecord, Subscription

log = logging.getLogger("connector")

EVERY_SECONDS: Final = 300.0
OUTAGE_SECONDS: Final = 2.5 * EVERY_SECONDS
"""When nobody has looked after a registration for so long, the app was down."""
KEEP_ENDED_SECONDS: Final = 30 * 86_400.0


async def reconcile(relay: Relay) -> Mapping[str, int]:
    """Look after every registration; returns how many were `checked`, `made`, `removed`, or are in `trouble`."""
    done = {"checked": 0, "made": 0, "removed": 0, "trouble": 0}
    listeners: dict[str, list[Subscription]] = defaultdict(list)
    for subscription in await relay.store.subscriptions.list():
        listeners[subscription.registration_id].append(subscription)
    registrations = {one.id: one for one in await relay.store.registrations.list()}
    for identity in {**listeners, **registrations}:
        done["checked"] += 1
        try:
            outcome = await _tend(relay, registrations.get(identity), listeners[identity])
        except StaleRecord:
            continue  # somebody is at it just now
        except ConnectorError as problem:
            log.warning("Registration %s is in trouble: %s", identity, problem.code)
            outcome = "trouble"
        if outcome:
            done[outcome] += 1
    return done


async def _tend(relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]) -> str:
    """Do what the registration needs; the name of what was done, if anything."""
    if registration is None:
        return await _renew(relay, None, listeners)
    state = state_of(registration)
    if not FAMILIES[Wanted.of(registration.filter_key).family].subscribe:
        await _note(relay, registration, listeners)
    elif state is State.ACTIVE and listeners:
        if _needs_renewal(relay, registration):
            return await _renew(relay, registration, listeners)
        await _note(relay, registration, listeners)
    elif state is State.ACTIVE or (state is State.ENDING and not listeners):
        return await _remove(relay, registration)
    elif is_free(relay, registration):
        if listeners:
            return await _renew(relay, registration, listeners)
        if state is not State.ENDED:
            return await _remove(relay, registration)
        if relay.clock() > registration.details["since"] + KEEP_ENDED_SECONDS:
            await relay.store.registrations.remove(registration)
    return ""


def _needs_renewal(relay: Relay, registration: Registration) -> bool:
    details, now = registration.details, relay.clock()
    if now - details.get("checkedAt", details["madeAt"]) > OUTAGE_SECONDS:
        return True
    hours = relay.settings.renew_hours
    made_at = float(details["madeAt"])
    is_old = bool(hours) and now - made_at > hours * 3600
    return is_old or made_at < relay.outage_at or _address(relay, registration) != details["address"]


def _address(relay: Relay, registration: Registration) -> str:
    return relay.settings.public_url or str(registration.details["address"])


async def _note(relay: Relay, registration: Registration, listeners: Sequence[Subscription]) -> None:
    """Note that it was looked after, and who really listens (a crash may have left either list behind)."""
    members = tuple(one.id for one in listeners)
    now = relay.clock()
    noted = with_details(replace(registration, subscription_ids=members), checkedAt=now)
    relay.remember(await relay.store.registrations.save(noted))


async def _remove(relay: Relay, registration: Registration) -> str:
    """Have DeskDirector stop: nobody listens."""
    ending = with_details(replace(registration, subscription_ids=()), state=State.ENDING, since=relay.clock())
    await unmake(relay, await relay.store.registrations.save(ending))
    return "removed"


async def _renew(relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]) -> str:
    """Register anew, with the rights of the first who still has them."""
    first = listeners[0]
    wanted = Wanted.of(first.details["wanted"])
    address = _address(relay, registration) if registration else str(first.details["address"])
    problem: ConnectorError | None = None
    for dd in _connections(relay, registration, listeners):
        begun = started(relay, dd, wanted, registration, address)
        begun = replace(begun, subscription_ids=tuple(one.id for one in listeners))
        try:
            made = await make(relay, dd, begun)
        except (Unauthorized, Forbidden) as refused:
            problem = refused
            registration = await relay.store.registrations.get(begun.id)
            continue
        await change(relay, made.id, lambda current: with_details(current, checkedAt=relay.clock()))
        return "made"
    if problem:
        raise problem
    return "trouble"


def _connections(
    relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]
) -> Iterator[DeskDirector]:
    """The registration's own connection, then those of its subscriptions, each once."""
    seen = set()
    for record in (registration, *listeners):
        if record is None or "authorization" not in record.secrets:
            continue
        dd = webhook_calls.reconnect(record.site, record.secrets, relay.settings)
        if dd.connection.identity not in seen:
            seen.add(dd.connection.identity)
            yield dd
