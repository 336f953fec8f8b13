"""The declarations: what an operation is, and the decorators that make one.

An operation is a coroutine function with a docstring. Its first paragraph is what a maker reads, the paragraphs
after it are added for models; its parameters say what it takes:

- `dd: DeskDirector`: the caller's view of the site;
- `request: Request`: the raw call, for the few that need its address or headers;
- a parameter whose name stands in the path template (`ticket_id` for `{ticketId}`): from the path;
- an `Input` model: the JSON body; any other parameter: from the query.

Its return annotation is what it answers. Everything the faces show is derived from this.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, TypeVar

from connector.naming import sentence_case

Handler = Callable[..., Awaitable[Any]]
Visibility = Literal["none", "important", "advanced", "internal"]
H = TypeVar("H", bound=Handler)

VERBS = (
    *("Get", "Find", "List", "Create", "Update", "Add", "Remove", "Close", "Reopen", "Assign", "Approve", "Decline"),
    *("Send", "Set", "Call", "When", "Test", "Generate", "Invite", "Advanced", "Subscribe", "Unsubscribe", "Delete"),
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
    def destructive(self) -> bool:
        """Something is lost."""
        return self in (Effects.DELETES, Effects.ANYTHING)

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
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What only one kind needs, e.g. a trigger's hint and notification model."""

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


def declare(operation: Operation) -> None:
    """Add an operation; an id or a route can be taken only once."""
    if operation.id in _REGISTRY:
        raise ValueError(f"operation {operation.id} is declared twice")
    if not operation.id.startswith(VERBS):
        raise ValueError(f"operation {operation.id} does not begin with a verb of the list")
    _REGISTRY[operation.id] = operation


def _decorator(kind: Kind, default_visibility: Visibility) -> Callable[..., Callable[[H], H]]:
    def operation(
        operation_id: str,
        method: str,
        path: str,
        *,
        effects: Effects = Effects.READS,
        visibility: Visibility = default_visibility,
        title: str = "",
        status: int = 200,
        **extra: Any,
    ) -> Callable[[H], H]:
        def register(handler: H) -> H:
            declare(
                Operation(
                    id=operation_id,
                    method=method,
                    path=path,
                    kind=kind,
                    effects=effects,
                    handler=handler,
                    visibility=visibility,
                    title=title or sentence_case(operation_id),
                    status=status,
                    extra=extra,
                )
            )
            return handler

        return register

    return operation


action = _decorator(Kind.ACTION, "none")
lookup = _decorator(Kind.LOOKUP, "internal")
support = _decorator(Kind.SUPPORT, "internal")
webhook_trigger = _decorator(Kind.WEBHOOK_TRIGGER, "none")
polling_trigger = _decorator(Kind.POLLING_TRIGGER, "none")


def _paragraphs(handler: Handler) -> list[str]:
    text = inspect.getdoc(handler)
    if not text:
        raise ValueError(f"{handler.__qualname__} needs a docstring: makers and models read it")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
