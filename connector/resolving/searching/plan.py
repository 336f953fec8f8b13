"""Divides a question between the site and us: bodies to send, and tests to make here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body, BodySchema, schema_of
from connector.deskdirector.client import DeskDirector
from connector.resolving.request_bodies import translated
from connector.resolving.searching.criteria import JUDGED, Criterion, criterion, of_flags
from connector.resolving.ticket_inputs import TicketFilters

MOST_FINDS: Final = 6
"""Finds that one search is divided into, where a site takes one value of a filter and several are asked for."""
_WINDOW: Final = ("take", "skip")


@dataclass(slots=True)
class Plan:
    """The bodies to send, and the criteria to judge here. The answers to several bodies are taken together."""

    bodies: list[Mapping[str, Any]]
    called: Mapping[str, str]
    criteria: list[Criterion] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        """Whether one find of the site answers it as it is; what it was asked for may still have to be checked."""
        return len(self.bodies) == 1 and all(one.is_asked for one in self.criteria)


async def plan_of(dd: DeskDirector, find: TicketFilters, now: datetime) -> Plan:
    """The plan for `find`; raises `BadRequest` for a name that is unknown. The site refuses what nobody can judge."""
    body = await translated(dd, implied(find))
    schema = await schema_of(dd, api.FIND_TICKETS)
    sent: dict[str, Any] = {}
    several: dict[str, list[Any]] = {}
    criteria = of_flags(find, now)
    if find.is_overdue and "dueBefore" not in body and schema is not None and schema.takes("dueBefore", _wire(now)):
        body["dueBefore"] = _wire(now)
    for name, value in body.items():
        if name in _WINDOW:
            continue
        if name in JUDGED and schema is not None and not schema.takes(name, value):
            criteria.append(criterion(name, value))
        elif isinstance(value, list) and name in JUDGED and not (schema and schema.takes_several(name)):
            several[name] = value
        else:
            sent[name] = value
            if name in JUDGED and schema is None:
                # Whether the site takes it is not known: a filter that it passes over is made good here.
                criteria.append(criterion(name, value, is_asked=True))
    bodies = _divided(sent, several, criteria)
    return Plan(bodies, body.called, criteria)


def _divided(
    sent: Mapping[str, Any], several: Mapping[str, list[Any]], criteria: list[Criterion]
) -> list[Mapping[str, Any]]:
    """A body for each combination of values, as long as there are few; what is left is judged here."""
    divided: dict[str, list[Any]] = {}
    count = 1
    for name, values in sorted(several.items(), key=lambda item: len(item[1])):
        if count * len(values) <= MOST_FINDS:
            divided[name] = values
            count *= len(values)
        else:
            criteria.append(criterion(name, values))
    return [{**sent, **dict(zip(divided, values, strict=True))} for values in product(*divided.values())]


def implied(find: TicketFilters) -> TicketFilters:
    """`find` with its consequences: an overdue or waiting ticket is open."""
    if find.is_closed is None and (find.is_overdue or find.waiting_for):
        return find.model_copy(update={"is_closed": False})
    return find


def member_query(find: TicketFilters) -> dict[str, Any]:
    """What a member's view is asked; all the rest is judged here."""
    states = {None: "any", True: "closed", False: "open"}
    return {
        "search": find.search,
        "status": states[find.is_closed],
        "assigned": find.assigned,
        "taskProgress": find.task_progress,
        "lastContactMessage": find.last_contact_message,
        "startTime": find.created_after,
        "endTime": find.created_before,
        "tag": find.tag,
    }


def member_criteria(ids: Body, now: datetime, find: TicketFilters) -> list[Criterion]:
    """The tests for what a member's view is not asked."""
    asked = ("search", "tag", *_WINDOW)
    made_there = ("isClosed", "createdAfter", "createdBefore")
    tests = [
        criterion(name, value, is_asked=name in made_there)
        for name, value in ids.items()
        if name in JUDGED and name not in asked
    ]
    return [*tests, *of_flags(find, now)]


def takes_contacts(schema: BodySchema | None) -> bool:
    """Whether the site's find takes several contacts at once."""
    return schema is not None and schema.takes_several("contactId")


def _wire(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
