"""How the readers of OpenAPI files differ: people and their tools, Microsoft 365 Copilot, the Foundry tool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.operations.field_model import Field
from connector.operations.operation import Effects, Kind, Operation
from connector.operations.signature import signature_of

SITE_HEADER, KEY_HEADER, FUNCTION_KEY_HEADER = "dd-host", "dd-api-key", "x-functions-key"

_KEY = "Your DeskDirector API key, in whatever form the portal shows it."
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_NOT_FOR_MODELS = ("idempotencyKey", "nextLink")
"""A model has no run whose repeats it could tell apart: it would use one key for two things. Platforms follow links."""
_ANSWERING_SECRETS = ("CreateUserKey",)


@dataclass(frozen=True)
class Dialect:
    """What one kind of reader wants. `for_models`: letters-only names, flat input, no more than a model needs."""

    schemes: Mapping[str, Mapping[str, Any]]
    security: tuple[Mapping[str, list[str]], ...]
    for_models: bool = False

    def name(self, operation: Operation) -> str:
        """The operationId."""
        return model_name(operation) if self.for_models else operation.id

    def takes(self, field: Field) -> bool:
        """Whether an input or a part of an answer is shown."""
        return not self.for_models or (field.type != "object" and field.name not in _NOT_FOR_MODELS)


PEOPLE = Dialect(
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
COPILOT = Dialect(
    # The one placement that every page of Microsoft's about API keys of plugins agrees on.
    schemes={"apiKey": {"type": "http", "scheme": "bearer", "description": _KEY}},
    security=({"apiKey": []},),
    for_models=True,
)
FOUNDRY = Dialect(
    schemes={"apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": _KEY}},
    security=({"apiKey": []},),
    for_models=True,
)


def model_name(operation: Operation) -> str:
    """The name that models call an operation by, in letters only: `getTicket`."""
    letters = "".join(_DIGITS[int(one)] if one.isdecimal() else one for one in operation.id if one.isalnum())
    return letters[0].lower() + letters[1:]


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
