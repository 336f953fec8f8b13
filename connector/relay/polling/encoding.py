"""Cursors as bytes, and the text form of version 1.0, which running flows may still have in their addresses."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Final

from connector.relay.polling.cursor import Cursor, Marks
from connector.relay.polling.items import MARK_BYTES, TICKS_PER_SECOND, Point

VERSION: Final = 2
_MOST: Final = 2**70
_OVERLAP_OF_1_0: Final = 120 * TICKS_PER_SECOND
_STATE_OF_1_0: Final = re.compile(r"([0-9a-f]{1,15})\.((?:[\w-]{8})*)", re.ASCII)
_LATEST: Final = 253_370_764_800 * TICKS_PER_SECOND
"""The beginning of the year 9999: times after it cannot be calculated with."""
_DEEPEST: Final = 2**57
"""Positions are numbers of records, or ticks counted back."""
_SMALL: Final = tuple(bytes([number]) for number in range(0x80))


def encode(cursor: Cursor) -> bytes:
    """The cursor as bytes; equal cursors give equal bytes."""
    last = cursor.last or (0, 0)
    has_last = cursor.last is not None
    flags = (
        cursor.from_end,
        cursor.starting,
        cursor.numbers,
        cursor.unfiltered,
        has_last,
        cursor.resting,
        cursor.mixed,
    )
    numbers = [
        *(VERSION, sum(flag << bit for bit, flag in enumerate(flags))),
        *(*cursor.floor, *cursor.next_floor, cursor.frontier, *last),
        *(cursor.position, cursor.history, cursor.top, cursor.moved_at),
    ]
    return b"".join(map(_varint, numbers)) + _encoded_marks(cursor.marks)


def decode(content: bytes) -> Cursor:
    """The cursor that was encoded; raises `ValueError` for any other bytes."""
    numbers = _Numbers(content)
    version, flags, *values = (numbers.next() for _ in range(13))
    times = (values[0], values[2], values[4], values[5])
    if version != VERSION or flags >= 1 << 7 or max(times) > _LATEST or values[7] > _DEEPEST:
        raise ValueError("not a cursor")
    floor, next_floor, last = ((values[at], values[at + 1]) for at in (0, 2, 5))
    marks = dict(numbers.marks())
    return _cursor(flags, floor, next_floor, last, (values[4], *values[7:]), marks)


def decode_1_0(text: str) -> Cursor | None:
    """The cursor of a state as version 1.0 wrote it: a time in hex, a dot, marks of eight characters; else None."""
    match = _STATE_OF_1_0.fullmatch(text)
    if match is None or int(match[1], 16) > _LATEST:
        return None
    since = int(match[1], 16)
    # Nothing that it names was dated later than this.
    seconds = -(-(since + _OVERLAP_OF_1_0) // TICKS_PER_SECOND)
    marks = {urlsafe_b64decode(match[2][at : at + 8]): seconds for at in range(0, len(match[2]), 8)}
    return Cursor((since, 0), (since, 0), since, marks)


def _cursor(flags: int, floor: Point, next_floor: Point, last: Point, values: tuple[int, ...], marks: Marks) -> Cursor:
    frontier, position, history, top, moved_at = values
    from_end, starting, numbers, unfiltered, has_last, resting, mixed = (bool(flags >> bit & 1) for bit in range(7))
    return Cursor(
        floor=floor,
        next_floor=next_floor,
        frontier=frontier,
        marks=marks,
        position=position,
        from_end=from_end,
        last=last if has_last else None,
        starting=starting,
        history=history,
        top=top,
        numbers=numbers,
        unfiltered=unfiltered,
        resting=resting,
        mixed=mixed,
        moved_at=moved_at,
    )


def _encoded_marks(marks: Marks) -> bytes:
    """By date, each as its distance from the one before and its six bytes."""
    parts: list[bytes] = []
    before = 0
    for seconds, mark in sorted(zip(marks.values(), marks.keys(), strict=True)):
        parts += (_varint(seconds - before), mark)
        before = seconds
    return b"".join(parts)


def _varint(number: int) -> bytes:
    if number < 0x80:
        return _SMALL[number]
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


class _Numbers:
    """Reads what `_varint` wrote."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def next(self) -> int:
        number = shift = 0
        while True:
            if self._at >= len(self._content) or number > _MOST:
                raise ValueError("broken off, or too large")
            byte = self._content[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def marks(self) -> Iterator[tuple[bytes, int]]:
        seconds = 0
        content, end = self._content, len(self._content)
        while self._at < end:
            byte = content[self._at]
            if byte < 0x80:  # nearly always: the next item is dated within two minutes
                self._at += 1
                seconds += byte
            else:
                seconds += self.next()
            mark = content[self._at : self._at + MARK_BYTES]
            if len(mark) < MARK_BYTES:
                raise ValueError("broken off")
            self._at += MARK_BYTES
            yield mark, seconds
