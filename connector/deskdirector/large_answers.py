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

T = TypeVar("T")


async def beside(size: int, work: Callable[[], T]) -> T:
    """What `work()` returns or raises, on a thread when it works through `size` bytes that are many."""
    return work() if size < LARGE else await asyncio.to_thread(work)


def check_values(content: bytes) -> None:
    """Raise `BadGateway` for an answer with more values than are read: commas are counted, those in texts too."""
    if len(content) > MOST_VALUES and content.count(b",") > MOST_VALUES:
        raise BadGateway("AnswerTooLarge", "DeskDirector's answer has too many values; ask for less.")
