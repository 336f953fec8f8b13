"""The declarations: what an operation is, and the decorators that make one.

An operation is a coroutine function with a docstring. Its first paragraph is what a maker reads, the paragraphs
after it are added for models; its parameters say what it takes:

- `dd: DeskDirector`: the caller's view of the site;
- `request: Request`: the raw call, for the few that need its address or headers;
- `plans: Plans`: what was shown to the caller and waits for a confirmation;
- a parameter whose name stands in the path template (`ticket_id` for `{ticketId}`): from the path;
- an `Input` model: the JSON body; a `QueryInput` model: a group of query parameters;
- any other parameter: from the query.

Its return annotation is what it answers. Everything the faces show is derived from this.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel

from connector.deskdirector.endpoint import Endpoint
from connector.naming import camel, sentence_case, snake
from connector.operations.recovery import Recover

Handler = Callable[..., Awaitable[Any]]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Visibility = Literal["none", "important", "advanced", "internal"]
H = TypeVar("H", bound=Handler)


class Decorator(Protocol):
    """What declares a function as an operation, and returns it as it is."""

    def __call__(self, handler: H) -> H:
        """Declare `handler`."""
        ...


VERBS = (
    *("Get", "Find", "List", "Create", "Update", "Add", "Remove", "Close", "Reopen", "Assign", "Approve", "Decline"),
    *("Send", "Set", "Call", "Count", "When", "Test", "Generate", "Invite", "Advanced", "Subscribe", "Unsubscribe"),
    "Delete",
)


class Effects(StrEnum):
    """What an operation does to the tenant; confirmation hints, annotations, retry and repeat rules follow from it."""

    READS = "reads"
    CREATES = "creates"
    SENDS = "sends"
    UPDATES = "updates"
    DELETES = "deletes"
    ANYTHING = "anything"
    """Only the caller knows: treated as the worst of all."""

    @property
    def read_only(self) -> bool:
        """Nothing changes upstream."""
        return self is Effects.READS

    @property
    def idempotent(self) -> bool:
        """Doing it twice is the same as doing it once."""
        return self not in (Effects.CREATES, Effects.SENDS, Effects.ANYTHING)

    @property
    def open_world(self) -> bool:
        """It reaches people: a notification, an invitation."""
        return self in (Effects.SENDS, Effects.ANYTHING)

    @property
    def data_handling(self) -> str:
        """The name that Microsoft 365 Copilot's plugin manifest gives it."""
        return "GetPrivateData" if self.read_only else "ResourceStateUpdate"


class Kind(StrEnum):
    """Where an operation shows up."""

    ACTION = "action"
    """A step in a flow, a tool for a model."""
    LOOKUP = "lookup"
    """Feeds a drop-down; a tool for models too, which have no drop-downs."""
    SUPPORT = "support"
    """Plumbing of the platform: connection test, dynamic schemas, unsubscribing."""
    WEBHOOK_TRIGGER = "webhook trigger"
    POLLING_TRIGGER = "polling trigger"


@dataclass(frozen=True, slots=True)
class Support:
    """What only a support operation declares."""

    anonymous: bool = False
    """Whether it answers without a function key: its caller proves its right otherwise."""


@dataclass(frozen=True, slots=True)
class WebhookTrigger:
    """What only a webhook trigger declares."""

    hint: str
    """How a maker makes it fire."""
    notification: type[BaseModel]
    """What each event posts to the flow."""
    output: type[BaseModel]
    """What the subscribe call answers."""


