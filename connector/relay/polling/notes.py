"""Notes as polling triggers read them: no route lists the notes of all tickets, so changed tickets are read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, Reply
from connector.deskdirector.entities.notes import Note
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError, Forbidden, NotFound, Unauthorized
from connector.relay.polling.items import TAKE, Item, dated
from connector.relay.polling.pages import read_records
from connector.relay.polling.sources import updated

CONTACT: Final = "contact"
_LISTS: Final = ("notes", "comments", "results", "value", "items", "data")
"""Where the notes stand, in a ticket or in a list of notes."""

Author = Literal["anyone", "contact", "member"]
Visibility = Literal["any", "public", "internal"]
IsOwn = Callable[[int, str | None], Awaitable[bool]]
"""Whether this connector wrote the text to the ticket lately."""


class AddedNote(Note):
    """A note with the ticket that it was added to."""

    ticket_id: int | None = Field(None, description="The number of the ticket.")
    ticket: str | None = Field(None, description="The title of the ticket.")


@dataclass(slots=True)
class NoteReader:
    """Reads the notes of tickets over the route that the site has: its list of notes, else a member's view."""

    dd: DeskDirector
    author: Author = "anyone"
    visibility: Visibility = "any"
    is_own: IsOwn | None = None
    """Given, what this connector wrote itself is left out."""
    has_list: bool = True
    """Whether the site may have a list of notes; if not, tickets are read with their notes, as a member sees them."""
    _titles: dict[str, str | None] = field(default_factory=dict)

    def item_of(self, ticket: Ticket) -> Item[AddedNote]:
        """A changed ticket, whose notes are to be read."""
        changed = updated(ticket)
        self._titles[str(ticket.id)] = ticket.title
        return Item(changed.key, changed.at)

    async def notes_of(self, ticket: Item[AddedNote], since: int) -> list[Item[AddedNote]]:
        """The notes of a ticket that are dated from a time on and that the flow wants; of those undated, the last."""
        if not ticket.is_numbered:
            return []
        reply = await self._read(ticket.digits)
        found = read_records(reply, AddedNote, _item, inside=_LISTS).items
        undated = sorted((item for item in found if item.at is None), key=lambda item: item.number)
        wanted = []
        for item in [*(item for item in found if item.at is not None and item.at >= since), *undated[-1:]]:
            if item.content is not None and await self._wants(ticket.number, item.content):
                item.content.fill(ticket_id=ticket.number, ticket=self._titles.get(ticket.digits))
                wanted.append(item)
        return wanted

    async def check(self, ticket_id: int) -> None:
        """Raise the error that reading the notes of a ticket gives, where the site offers no way."""
        await self._read(str(ticket_id))

    async def _wants(self, ticket_id: int, note: Note) -> bool:
        if self.visibility != "any" and bool(note.is_internal) is not (self.visibility == "internal"):
            return False
        is_contact = (note.author_type or "").casefold() == CONTACT
        if self.author != "anyone" and is_contact is not (self.author == "contact"):
            return False
        return self.is_own is None or not await self.is_own(ticket_id, note.text)

    async def _read(self, ticket_id: str) -> Reply:
        path = {"ticketId": ticket_id}
        if self.has_list:
            try:
                return await self._newest(path)
            except NotFound as missing:
                if missing.code != "RouteNotFound":
                    raise
                self.has_list = False  # for the rest of this poll
        try:
            return await self.dd.call(api.COPILOT_GET_TICKET, path=path)
        except (Forbidden, Unauthorized):
            raise notes_not_offered() from None

    async def _newest(self, path: dict[str, str]) -> Reply:
        """The page of the newest notes: lists begin with the oldest."""
        reply = await self.dd.call(api.LIST_TICKET_NOTES, path=path, query={"take": TAKE, "skip": 0})
        records = read_records(reply, AddedNote, _item, inside=_LISTS)
        beyond = (records.total or 0) - len(records.items)
        if beyond <= 0:
            return reply
        return await self.dd.call(api.LIST_TICKET_NOTES, path=path, query={"take": TAKE, "skip": beyond})


def notes_not_offered() -> ConnectorError:
    """The error for a site that shows notes neither to a key nor to this connection."""
    return Forbidden(
        "NotesNotOffered",
        "This site shows the notes of tickets to members only: connect with a member's personal API key, have the "
        f"operator set {api.LIST_TICKET_NOTES.setting}, or use the trigger When a ticket event occurs.",
    )


def _item(note: AddedNote) -> Item[AddedNote]:
    known = note.id if note.id is not None else f"{note.created_at} {note.author} {note.text}"
    return Item(f"{known}@note", dated(note.created_at), note)
