"""Notes that this connector wrote itself, remembered for an hour: flows that answer to notes must not answer
to their own.

The note is remembered before it is sent, because its event may come before the answer does. Sites may rewrite Markdown,
so only letters and digits are compared.
"""

import hashlib
import logging
from typing import TYPE_CHECKING, Final

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.relay.relay import Relay

log = logging.getLogger("connector")

REMEMBERED_SECONDS: Final = 3_600.0
"""Longer than the pause between two polls of a flow (15 minutes with the smallest licence)."""


async def remember_own_note(dd: DeskDirector, ticket_id: int, text: str) -> None:
    """Call it before the note is written. A store that is away must not keep a note from being written."""
    from connector.relay.relay import shared_relay

    try:
        await remember_own_note_in(shared_relay(dd.settings), dd.site.name, ticket_id, text)
    except ConnectorError as problem:
        log.warning("A note could not be remembered as this connector's own: %s", problem.code)


async def remember_own_note_in(relay: "Relay", site: str, ticket_id: int, text: str) -> None:
    """The same on a certain relay; raises when its store fails."""
    await relay.store.marks.add(_key(site, ticket_id, text), relay.clock(), REMEMBERED_SECONDS)


async def is_own_note(relay: "Relay", site: str, ticket_id: int | None, text: str | None) -> bool:
    """Whether this connector wrote the note lately."""
    if ticket_id is None or not text:
        return False
    return await relay.store.marks.has(_key(site, ticket_id, text), relay.clock())


def _key(site: str, ticket_id: int, text: str) -> str:
    letters = "".join(letter for letter in text.casefold() if letter.isalnum())
    digest = hashlib.sha256((letters or text).encode(errors="surrogatepass")).hexdigest()
    return f"own note\n{site}\n{ticket_id}\n{digest}"
