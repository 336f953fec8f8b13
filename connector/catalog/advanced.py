"""Advanced actions and events, which a site has of its own: list them, call an action, respond to an event."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.content import content_of, fitted
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.models import Entity
from connector.operations.field_model import IMPORTANT, DynamicSchema, Reference
from connector.operations.fields import Content, Creating, Line
from connector.operations.input_kinds import KEY
from connector.operations.operation import Effects, action, lookup, support
from connector.resolving.dynamic_schemas import SchemaAnswer, tenant_schema
from connector.resolving.lookup_cache import as_choices, listed
from connector.resolving.references import resolve

_OF_ACTION = (("category", "category"), ("action", "action"))
_OF_EVENT = (("category", "category"), ("eventType", "eventType"))

_ActionCategoryRef = Annotated[Line, Reference("ListAdvancedActionCategories", "advanced action category")]
_ActionRef = Annotated[Line, Reference("ListAdvancedActions", "advanced action", (("category", "category"),))]
_EventCategoryRef = Annotated[Line, Reference("AdvancedEventCategoriesList", "advanced event category")]
_EventTypeRef = Annotated[Line, Reference("AdvancedEventTypesList", "advanced event type", (("category", "category"),))]

ActionCategory = Annotated[
    _ActionCategoryRef, IMPORTANT, Field(description="The category of the action, by name or id.")
]
AdvancedAction = Annotated[_ActionRef, IMPORTANT, Field(description="The advanced action, by name or id.")]
EventCategory = Annotated[_EventCategoryRef, IMPORTANT, Field(description="The category of the event, by name or id.")]
EventType = Annotated[_EventTypeRef, IMPORTANT, Field(description="The type of the event, by name or id.")]
EventId = Annotated[
    str,
    KEY,
    StringConstraints(min_length=1, max_length=500),
    Field(description="The id of the event, from the event itself."),
]
Filter = Annotated[Line | None, Field(description="Narrows the options; what it means depends on the field.")]


class AdvancedInput(Creating):
    """What an advanced action takes."""

    input: Annotated[Content, DynamicSchema("GetAdvancedActionRequestSchema", _OF_ACTION)] = Field(
        default_factory=dict, description="The inputs of the action."
    )


class AdvancedResult(Entity):
    """What an advanced action answered."""

    category: str = Field(description="The id of the category.")
    action: str = Field(description="The id of the action.")
    output: Annotated[dict[str, Any], DynamicSchema("GetAdvancedActionResponseSchema", _OF_ACTION)] = Field(
        default_factory=dict, description="The outputs of the action."
    )
    notice: str | None = Field(None, description="What was left out to keep the response small; empty otherwise.")


class AdvancedResponse(Creating):
    """An answer to an advanced event."""

    response: Annotated[Content, DynamicSchema("GetAdvancedEventResponseSchema", _OF_EVENT)] = Field(
        default_factory=dict, description="The fields of the response."
    )


class AdvancedReceipt(Entity):
    """What became of an answer to an advanced event."""

    category: str = Field(description="The id of the category.")
    event_type: str = Field(description="The id of the event type.")
    event_id: str = Field(description="The id of the event.")
    output: dict[str, Any] = Field(default_factory=dict, description="What DeskDirector returned, if anything.")


@lookup("ListAdvancedActionCategories", "GET", "lookups/advanced-action-categories")
async def list_advanced_action_categories(dd: DeskDirector) -> Choices:
    """List the categories of the site's advanced actions with their ids."""
    return as_choices(await listed(dd, api.LIST_ADVANCED_ACTION_CATEGORIES))


@lookup("ListAdvancedActions", "GET", "lookups/advanced-actions")
async def list_advanced_actions(dd: DeskDirector, category: ActionCategory) -> Choices:
    """List the site's advanced actions of a category with their ids."""
    query = {"category": await resolve(dd, "advanced action category", category)}
    return as_choices(await listed(dd, api.LIST_ADVANCED_ACTIONS, query=query))


@lookup("ListAdvancedActionOptions", "GET", "lookups/advanced-action-options")
async def list_advanced_action_options(
    dd: DeskDirector,
    category: ActionCategory,
    action: AdvancedAction,
    filter1: Filter = None,
    filter2: Filter = None,
    filter3: Filter = None,
) -> Choices:
    """List the choices of a field of an advanced action with their ids."""
    category_id, function = await _action(dd, category, action)
    query = {"category": category_id, **_filters(filter1, filter2, filter3)}
    return as_choices(await listed(dd, api.LIST_ADVANCED_ACTION_OPTIONS, path={"function": function}, query=query))


@lookup(
    "AdvancedEventCategoriesList", "GET", "lookups/advanced-event-categories", title="List advanced event categories"
)
async def advanced_event_categories_list(dd: DeskDirector) -> Choices:
    """List the categories of the site's advanced events with their ids."""
    return as_choices(await listed(dd, api.ADVANCED_EVENT_CATEGORIES_LIST))


