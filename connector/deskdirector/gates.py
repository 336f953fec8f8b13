"""Limits the calls under way to a host. Some wait for a free place; beyond those, calls are turned away at once."""

import asyncio
from typing import Final

from connector.deskdirector.no_answer import HostBusy

WAITING: Final = 8
"""So many times as many calls as there are places may wait: more would wait for longer than they are worth."""


class Gate(asyncio.Semaphore):
    """Lets this many in at once."""

    def __init__(self, places: int) -> None:
        super().__init__(places)
        self._most_waiting = places * WAITING
        self._waiting = 0

    def try_enter(self) -> bool:
        """Take a place if one is free and nobody waits for it."""
        if self._value <= 0 or self._waiters:
            return False
        self._value -= 1
        return True

    async def enter(self, seconds: float | None) -> None:
        """Take a place; raises `HostBusy` when none becomes free in time, or too many wait already."""
        if not self.locked():
            await self.acquire()
            return
        if self._waiting >= self._most_waiting:
            raise HostBusy("too many calls to this host wait")
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self.acquire()
        except TimeoutError:
            raise HostBusy("too many calls to this host are under way") from None
        finally:
            self._waiting -= 1
