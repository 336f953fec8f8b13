"""Which subscriptions an event is for: conditions are judged on what was sent, and on what is fetched once per event.

When data cannot be fetched, the delivery stays unchecked: its conditions are judged again before it is delivered.
Nothing is assumed to hold, and nothing is dropped because DeskDirector did not answer.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.events import TicketEvent
from connector.deskdirector.entities.notes import Note, Notes
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.tickets import Ticket, UpdatedTicket
from connector.deskdirector.errors import ConnectorError, Gone, NotFound
from connector.deskdirector.models import Entity
from connector.relay import webhook_calls
from connector.relay.conditions import Need, fulfils, is_null, needs
from connector.relay.normalise import ParsedEvent, payload_of
from connector.relay.relay import Relay
from connector.relay.verdicts import summary_of, verdicts_of
from connector.storage.records import Registration, Rights, RoutedEvent, Subscription

log = logging.getLogger("connector")

E = TypeVar("E", bound=Entity)
FETCH_SECONDS: Final = 15.0
NOT_ASKED: Final = "many events came at once"
NEVER: Final = (NotFound, Gone)
"""Answers that stay: the ticket was deleted, or the site has no such route. A condition on it does not hold."""


@dataclass(slots=True)
class Facts:
    """The data fetched for one event: `event` with it filled in, and the parts that could not be fetched."""

    event: TicketEvent
    open: set[Need] = field(default_factory=set)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Where an event goes, and whether DeskDirector was asked about it."""

    routed: RoutedEvent
    fetched: bool = False


async def route(
    relay: Relay,
    registration: Registration,
    listeners: Sequence[Subscription],
    parsed: ParsedEvent,
    *,
    may_fetch: bool = True,
) -> Routing:
    """The event with the subscriptions that it is for. An unreadable one is for none: it is kept for an operator."""
    entity = parsed.entity
    if entity is None:
        summary = summary_of(None, parsed.event.type, relay.clock(), len(listeners), 0)
        return Routing(RoutedEvent(replace(parsed.event, summary=summary), ()))
    wanted = {listener.id: needs(entity, parsed.sent, listener.conditions) for listener in listeners}
    everything = frozenset[Need]().union(*wanted.values())
    facts = None
    if everything and isinstance(entity, TicketEvent):
        facts = Facts(entity, set(everything))
        if may_fetch:
            facts = await fetch(relay, registration, entity, parsed.sent, everything)
        entity = facts.event
    matching, unchecked = [], {}
    for listener in listeners:
        if facts and not facts.open.isdisjoint(wanted[listener.id]):
            unchecked[listener.id] = facts.code or NOT_ASKED
        elif not fulfils(entity, listener.conditions):
            continue
        matching.append(listener.id)
    event = replace(
        parsed.event,
        payload=payload_of(entity) if facts else parsed.event.payload,
        summary=summary_of(entity, parsed.event.type, relay.clock(), len(listeners), len(matching)),
        verdicts=verdicts_of(entity, listeners, matching, unchecked),
    )
    ordered = frozenset(listener.id for listener in listeners if listener.is_ordered).intersection(matching)
    return Routing(RoutedEvent(event, tuple(matching), frozenset(unchecked), ordered), bool(facts and may_fetch))


async def check(
    relay: Relay, registration: Registration, subscription: Subscription, parsed: ParsedEvent
) -> tuple[bool | None, str]:
    """Whether an unchecked delivery's conditions hold; None, with the code of the error, when it is still not known."""
    entity = parsed.entity
    if not isinstance(entity, TicketEvent):
        return True, ""
    wanted = needs(entity, parsed.sent, subscription.conditions)
    facts = await fetch(relay, registration, entity, parsed.sent, wanted)
    return (None, facts.code) if facts.open else (fulfils(facts.event, subscription.conditions), "")


