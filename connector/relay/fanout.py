"""A message of the inbound queue -> its events, and a pending delivery for every subscription that they match."""

import asyncio
from typing import Final

from connector.deskdirector.entities.events import TicketEvent
from connector.relay.delivery import deliver_new, lease_seconds
from connector.relay.inbound import read_message
from connector.relay.matching import route
from connector.relay.normalise import ParsedEvent, parse_events, with_entity
from connector.relay.origins import origin_of
from connector.relay.own_notes import is_own_note
from connector.relay.relay import Relay
from connector.storage.records import RoutedEvent

TOGETHER: Final = 50
"""Events that are stored together; other work gets its turn in between."""
FETCHED: Final = 20
"""Events of one request for which DeskDirector is asked; the conditions of the others are checked at delivery."""


async def fan_out(relay: Relay, message: str) -> None:
    """Process one message; safe to repeat. Raises when the store fails or the message is malformed."""
    inbound = await read_message(relay, message)
    if inbound is None:
        return
    registration, listeners = await relay.store.listeners(inbound.registration_id, inbound.received_at)
    if registration is None:
        reason = "its registration is gone"
        await relay.store.quarantine.put("inbound request", inbound.id, message, reason, relay.clock())
        return
    relay.know(listeners)
    fetches_left = FETCHED
    stored, routed = 0, list[RoutedEvent]()
    for parsed in parse_events(inbound.content, origin_of(relay, registration, inbound.received_at, inbound.id)):
        routing = await route(relay, registration, listeners, await _marked(relay, parsed), may_fetch=fetches_left > 0)
        fetches_left -= routing.fetched
        routed.append(routing.routed)
        if len(routed) == TOGETHER:
            await _accept(relay, routed, is_all=False)
            stored, routed = stored + len(routed), []
        await asyncio.sleep(0)
    await _accept(relay, routed, is_all=not stored)
    if inbound.payload:
        await relay.store.payloads.delete(inbound.payload)


async def _accept(relay: Relay, routed: list[RoutedEvent], *, is_all: bool) -> None:
    """Store the events, and make the deliveries that the store leaves to us: the message guards them until then.

    The deliveries of a message that has many events would take too long; they go through the queue.
    """
    now = relay.clock()
    if relay.dispatcher is not None:
        accepted = await relay.dispatcher.accept(routed, now)
    else:
        lease = lease_seconds(relay) if is_all else 0.0
        accepted = await relay.store.outbox.accept(routed, now, lease_seconds=lease)
    if routed:
        first = routed[0].event
        relay.series.accepted(now, first.site, len(accepted.new), first.registration_id)
    if accepted.claims and relay.dispatcher is None:
        await deliver_new(relay, accepted.claims)
        await relay.save_health()


async def _marked(relay: Relay, parsed: ParsedEvent) -> ParsedEvent:
    """The event, marked when this connector itself wrote the note that it is about."""
    entity = parsed.entity
    if not isinstance(entity, TicketEvent) or not entity.note_text:
        return parsed
    if not await is_own_note(relay, parsed.event.site, entity.id, entity.note_text):
        return parsed
    entity.is_own_change = True
    entity.note_author_type = entity.note_author_type or "api"
    return with_entity(parsed, entity)
