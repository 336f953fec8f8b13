"""Reconciles our registrations with DeskDirector's.

DeskDirector does not report that it has suspended a workflow's action or that an admin has deleted one, and it has no
public call to ask, or to resume one. A fresh registration is known to exist and to be active. So registrations are
renewed (registered again, then the old one removed; in between, repeats are recognised): after an outage of ours,
because inbound requests may have failed then, and otherwise from time to time.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import BadRequest, ConnectorError, Forbidden, NotFound, Unauthorized
from connector.relay import webhook_calls
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.registrations import begin, can_be_taken_over, change, register, unregister
from connector.relay.relay import Relay
from connector.storage.history import JournalEntry
from connector.storage.records import Registration, RegistrationState, StaleRecord, Subscription

log = logging.getLogger("connector")

EVERY_SECONDS: Final = 300.0
OUTAGE_SECONDS: Final = 2.5 * EVERY_SECONDS
"""An older heartbeat means that the app was down."""
LOT: Final = 100
"""So many registrations are put right in one run; more are left to others, a lot each."""
HEARTBEAT: Final = ("upkeep", "heartbeat")
HEARTBEAT_KEPT_SECONDS: Final = 365 * 86_400.0
KEEP_ENDED_SECONDS: Final = 30 * 86_400.0


async def reconcile(relay: Relay) -> Mapping[str, int]:
    """Check every registration; returns how many were `checked`, `made`, `removed`, or are in `trouble`."""
    checked, needy = await look(relay)
    return {"checked": checked, **await put_right(relay, needy)}


async def look(relay: Relay) -> tuple[int, Sequence[str]]:
    """How many registrations there are, and the ids of those that something has to be done for.

    One heartbeat is written for all of them: where nothing has changed, nothing is.
    """
    is_attended = await _heartbeat(relay)
    listeners: dict[str, list[Subscription]] = defaultdict(list)
    for subscription in await relay.store.subscriptions.list():
        listeners[subscription.registration_id].append(subscription)
    registrations = {registration.id: registration for registration in await relay.store.registrations.list()}
    if not is_attended and any(_is_unattended(relay, registration) for registration in registrations.values()):
        relay.outage_at = relay.clock()
        await _heartbeat(relay)
    every = {**listeners, **registrations}
    return len(every), [each for each in every if not _is_fine(relay, registrations.get(each), listeners.get(each, ()))]


async def put_right(relay: Relay, identities: Iterable[str]) -> Mapping[str, int]:
    """Do what these need; returns how many were `made`, `removed`, or are in `trouble`."""
    done = {"made": 0, "removed": 0, "trouble": 0}
    for identity in identities:
        registration = await relay.store.registrations.get(identity)
        listeners = await relay.store.subscriptions.list(registration_id=identity)
        if _is_fine(relay, registration, listeners) or not (registration or listeners):
            continue  # another process was here
        try:
            outcome = await _reconcile(relay, registration, listeners)
        except StaleRecord:
            continue  # another process works on it
        except ConnectorError as problem:
            log.warning("Registration %s is in trouble: %s", identity, problem.code)
            outcome = "trouble"
        if outcome:
            done[outcome] += 1
    return done


async def _heartbeat(relay: Relay) -> bool:
    """Note that the app looks after its registrations, and since when they may have missed something.

    False when nobody had ever noted that. A gap means that the app was down.
    """
    now, journal = relay.clock(), relay.store.journal
    before = await journal.get(*HEARTBEAT)
    known = json.loads(before.document) if before else {}
    outage_at = max(relay.outage_at, float(known.get("outageAt", 0.0)))
    if before and now - float(known["at"]) > OUTAGE_SECONDS:
        outage_at = now
    relay.outage_at = min(outage_at, now)  # a clock that was ahead must not make an outage that never ends
    document = json.dumps({"at": now, "outageAt": relay.outage_at})
    await journal.put(JournalEntry(*HEARTBEAT, document, now + HEARTBEAT_KEPT_SECONDS))
    return before is not None


def _is_unattended(relay: Relay, registration: Registration) -> bool:
    """Of version 1.0, which noted each check in the registration itself: whether nobody has looked for long."""
    return relay.clock() - (registration.checked_at or registration.made_at) > OUTAGE_SECONDS


def _is_fine(relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]) -> bool:
    """Whether nothing has to be done, nor noted."""
    if registration is None or registration.subscription_ids != _members(listeners):
        return False
    if not FAMILIES[EventSource.of(registration.source_key).family].subscribe:
        return True
    if registration.state is RegistrationState.ACTIVE and listeners:
        return not _needs_renewal(relay, registration)
    is_over = relay.clock() > registration.since + KEEP_ENDED_SECONDS
    return registration.state is RegistrationState.ENDED and not listeners and not is_over


def _members(listeners: Sequence[Subscription]) -> tuple[str, ...]:
    return tuple(listener.id for listener in listeners)


async def renew_now(relay: Relay, identity: str) -> Registration:
    """Register it again, whatever its age; a refusal is in its `trouble`."""
    registration = await relay.store.registrations.get(identity)
    if registration is None:
        raise NotFound("RegistrationNotFound", f"There is no registration {identity}.")
    listeners = await relay.store.subscriptions.list(registration_id=identity)
    if not FAMILIES[EventSource.of(registration.source_key).family].subscribe:
        raise BadRequest("RegistrationNotRenewable", "A person made this webhook in the admin portal; look there.")
    if not listeners:
        raise BadRequest("RegistrationNotRenewable", "No flow waits for its events; it ends by itself.")
    try:
        await _renew(relay, registration, listeners)
    except ConnectorError as problem:
        log.warning("Registration %s could not be renewed: %s", identity, problem.code)
    return await relay.store.registrations.get(identity) or registration


async def _reconcile(relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]) -> str:
    """Do what the registration needs; the name of the step taken, if any."""
    if registration is None:
        return await _renew(relay, None, listeners)
    state = registration.state
    if not FAMILIES[EventSource.of(registration.source_key).family].subscribe:
        await _note(relay, registration, listeners)
    elif state is RegistrationState.ACTIVE and listeners:
        if _needs_renewal(relay, registration):
            return await _renew(relay, registration, listeners)
        await _note(relay, registration, listeners)
    elif state is RegistrationState.ACTIVE or (state is RegistrationState.UNREGISTERING and not listeners):
        return await _remove(relay, registration)
    elif can_be_taken_over(relay, registration):
        if listeners:
            return await _renew(relay, registration, listeners)
        if state is not RegistrationState.ENDED:
            return await _remove(relay, registration)
        if relay.clock() > registration.since + KEEP_ENDED_SECONDS:
            await relay.store.registrations.remove(registration)
    return ""


def _needs_renewal(relay: Relay, registration: Registration) -> bool:
    now, made_at = relay.clock(), registration.made_at
    hours = relay.settings.renew_hours
    is_old = bool(hours) and now - made_at > hours * 3600
    return is_old or made_at < relay.outage_at or _address(relay, registration) != registration.address


def _address(relay: Relay, registration: Registration) -> str:
    return relay.settings.public_url or registration.address


async def _note(relay: Relay, registration: Registration, listeners: Sequence[Subscription]) -> None:
    """Record which subscriptions are attached (a crash may have left either list behind)."""
    noted = replace(registration, subscription_ids=_members(listeners), checked_at=relay.clock())
    if noted.subscription_ids != registration.subscription_ids:
        relay.remember(await relay.store.registrations.save(noted))


async def _remove(relay: Relay, registration: Registration) -> str:
    """Unregister: no subscription is attached."""
    ending = replace(registration, subscription_ids=(), state=RegistrationState.UNREGISTERING, since=relay.clock())
    await unregister(relay, await relay.store.registrations.save(ending))
    return "removed"


async def _renew(relay: Relay, registration: Registration | None, listeners: Sequence[Subscription]) -> str:
    """Register again, with the first rights that DeskDirector accepts."""
    first = listeners[0]
    source = EventSource.of(first.source_key)
    address = _address(relay, registration) if registration else first.address
    problem: ConnectorError | None = None
    for dd in _connections(relay, registration, listeners):
        begun = begin(relay, dd, source, registration, address)
        begun = replace(begun, subscription_ids=tuple(listener.id for listener in listeners))
        try:
            made = await register(relay, dd, begun)
        except (Unauthorized, Forbidden) as refused:
            problem = refused
            registration = await relay.store.registrations.get(begun.id)
            continue
        await change(relay, made.id, lambda current: replace(current, checked_at=relay.clock()))
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
        if record is None or record.secrets.rights is None:
            continue
        dd = webhook_calls.reconnect(record.site, record.secrets.rights, relay.settings)
        if dd.connection.identity not in seen:
            seen.add(dd.connection.identity)
            yield dd
