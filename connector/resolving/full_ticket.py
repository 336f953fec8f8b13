"""A ticket with its notes, tasks, time and files, as far as the site gives them."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.full_tickets import TicketInFull
from connector.deskdirector.entities.tasks import TaskLists
from connector.deskdirector.errors import Forbidden, NotFound
from connector.operations.fields import QueryInput
from connector.resolving.reading_notes import notes_of
from connector.resolving.ticket_files import files_of
from connector.runtime import together

MOST_NOTES: Final = 50
_READ_FOR_TIME: Final = 1000


class TicketParts(QueryInput):
    """What to return besides the ticket itself."""

    include_notes: int | None = Field(
        None,
        ge=0,
        le=MOST_NOTES,
        description=f"How many of its notes to include, newest first, at most {MOST_NOTES}.",
    )
    include_tasks: bool = Field(False, description="Yes to include its task lists.")
    include_time: bool = Field(False, description="Yes to include the time logged on it.")
    include_attachments: bool = Field(False, description="Yes to include its files.")


_Add = Callable[[DeskDirector, TicketInFull, TicketParts], Awaitable[None]]


async def full_ticket(dd: DeskDirector, ticket_id: int, parts: TicketParts) -> TicketInFull:
    """The ticket with the parts that are asked for; `not_known` names those that the site does not give."""
    ticket = await dd.fetch(api.GET_TICKET, TicketInFull, path={"ticketId": ticket_id})
    wanted: list[tuple[str, _Add]] = []
    if parts.include_notes or parts.include_time:
        wanted.append(("notes", _add_notes))
    if parts.include_tasks:
        wanted.append(("taskLists", _add_tasks))
    if parts.include_attachments:
        wanted.append(("attachments", _add_files))
    if not wanted:
        return ticket
    refusals = await together(*(_tried(add, dd, ticket, parts) for _, add in wanted))
    missing = {name: refusal for (name, _), refusal in zip(wanted, refusals, strict=True) if refusal}
    if missing:
        ticket.not_known = [part for name in missing for part in _named(name, parts)]
        sentences = dict.fromkeys((*missing.values(), *([ticket.notice] if ticket.notice else [])))
        ticket.notice = " ".join(sentences)
    return ticket


def _named(part: str, parts: TicketParts) -> list[str]:
    """What the caller asked for of a part: time stands in the notes."""
    if part != "notes":
        return [part]
    asked = {"notes": bool(parts.include_notes), "timeEntries": parts.include_time}
    return [name for name, is_asked in asked.items() if is_asked]


async def _tried(
    add: _Add,
    dd: DeskDirector,
    ticket: TicketInFull,
    parts: TicketParts,
) -> str:
    """Why the site does not give a part of the ticket; empty when it does."""
    try:
        await add(dd, ticket, parts)
    except (Forbidden, NotFound) as refusal:
        return refusal.message
    return ""


async def _add_notes(dd: DeskDirector, ticket: TicketInFull, parts: TicketParts) -> None:
    wanted = parts.include_notes or 0
    read = await notes_of(dd, ticket.id, "newest", _READ_FOR_TIME if parts.include_time else wanted)
    if wanted:
        ticket.notes = list(read.notes[:wanted])
    if parts.include_time:
        ticket.time_entries = [note for note in read.notes if note.hours is not None]
        ticket.total_hours = round(sum(note.hours or 0 for note in ticket.time_entries), 4)
        if not read.is_all:
            ticket.notice = f"Time of the newest {len(read.notes)} notes only was counted."


async def _add_tasks(dd: DeskDirector, ticket: TicketInFull, parts: TicketParts) -> None:
    del parts
    ticket.task_lists = (await dd.fetch(api.GET_TICKET_TASKS, TaskLists, path={"ticketId": ticket.id})).results


async def _add_files(dd: DeskDirector, ticket: TicketInFull, parts: TicketParts) -> None:
    del parts
    ticket.attachments = await files_of(dd, ticket.id)