@dataclass(frozen=True, slots=True)
class PollingTrigger:
    """What only a polling trigger declares."""

    hint: str
    """How a maker makes it fire."""
    output: type[BaseModel]
    """What a poll answers that has something new."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the catalog. `path` is the template below `/api/`, without constraints."""

    id: str
    method: str
    path: str
    kind: Kind
    effects: Effects
    handler: Handler
    visibility: Visibility = "none"
    title: str = ""
    status: int = 200
    stands_on: Endpoint | None = None
    """The endpoint without which it does nothing at all, where no proven route does the same."""
    details: Support | WebhookTrigger | PollingTrigger | None = None
    """What only one kind of operation declares."""
    recover: Recover | None = None
    """Finds what a call made whose answer was lost; None where that cannot be recognised."""

    @property
    def recognises_repeats(self) -> bool:
        """Whether a repeated call gets the first answer instead of being done again."""
        return self.kind is Kind.ACTION and not self.effects.idempotent

    @property
    def is_anonymous(self) -> bool:
        """Whether it answers without a function key."""
        return isinstance(self.details, Support) and self.details.anonymous

    @property
    def hint(self) -> str:
        """How a maker makes a trigger fire; empty for other operations."""
        return self.details.hint if isinstance(self.details, WebhookTrigger | PollingTrigger) else ""

    @property
    def notification(self) -> type[BaseModel] | None:
        """What each event of a webhook trigger posts to the flow."""
        return self.details.notification if isinstance(self.details, WebhookTrigger) else None

    @property
    def declared_output(self) -> type[BaseModel] | None:
        """What a trigger answers, since its function returns a status and headers around it."""
        return self.details.output if isinstance(self.details, WebhookTrigger | PollingTrigger) else None

    @property
    def resource(self) -> str:
        """The catalog file it stands in: `notes`."""
        return self.handler.__module__.rpartition(".")[2]

    @property
    def group(self) -> str:
        """The heading that people find it under: `Time entries`; every trigger is among the `Events`."""
        return "Events" if self.is_trigger else self.resource.replace("_", " ").capitalize()

    @property
    def is_trigger(self) -> bool:
        """Whether it starts a flow."""
        return self.kind in (Kind.WEBHOOK_TRIGGER, Kind.POLLING_TRIGGER)

    @property
    def is_offered(self) -> bool:
        """Whether makers see it."""
        return self.visibility != "internal"

    @property
    def is_preview(self) -> bool:
        """Whether it stands on a route that nobody has published: not every site may have it there."""
        return self.stands_on is not None and self.stands_on.evidence == "assumed"

    @property
    def shown_title(self) -> str:
        """The title for faces that have no mark of their own for previews."""
        return f"{self.title} (preview)" if self.is_preview else self.title

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it answers to; a paged find also answers GET, because platforms follow `nextLink` with GET."""
        return (self.method, "GET") if self.pages and self.method != "GET" else (self.method,)

    @property
    def pages(self) -> bool:
        """Whether its answer comes in pages."""
        return self.path.startswith("find/")

    @cached_property
    def description(self) -> str:
        """What a maker reads: one or two sentences."""
        return _paragraphs(self.handler)[0]

    @cached_property
    def guidance(self) -> str:
        """What a model reads besides: where ids come from, which sibling does what this does not."""
        return " ".join(_paragraphs(self.handler)[1:])

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The parameters of the template, in wire spelling."""
        return tuple(re.findall(r"{(\w+)}", self.path))


_REGISTRY: dict[str, Operation] = {}


def registry() -> Mapping[str, Operation]:
    """The operations declared so far, by id. `connector.catalog.operations()` imports the whole catalog first."""
    return _REGISTRY


_LOADERS: list[Callable[[], Mapping[str, Operation]]] = []


def loaded_by(load: Callable[[], Mapping[str, Operation]]) -> None:
    """The catalog says how all operations are loaded: packages below it may need them, and cannot import it."""
    _LOADERS[:] = [load]


def every_operation() -> Mapping[str, Operation]:
    """All operations by id, not only those that were declared so far."""
    return _LOADERS[0]() if _LOADERS else _REGISTRY


def declare(operation: Operation) -> None:
    """Add an operation; raises `ValueError`, one sentence, for a declaration that cannot be right."""
    if operation.id in _REGISTRY:
        raise ValueError(f"operation {operation.id} is declared twice")
    if not operation.id.startswith(VERBS):
        raise ValueError(f"operation {operation.id} does not begin with a verb of the list in {__name__}")
    _check_function(operation)
    _REGISTRY[operation.id] = operation