@lookup("AdvancedEventTypesList", "GET", "lookups/advanced-event-types", title="List advanced event types")
async def advanced_event_types_list(dd: DeskDirector, category: EventCategory) -> Choices:
    """List the types of the site's advanced events of a category with their ids."""
    query = {"category": await resolve(dd, "advanced event category", category)}
    return as_choices(await listed(dd, api.ADVANCED_EVENT_TYPES_LIST, query=query))


@lookup("ListAdvancedEventOptions", "GET", "lookups/advanced-event-options")
async def list_advanced_event_options(
    dd: DeskDirector,
    category: EventCategory,
    event_type: EventType,
    filter1: Filter = None,
    filter2: Filter = None,
    filter3: Filter = None,
) -> Choices:
    """List the choices of a field of an advanced event with their ids."""
    category_id, kind = await _event(dd, category, event_type)
    query = {"category": category_id, **_filters(filter1, filter2, filter3)}
    return as_choices(await listed(dd, api.LIST_ADVANCED_EVENT_OPTIONS, path={"eventType": kind}, query=query))


@action("CallAdvancedAction", "POST", "advanced-actions/call", effects=Effects.ANYTHING, visibility="advanced")
async def call_advanced_action(
    dd: DeskDirector, category: ActionCategory, action: AdvancedAction, given: AdvancedInput
) -> AdvancedResult:
    """Call one of the site's own advanced actions.

    Its inputs, effects and outputs depend on the site: List advanced actions shows which there are. Prefer the other
    operations where one does what you need.
    """
    category_id, function = await _action(dd, category, action)
    reply = await dd.call(
        api.CALL_ADVANCED_ACTION, path={"function": function}, query={"category": category_id}, body=given.input
    )
    output, notice = fitted(content_of(reply.json()))
    return AdvancedResult(category=category_id, action=function, output=output, notice=notice)


@action(
    "AdvancedEventResponseHandle",
    "POST",
    "advanced-events/{eventId}/response",
    effects=Effects.SENDS,
    visibility="advanced",
    title="Respond to advanced event",
)
async def advanced_event_response_handle(
    dd: DeskDirector, event_id: EventId, category: EventCategory, event_type: EventType, answer: AdvancedResponse
) -> AdvancedReceipt:
    """Respond to an advanced event that waits for a response.

    The event that started the flow has the id. The fields of the response depend on the event.
    """
    category_id, kind = await _event(dd, category, event_type)
    reply = await dd.call(
        api.ADVANCED_EVENT_RESPONSE_HANDLE,
        path={"eventType": kind, "eventId": event_id},
        query={"category": category_id},
        body=answer.response,
    )
    return AdvancedReceipt(category=category_id, event_type=kind, event_id=event_id, output=content_of(reply.json()))


@support("GetAdvancedActionRequestSchema", "GET", "schemas/advanced-action-request")
async def get_advanced_action_request_schema(
    dd: DeskDirector, category: ActionCategory, action: AdvancedAction
) -> SchemaAnswer:
    """Get the schema of the inputs of an advanced action."""
    wrapped, bare = api.GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA2, api.GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA
    category_id, function = await _action(dd, category, action)
    return await tenant_schema(dd, wrapped, bare, path={"function": function}, query={"category": category_id})


@support("GetAdvancedActionResponseSchema", "GET", "schemas/advanced-action-response")
async def get_advanced_action_response_schema(
    dd: DeskDirector, category: ActionCategory, action: AdvancedAction
) -> SchemaAnswer:
    """Get the schema of the outputs of an advanced action."""
    wrapped, bare = api.GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA2, api.GET_CALL_ADVANCED_ACTION_RESPONSE_SCHEMA
    category_id, function = await _action(dd, category, action)
    return await tenant_schema(dd, wrapped, bare, path={"function": function}, query={"category": category_id})


@support("GetAdvancedEventResponseSchema", "GET", "schemas/advanced-event-response")
async def get_advanced_event_response_schema(
    dd: DeskDirector, category: EventCategory, event_type: EventType
) -> SchemaAnswer:
    """Get the schema of the response to an advanced event."""
    wrapped = api.ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA2
    category_id, kind = await _event(dd, category, event_type)
    return await tenant_schema(
        dd,
        wrapped,
        api.ADVANCED_EVENT_RESPONSE_HANDLE_REQUEST_SCHEMA,
        path={"eventType": kind},
        query={"category": category_id},
    )


async def _action(dd: DeskDirector, category: str, action: str) -> tuple[str, str]:
    """The ids of a category and of an action in it."""
    category_id = str(await resolve(dd, "advanced action category", category))
    return category_id, str(await resolve(dd, "advanced action", action, {"category": category_id}))


async def _event(dd: DeskDirector, category: str, event_type: str) -> tuple[str, str]:
    """The ids of a category and of an event type in it."""
    category_id = str(await resolve(dd, "advanced event category", category))
    return category_id, str(await resolve(dd, "advanced event type", event_type, {"category": category_id}))


def _filters(*filters: str | None) -> dict[str, str]:
    return {f"filter{place}": text for place, text in enumerate(filters, 1) if text}