async def fetch(
    relay: Relay, registration: Registration, event: TicketEvent, sent: Mapping[str, Any], wanted: frozenset[Need]
) -> Facts:
    """Read the data needed from DeskDirector; errors are in the result."""
    facts = Facts(event)
    if event.id is None:
        return facts
    try:
        rights = await _rights(relay, registration)
        dd = webhook_calls.reconnect(registration.site, rights, relay.settings)
        async with asyncio.timeout(FETCH_SECONDS):
            await _fetch(dd, facts, event.id, sent, wanted)
    except ConnectorError as problem:
        return Facts(event, set(wanted), problem.code)
    except TimeoutError:
        return Facts(event, set(wanted), "UpstreamTimeout")
    return facts


async def _fetch(
    dd: DeskDirector, facts: Facts, ticket_id: int, sent: Mapping[str, Any], wanted: frozenset[Need]
) -> None:
    if Need.TICKET in wanted:
        ticket = await _read(dd, facts, Need.TICKET, api.GET_TICKET, Ticket, ticketId=ticket_id)
        if ticket is not None:
            facts.event = _filled(facts.event, ticket, sent)
            facts.event.note_author_type = facts.event.author_type()
    if Need.CONTACT in wanted and facts.event.contact_id is not None:
        contact = await _read(dd, facts, Need.CONTACT, api.GET_CONTACT, Contact, contactId=facts.event.contact_id)
        if contact is not None:
            facts.event = facts.event.model_copy(update={"contact_is_vip": bool(contact.is_vip)})
    if Need.NOTE in wanted:
        await _read_note(dd, facts, ticket_id)


async def _rights(relay: Relay, registration: Registration) -> Rights | None:
    """Those of the registration; a webhook of the portal has none, so those of one of its flows are used."""
    if registration.secrets.rights is not None:
        return registration.secrets.rights
    subscriptions = await relay.store.subscriptions.list(registration_id=registration.id)
    return next(
        (subscription.secrets.rights for subscription in subscriptions if subscription.secrets.rights is not None), None
    )


async def _read_note(dd: DeskDirector, facts: Facts, ticket_id: int) -> None:
    """The notes of the ticket: from the site's list, else from the technicians' view of the ticket."""
    page = await _read(dd, facts, Need.NOTE, api.LIST_TICKET_NOTES, Notes, ticketId=ticket_id)
    notes: Sequence[Note] = page.results if page else ()
    if page is None and Need.NOTE not in facts.open:
        ticket = await _read(dd, facts, Need.NOTE, api.COPILOT_GET_TICKET, UpdatedTicket, ticketId=ticket_id)
        notes = ticket.notes if ticket else ()
    event = facts.event
    same = [note for note in notes if note.id == event.note_id or (note.text or "").strip() == (event.note_text or "")]
    newest = max(same, key=lambda note: (note.created_at or "", note.id or 0), default=None)
    if newest is None:
        return
    found = {
        "note_is_internal": newest.is_internal,
        "note_author": newest.author,
        "note_author_type": newest.author_type,
    }
    facts.event = event.model_copy(
        update={name: value for name, value in found.items() if getattr(event, name) is None}
    )
    facts.event.note_author_type = facts.event.author_type()


async def _read(
    dd: DeskDirector, facts: Facts, need: Need, endpoint: Endpoint, model: type[E], **path: object
) -> E | None:
    """One read. None when there is no such thing; the need stays open when DeskDirector does not say now."""
    try:
        return await dd.fetch(endpoint, model, path=path)
    except NEVER:
        return None
    except ConnectorError as problem:
        log.warning("Conditions of event %s are checked later: %s", facts.event.event_id, problem.code)
        facts.open.add(need)
        facts.code = problem.code
        return None


def _filled(event: TicketEvent, ticket: Ticket, sent: Mapping[str, Any]) -> TicketEvent:
    """The event with its gaps filled; values that were sent win, since they are nearer to the event."""
    update = {
        name: value
        for name, value in ticket.__dict__.items()
        if name in TicketEvent.model_fields
        and value not in (None, [])
        and getattr(event, name) in (None, [])
        and not is_null(sent, "members" if name.startswith("assigned_to") else name)
    }
    return event.model_copy(update=update)
