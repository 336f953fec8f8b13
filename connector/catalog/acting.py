"""Whom a call is made as: by default whoever the connection belongs to."""

from ..deskdirector.client import DeskDirector, User, contact, member
from .references import resolve


async def as_member(dd: DeskDirector, text: str | None) -> User | None:
    """The member that `onBehalfOf` names; None for the connection's own."""
    return member(int(await resolve(dd, "member", text))) if text else None


async def as_contact(dd: DeskDirector, text: str | None) -> User | None:
    """The contact that `onBehalfOf` names; None for the connection's own."""
    return contact(int(await resolve(dd, "contact", text))) if text else None
