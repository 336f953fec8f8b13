"""How the readers of OpenAPI files differ: people and their tools, Microsoft 365 Copilot, the Foundry tool."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar

from connector.catalog import operations
from connector.operations.field_model import Field
from connector.operations.operation import Effects, Kind, Operation
from connector.operations.prose import for_models
from connector.operations.signature import Location, signature_of
from workbench.generators.definitions import JsonObject
from workbench.generators.dialect import Dialect
from workbench.generators.examples import example_of
from workbench.generators.failures import FAILURES, failures_of

JSON = "application/json"
SITE_PARAMETER = "SiteHost"
SITE_HEADER, KEY_HEADER, FUNCTION_KEY_HEADER = "dd-host", "dd-api-key", "x-functions-key"

_KEY = "Your DeskDirector API key, in whatever form the portal shows it."
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_NOT_FOR_MODELS = ("idempotencyKey", "nextLink", *("dryRun", "isDryRun", "token", "tokenExpiresAt"))
"""A model has no run id to derive a key from, so it would use one key for two things. Platforms follow links.

Without filters, which are objects, tickets are changed by their numbers only: then there is nothing to try out first.
"""
_BY_NUMBER = {
    "UpdateTickets": "Change one ticket, or up to 50 at once, by number: status, board, priority, members, tags, "
    "contact, due date. It reports the outcome for each; a repeat does only what is not done yet. What is left out "
    "stays as it is. addTicketNote writes to a ticket, closeTickets closes.",
    "CloseTickets": "Close one ticket, or up to 50 at once, by number, with an optional note to each. It reports the "
    "outcome for each; one that is closed already stays as it is and gets no note.",
    "AddNotes": "Add the same note to up to 50 tickets at once, by number. It reports the outcome for each. Do not "
    "repeat it for tickets that have the note already.",
}
"""What operations do for models that cannot give them filters."""
_ANSWERING_SECRETS = ("CreateUserKey",)


@dataclass(frozen=True)
class OpenApiDialect(Dialect):
    """What one kind of reader wants of OpenAPI 3.0.

    `for_models`: names in letters only, flat input, no more than a model needs.
    """

    schemes: Mapping[str, Mapping[str, Any]]
    security: tuple[Mapping[str, list[str]], ...]
    for_models: bool = False

    NOTHING_NEW = "Nothing new yet; the Location header is where to ask again."
    OPEN_OBJECT: ClassVar[JsonObject] = {"additionalProperties": True}

    def name(self, operation: Operation) -> str:
        """The operationId."""
        return model_name(operation) if self.for_models else operation.id

    def takes(self, field: Field) -> bool:
        """Whether an input or a part of an answer is shown."""
        return not self.for_models or (field.type != "object" and field.name not in _NOT_FOR_MODELS)

    def title(self, operation: Operation) -> str:
        """The title, which says so where the operation is a preview."""
        return operation.shown_title

    def description(self, operation: Operation) -> str:
        """Description and guidance, a paragraph each."""
        if self.for_models and operation.id in _BY_NUMBER:
            return _BY_NUMBER[operation.id]
        description, guidance = operation.description, operation.guidance
        if self.for_models:
            # It may begin with the words of its own title, which name no other operation.
            description, guidance = description[:1] + prose()(description[1:]), prose()(guidance)
        return "\n\n".join(part for part in (description, guidance) if part)

    def traits(self, operation: Operation) -> JsonObject:
        """Whether a model asks its user first."""
        return {"x-openai-isConsequential": not operation.effects.read_only} if self.for_models else {}

    def limits(self, field: Field) -> JsonObject:
        """All that is enforced."""
        return dict(field.limits)

    def labels(self, field: Field) -> JsonObject:
        """The description; models that lose an `enum` on the way find its values in the text."""
        if not self.for_models:
            return {"description": field.description}
        description = prose()(field.description)
        choices = field.enum or (field.items.enum if field.items else ())
        if any(choice not in description for choice in choices):
            description = f"{description} One of: {', '.join(choices)}."
        return {"description": description}

    def parameters(self, operation: Operation, own: list[JsonObject]) -> list[JsonObject]:
        """People's tools get the site host as a parameter of every operation that needs a connection."""
        if self.for_models or not signature_of(operation).dd:
            return own
        return [{"$ref": f"#/components/parameters/{SITE_PARAMETER}"}, *own]

    def parameter(self, operation: Operation, location: Location, field: Field, value: JsonObject) -> JsonObject:
        """The schema stands apart; the value of the worked example is shown when there is one."""
        example = example_of(operation)
        shown = (example.path if location == "path" else example.query).get(field.name)
        node = {**self.labels(field), "schema": value}
        return node if shown is None else {**node, "example": shown}

    def add_body(self, operation: Operation, node: JsonObject, reference: JsonObject, schema: JsonObject) -> None:
        """The body stands in `requestBody`, with the worked example."""
        given = example_of(operation).body
        if self.for_models and operation.id in _BY_NUMBER:
            given = {"ticketIds": [10026, 10003], **given}
        shown = {name: value for name, value in given.items() if name in schema["properties"]}
        content = {JSON: {"schema": reference, "example": shown}}
        node["requestBody"] = {"required": "required" in schema, "content": content}

    def outcome(self, operation: Operation) -> str:
        """The phrase of the status; a subscription says how it ends."""
        if operation.kind is Kind.WEBHOOK_TRIGGER:
            return "Subscribed; the Location header is where to end it with DELETE."
        return HTTPStatus(operation.status).phrase

    def content(self, operation: Operation, reference: JsonObject) -> JsonObject:
        """The schema of the answer, with the worked example."""
        example = example_of(operation)
        shown = example.answer if example.status == operation.status else None
        if self.for_models and isinstance(shown, dict):
            # What a dry run answered is nothing that a model without dry runs gets.
            shown = None if shown.get("isDryRun") else {k: v for k, v in shown.items() if k not in _NOT_FOR_MODELS}
        return {"content": {JSON: {"schema": reference, **({"example": shown} if shown else {})}}}

    def failures(self, operation: Operation) -> JsonObject:
        """References to the shared responses."""
        return {
            str(status): {"$ref": f"#/components/responses/{FAILURES[status].name}"}
            for status in failures_of(operation)
        }

    def add_event(self, operation: Operation, node: JsonObject, reference: JsonObject) -> JsonObject:
        """The event is a callback of the operation."""
        event = {
            "operationId": f"{operation.id}Notification",
            "summary": f"{operation.title}: the event",
            "description": "What is posted to the callback URL for each event; any answer in the 200s accepts it.",
            "tags": [operation.group],
            "security": [],
            "requestBody": {"content": {JSON: {"schema": reference}}},
            "responses": {"2XX": {"description": "Accepted."}},
        }
        node["callbacks"] = {"event": {"{$request.body#/callbackUrl}": {"post": event}}}
        return {}

    def finish(self, operation: Operation, node: JsonObject) -> JsonObject:
        """What needs no connection needs no key."""
        return node if signature_of(operation).dd else {**node, "security": []}