def _check_function(operation: Operation) -> None:
    where = f"operation {operation.id}: {operation.handler.__qualname__}"
    if not inspect.getdoc(operation.handler):
        raise ValueError(f"{where} needs a docstring, since makers and models read it")
    signature = inspect.signature(operation.handler)
    untyped = [name for name, parameter in signature.parameters.items() if parameter.annotation is parameter.empty]
    if untyped:
        raise ValueError(f"{where} needs a type for its parameter {', '.join(untyped)}")
    if signature.return_annotation is signature.empty:
        raise ValueError(f"{where} needs a return type: the model that it answers")
    names = {camel(name): name for name in signature.parameters}
    missing = [name for name in operation.path_names if name not in names]
    if missing:
        raise ValueError(
            f"{where} has no parameter {snake(missing[0])} for {{{missing[0]}}} of its path {operation.path}; "
            f"it has {', '.join(names.values()) or 'none'}"
        )


def action(
    operation_id: str,
    method: Method,
    path: str,
    *,
    effects: Effects = Effects.READS,
    visibility: Visibility = "none",
    title: str = "",
    stands_on: Endpoint | None = None,
    recover: Recover | None = None,
) -> Decorator:
    """Declare a step in a flow, which is a tool for a model too; `stands_on` and `recover` as in `Operation`."""
    return _declaration(
        lambda handler: Operation(
            operation_id,
            method,
            path,
            Kind.ACTION,
            effects,
            handler,
            visibility=visibility,
            title=title or sentence_case(operation_id),
            stands_on=stands_on,
            recover=recover,
        )
    )


def lookup(operation_id: str, method: Method, path: str, *, title: str = "") -> Decorator:
    """Declare what feeds a drop-down; a tool for models too."""
    return _declaration(
        lambda handler: Operation(
            operation_id,
            method,
            path,
            Kind.LOOKUP,
            Effects.READS,
            handler,
            visibility="internal",
            title=title or sentence_case(operation_id),
        )
    )


def support(
    operation_id: str,
    method: Method,
    path: str,
    *,
    effects: Effects = Effects.READS,
    anonymous: bool = False,
) -> Decorator:
    """Declare a call that only designers and platforms make; `anonymous`: it needs no function key."""
    return _declaration(
        lambda handler: Operation(
            operation_id,
            method,
            path,
            Kind.SUPPORT,
            effects,
            handler,
            visibility="internal",
            title=sentence_case(operation_id),
            details=Support(anonymous),
        )
    )


def webhook_trigger(
    operation_id: str,
    path: str,
    *,
    title: str,
    hint: str,
    notification: type[BaseModel],
    output: type[BaseModel],
    visibility: Visibility = "none",
) -> Decorator:
    """Declare a trigger to which flows subscribe: `POST`, answered 201 with `output`; events post `notification`."""
    return _declaration(
        lambda handler: Operation(
            operation_id,
            "POST",
            path,
            Kind.WEBHOOK_TRIGGER,
            Effects.UPDATES,
            handler,
            visibility=visibility,
            title=title,
            status=201,
            details=WebhookTrigger(hint, notification, output),
        )
    )


def polling_trigger(
    operation_id: str, method: Method, path: str, *, title: str, hint: str, output: type[BaseModel]
) -> Decorator:
    """Declare a trigger that flows poll; `output` is a batch of new items."""
    return _declaration(
        lambda handler: Operation(
            operation_id,
            method,
            path,
            Kind.POLLING_TRIGGER,
            Effects.READS,
            handler,
            title=title,
            details=PollingTrigger(hint, output),
        )
    )


def _declaration(operation_of: Callable[[Handler], Operation]) -> Decorator:
    def register(handler: H) -> H:
        declare(operation_of(handler))
        return handler

    return register


def _paragraphs(handler: Handler) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in (inspect.getdoc(handler) or "").split("\n\n")]
