"""Many tickets at once: change, close, add a note to each; a dry run first shows what would change."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from connector.catalog.tickets import Closing, find_tickets
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.bulk import BulkOutcome
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import BadRequest
from connector.operations.confirmation import Plans
from connector.operations.derived_fields import taken_from, with_fields_of
from connector.operations.field_model import ADVANCED, IMPORTANT, Outgoing
from connector.operations.fields import Creating, Person, Tag, Text
from connector.operations.operation import Effects, action
from connector.operations.paging import MAX_TAKE
from connector.relay.own_notes import remember_own_note
from connector.resolving.bulk_plans import Note, Wanted
from connector.resolving.bulk_runs import Bulk, Found
from connector.resolving.lookup_cache import listed
from connector.resolving.references import someone
from connector.resolving.request_bodies import sent_names, translated
from connector.resolving.ticket_inputs import TicketChanges, TicketFilters
from connector.resolving.ticket_selection import MOST_TICKETS, TicketSelection
from connector.resolving.ticket_statuses import closing_status, is_closed, status_on_board

_ONE_TICKETS_OWN = frozenset({"title", "description", "note", "note_is_internal", "on_behalf_of", "cc"})
"""What no two tickets have in common; notes are added by an operation of their own."""
_MOST_PAGES = 5


@with_fields_of(TicketChanges, _ONE_TICKETS_OWN)
class TicketsToUpdate(TicketSelection):
    """Which tickets to change, and what of them; what is left out, or blank, stays as it is."""

    add_tags: list[Tag] | None = Field(None, description="Tags to add to the tickets; they keep those they have.")
    remove_tags: Annotated[list[Tag] | None, ADVANCED] = Field(None, description="Tags to remove from the tickets.")

    @property
    def changes(self) -> TicketChanges:
        """The changes that every ticket gets."""
        return taken_from(self, TicketChanges)


class TicketsToClose(TicketSelection, Closing):
    """Which tickets to close, and how."""


class NotesToAdd(TicketSelection, Creating):
    """Which tickets get a note, and what it says."""

    text: Annotated[Text | None, IMPORTANT, Outgoing("isInternal")] = Field(None, description="The text of the note.")
    is_internal: Annotated[bool, IMPORTANT] = Field(
        False, description="Yes to show the note to the service desk only; no to show it to the contacts as well."
    )
    on_behalf_of: Annotated[Person | None, ADVANCED] = Field(
        None,
        description="Who writes the note: an e-mail address, a name, contact:ID or member:ID; the API key when "
        "left out.",
    )


@action("UpdateTickets", "POST", "bulk/tickets/update", effects=Effects.UPDATES)
async def update_tickets(dd: DeskDirector, plans: Plans, asked: TicketsToUpdate) -> BulkOutcome:
    """Change up to 50 tickets at once, by number or by the filters of Find tickets, and report the outcome for each.

    With filters the first call is a dry run: it returns what would change, and a token; a call with the token alone
    makes the changes. A ticket that somebody changed in between is reported instead of changed. A repeat with the token
    does only what is not done yet. Use Add notes to write to them, Close tickets to close them. Costs the calls of the
    find, and two for each ticket.
    """
    return await _bulk(dd, plans, "UpdateTickets", asked).answer(asked, lambda: _updating(asked))


@action("CloseTickets", "POST", "bulk/tickets/close", effects=Effects.UPDATES)
async def close_tickets(dd: DeskDirector, plans: Plans, asked: TicketsToClose) -> BulkOutcome:
    """Close up to 50 tickets at once, by number or by the filters of Find tickets, with an optional note to each.

    With filters the first call is a dry run: it returns which would be closed, and a token; a call with the token alone
    closes them. A ticket that somebody changed in between is reported instead of closed, one that is closed already
    stays as it is. A repeat with the token does only what is not done yet. Costs the calls of the find, and two for
    each ticket.
    """
    return await _bulk(dd, plans, "CloseTickets", asked).answer(asked, lambda: _closing(dd, asked))


@action("AddNotes", "POST", "bulk/tickets/notes", effects=Effects.CREATES)
async def add_notes(dd: DeskDirector, plans: Plans, asked: NotesToAdd) -> BulkOutcome:
    """Add the same note to up to 50 tickets at once, by number or by the filters of Find tickets.

    With filters the first call is a dry run: it returns which tickets would get it, and a token; a call with the token
    alone adds it. A ticket that somebody changed in between is reported and gets none. A repeat with the token writes
    only what is not written yet. Costs the calls of the find, and two for each ticket.
    """
    return await _bulk(dd, plans, "AddNotes", asked).answer(asked, lambda: _noting(dd, asked))


def _bulk(dd: DeskDirector, plans: Plans, purpose: str, asked: TicketSelection) -> Bulk:
    return Bulk(dd, plans, purpose, remember_own_note, lambda: _found(dd, asked.filters))


async def _found(dd: DeskDirector, find: TicketFilters) -> Found:
    """The numbers of the first tickets that match; a site may answer shorter pages than it is asked for."""
    numbers: dict[int, None] = {}
    for _ in range(_MOST_PAGES):
        page = await find_tickets(dd, find)
        numbers |= dict.fromkeys(ticket.id for ticket in page.results)
        if not page.continuation or len(numbers) >= MOST_TICKETS:
            break
        find = TicketFilters(continuation=page.continuation, take=min(MAX_TAKE, MOST_TICKETS)).resumed()
    has_more = page.has_more or not page.is_complete or len(numbers) > MOST_TICKETS
    return list(numbers)[:MOST_TICKETS], page.total, has_more


@dataclass
class _Update:
    """Change fields and tags."""

    asked: TicketsToUpdate
    changes: TicketChanges
    called: Mapping[str, str]
    note: Note | None = None

    def scope(self, ticket: Ticket) -> Hashable | None:
        """A status is one of the ticket's board, a user group one of its company."""
        return ticket.board_id, ticket.company_id

    async def wanted(self, dd: DeskDirector, ticket: Ticket) -> Wanted:
        """The changes, by ids."""
        known = {"boardId": ticket.board_id, "companyId": ticket.company_id}
        body = await translated(dd, self.changes, known={name: value for name, value in known.items() if value})
        return Wanted(body, self.changes.model_dump(mode="json", by_alias=True, exclude_none=True))

    def own(self, ticket: Ticket, wanted: Wanted) -> Mapping[str, Any]:
        """With the tags that this ticket has afterwards."""
        if not self.asked.add_tags and not self.asked.remove_tags:
            return wanted.values
        gone = {tag.casefold() for tag in self.asked.remove_tags or ()}
        kept = wanted.values.get("tags", ticket.tags)
        tags = {tag.casefold(): tag for tag in (*kept, *(self.asked.add_tags or ()))}
        return {**wanted.values, "tags": [tag for key, tag in tags.items() if key not in gone]}


