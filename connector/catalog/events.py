"""Flows that start from events: ticket, chat, workflow and advanced events, and webhooks of the admin portal."""

from typing import Annotated, Any, Literal

from pydantic import Field

from connector.catalog.advanced import EventCategory, EventType
from connector.catalog.event_schemas import (
    ChatEventType,
    TicketEventType,
    Workflow,
    WorkflowType,
    assigned_member_filter,
)
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.events import AdvancedEvent, ChatEvent, TicketEvent, WebhookEvent
from connector.deskdirector.entities.service import Choice, Choices
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.models import Entity
from connector.operations.field_model import ADVANCED, IMPORTANT, INTERNAL, DynamicSchema, Reference
from connector.operations.fields import (
    Content,
    Input,
    KeyText,
    Line,
    StatusRef,
)
from connector.operations.input_kinds import KEY
from connector.operations.operation import Effects, lookup, support, webhook_trigger
from connector.operations.request import OperationResponse, Request
from connector.relay import portal_webhooks
from connector.relay.conditions import REFERENCES
from connector.relay.event_sources import EventSource
from connector.relay.own_address import own_address
from connector.relay.relay import shared_relay
from connector.relay.subscriptions import SubscriptionRequest, subscribe, unsubscribe
from connector.resolving.references import resolve, resolved
from connector.resolving.ticket_inputs import TicketConditions
from connector.settings import settings

CallbackUrl = Annotated[
    str,
    KEY,
    INTERNAL,
    Field(
        min_length=1,
        description="The address that the flow waits at; the platform fills it in.",
        json_schema_extra={"x-ms-notification-url": True},
    ),
]
ASSIGNED, TAGS_UPDATED = "ticket.assigned", "ticket.tags.updated"
WebhookName = Annotated[Line, IMPORTANT, Reference("ListWebhooks", "webhook")]
_OF_TYPE = (("eventType", "eventType"),)
_OF_WORKFLOW = (("workflowType", "workflowType"), ("workflow", "workflow"))
_OF_ADVANCED_EVENT = (("category", "category"), ("eventType", "eventType"))


class Subscription(Input):
    """What every flow says that subscribes."""

    description: Annotated[Line | None, ADVANCED] = Field(
        None, description="A name for this trigger, shown to administrators."
    )
    in_order: Annotated[bool, ADVANCED] = Field(
        False,
        description="Yes to get the events of one ticket one at a time, in order of arrival; an event that the flow "
        "does not accept then holds back the later ones.",
    )
    per_minute: Annotated[int | None, ADVANCED] = Field(
        None, ge=1, le=6000, description="The largest number of events a minute; the rest wait."
    )
    callback_url: CallbackUrl


class TicketSubscription(Subscription, TicketConditions):
    """Which ticket events a flow waits for; conditions given together must all hold for the ticket after the event."""

    event_type: TicketEventType
    status: Annotated[StatusRef | None, IMPORTANT] = Field(
        None, description="Only tickets with this status after the event, by name or id; give the board with a name."
    )
    tag: Line | None = Field(None, description="Only tickets with this tag.")
    added_tag: Line | None = Field(
        None,
        description="Only when this tag was added; for the event ticket.tags.updated, and checked by DeskDirector.",
    )
    note_visibility: Literal["any", "public", "internal"] = Field(
        "any", description="Only events about a public or an internal note (or time entry)."
    )
    note_by: Literal["anyone", "contact", "member"] = Field(
        "anyone", description="Only events about a note that a contact or a member wrote."
    )
    contact_is_vip: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes for only the tickets of VIP contacts, no for all others."
    )
    leave_out_own_changes: bool = Field(
        False, description="Yes to leave out notes that this connector wrote, so that a flow does not trigger itself."
    )
    text: Annotated[Line | None, ADVANCED] = Field(
        None, description="Only tickets whose title, description or new note contains this text."
    )
    advanced_filters: Annotated[Content, ADVANCED, DynamicSchema("GetTicketEventFilterSchema", _OF_TYPE)] = Field(
        default_factory=dict, description="Further filters that the site has for this event."
    )


class ChatSubscription(Subscription):
    """Which chat events a flow waits for."""

    event_type: ChatEventType
    chat_status: Line | None = Field(
        None,
        description="Only chats with this status after the event: created, handled, missed, callback or completed.",
    )
    parameters: Annotated[Content, ADVANCED, DynamicSchema("GetChatEventFilterSchema", _OF_TYPE)] = Field(
        default_factory=dict, description="Filters that the site has for this event."
    )


