"""Raises events: finds who listens, and posts each of them what its kind gets.

A subscribed flow gets one object: on the proven profile the entities in named envelopes, `{"ticket": …, "note": …}`,
on the generous one the entity flat with its `event`. A webhook (v2, form) always gets an array of entities.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.simulator.chat_shapes import chat_object
from workbench.simulator.clock import wire
from workbench.simulator.event_types import EventKind, all_events
from workbench.simulator.form_shapes import result_object
from workbench.simulator.hooks import Hook, PendingEvent
from workbench.simulator.mutations import posted
from workbench.simulator.notifications import note_in_event, ticket_in_event
from workbench.simulator.records import Chat, FormResult, Note, SurveyAnswer, Ticket
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import note_object, ticket_object

if TYPE_CHECKING:
    from workbench.simulator.delivery import Courier

APPROVAL_STATUS = "Approval Required"
SURVEY = "Satisfaction"
APPROVAL_REQUESTED = "approvalRequested"

# What the filters of a workflow are compared with.
Traits = dict[str, Any]
Render = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Content:
    """What an event is about: as a webhook gets it, and as a flow gets it in named envelopes."""

    entity: Render
    envelopes: Mapping[str, Render]


class Events:
    """The events of one simulator."""

    def __init__(self, courier: "Courier") -> None:
        self._courier = courier

    def ticket(
        self,
        tenant: Tenant,
        event_kind: EventKind,
        ticket: Ticket,
        *,
        note: Note | None = None,
        new_tags: frozenset[str] = frozenset(),
        new_member_ids: frozenset[int] = frozenset(),
    ) -> None:
        """Raise a ticket event; `new_tags` and `new_member_ids` are what came with the change."""
        traits: Traits = {
            "boardId": ticket.board_id,
            "statusId": ticket.status_id,
            "priorityId": ticket.priority_id,
            "companyId": ticket.company_id,
            "tag": ticket.tags,
            "newTags": new_tags,
            "memberId": new_member_ids,
        }
        envelopes: dict[str, Render] = {"ticket": lambda: ticket_in_event(tenant, ticket)}
        if note is not None:
            envelopes["note"] = lambda: note_in_event(tenant, note)
        details = {} if note is None else {"note": note_object(note)}
        self._raise(tenant, event_kind, traits, _Content(lambda: ticket_object(tenant, ticket), envelopes), details)
        if event_kind is EventKind.APPROVAL_REQUIRED:
            self._ask_for_approval(tenant, ticket)

    def chat(self, tenant: Tenant, event_kind: EventKind, chat: Chat) -> None:
        """Raise a chat event. That its envelope is called `chat` is a guess."""

        def render() -> dict[str, Any]:
            return chat_object(tenant, chat)

        self._raise(tenant, event_kind, {"chatType": chat.type}, _Content(render, {"chat": render}))

    def form(self, tenant: Tenant, result: FormResult) -> None:
        """A form was submitted. That its envelope is called `result`, as in legacy v2, is a guess."""

        def render() -> dict[str, Any]:
            return result_object(tenant, result)

        traits: Traits = {"formId": result.form_id}
        self._raise(tenant, EventKind.FORM_SUBMITTED, traits, _Content(render, {"result": render}))

    def survey(self, tenant: Tenant, answer: SurveyAnswer) -> None:
        """A survey was answered. That webhooks have this event is known; its body is a guess."""

        def render() -> dict[str, Any]:
            contact, ticket = tenant.contacts[answer.contact_id], tenant.tickets[answer.ticket_id]
            return {
                "id": answer.id,
                "survey": {"id": answer.survey_id, "name": SURVEY},
                "ticket": {"id": ticket.id, "name": ticket.name},
                "contact": {"id": contact.id, "name": contact.name, "email": contact.email},
                "rating": answer.score,
                "comment": answer.comment,
                "submittedOn": wire(answer.answered_on),
            }

        self._raise(tenant, EventKind.SURVEY_RECEIVED, {}, _Content(render, {"survey": render}))

    def advanced(self, tenant: Tenant, event_type: str, content: dict[str, Any], traits: Traits) -> None:
        """Raise an advanced event for the subscribers of its type."""
        for subscription in tenant.advanced_subscriptions.values():
            if subscription.event_type == event_type and _fits(subscription.hook.parameters, traits):
                self._courier.post(tenant.clock, subscription.hook, event_type, posted(tenant.profile, content))

    @contextmanager
    def watching(self, tenant: Tenant, ticket: Ticket) -> Iterator[None]:
        """Raise the events for whatever the block changes in the ticket."""
        before = _snapshot(ticket)
        yield
        new_tags = frozenset(ticket.tags) - before[EventKind.TAGS_CHANGED]
        new_members = frozenset(ticket.assigned_member_ids) - before[EventKind.MEMBER_ASSIGNED]
        for event_kind in _differences(tenant, before, ticket):
            self.ticket(tenant, event_kind, ticket, new_tags=new_tags, new_member_ids=new_members)

    def _raise(
        self,
        tenant: Tenant,
        event_kind: EventKind,
        traits: Traits,
        content: _Content,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Render what is needed once, and only when there is a subscriber and the site offers the event."""
        event_type = all_events(tenant.profile).get(event_kind)
        if event_type is None:
            return
        actions, webhooks = list(_actions(tenant, event_kind, traits)), list(_webhooks(tenant, event_kind, traits))
        body: dict[str, Any] = {}
        if actions and tenant.profile.nested_events:
            body = {name: render() for name, render in content.envelopes.items()}
        elif actions:
            event = {"id": event_type.id, "name": event_type.name}
            body = {**content.entity(), "event": event, "triggeredOn": wire(tenant.clock.now()), **(details or {})}
        for hook in actions:
            self._courier.post(tenant.clock, hook, event_type.id, posted(tenant.profile, body))
        entities = [content.entity()] if webhooks else []
        for hook in webhooks:
            self._courier.post(tenant.clock, hook, event_type.id, entities)

    def _ask_for_approval(self, tenant: Tenant, ticket: Ticket) -> None:
        pending = PendingEvent(tenant.next_name("event"), APPROVAL_REQUESTED, ticket.id)
        tenant.pending_events[pending.id] = pending
        content = {
            "eventId": pending.id,
            "eventType": APPROVAL_REQUESTED,
            "requestedOn": wire(tenant.clock.now()),
            "ticket": {"id": ticket.id, "name": ticket.name},
        }
        self.advanced(tenant, APPROVAL_REQUESTED, content, {"boardId": ticket.board_id})


