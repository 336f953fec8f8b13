"""Triggers, tenant schemas and shared models in the Power Platform definition, shown on operations made up for it."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.models import Entity, Page
from connector.operations.field_model import ADVANCED, IMPORTANT, INTERNAL, DynamicSchema
from connector.operations.fields import BoardRef, Input, Line, StatusRef
from connector.operations.operation import Effects, Kind, Operation, PollingTrigger, WebhookTrigger
from tests.workbench.generators.swagger import by_id, resolved, with_operations
from workbench.checks.power_platform import check_definition


class TicketEvent(Entity):
    """What a flow gets."""

    event_id: str = Field(description="The id of the event.")
    title: str | None = Field(None, description="The title of the ticket.")


class Subscription(Input):
    """What the platform sends when a flow is switched on."""

    url: Annotated[str, INTERNAL] = Field(
        description="Where events are sent to.", json_schema_extra={"x-ms-notification-url": True}
    )
    source: Annotated[str, INTERNAL] = Field("flow", description="Who subscribes.")
    note: Annotated[Line | None, ADVANCED] = Field(None, description="A note for the administrator.")
    board: Annotated[BoardRef | None, IMPORTANT] = Field(None, description="Only tickets on this board.")


class Subscribed(Entity):
    """The subscription."""

    id: str = Field(description="The id of the subscription.")


class TicketPage(Page):
    """Tickets for a polling trigger."""

    results: list[Ticket] = Field(default_factory=list, description="The tickets.")


async def subscribe(dd: DeskDirector, subscription: Subscription) -> Subscribed:
    """This operation triggers when a ticket changes."""
    raise NotImplementedError


async def unsubscribe(
    dd: DeskDirector, subscription_id: Annotated[Line, Field(description="The id of the subscription.")]
) -> None:
    """End a subscription."""
    raise NotImplementedError


async def poll(
    dd: DeskDirector,
    state: Annotated[str | None, INTERNAL, Field(description="Where the last poll ended.")] = None,
) -> None:
    """This operation triggers when a ticket is new."""
    raise NotImplementedError


def trigger(kind: Kind, **changes: Any) -> Operation:
    return Operation(**{"kind": kind, "effects": Effects.READS, **changes})


def webhook() -> Operation:
    return trigger(
        Kind.WEBHOOK_TRIGGER,
        id="WhenTicketChanges",
        title="When a ticket changes",
        method="POST",
        path="subscriptions/ticket-changes",
        effects=Effects.UPDATES,
        status=201,
        handler=subscribe,
        details=WebhookTrigger("To see it work now, change a ticket.", notification=TicketEvent, output=TicketEvent),
    )


def unsubscribing() -> Operation:
    return Operation(
        id="Unsubscribe",
        title="Unsubscribe",
        method="DELETE",
        path="subscriptions/{subscriptionId}",
        kind=Kind.SUPPORT,
        effects=Effects.DELETES,
        visibility="internal",
        status=204,
        handler=unsubscribe,
    )


def polling() -> Operation:
    return trigger(
        Kind.POLLING_TRIGGER,
        id="WhenTicketIsNew",
        title="When a ticket is new",
        method="GET",
        path="polls/new-tickets",
        handler=poll,
        details=PollingTrigger("To see it work now, create a ticket.", output=TicketPage),
    )


def test_a_webhook_trigger_describes_its_events_and_hides_the_callback_url() -> None:
    document = with_operations(webhook(), unsubscribing())
    item = document["paths"]["/subscriptions/ticket-changes"]
    body = resolved(document, item["post"]["parameters"][0]["schema"])
    event = resolved(document, item["x-ms-notification-content"]["schema"])

    assert item["post"]["x-ms-trigger"] == "single"
    assert item["post"]["x-ms-trigger-hint"] == "To see it work now, change a ticket."
    assert item["post"]["parameters"][0]["required"] is True
    assert body["properties"]["url"]["x-ms-notification-url"] is True
    assert body["properties"]["url"]["x-ms-visibility"] == "internal"
    assert event["properties"].keys() == {"eventId", "title"}
    assert check_definition(document) == []


def test_the_default_of_a_hidden_input_is_always_sent() -> None:
    body = with_operations(webhook())["definitions"]["Subscription"]

    assert set(body["required"]) == {"url", "source"}


def test_a_polling_trigger_gives_a_list_that_the_designer_can_split() -> None:
    document = with_operations(polling())
    found = by_id(document)["WhenTicketIsNew"]
    answer = resolved(document, found["responses"]["200"]["schema"])

    assert found["x-ms-trigger"] == "batch"
    assert found["responses"]["202"] == {"description": "Nothing new yet."}
    visible = [name for name, one in answer["properties"].items() if one.get("x-ms-visibility") != "internal"]
    assert visible == ["results"]
    assert check_definition(document) == []


class FormAnswers(Input):
    """Fields that only the tenant knows."""

    form: Line = Field(description="The form.")
    answers: Annotated[dict[str, Any] | None, DynamicSchema("GetSchema", (("form", "form"), ("kind", "=answers")))] = (
        Field(None, description="The answers, as the form asks for them.")
    )
    status: StatusRef | None = Field(None, description="The status.")


class Schema(Entity):
    """A tenant's schema."""

    shape: dict[str, Any] = Field(alias="schema", description="The schema.")


