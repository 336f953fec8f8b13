"""How an operation recognises what an earlier call of it made, when the answer to that call was lost."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.deskdirector.models import Entity

TOLERANCE_SECONDS = 5.0
"""How far DeskDirector's times may lie outside of the call: servers of one site do not share one clock."""

Recover = Callable[..., Awaitable[Sequence[Entity]]]
"""Takes what the operation takes and a `Window` as `window`; answers everything that the call may have made."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a call may have made something, in seconds since 1970 by our clock."""

    begun_at: float
    until: float

    def holds(self, moment: str | None, skew_seconds: float) -> bool:
        """Whether a time of DeskDirector lies in it; `skew_seconds` is how far its clock is before ours."""
        if moment is None:
            return False
        at = datetime.fromisoformat(moment).timestamp() - skew_seconds
        return self.begun_at - TOLERANCE_SECONDS <= at <= self.until + TOLERANCE_SECONDS


@dataclass(frozen=True, slots=True)
class Mark:
    """A field of the answers of operations that recognise repeats."""

    name: str
    description: str


REPEATED = Mark(
    "repeated", "Yes when this is the stored result of an earlier call with the same key; nothing was done again."
)
RECOVERED = Mark(
    "recovered", "Yes when DeskDirector's response was lost, but the record that it had created was found afterwards."
)


def marked(body: bytes, mark: Mark) -> bytes:
    """The JSON object in `body` with a mark that is true."""
    start = f'{{"{mark.name}":true'.encode()
    if not body.startswith(b"{") or body.startswith(start):
        return body
    return start + (b"," if body != b"{}" else b"") + body[1:]