PEOPLE = OpenApiDialect(
    schemes={
        "apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": _KEY},
        "functionKey": {
            "type": "apiKey",
            "in": "header",
            "name": FUNCTION_KEY_HEADER,
            "description": "A function key, only when the operator of the app asks for one.",
        },
    },
    # Importers know one scheme at a time, the first one; that is why the site host is no scheme but a parameter.
    security=({"apiKey": []}, {"apiKey": [], "functionKey": []}),
)
COPILOT = OpenApiDialect(
    # The one placement that every page of Microsoft's about API keys of plugins agrees on.
    schemes={"apiKey": {"type": "http", "scheme": "bearer", "description": _KEY}},
    security=({"apiKey": []},),
    for_models=True,
)
FOUNDRY = OpenApiDialect(
    schemes={"apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": _KEY}},
    security=({"apiKey": []},),
    for_models=True,
)


def model_name(operation: Operation) -> str:
    """The name that models call an operation by, in letters only: `getTicket`."""
    letters = "".join(_DIGITS[int(sign)] if sign.isdecimal() else sign for sign in operation.id if sign.isalnum())
    return letters[0].lower() + letters[1:]


@lru_cache(maxsize=1)
def prose() -> Callable[[str], str]:
    """What rewrites texts for makers into texts for models that know the functions by `model_name`."""
    return for_models(
        {operation.title: model_name(operation) for operation in operations().values() if is_for_models(operation)}
    )


def is_for_models(operation: Operation) -> bool:
    """Whether a model can be trusted with it, and can call it with flat input.

    Left out are triggers and plumbing, what may do anything, what answers a secret (a model would repeat it), and what
    is of no use without an object whose fields only the tenant knows.
    """
    if operation.kind not in (Kind.ACTION, Kind.LOOKUP) or operation.effects is Effects.ANYTHING:
        return False
    fields = [field for _, field in signature_of(operation).fields(operation)]
    return operation.id not in _ANSWERING_SECRETS and not any(
        field.type == "object" and field.visibility != "advanced" for field in fields
    )
