"""Work that is shown first and done afterwards: a plan is kept, its token runs it.

A plan belongs to one connection and one purpose, and lives for a while. Each part of it is done once, however often the
token comes back. `serving.kept_plans` keeps plans; an operation takes a `Plans` as a parameter.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from connector.deskdirector.errors import Gone, Unprocessable

PLAN_SECONDS: Final = 1800.0
"""How long a token runs its plan: long enough for a person to read it, short enough that little has changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan that was kept: what runs it, and until when, in UTC."""

    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a plan: its name, the work, and how to judge it after it broke off.

    `is_unclear` says after a failure whether the work may have been done all the same; `look` finds out later whether
    it was: the answer of the work when it was, None when that cannot be known.
    """

    name: str
    work: Callable[[], Awaitable[bytes]]
    is_unclear: Callable[[], bool] = lambda: False
    look: Callable[[float], Awaitable[bytes | None]] | None = None
    """Takes when the work was begun, in seconds since 1970."""


class Plans(Protocol):
    """The plans of one connection."""

    async def keep(self, purpose: str, content: bytes) -> Kept:
        """Keep a plan for `PLAN_SECONDS`; its token shows nothing of it."""
        ...

    async def recall(self, purpose: str, token: str) -> bytes:
        """The plan; raises `Gone` when its time is over, `Unprocessable` for a token of anything else."""
        ...

    def expiry_of(self, token: str) -> str:
        """Until when a token that was recalled is good, in UTC."""
        ...

    async def once(self, token: str, part: Part) -> bytes:
        """Do a part of a plan, or answer what it answered when it was done.

        Raises what the work raises; `Conflict` while another call is at it, `OutcomeUnknown` when it may have been
        done and nothing shows it.
        """
        ...


def unknown_token() -> Unprocessable:
    """The error for a token that was altered, or is of another connection, site or operation."""
    return Unprocessable(
        "ConfirmationUnknown",
        "This token does not belong to this operation and connection; give it back exactly as it was answered, or ask "
        "again without a token.",
    )


def expired_token() -> Gone:
    """The error for a token whose time is over."""
    minutes = int(PLAN_SECONDS // 60)
    return Gone(
        "ConfirmationExpired", f"This token was good for {minutes} minutes; ask again without it to get a new one."
    )
