"""A post from the inbound queue -> its events, and a pending delivery for every subscription that wants one."""

import logging
from collections.abc import Sequence

from connector.deskdirector import endpoints as api
from connector.deskdirector.entities.events import TicketEvent
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.sites import check_site
from connector.relay import webhook_calls
from connector.relay.conditions import fulfils, is_silent_on
from connector.relay.event_sources import FAMILIES, Wanted
from connector.relay.inbound import Post, read_message
from connector.relay.normalise import Notification, Origin, notifications
from connector.relay.relay import Relay
from connector.storage.records import Arrival, Registration, Subscription

log = logging.getLogger("connector")


async def fan_out(relay: Relay, message: str) -> None:
    """Take one message. May run twice for the same one. Raises when the store fails, or the message makes no sense."""
    post = await read_message(relay, message)
    if post is None:
        return
    registration = await relay.store.registrations.get(post.registration_id)
    if registration is None:
        await relay.store.quarantine.put("post", post.id, message, "its registration is gone", relay.clock())
        return
    listeners = await relay.store.subscriptions.list(registration_id=registration.id)
    arrivals = [
        Arrival(one.event, await _wanted_by(relay, registration, listeners, one))
        for one in notifications(post.content, _origin(relay, registration, post))
    ]
    await relay.store.outbox.accept(arrivals, relay.clock())
    if post.payload:
        await relay.store.payloads.delete(post.payload)


def _origin(relay: Relay, registration: Registration, post: Post) -> Origin:
    wanted = Wanted.of(registration.filter_key)
    return Origin(
        registration_id=registration.id,
        family=FAMILIES[wanted.family],
        event_type=wanted.event_type,
        site=check_site(registration.site, relay.settings),
        post_id=post.id,
        received_at=post.received_at,
    )


async def _wanted_by(
    relay: Relay, registration: Registration, listeners: Sequence[Subscription], one: Notification
) -> tuple[str, ...]:
    """The subscriptions whose conditions the event fulfils. What cannot be judged is delivered, not dropped."""
    event = one.entity
    if not isinstance(event, TicketEvent):
        return tuple(each.id for each in listeners)
    asked = {each.id: each.details.get("conditions") or {} for each in listeners}
    silent = {name for name, conditions in asked.items() if is_silent_on(one.sent, conditions)}
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
        dd = webhook_calls.reconnect(registration.site, registration.secrets, relay.settings)
        ticket = await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": event.id})
    except ConnectorError as problem:
        log.warning("Event %s is delivered without checking its conditions: %s", event.event_id, problem.code)
        return None
    return event.model_copy(update=ticket.__dict__)
