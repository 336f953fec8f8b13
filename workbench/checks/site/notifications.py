"""Which ticket events a site has, and what it says it posts for each."""

import asyncio
from dataclasses import dataclass

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import BodySchema, read_schema
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError
from connector.resolving.lookup_cache import Known, listed

KNOWN = frozenset(
    ("ticket.new", "ticket.assigned", "ticket.tags.updated", "ticket.notes.added", "ticket.timeentries.added")
)
"""The ids that published flows and the vendor's staff name."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One event of a site. `carries` are the names at the root of what it posts, None when that cannot be read."""

    id: str
    name: str
    is_known: bool
    carries: tuple[str, ...] | None


async def notifications(dd: DeskDirector) -> list[Notification]:
    """Every ticket event that the site lists; none when the list cannot be read."""
    try:
        events = await listed(dd, api.LIST_TICKET_WEBHOOK_EVENTS)
    except ConnectorError:
        return []
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_notification(dd, event)) for event in events]
    return sorted((one.result() for one in asked), key=lambda one: one.id)


async def _notification(dd: DeskDirector, event: Known) -> Notification:
    wrapped, bare = api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2, api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA
    name = str(event.id)
    try:
        schema = BodySchema.of(await read_schema(dd, wrapped, bare, query={"type": name}))
    except ConnectorError:
        schema = None
    return Notification(name, event.name, name in KNOWN, tuple(schema.properties) if schema else None)
