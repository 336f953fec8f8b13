"""A bulk call as a plan: what would be done with each ticket, kept as JSON between the dry run and the run."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import TypeAdapter

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.bulk import BulkTicket
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError
from connector.resolving.ticket_differences import differing, shown, state_of
from connector.runtime import together

STOPPING = frozenset({401, 403, 429, 503})
"""Failures that the next ticket would meet too: refused, slowed down, away, out of time."""


@dataclass(slots=True)
class Note:
    """The note that goes to each ticket; `user` is who writes it, as `member:7`."""

    text: str
    is_internal: bool
    user: str | None = None


@dataclass(slots=True)
class Step:
    """One ticket of a plan: the changes to send, and the state in which the ticket was seen."""

    result: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)
    seen: str = ""


@dataclass(slots=True)
class Plan:
    """What a dry run showed, and a run does."""

    asked: str
    """Stands for the inputs."""
    steps: list[Step]
    called: dict[str, str] = field(default_factory=dict)
    """The names of `Body.called`, for errors."""
    note: Note | None = None
    total: int | None = None
    has_more: bool = False

    def written(self) -> bytes:
        """The plan as JSON."""
        return _adapter().dump_json(self)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the tickets of one scope are to be: values under our default names, and what people call them, by ours."""

    values: Mapping[str, Any]
    labels: Mapping[str, Any]


class Job(Protocol):
    """What an operation does with each ticket."""

    note: Note | None
    called: Mapping[str, str]
    """For errors: what its caller calls each value."""

    def scope(self, ticket: Ticket) -> Hashable | None:
        """Tickets of one scope get the same; None when nothing is to be done with a ticket."""
        ...

    async def wanted(self, dd: DeskDirector, ticket: Ticket) -> Wanted:
        """What the tickets of the scope of `ticket` get."""
        ...

    def own(self, ticket: Ticket, wanted: Wanted) -> Mapping[str, Any]:
        """The values for this one ticket."""
        ...


_adapters: list[TypeAdapter[Plan]] = []


def _adapter() -> TypeAdapter[Plan]:
    """Made at first use and kept: it takes milliseconds to make."""
    if not _adapters:
        _adapters.append(TypeAdapter(Plan))
    return _adapters[0]


def read_plan(content: bytes) -> Plan:
    """The plan in such JSON."""
    return _adapter().validate_json(content)


async def ticket_or_error(dd: DeskDirector, ticket_id: int) -> tuple[int, Ticket | ConnectorError]:
    """A ticket as it is now; what concerns this ticket alone is no reason to end the others."""
    try:
        return ticket_id, await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": ticket_id})
    except ConnectorError as problem:
        if problem.status in STOPPING:
            raise
        return ticket_id, problem


async def planned(dd: DeskDirector, job: Job, ticket_ids: Sequence[int], requested: str) -> Plan:
    """Read the tickets and work out what would be done with each; nothing is written."""
    found = await together(*(ticket_or_error(dd, number) for number in dict.fromkeys(ticket_ids)))
    wanted: dict[Hashable, Wanted | ConnectorError] = {}
    for _, ticket in found:
        if isinstance(ticket, Ticket) and (scope := job.scope(ticket)) is not None and scope not in wanted:
            wanted[scope] = await _wanted(dd, job, ticket)
    steps = [_step(job, number, ticket, wanted) for number, ticket in found]
    return Plan(requested, steps, dict(job.called), job.note)


async def _wanted(dd: DeskDirector, job: Job, ticket: Ticket) -> Wanted | ConnectorError:
    try:
        return await job.wanted(dd, ticket)
    except ConnectorError as problem:
        if problem.status in STOPPING:
            raise
        return problem


def _step(
    job: Job,
    number: int,
    ticket: Ticket | ConnectorError,
    wanted: Mapping[Hashable, Wanted | ConnectorError],
) -> Step:
    if isinstance(ticket, ConnectorError):
        return Step(failed(BulkTicket(id=number, state="failed"), ticket))
    result = BulkTicket(id=ticket.id, title=ticket.title, url=ticket.url, state="unchanged")
    scope = job.scope(ticket)
    if scope is None:
        return Step(as_data(result))
    goal = wanted[scope]
    if isinstance(goal, ConnectorError):
        return Step(failed(result, goal))
    left = differing(ticket, job.own(ticket, goal))
    result.changes = shown(ticket, left, goal.labels) + _shown_note(job.note)
    if left or (job.note and not goal.values):
        result.state = "wouldChange"
        return Step(as_data(result), left, state_of(ticket))
    result.changes = []
    return Step(as_data(result))


def _shown_note(note: Note | None) -> list[str]:
    if note is None:
        return []
    audience = "for the service desk" if note.is_internal else "that the contact can read"
    return [f"note: {audience}" + (f", as {note.user}" if note.user else "")]


def failed(result: BulkTicket, problem: ConnectorError) -> dict[str, Any]:
    """A ticket with which something went wrong."""
    result.state = "unclear" if problem.status == 424 else "failed"
    return as_data(result, problem)


def as_data(result: BulkTicket, problem: ConnectorError | None = None) -> dict[str, Any]:
    """A result as plain data, with what went wrong."""
    error = {"error": problem.message, "error_code": problem.code} if problem else {}
    return {**result.model_dump(exclude_none=True), **error}