def _actions(tenant: Tenant, event_kind: EventKind, traits: Traits) -> Iterator[Hook]:
    for workflow in tenant.workflows.values():
        if workflow.event is event_kind and workflow.is_enabled and _fits(workflow.filters, traits):
            yield from (hook for hook in workflow.actions.values() if _fits(hook.parameters, traits))


def _webhooks(tenant: Tenant, event_kind: EventKind, traits: Traits) -> Iterator[Hook]:
    for webhook in tenant.webhooks.values():
        if event_kind in webhook.events and webhook.form_id in {None, traits.get("formId")}:
            yield webhook.hook


def _fits(filters: dict[str, Any], traits: Traits) -> bool:
    """Every filter with a counterpart equals it or is in it; of several values one must fit."""
    return all(
        _meets(value, traits[name]) for name, value in filters.items() if value not in (None, []) and name in traits
    )


def _meets(value: Any, trait: Any) -> bool:
    if isinstance(value, list):
        return any(_meets(choice, trait) for choice in value)
    return value in trait if isinstance(trait, (list, frozenset)) else value == trait


def _snapshot(ticket: Ticket) -> dict[EventKind, Any]:
    return {
        EventKind.BOARD_CHANGED: ticket.board_id,
        EventKind.STATUS_CHANGED: ticket.status_id,
        EventKind.PRIORITY_CHANGED: ticket.priority_id,
        EventKind.CUSTOMER_CHANGED: (ticket.company_id, ticket.contact_id),
        EventKind.TAGS_CHANGED: frozenset(ticket.tags),
        EventKind.MEMBER_ASSIGNED: frozenset(ticket.assigned_member_ids),
    }


def _differences(tenant: Tenant, before: dict[EventKind, Any], ticket: Ticket) -> list[EventKind]:
    after = _snapshot(ticket)
    raised = [EventKind.TICKET_UPDATED]
    raised += [name for name in before if before[name] != after[name] and name is not EventKind.MEMBER_ASSIGNED]
    if after[EventKind.MEMBER_ASSIGNED] - before[EventKind.MEMBER_ASSIGNED]:
        raised.append(EventKind.MEMBER_ASSIGNED)
    if EventKind.STATUS_CHANGED in raised and tenant.statuses[ticket.status_id].name == APPROVAL_STATUS:
        raised.append(EventKind.APPROVAL_REQUIRED)
    return raised
