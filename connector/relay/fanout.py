"""A message of the inbound queue -> its events, and a pending delivery for every subscription that they match."""

import logging
from collections.abc import Sequence

from connector.deskdirector import endpoints as api
from connector.deskdirector.entities.events import TicketEvent
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.sites import check_site
from connector.relay import webhook_calls
from connector.relay.conditions import fulfils, is_silent_on
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.inbound import InboundRequest, read_message
from connector.relay.normalise import Origin, ParsedEvent, parse_events
from connector.relay.relay import Relay
from connector.storage.records import Registration, RoutedEvent, Subscription

log = logging.getLogger("connector")


async def fan_out(relay: Relay, message: str) -> None:
    """Process one message; safe to repeat. Raises when the store fails or the message is malformed."""
    inbound = await read_message(relay, message)
    if inbound is None:
        return
    registration = await relay.store.registrations.get(inbound.registration_id)
    if registration is None:
        await relay.store.quarantine.put(
            "inbound request", inbound.id, message, "its registration is gone", relay.clock()
        )
        return
    listeners = await relay.store.subscriptions.list(registration_id=registration.id)
    routed = [
        RoutedEvent(parsed.event, await _matching(relay, registration, listeners, parsed))
        for parsed in parse_events(inbound.content, _origin(relay, registration, inbound))
    ]
    await relay.store.outbox.accept(routed, relay.clock())
    if inbound.payload:
        await relay.store.payloads.delete(inbound.payload)


def _origin(relay: Relay, registration: Registration, inbound: InboundRequest) -> Origin:
    source = EventSource.of(registration.source_key)
    return Origin(
        registration_id=registration.id,
        family=FAMILIES[source.family],
        event_type=source.event_type,
        site=check_site(registration.site, relay.settings),
        request_id=inbound.id,
        received_at=inbound.received_at,
    )


async def _matching(
    relay: Relay, registration: Registration, listeners: Sequence[Subscription], parsed: ParsedEvent
) -> tuple[str, ...]:
    """The subscriptions whose conditions hold for the event. What cannot be judged is delivered, not dropped."""
    event = parsed.entity
    if not isinstance(event, TicketEvent):
        return tuple(each.id for each in listeners)
    asked = {each.id: each.conditions for each in listeners}
    silent = {name for name, conditions in asked.items() if is_silent_on(parsed.sent, conditions)}
    whole = await _whole_ticket(relay, registration, event) if silent else None

    def fulfilled(name: str) -> bool:
        if name not in silent:
            return fulfils(event, asked[name])
        return whole is None or fulfils(whole, asked[name])

    return tuple(filter(fulfilled, asked))


async def _whole_ticket(relay: Relay, registration: Registration, event: TicketEvent) -> TicketEvent | None:
    """The event with its ticket read from DeskDirector: its notifications are smaller than tickets."""
    if event.id is None:
        return None
    try:
        dd = webhook_calls.reconnect(registration.site, registration.secrets.rights, relay.settings)
        ticket = await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": event.id})
    except ConnectorError as problem:
        log.warning("Event %s is delivered without checking its conditions: %s", event.event_id, problem.code)
        return None
    return event.model_copy(update=ticket.__dict__)
