"""Large answers are worked through on a thread: a call must not hold up the others of its process for long.

A thread helps with code in Python, which lets others go on every few milliseconds. Code in C does not, so what a parser
takes is limited by the number of values, which can be counted before it begins.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from connector.deskdirector.errors import BadGateway

LARGE: Final = 256 * 1024
"""Bytes: a smaller answer takes less time than the way to a thread and back is worth."""
MOST_VALUES: Final = 500_000
MOST_OBJECTS: Final = 50_000
MOST_BYTES: Final = 8 * 2**20
"""Of an answer that is parsed; a file may be larger."""

T = TypeVar("T")


class Memory:
    """How many bytes of answers are being read or worked through, in all event loops of the process together."""

    def __init__(self) -> None:
        self.taken = 0


MEMORY: Final = Memory()


async def beside(size: int, work: Callable[[], T]) -> T:
    """What `work()` returns or raises, on a thread when it works through `size` bytes that are many.

    They count as memory while they wait for a thread, too.
    """
    if size < LARGE:
        return work()
    MEMORY.taken += size
    try:
        return await asyncio.to_thread(work)
    finally:
        MEMORY.taken -= size


def check_size(content: bytes) -> None:
    """Raise `BadGateway` for an answer that is not parsed: it is too long, or has too many values or objects.

    Commas and braces are counted, those in texts too.
    """
    if len(content) > MOST_BYTES:
        raise BadGateway("AnswerTooLarge", "DeskDirector's answer is too large; ask for less.")
    if len(content) > LARGE and (content.count(b",") > MOST_VALUES or content.count(b"{") > MOST_OBJECTS):
        raise BadGateway("AnswerTooLarge", "DeskDirector's answer has too many values; ask for less.")