class WorkflowSubscription(Subscription):
    """Which workflow of the admin portal a flow becomes an action of."""

    workflow_type: WorkflowType
    workflow: Workflow
    parameters: Annotated[Content, ADVANCED, DynamicSchema("GetWorkflowFilterSchema", _OF_WORKFLOW)] = Field(
        default_factory=dict, description="Parameters that the site has for such workflows."
    )


class AdvancedEventSubscription(Subscription):
    """Which advanced events a flow waits for."""

    category: EventCategory
    event_type: EventType
    parameters: Annotated[Content, ADVANCED, DynamicSchema("GetAdvancedEventFilterSchema", _OF_ADVANCED_EVENT)] = Field(
        default_factory=dict, description="Parameters that the site has for this event."
    )


class WebhookSubscription(Subscription):
    """Which webhook of the admin portal a flow waits for."""

    webhook: WebhookName = Field(description="The webhook, by the name that the operator of this connector gave it.")


class TicketNotification(TicketEvent):
    """A ticket event, with the site's own fields described by the site."""

    data: Annotated[dict[str, Any], DynamicSchema("GetTicketEventSchema", _OF_TYPE)] = Field(
        default_factory=dict, description="Everything that DeskDirector sent, under its own names; this varies by site."
    )


class Unsubscribed(Entity):
    """The end of a subscription; the same when there was none."""

    status: str = Field("ended", description="Always ended: no flow waits at this address any more.")


class Subscribed(Entity):
    """A subscription that was made; the platform itself reads only the Location header."""

    subscription_id: str = Field(description="The id of the subscription.")


@webhook_trigger(
    "CreateTicketWorkflow",
    "triggers/ticket-events",
    title="When a ticket event occurs",
    hint="To see it work now, do in DeskDirector what the chosen event is about, e.g. change the status of a ticket.",
    notification=TicketNotification,
    output=Subscribed,
)
async def create_ticket_workflow(
    dd: DeskDirector, request: Request, subscription: TicketSubscription
) -> OperationResponse:
    """This operation triggers when a ticket is created, moved, tagged, gets a note or changes in another chosen way.

    The conditions are checked against the ticket right after the event.
    """
    ids = await resolved(dd, subscription, several=True)
    event_type = str(ids["eventTypeId"])
    filters = {**subscription.advanced_filters, **_upstream_filters(event_type, subscription)}
    if event_type == ASSIGNED and subscription.assigned_to:
        filters = {**await assigned_member_filter(dd, ids["memberId"]), **filters}
    source = EventSource("ticket", event_type, query={"type": event_type}, body={"advancedFilters": filters})
    return await _subscribed(dd, request, subscription, source, _conditions(subscription, ids))


@webhook_trigger(
    "CreateChatWebhook",
    "triggers/chat-events",
    title="When a chat event occurs",
    hint="To see it work now, start a chat in the client portal.",
    notification=ChatEvent,
    output=Subscribed,
)
async def create_chat_webhook(dd: DeskDirector, request: Request, subscription: ChatSubscription) -> OperationResponse:
    """This operation triggers when a chat session starts or its status changes."""
    event_type = str(await resolve(dd, "chat event", subscription.event_type))
    source = EventSource("chat", event_type, query={"type": event_type}, body={"parameters": subscription.parameters})
    return await _subscribed(
        dd, request, subscription, source, {"chatStatus": subscription.chat_status} if subscription.chat_status else {}
    )


@webhook_trigger(
    "SubscribeToWorkflow",
    "triggers/workflows",
    title="When a workflow fires",
    hint="To see it work now, do in DeskDirector what the workflow waits for.",
    notification=TicketEvent,
    output=Subscribed,
)
async def subscribe_to_workflow(
    dd: DeskDirector, request: Request, subscription: WorkflowSubscription
) -> OperationResponse:
    """This operation triggers when a workflow that was made in the admin portal fires.

    The workflow decides which events count; it is made in the admin portal, not here.
    """
    event_type = str(await resolve(dd, "workflow type", subscription.workflow_type))
    workflow = str(await resolve(dd, "workflow", subscription.workflow, {"type": event_type}))
    source = EventSource(
        "workflow",
        workflow,
        path={"workflowId": workflow},
        query={"type": event_type},
        body={"parameters": subscription.parameters},
    )
    return await _subscribed(dd, request, subscription, source)


