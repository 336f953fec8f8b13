"""The ids that a continuation has shown, in few characters, so that a list that moves between pages repeats nothing."""

import base64
import zlib
from collections.abc import Iterable

MOST_SEEN = 250
"""Ids that are remembered: more than a page, so that what moved down by a page is recognised."""
_LONGEST = MOST_SEEN * 16
_SEVEN_BITS, _MORE = 0x7F, 0x80


def id_key(identifier: object) -> int | None:
    """A number for an id: itself, or a checksum of a text; None for a result without an id."""
    if isinstance(identifier, int) and 0 <= identifier < 2**63:
        return identifier
    return zlib.crc32(identifier.encode()) if isinstance(identifier, str) and identifier else None


def written(keys: Iterable[int]) -> str:
    """The keys as text: their differences in ascending order, seven bits a byte, in base64 for addresses."""
    out, last = bytearray(), 0
    for key in sorted(set(keys)):
        gap, last = key - last, key
        while gap > _SEVEN_BITS:
            out.append(gap & _SEVEN_BITS | _MORE)
            gap >>= 7
        out.append(gap)
    return base64.urlsafe_b64encode(bytes(out)).decode().rstrip("=")


def read_keys(text: str) -> frozenset[int]:
    """The keys in such a text; `ValueError` for any other."""
    if len(text) > _LONGEST:
        raise ValueError("too many ids")
    keys, gap, shift, last = set[int](), 0, 0, 0
    for byte in base64.urlsafe_b64decode(text.encode() + b"=="):
        gap |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            last += gap
            keys.add(last)
            gap = shift = 0
    return frozenset(keys)