@dataclass
class _Close:
    """Set the status that closes."""

    closing: Closing
    note: Note | None
    called: Mapping[str, str] = field(default_factory=lambda: {"statusId": "status"})

    def scope(self, ticket: Ticket) -> Hashable | None:
        """The board has the statuses; one that is closed stays as it is unless a status is named."""
        return None if is_closed(ticket) and not self.closing.status else (ticket.board_id,)

    async def wanted(self, dd: DeskDirector, ticket: Ticket) -> Wanted:
        """The status."""
        given = self.closing.status
        status = await (status_on_board(dd, given, ticket) if given else closing_status(dd, ticket))
        return Wanted({"statusId": status}, {"status": await _status_name(dd, ticket, status)})

    def own(self, ticket: Ticket, wanted: Wanted) -> Mapping[str, Any]:
        """The same for all of the board."""
        del ticket
        return wanted.values


@dataclass
class _Notes:
    """Write a note."""

    note: Note | None
    called: Mapping[str, str] = field(default_factory=dict)

    def scope(self, ticket: Ticket) -> Hashable | None:
        """All are alike."""
        del ticket
        return ()

    async def wanted(self, dd: DeskDirector, ticket: Ticket) -> Wanted:
        """Nothing of the tickets is changed."""
        del dd, ticket
        return Wanted({}, {})

    def own(self, ticket: Ticket, wanted: Wanted) -> Mapping[str, Any]:
        """Nothing of the tickets is changed."""
        del ticket
        return wanted.values


async def _updating(asked: TicketsToUpdate) -> _Update:
    changes = asked.changes
    if not changes.model_fields_set and not asked.add_tags and not asked.remove_tags:
        raise BadRequest("ChangeRequired", "Give what is to be changed, e.g. 'status', 'assignedTo' or 'addTags'.")
    return _Update(asked, changes, sent_names(TicketChanges))


async def _closing(dd: DeskDirector, asked: TicketsToClose) -> _Close:
    note = await _note(dd, asked.note, asked.on_behalf_of, is_internal=asked.is_internal) if asked.note else None
    return _Close(asked, note)


async def _noting(dd: DeskDirector, asked: NotesToAdd) -> _Notes:
    if not asked.text:
        raise BadRequest("ChangeRequired", "Give the 'text' of the note.")
    return _Notes(await _note(dd, asked.text, asked.on_behalf_of, is_internal=asked.is_internal))


async def _note(dd: DeskDirector, text: str, author: str | None, *, is_internal: bool) -> Note:
    """The note, with its author found before anything is written."""
    user = await someone(dd, author) if author else None
    return Note(text, is_internal, f"{user.kind}:{user.id}" if user else None)


async def _status_name(dd: DeskDirector, ticket: Ticket, status: int) -> str:
    if ticket.board_id is None:
        return str(status)
    choices = await listed(dd, api.LIST_STATUSES, query={"boardId": ticket.board_id})
    return next((choice.name for choice in choices if choice.id == str(status)), str(status))
