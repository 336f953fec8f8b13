"""What a recipe is: a trigger and steps, with expressions over what earlier steps answered.

An expression stands in double braces in any text: `{{$trigger.ticketId}}`, `{{$step(Get_ticket).title}}`,
`{{$item(For_each_member).id}}`, `{{$setting(Board)}}`, and any workflow function around them. A text that is nothing
but one expression keeps the type of its value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from connector.catalog import operations
from connector.operations.operation import Operation
from connector.operations.signature import Location, signature_of

Value = Any
"""JSON; texts in it may hold expressions."""
State = Literal["proven", "preview"]

MAX_NAME: Final = 80
_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Call:
    """A DeskDirector operation. `inputs` are its fields by their names, wherever they go in the request."""

    name: str
    operation: str
    inputs: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An operation of another connector, under the names of the field; `evidence` says how these are known."""

    name: str
    connector: str
    operation: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    evidence: Literal["seen", "from memory"] = "seen"
    webhook: bool = False


@dataclass(frozen=True, slots=True)
class Compose:
    """A value with a name."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list for which a condition holds; the condition sees each as `item()`."""

    name: str
    over: str
    where: str


@dataclass(frozen=True, slots=True)
class Select:
    """One value of each item of a list: an expression over `item()`."""

    name: str
    over: str
    value: str


@dataclass(frozen=True, slots=True)
class If:
    """Steps for the case that a condition holds, and for the case that it does not."""

    name: str
    condition: str
    yes: "tuple[Step, ...]"
    no: "tuple[Step, ...]" = ()


@dataclass(frozen=True, slots=True)
class ForEach:
    """Steps for every item of a list, one after the other unless `at_once` says more."""

    name: str
    over: str
    steps: "tuple[Step, ...]"
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait for this many minutes, or until a time."""

    name: str
    minutes: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run; it counts as successful."""

    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """An HTML table of a list: heading -> expression over `item()`."""

    name: str
    over: str
    columns: Mapping[str, str]


Step = Call | Foreign | Compose | Filter | Select | If | ForEach | Delay | Stop | Table


@dataclass(frozen=True, slots=True)
class Event:
    """The flow starts when an event arrives, or a poll finds something: a trigger of the catalog."""

    operation: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    each: bool = True
    """Whether a batch starts one run an item."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The flow starts by the clock, in UTC."""

    frequency: Literal["Minute", "Hour", "Day", "Week"]
    interval: int
    days: tuple[str, ...] = ()
    hour: int | None = None
    minute: int = 0


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """The flow starts by another connector's trigger; `answers` are the fields of it that the flow reads."""

    connector: str
    operation: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    evidence: Literal["seen", "from memory"] = "from memory"


Trigger = Event | Schedule | ForeignEvent


@dataclass(frozen=True, slots=True)
class Setting:
    """Something chosen when the recipe is imported: an environment variable of the solution."""

    name: str
    title: str
    default: str
    about: str


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow of a recipe. `guard` says what keeps it from starting itself, where it writes and waits for events."""

    name: str
    trigger: Trigger
    steps: tuple[Step, ...]
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A complete automation."""

    number: int
    title: str
    value: str
    state: State
    flows: tuple[Flow, ...]
    settings: tuple[Setting, ...] = ()
    edge_cases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """What only a tenant can settle, or has to be there."""
    platforms: tuple[str, ...] = ("Power Automate", "Logic Apps")
    body: str = ""
    """Further text for a recipe that is no flow."""

    @property
    def slug(self) -> str:
        """Its name in addresses and files."""
        return f"{self.number:02d}-{_SLUG.sub('-', self.title.lower()).strip('-')}"


def steps_of(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those inside others too, in their order."""
    for step in steps:
        yield step
        if isinstance(step, If):
            yield from steps_of(step.yes)
            yield from steps_of(step.no)
        elif isinstance(step, ForEach):
            yield from steps_of(step.steps)


def operation_of(call: Call | Event) -> Operation:
    """The catalog's operation; `ValueError` when there is none."""
    found = operations().get(call.operation)
    if found is None:
        raise ValueError(f"the catalog has no operation {call.operation}")
    return found


def placed(call: Call | Event) -> dict[Location, dict[str, Value]]:
    """The inputs by where they go in the request; `ValueError` for one that the operation does not take."""
    operation = operation_of(call)
    places = {field.name: location for location, field in signature_of(operation).fields(operation)}
    unknown = sorted(call.inputs.keys() - places.keys())
    if unknown:
        raise ValueError(f"{call.operation} takes no {', '.join(unknown)}")
    inputs: dict[Location, dict[str, Value]] = {"path": {}, "query": {}, "body": {}}
    for name, value in call.inputs.items():
        inputs[places[name]][name] = value
    return inputs


def check(recipe: Recipe) -> None:
    """Raise `ValueError`, one sentence, for what cannot be right whatever platform runs it."""
    for flow in recipe.flows:
        where = f"recipe {recipe.number}, flow {flow.name}"
        names = [step.name for step in steps_of(flow.steps)]
        if len(names) != len(set(names)):
            raise ValueError(f"{where}: two steps have the same name")
        for step in steps_of(flow.steps):
            if not re.fullmatch(r"[A-Za-z]\w*", step.name) or len(step.name) > MAX_NAME:
                raise ValueError(f"{where}: the step name {step.name} is not usable in expressions")
            if isinstance(step, Call):
                required = {
                    field.name
                    for _, field in signature_of(operation_of(step)).fields(operation_of(step))
                    if field.required
                }
                placed(step)
                if missing := required - step.inputs.keys():
                    raise ValueError(f"{where}: {step.name} lacks {', '.join(sorted(missing))}")
        if isinstance(flow.trigger, Event):
            placed(flow.trigger)
