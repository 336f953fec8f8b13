"""After a create whose outcome is unknown: look on the site for what it made; where the operator allows it, repeat it.

See docs/decisions for why repeating is not the default.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from connector.deskdirector.errors import ConnectorError, OutcomeUnknown
from connector.deskdirector.models import Entity
from connector.operations.recovery import RECOVERED, Window, marked
from connector.serving.response import Response

MARGIN_SECONDS: Final = 8.0
"""The part of the budget that is kept for the last call and the answer."""
_PAUSES: Final = (0.3, 0.7, 1.5, 3.0, 5.0)
_LAST_PAUSE: Final = 8.0

Run = Callable[[], Awaitable[Response]]


@dataclass(slots=True)
class Recovery:
    """How one call is recovered. `deadline` is when its budget ends, by the monotonic clock."""

    find: Callable[[Window], Awaitable[Sequence[Entity]]]
    write: Callable[[Entity], Response]
    repeats: bool
    """Whether the operator lets a create be done once more after nothing of the first one was found."""
    repeat_seconds: float
    look_seconds: float
    deadline: float
    _is_seen: bool = field(default=False, init=False)
    """Whether the last look was answered. A list that cannot be read shows nothing, and that proves nothing."""
    _is_refused: bool = field(default=False, init=False)
    """Whether the last look failed with an error that does not say when to try again: it would fail again."""

    async def settle(self, unclear: OutcomeUnknown, begun_at: float, repeat: Run) -> Response:
        """The answer that the create would have had; raises `unclear` when nothing shows it.

        `repeat` does it once more; it is awaited at most once.
        """
        until = begun_at + self.repeat_seconds if self.repeats else time.time() + self.look_seconds
        response = await self._look_until(begun_at, until)
        if response is None and self.may_repeat(begun_at):
            response = await self.repeat(begun_at, repeat)
        if response is None:
            raise unclear
        return response

    def may_repeat(self, begun_at: float) -> bool:
        """Whether so much time has passed that a list which shows nothing is believed."""
        return self.repeats and self._is_seen and time.time() >= begun_at + self.repeat_seconds

    async def repeat(self, begun_at: float, repeat: Run) -> Response | None:
        """Create once more; when that outcome is unknown too, look for what either of them made."""
        try:
            return await repeat()
        except OutcomeUnknown:
            return await self._look_until(begun_at, time.time() + self.look_seconds)

    async def look(self, begun_at: float) -> Response | None:
        """The record made since `begun_at`, if there is one; raises `OutcomeUnknown` for several."""
        self._is_seen = self._is_refused = False
        try:
            made = await self.find(Window(begun_at, time.time()))
        except OutcomeUnknown:
            raise
        except ConnectorError as problem:
            self._is_refused = problem.retry_after is None
            return None
        self._is_seen = True
        if len(made) > 1:
            raise _several(made)
        if not made:
            return None
        response = self.write(made[0])
        return Response(response.status, marked(response.body, RECOVERED), response.headers)

    async def _look_until(self, begun_at: float, until: float) -> Response | None:
        """Look again and again until the time is over, or the budget nearly is."""
        pauses = iter(_PAUSES)
        while True:
            if response := await self.look(begun_at):
                return response
            pause = next(pauses, _LAST_PAUSE)
            left = min(until - time.time(), self.deadline - MARGIN_SECONDS - time.monotonic())
            if left <= 0 or self._is_refused:
                return None
            await asyncio.sleep(min(pause, left))


async def recovered(run: Run, recovery: Recovery | None, begun_at: float, repeat: Run) -> Response:
    """The answer of `run()`, or the record it made when its outcome is unknown."""
    try:
        return await run()
    except OutcomeUnknown as unclear:
        if recovery is None:
            raise
        return await recovery.settle(unclear, begun_at, repeat)


def _several(made: Sequence[Entity]) -> OutcomeUnknown:
    ids = [str(getattr(entity, "id", "")) for entity in made]
    return OutcomeUnknown(
        "OutcomeUnknown",
        f"DeskDirector's answer was lost, and what was made since may be any of {', '.join(ids[:10])}; look there "
        "which it is before you repeat it.",
        details=ids[:50],
    )
