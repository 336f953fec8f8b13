"""Raises events: finds who listens, and posts each of them what its kind gets (facts §5.2, §5.4).

The ids of event types are not published; these are made up. A workflow gets one flat object, the entity with its
`event`; a webhook (v2, form) always gets an array of entities.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.simulator.chat_shapes import chat_object
from workbench.simulator.clock import wire
from workbench.simulator.form_shapes import result_object
from workbench.simulator.hooks import Hook, PendingEvent
from workbench.simulator.records import Chat, FormResult, Note, Ticket
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import note_object, ticket_object

if TYPE_CHECKING:
    from workbench.simulator.delivery import Courier

TICKET_EVENTS = {
    "ticket.created": "Ticket created",
    "ticket.updated": "Ticket updated",
    "ticket.boardChanged": "Board changed",
    "ticket.statusChanged": "Status changed",
    "ticket.priorityChanged": "Priority changed",
    "ticket.customerChanged": "Company or contact changed",
    "ticket.tagAdded": "Tag added",
    "ticket.tagRemoved": "Tag removed",
    "ticket.noteAdded": "Note added",
    "ticket.timeEntryAdded": "Time entry added",
    "ticket.approvalRequired": "Approval required",
}
CHAT_EVENTS = {"chat.created": "New Chat Session", "chat.statusChanged": "Chat Session Status Changed"}
FORM_EVENTS = {"form.submitted": "Form submitted"}
EVENT_NAMES = {**TICKET_EVENTS, **CHAT_EVENTS, **FORM_EVENTS}
APPROVAL_STATUS = "Approval Required"
APPROVAL_REQUESTED = "approvalRequested"

# What the filters of a workflow are compared with.
Traits = dict[str, Any]


class Events:
    """The events of one simulator."""

    def __init__(self, courier: "Courier") -> None:
        self._courier = courier

    def ticket(self, tenant: Tenant, event_type: str, ticket: Ticket, note: Note | None = None) -> None:
        """Raise a ticket event."""
        traits = {
            "boardId": ticket.board_id,
            "statusId": ticket.status_id,
            "priorityId": ticket.priority_id,
            "companyId": ticket.company_id,
            "tag": ticket.tags,
        }
        details = {} if note is None else {"note": note_object(note)}
        self._raise(tenant, event_type, traits, lambda: ticket_object(tenant, ticket), details)
        if event_type == "ticket.approvalRequired":
            self._ask_for_approval(tenant, ticket)

    def chat(self, tenant: Tenant, event_type: str, chat: Chat) -> None:
        """Raise a chat event."""
        self._raise(tenant, event_type, {"chatType": chat.type}, lambda: chat_object(tenant, chat))

    def form(self, tenant: Tenant, result: FormResult) -> None:
        """A form was submitted."""
        self._raise(tenant, "form.submitted", {"formId": result.form_id}, lambda: result_object(tenant, result))

    def advanced(self, tenant: Tenant, event_type: str, content: dict[str, Any], traits: Traits) -> None:
        """Raise an advanced event for whoever subscribed to its type."""
        for subscription in tenant.advanced_subscriptions.values():
            if subscription.event_type == event_type and _fits(subscription.hook.parameters, traits):
                self._courier.post(tenant.clock, subscription.hook, event_type, content)

    @contextmanager
    def watching(self, tenant: Tenant, ticket: Ticket) -> Iterator[None]:
        """Raise the events for whatever the block changes in the ticket."""
        before = _snapshot(ticket)
        yield
        for event_type in _differences(tenant, before, ticket):
            self.ticket(tenant, event_type, ticket)

    def _raise(
        self,
        tenant: Tenant,
        event_type: str,
        traits: Traits,
        render: Callable[[], dict[str, Any]],
        details: dict[str, Any] | None = None,
    ) -> None:
        """Render the entity once, and only when somebody listens."""
        actions, webhooks = list(_actions(tenant, event_type, traits)), list(_webhooks(tenant, event_type, traits))
        if not actions and not webhooks:
            return
        entity = render()
        event = {"id": event_type, "name": EVENT_NAMES[event_type]}
        body = {**entity, "event": event, "triggeredOn": wire(tenant.clock.now()), **(details or {})}
        for hook in actions:
            self._courier.post(tenant.clock, hook, event_type, body)
        for hook in webhooks:
            self._courier.post(tenant.clock, hook, event_type, [entity])

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


def _actions(tenant: Tenant, event_type: str, traits: Traits) -> Iterator[Hook]:
    for workflow in tenant.workflows.values():
        if workflow.event == event_type and workflow.is_enabled and _fits(workflow.filters, traits):
            yield from (hook for hook in workflow.actions.values() if _fits(hook.parameters, traits))


def _webhooks(tenant: Tenant, event_type: str, traits: Traits) -> Iterator[Hook]:
    for webhook in tenant.webhooks.values():
        if event_type in webhook.events and webhook.form_id in {None, traits.get("formId")}:
            yield webhook.hook


def _fits(filters: dict[str, Any], traits: Traits) -> bool:
    """Every filter with a counterpart equals it, or is in it."""
    for name, value in filters.items():
        if value is None or name not in traits:
            continue
        trait = traits[name]
        if value not in trait if isinstance(trait, list) else value != trait:
            return False
    return True


def _snapshot(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket.boardChanged": ticket.board_id,
        "ticket.statusChanged": ticket.status_id,
        "ticket.priorityChanged": ticket.priority_id,
        "ticket.customerChanged": (ticket.company_id, ticket.contact_id),
        "tags": set(ticket.tags),
    }


def _differences(tenant: Tenant, before: dict[str, Any], ticket: Ticket) -> list[str]:
    after = _snapshot(ticket)
    raised = ["ticket.updated"]
    raised += [name for name in before if name != "tags" and before[name] != after[name]]
    if after["tags"] - before["tags"]:
        raised.append("ticket.tagAdded")
    if before["tags"] - after["tags"]:
        raised.append("ticket.tagRemoved")
    if "ticket.statusChanged" in raised and tenant.statuses[ticket.status_id].name == APPROVAL_STATUS:
        raised.append("ticket.approvalRequired")
    return raised