@webhook_trigger(
    "AdvancedEventSubscribe",
    "triggers/advanced-events",
    visibility="advanced",
    title="When an advanced event occurs",
    hint="To see it work now, do in DeskDirector what the chosen event is about.",
    notification=AdvancedEvent,
    output=Subscribed,
)
async def advanced_event_subscribe(
    dd: DeskDirector, request: Request, subscription: AdvancedEventSubscription
) -> OperationResponse:
    """This operation triggers when one of the site's own advanced events occurs.

    Some events take a response: Respond to advanced event takes the id that comes with the event.
    """
    category = str(await resolve(dd, "advanced event category", subscription.category))
    event_type = str(await resolve(dd, "advanced event type", subscription.event_type, {"category": category}))
    source = EventSource(
        "advanced",
        event_type,
        path={"eventType": event_type},
        query={"category": category},
        body={"parameters": subscription.parameters},
    )
    return await _subscribed(dd, request, subscription, source)


@webhook_trigger(
    "WhenWebhookFires",
    "triggers/webhooks",
    title="When a webhook fires",
    hint="To see it work now, do in DeskDirector what the webhook waits for, e.g. submit its form.",
    notification=WebhookEvent,
    output=Subscribed,
)
async def when_webhook_fires(
    dd: DeskDirector, request: Request, subscription: WebhookSubscription
) -> OperationResponse:
    """This operation triggers when a webhook of the admin portal sends something: a ticket, a chat or a form result.

    The operator of this connector adds the webhook here by name, and pastes its address and secret into the webhook
    page of the admin portal, or that of a form.
    """
    return await _subscribed(dd, request, subscription, portal_webhooks.source_of(subscription.webhook))


@support("Unsubscribe", "DELETE", "subscriptions/{subscriptionId}", effects=Effects.DELETES, anonymous=True)
async def unsubscribe_flow(
    subscription_id: Annotated[KeyText, Field(description="The id of the subscription.")],
    token: Annotated[KeyText | None, Field(description="The token that came with it.")] = None,
) -> Unsubscribed:
    """End a subscription by its address; repeating is safe, and so is an unknown address."""
    await unsubscribe(shared_relay(settings()), subscription_id, token or "")
    return Unsubscribed()


@lookup("ListWebhooks", "GET", "lookups/webhooks")
async def list_webhooks(dd: DeskDirector) -> Choices:
    """List the webhooks of the admin portal that the operator of this connector has added for the site."""
    await dd.call(api.TEST_CONNECTION)
    names = await portal_webhooks.names(shared_relay(dd.settings), dd.site.name)
    return Choices(results=[Choice(id=name, name=name) for name in names], total=len(names))


def _conditions(subscription: TicketSubscription, ids: dict[str, Any]) -> dict[str, Any]:
    """The conditions as `relay.conditions` takes them: references by id, with the name that was given."""
    given = {name: getattr(subscription, name) for name in REFERENCES}
    found: dict[str, Any] = {name: {"id": ids[f"{name}Id"], "name": text} for name, text in given.items() if text}
    if subscription.assigned_to:
        found["assignedTo"] = {"id": ids["memberId"], "name": subscription.assigned_to}
    if subscription.note_visibility != "any":
        found["noteVisibility"] = subscription.note_visibility
    if subscription.note_by != "anyone":
        found["noteBy"] = subscription.note_by
    if subscription.contact_is_vip is not None:
        found["contactIsVip"] = subscription.contact_is_vip
    if subscription.leave_out_own_changes:
        found["leaveOutOwn"] = True
    return found | {name: text for name, text in (("tag", subscription.tag), ("text", subscription.text)) if text}


def _upstream_filters(event_type: str, subscription: TicketSubscription) -> dict[str, Any]:
    """What DeskDirector itself filters by: which tag was added."""
    if subscription.added_tag and event_type != TAGS_UPDATED:
        raise BadRequest(
            "ConditionNotForEvent",
            f"'addedTag' works with the event {TAGS_UPDATED} only; choose that event, or use 'tag' for tickets that "
            "have the tag.",
        )
    filters: dict[str, Any] = {"newTags": [subscription.added_tag]} if subscription.added_tag else {}
    return filters


def _request_of(
    subscription: Subscription, source: EventSource, base: str, conditions: dict[str, Any]
) -> SubscriptionRequest:
    return SubscriptionRequest(
        source,
        subscription.callback_url,
        base,
        conditions,
        description=subscription.description or "",
        is_ordered=subscription.in_order,
        rate=(subscription.per_minute or 0) / 60,
    )


async def _subscribed(
    dd: DeskDirector,
    request: Request,
    subscription: Subscription,
    source: EventSource,
    conditions: dict[str, Any] | None = None,
) -> OperationResponse:
    relay = shared_relay(dd.settings)
    base = own_address(dd.settings, request.origin)
    stored = await subscribe(relay, dd, _request_of(subscription, source, base, conditions or {}))
    location = f"{request.address(f'subscriptions/{stored.id}')}?token={stored.secrets.token}"
    return OperationResponse(Subscribed(subscription_id=stored.id), 201, {"Location": location})
