"""The user of a call: the member or contact that `onBehalfOf` names, else the owner of the connection."""

from connector.deskdirector.client import DeskDirector, User, contact, member
from connector.deskdirector.errors import BadRequest
from connector.resolving.references import KINDS, resolve


async def as_member(dd: DeskDirector, text: str | None) -> User | None:
    """The member that `onBehalfOf` names (`member:7` too, as elsewhere); None for the connection's own."""
    return member(int(await resolve(dd, "member", _bare("member", text)))) if text else None


async def as_contact(dd: DeskDirector, text: str | None) -> User | None:
    """The contact that `onBehalfOf` names (`contact:7` too, as elsewhere); None for the connection's own."""
    return contact(int(await resolve(dd, "contact", _bare("contact", text)))) if text else None


def _bare(kind: str, text: str) -> str:
    prefix, colon, rest = text.partition(":")
    named = KINDS.get(prefix.strip().lower()) if colon else None
    if named and named != kind:
        raise BadRequest("PersonOfWrongKind", f"Only a {kind} can do this, and '{text}' is a {named}; name a {kind}.")
    return rest.strip() if named else text