async def answer_form(dd: DeskDirector, answers: FormAnswers) -> Ticket:
    """Answer a form of the portal."""
    raise NotImplementedError


async def get_schema(
    dd: DeskDirector,
    form: Annotated[Line, Field(description="The form.")],
    kind: Annotated[Line, Field(description="The kind.")],
) -> Schema:
    """Get the schema of a form."""
    raise NotImplementedError


def form_operations(**form_changes: Any) -> tuple[Operation, Operation]:
    common: dict[str, Any] = {"effects": Effects.READS, "visibility": "internal", "title": "Get form schema"}
    schema = Operation(
        id="GetSchema", method="GET", path="schemas/form", kind=Kind.SUPPORT, handler=get_schema, **common
    )
    form = Operation(
        **{
            "id": "SetFormAnswers",
            "method": "POST",
            "path": "form-answers",
            "kind": Kind.ACTION,
            "effects": Effects.UPDATES,
            "handler": answer_form,
            "title": "Set form answers",
            **form_changes,
        }
    )
    return schema, form


def test_the_tenants_own_fields_come_from_a_schema_operation_in_both_spellings() -> None:
    document = with_operations(*form_operations())
    answers = document["definitions"]["FormAnswers"]["properties"]["answers"]

    assert answers["x-ms-dynamic-schema"] == {
        "operationId": "GetSchema",
        "parameters": {"form": {"parameter": "form"}, "kind": "answers"},
        "value-path": "schema",
    }
    assert answers["x-ms-dynamic-properties"] == {
        "operationId": "GetSchema",
        "parameters": {"form": {"parameterReference": "body/form"}, "kind": {"value": "answers"}},
        "itemValuePath": "schema",
    }
    assert check_definition(document) == []


def test_without_the_input_that_a_schema_operation_needs_there_is_no_dynamic_schema() -> None:
    class Loose(Input):
        """The same without the form."""

        answers: Annotated[dict[str, Any] | None, DynamicSchema("GetSchema", (("form", "form"),))] = Field(
            None, description="The answers."
        )

    async def handler(dd: DeskDirector, answers: Loose) -> Ticket:
        """Answer a form of the portal."""
        raise NotImplementedError

    handler.__annotations__["answers"] = Loose
    document = with_operations(*form_operations(handler=handler))

    assert "x-ms-dynamic-schema" not in document["definitions"]["Loose"]["properties"]["answers"]


def test_models_that_differ_by_their_operation_get_definitions_of_their_own() -> None:
    async def elsewhere(
        dd: DeskDirector, board: Annotated[Line, Field(description="The board.")], answers: FormAnswers
    ) -> None:
        """Answer a form of the portal for a board."""

    first = form_operations()
    second = replace(first[1], id="SetBoardAnswers", path="boards/{board}/form-answers", handler=elsewhere)
    definitions = with_operations(*first, second)["definitions"]

    assert definitions["FormAnswers"]["properties"]["status"]["x-ms-dynamic-list"]["parameters"] == {}
    own = definitions["SetBoardAnswersFormAnswers"]["properties"]["status"]["x-ms-dynamic-list"]
    assert own["parameters"] == {"board": {"parameterReference": "board"}}
